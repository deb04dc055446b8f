"""Permutation tests as a verb: what they refuse, what their results keep, say and become."""

import json
import math
from typing import Any

import numpy as np
import pytest

import metapool as mp
from metapool import NoteCode, Status

BCG = mp.examples.bcg()


def effects(k: int, **labels: Any) -> mp.Effects[float]:
    return mp.Effects(y=[0.1 * (i + 1) for i in range(k)], v=[0.1 + 0.01 * i for i in range(k)],
                      **labels)  # fmt: skip


def halves() -> mp.Effects[float]:
    return effects(8, subgroup=list("abababab"))


REFUSED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "interval of a small-study test": (BCG, {"statistic": "harbord", "interval": "hk"}, "interval"),
    "tau2 of a small-study test": (
        BCG, {"statistic": "egger", "measure": "RR", "tau2": 0.1}, "tau2 is not for 'egger'",
    ),
    "score of a mean": (BCG, {"measure": "RR", "score": "rr"}, "score is for Harbord's test"),
    "score of subgroups": (
        halves(), {"statistic": "subgroup_difference", "score": "rr"}, "'subgroup_difference'",
    ),
    "unknown score": (BCG, {"measure": "RR", "score": "rd"}, "score must be one of"),
    "too many for all": (
        effects(21), {"n_resamples": "exact"}, "give a number of arrangements",
    ),
    "seed that nothing takes": (
        effects(6), {"n_resamples": "exact", "seed": 1}, 'n_resamples="exact" draws none',
    ),
    "subgroups in a batch": (
        mp.Effects(y=[1, 2, 3, 4], v=[1] * 4, subgroup=list("aabb"), offsets=[0, 2, 4]),
        {"statistic": "subgroup_difference"}, "one meta-analysis",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(case: str) -> None:
    studies, arguments, words = REFUSED[case]
    with pytest.raises(mp.InputError, match=words):
        mp.permutation_test(studies, **arguments)


def test_a_seed_is_kept_where_something_is_drawn() -> None:
    assert mp.permutation_test(effects(6), seed=7).seed is None
    assert mp.permutation_test(effects(6), n_resamples=30, seed=7).seed == 7
    assert isinstance(mp.permutation_test(effects(6), n_resamples=30).seed, int)
    both = mp.Effects(y=[0.1] * 9, v=[0.1] * 9, offsets=[0, 2, 9])
    assert mp.permutation_test(both, n_resamples=30, seed=7).seed == 7
    assert mp.permutation_test(both, seed=7).seed is None


@pytest.mark.parametrize(
    ("statistic", "arguments", "method"),
    [
        ("estimate", {}, "IV"), ("estimate", {"method": "REML"}, "REML"),
        ("estimate", {"tau2": 0.2}, "preset"), ("subgroup_difference", {"method": "DL"}, "DL"),
        ("egger", {}, None),
    ],
)  # fmt: skip
def test_the_method_is_kept(statistic: Any, arguments: dict[str, Any], method: str | None) -> None:
    found = mp.permutation_test(halves(), statistic, **arguments)
    assert found.method == method
    assert found.to_dict()["method"] == method
    assert (f"{method} GEN" in repr(found)) == (method is not None)


def test_what_the_data_do_not_have_is_not_estimable() -> None:
    for studies, statistic in ((effects(0), "estimate"), (effects(2), "egger")):
        found = mp.permutation_test(studies, statistic)
        assert found.status is Status.NOT_ESTIMABLE
        assert math.isnan(found.statistic)
        assert found.notes == ()
        assert "NOT_ESTIMABLE" in repr(found)
        assert found.to_dict()["status"] == "NOT_ESTIMABLE"
    assert mp.permutation_test(effects(1)).status is Status.OK


def test_the_least_p() -> None:
    for alternative, least in (("two-sided", 2 / 2**6), ("greater", 1 / 2**6)):
        assert mp.permutation_test(effects(6), alternative=alternative).p_min == least  # type: ignore[arg-type]
        drawn = mp.permutation_test(effects(6), n_resamples=30, seed=1)
        assert drawn.p_min == pytest.approx(1 / 31)


def test_auto_chooses_the_model_of_each_arrangement() -> None:
    y, v = np.array([1.0, 1.1, -0.9, -1.05, 0.95, 1.2]), np.full(6, 0.1)
    signs = np.array([[1 - 2 * (i >> j & 1) for j in range(6)] for i in range(64)])
    every = mp.Effects(y=(signs * y).ravel(), v=np.tile(v, 64), offsets=np.arange(65) * 6)
    pooled = mp.pool(every, method="auto")
    assert set(pooled.model) == {"common", "random"}
    found = mp.permutation_test(mp.Effects(y=y, v=v), method="auto")
    observed = abs(pooled.statistic[0])
    assert abs(found.statistic) == pytest.approx(observed, rel=1e-12)
    extreme = np.abs(pooled.statistic) >= observed - 1e-9
    assert found.p_value == pytest.approx(extreme.mean(), rel=1e-12)


def test_p_that_cannot_be_small_has_a_note() -> None:
    (note,) = mp.permutation_test(effects(5)).notes
    assert note.code is NoteCode.P_MIN_ABOVE_5_PERCENT
    assert mp.permutation_test(effects(6)).notes == ()
    assert mp.permutation_test(effects(9), n_resamples=19).notes == ()  # 1/20
    assert mp.permutation_test(effects(9), n_resamples=18).notes == (note,)


def test_a_batch_has_codes_and_flags() -> None:
    offsets = [0, 5, 5, 11]
    found = mp.permutation_test(mp.Effects(y=[0.1] * 11, v=[0.1] * 11, offsets=offsets))
    assert found.is_batch
    assert found.status.tolist() == [Status.OK, Status.NOT_ESTIMABLE, Status.OK]
    flags = found.notes
    assert flags.dtype == np.int64
    assert flags.tolist() == [NoteCode.P_MIN_ABOVE_5_PERCENT, 0, 0]
    for array in (found.status, flags, found.p_value):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert values["status"] == ["OK", "NOT_ESTIMABLE", "OK"]
    assert values["notes"] == flags.tolist()
    assert values["seed"] is None
    assert list(found.to_frame("pandas")["status"]) == values["status"]


def test_repr_says_what_was_done() -> None:
    shown = repr(mp.permutation_test(effects(1)))
    assert "2 arrangements, all, OK" in shown
    drawn = mp.permutation_test(effects(6), n_resamples=1, seed=3)
    assert "1 arrangement, drawn, seed 3, OK" in repr(drawn)
    assert "seed" not in shown

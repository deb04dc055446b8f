"""Results and data as Python objects: frozen, picklable, with short reprs, dicts and frames."""

import copy
import dataclasses
import json
import pickle
from typing import Any

import numpy as np
import pytest

import metapool as mp

FRAME = {
    "events_e": [3, 5, 0, 4, 7, 2], "n_e": [20, 30, 20, 20, 40, 25],
    "events_c": [6, 9, 0, 5, 12, 3], "n_c": [20, 30, 20, 20, 40, 25],
    "drug": ["x", "y", "x", "y", "x", "x"], "year": [1, 1, 1, 2, 1, 1],
}  # fmt: skip
NAMES = {name: name for name in mp.TwoByTwo.names}


def single() -> mp.TwoByTwo[float]:
    return mp.TwoByTwo.from_frame(FRAME, **NAMES, subgroup="drug")


def batch(by: Any = "drug") -> mp.TwoByTwo[Any]:
    return mp.TwoByTwo.from_frame(FRAME, **NAMES, by=by)


RESULTS: dict[str, Any] = {
    "effects": lambda: mp.effect_sizes(single(), "RR"),
    "pooled": lambda: mp.pool(single(), "RR"),
    "pooled batch": lambda: mp.pool(batch(), "RR", "DL"),
    "test": lambda: mp.small_study_test(single()),
    "test batch": lambda: mp.small_study_test(batch()),
    "meta-analysis": lambda: mp.meta_analysis(single(), "RR"),
    "subgroups only": lambda: mp.meta_analysis(single(), "OR", totals="subgroups"),
    "no totals": lambda: mp.meta_analysis(single(), "RD", totals="none"),
    "subgroup test": lambda: mp.meta_analysis(single(), "RR").subgroup_test,
    "check": lambda: mp.check_reported(estimate=1, ci=(0, 2)),
}


@pytest.mark.parametrize("name", RESULTS)
def test_survives_pickle_and_copy(name: str) -> None:
    result = RESULTS[name]()
    for twin in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert twin.to_dict() == result.to_dict()


@pytest.mark.parametrize("name", RESULTS)
def test_is_strict_json(name: str) -> None:
    result = RESULTS[name]()
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("name", RESULTS)
def test_becomes_a_frame(name: str, backend: Any) -> None:
    frame = RESULTS[name]().to_frame(backend)
    assert type(frame).__module__.startswith(backend)
    rows = {"effects": 6, "pooled batch": 2, "test batch": 2, "meta-analysis": 6}
    rows |= {"subgroups only": 6, "no totals": 6}
    assert len(frame) == rows.get(name, 1)


@pytest.mark.parametrize("name", RESULTS)
def test_repr_is_short(name: str) -> None:
    assert len(repr(RESULTS[name]())) < 250


@pytest.mark.parametrize("name", RESULTS)
def test_is_frozen(name: str) -> None:
    result = RESULTS[name]()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.anything = 1


def test_arrays_are_read_only() -> None:
    studies, pooled = batch(), mp.pool(batch(), "RR")
    arrays = [studies.events_e, pooled.estimate, pooled.k, pooled.weights, pooled.display.ci_low]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        studies.columns[0].flags.writeable = True


def test_masked_and_unaligned_arrays_are_taken() -> None:
    masked = np.ma.array([0.1, 0.2, 9.0], mask=[False, False, True])
    effects = mp.Effects(y=masked, v=[1, 1, 1], missing="exclude")
    assert mp.effect_sizes(effects).included.tolist() == [True, True, False]
    unaligned = np.frombuffer(b"abc" + np.arange(4.0).tobytes(), "f8", offset=3)
    assert mp.Effects(y=unaligned, v=unaligned + 1).y.tolist() == [0, 1, 2, 3]


def test_keys_tell_the_meta_analysis() -> None:
    assert mp.pool(batch(), "RR").key == ("x", "y")
    assert mp.pool(batch(), "RR").to_dict()["drug"] == ["x", "y"]
    two = mp.pool(batch(["drug", "year"]), "RR")
    assert two.key == (("x", 1), ("y", 1), ("y", 2))
    assert two.to_dict()["year"] == [1, 1, 2]
    assert mp.effect_sizes(batch(), "RR").to_dict()["drug"] == FRAME["drug"]
    by_offsets = mp.TwoByTwo(**{n: FRAME[n] for n in NAMES}, offsets=[0, 2, 6])
    assert mp.effect_sizes(by_offsets, "RR").to_dict()["analysis"] == [0, 0, 1, 1, 1, 1]


def test_given_effects_with_the_label_of_a_table_measure_are_pooled() -> None:
    for label in ("OR", "RR", "PETO", "HR"):
        given = mp.Effects(y=[0.7, 0.8], se=[0.1, 0.2], measure=label, log=True)
        ma = mp.meta_analysis(given, label)
        assert ma.common.method == "IV"
        assert ma.effects.is_ratio


def test_conventions_show_what_differs() -> None:
    assert repr(mp.METAFOR) == "METAFOR"
    assert repr(mp.METAFOR.replace(i2="q")) == "METAFOR.replace(i2='q')"


def test_no_total_is_said() -> None:
    ma = RESULTS["subgroups only"]()
    with pytest.raises(AttributeError, match="each subgroup has its own"):
        _ = ma.pooled
    assert not ma.has_total


def test_lent_columns_are_not_copied() -> None:
    columns = {name: np.array(FRAME[name], dtype=float) for name in NAMES}
    lent = mp.TwoByTwo(**columns, copy=False)
    own = mp.TwoByTwo(**columns)
    assert all(np.shares_memory(getattr(lent, n), columns[n]) for n in NAMES)
    assert not any(np.shares_memory(getattr(own, n), columns[n]) for n in NAMES)


def test_keys_stay_what_they_are() -> None:
    """Numbers that float64 cannot tell apart are different keys; a key keeps its type."""
    pd = pytest.importorskip("pandas")
    large = 2**53
    frame = pd.DataFrame(
        {"y": [0.1, 1.0, 0.2, 1.1], "v": 1.0, "key": [large, large + 1, large, large + 1]}
    )
    batch = mp.Effects.from_frame(frame, y="y", v="v", by="key")
    assert batch.key == (large, large + 1)
    assert mp.pool(batch).k.tolist() == [2, 2]
    assert [type(key) for key in batch.key] == [int, int]
    frame["key"] = pd.array([1, None, 1, 2], dtype="Int64")
    with pytest.raises(mp.InputError, match="row 2 has no key in key"):
        mp.Effects.from_frame(frame, y="y", v="v", by="key")

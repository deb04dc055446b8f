"""Every status code is produced here, with the fields that docs/status.md says it defines."""

import math
from collections.abc import Callable
from typing import Any

import pytest

import metapool as mp
from metapool import Status

POOLED = ("estimate", "se", "ci_low", "ci_high", "statistic", "p_value")
HETEROGENEITY = ("q", "q_p", "i2", "tau2", "h2")
LINE = ("bias", "slope")
TEST = ("statistic", "p_value")
LIMITS = ("tau2_low", "tau2_high", "i2_low", "i2_high", "h2_low", "h2_high")


def tables(*rows: tuple[float, float, float, float]) -> mp.TwoByTwo[float]:
    columns = zip(*rows, strict=True)
    names = ("events_e", "n_e", "events_c", "n_c")
    return mp.TwoByTwo(**dict(zip(names, map(list, columns), strict=True)))


RAW = mp.METAFOR.replace(study_cc_when="none")
#: What produces a code; fields that are then numbers; fields that are NaN.
CASES: dict[Status, tuple[Callable[[], Any], tuple[str, ...], tuple[str, ...]]] = {
    Status.OK: (
        lambda: mp.pool(tables((3, 20, 6, 20), (5, 30, 9, 30)), "RR"), POOLED + HETEROGENEITY, (),
    ),
    Status.ONE_STUDY: (
        lambda: mp.pool(tables((3, 20, 6, 20)), "RR", "DL"), POOLED + HETEROGENEITY, (),
    ),
    Status.NOT_ESTIMABLE: (
        lambda: mp.pool(tables((0, 20, 0, 20)), "RR"), (), POOLED + HETEROGENEITY,
    ),
    Status.Q_UNDEFINED: (
        lambda: mp.pool(tables((0, 20, 6, 20), (5, 30, 0, 30)), "RR", "MH", RAW),
        POOLED, HETEROGENEITY,
    ),
    Status.TOO_FEW_STUDIES: (
        lambda: mp.small_study_test(tables((3, 20, 6, 20), (5, 30, 9, 30))), (), (*LINE, *TEST),
    ),
    Status.ZERO_SPREAD: (
        lambda: mp.small_study_test(mp.Effects(y=[1, 2, 4], v=[0.1, 0.1, 0.1]), "egger"),
        (), (*LINE, *TEST),
    ),
    Status.PERFECT_LINE: (
        lambda: mp.small_study_test(mp.Effects(y=[1, 1, 1], v=[0.1, 0.2, 0.4]), "egger"),
        (*LINE, "se"), TEST,
    ),
    Status.NULL_SET: (
        lambda: mp.pool(mp.Effects(y=[1, 1, 1], v=[0.1, 0.2, 0.4])).heterogeneity_interval(),
        LIMITS, (),
    ),
    Status.BCA_UNDEFINED: (
        lambda: mp.bootstrap(mp.Effects(y=[1, 1], v=[1, 1]), "q", n_resamples=9, ci="BCa", seed=1),
        ("estimate", "se", "bias"), ("ci_low", "ci_high", "ci_low_mcse", "ci_high_mcse"),
    ),
    Status.NOT_CONVERGED: (
        lambda: mp.trim_and_fill(
            mp.Effects(
                y=[0.3, -0.4, 0.0, -1.5, -0.5, -1.7, -1.7, 0.5],
                v=[1.176, 11.754, 0.196, 0.277, 0.399, 0.363, 0.005, 0.766],
            ),
            None, "DL", side="left",
        ),
        ("se_k0",), ("p_value",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("status", Status)
def test_is_produced(status: Status) -> None:
    call, numbers, undefined = CASES[status]
    result = call()
    assert result.status is status
    assert all(math.isfinite(getattr(result, name)) for name in numbers)
    assert all(math.isnan(getattr(result, name)) for name in undefined)


def test_batch_never_dies_of_one_bad_member() -> None:
    batch = mp.TwoByTwo(
        events_e=[3, 5, 0, 4], n_e=[20, 30, 20, 20], events_c=[6, 9, 0, 5], n_c=[20, 30, 20, 20],
        offsets=[0, 2, 3, 3, 4],
    )  # fmt: skip
    pooled = mp.pool(batch, "OR", "DL")
    expected = [Status.OK, Status.NOT_ESTIMABLE, Status.NOT_ESTIMABLE, Status.ONE_STUDY]
    assert pooled.status.tolist() == expected
    assert pooled.k.tolist() == [2, 0, 0, 1]

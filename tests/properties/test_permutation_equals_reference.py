"""Permutation tests equal the oracle's, which goes through every arrangement."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import permutation

import metapool as mp
from metapool import _types as t

#: Counts are whole numbers, shares of them exact to rounding.
TOLERANCE = 1e-12

effects = st.tuples(st.floats(-2, 2).map(lambda y: round(y, 3)), st.floats(0.01, 1))


def studies(columns, subgroup=None):
    y, v = zip(*columns, strict=True)
    return mp.Effects(y=y, v=v, subgroup=subgroup)


@pytest.mark.parametrize("method", ["IV", "DL", "REML", "SJ"])
@pytest.mark.parametrize("alternative", t.choices(t.Alternative))
@given(st.lists(effects, min_size=1, max_size=6))
def test_signs(method, alternative, columns):
    y, v = zip(*columns, strict=True)

    def z(signed):
        return mp.pool(mp.Effects(y=signed, v=v), method=method).statistic

    got = mp.permutation_test(studies(columns), method=method, alternative=alternative)
    assert (got.exact, got.mcse, got.n_permutations) == (True, 0, 2 ** len(y))
    assert got.p_value == pytest.approx(permutation.sign_flip(y, z, alternative), rel=TOLERANCE)
    if alternative == "two-sided":
        assert got.p_min == min(1, permutation.sign_flip_p_min(len(y)))
    assert got.p_value >= got.p_min


@given(st.lists(st.tuples(effects, st.sampled_from("abc")), min_size=2, max_size=6))
def test_labels(rows):
    columns, labels = zip(*rows, strict=True)
    names = list(dict.fromkeys(labels))
    if len(names) < 2:
        with pytest.raises(mp.InputError, match="two subgroups"):
            mp.permutation_test(studies(columns, labels), "subgroup_difference")
        return

    def q_between(arranged):
        fits = [
            mp.pool(
                studies([c for c, at in zip(columns, arranged, strict=True) if at == name]),
                method="DL",
            )
            for name in names
        ]
        w = np.array([1 / fit.se**2 for fit in fits])
        estimates = np.array([fit.estimate for fit in fits])
        return float(w @ (estimates - w @ estimates / w.sum()) ** 2)

    got = mp.permutation_test(studies(columns, labels), "subgroup_difference", method="DL")
    assert got.statistic == pytest.approx(q_between(labels), rel=1e-9, abs=1e-9)
    assert got.n_permutations == len(list(permutation.arrangements(labels)))
    want = permutation.label_permutation(labels, q_between)
    assert got.p_value == pytest.approx(want, rel=TOLERANCE)
    assert got.p_value >= got.p_min * (1 - TOLERANCE)


def test_groups_of_one_size_can_change_their_labels():
    y, v = [0, 0.1, 0.05, 5, 5.1, 5.2], [0.01] * 6
    halves = mp.Effects(y=y, v=v, subgroup=list("aaabbb"))
    test = mp.permutation_test(halves, "subgroup_difference")
    assert (test.p_value, test.p_min) == (0.1, 0.1)
    thirds = mp.Effects(y=y, v=v, subgroup=list("aabbcc"))
    assert mp.permutation_test(thirds, "subgroup_difference").p_min == pytest.approx(6 / 90)


@given(st.lists(effects, min_size=3, max_size=5, unique_by=lambda row: row[1]))
def test_residuals(columns):
    data = studies(columns)
    points = mp.small_study_test(data, "egger").radial
    got = mp.permutation_test(data, "egger")
    if not np.isfinite(got.statistic):
        assert np.isnan(got.p_value)
        return
    want = permutation.freedman_lane(
        [Fraction(y) for y in points.y.tolist()], [Fraction(x) for x in points.x.tolist()]
    )
    assert got.p_value == pytest.approx(want, rel=TOLERANCE)


@pytest.mark.parametrize("statistic", ["estimate", "egger", "harbord"])
def test_drawn_arrangements_come_near_all_of_them(statistic):
    bcg = mp.examples.bcg().rows(np.arange(9))
    measure = "OR"
    method = "DL" if statistic == "estimate" else None
    everything = mp.permutation_test(bcg, statistic, measure, method)
    drawn = mp.permutation_test(bcg, statistic, measure, method, n_resamples=300, seed=5)
    assert (everything.exact, drawn.exact) == (True, False)
    assert abs(drawn.p_value - everything.p_value) < 5 * max(drawn.mcse, 1 / 301)
    again = mp.permutation_test(bcg, statistic, measure, method, n_resamples=300, seed=5, threads=1)
    assert again.p_value == drawn.p_value
    assert drawn.p_min == 1 / 301


def test_impossible_requests():
    bcg = mp.examples.bcg()
    for match, arguments in {
        "pools tables": {"measure": "RR", "method": "MH"},
        "whose scheme is 'sign-flip'": {"measure": "RR", "scheme": "labels"},
        "measure is required": {},
        "has no side": {"statistic": "subgroup_difference", "measure": "RR", "alternative": "less"},
        "method is not for 'harbord'": {"statistic": "harbord", "method": "DL"},
        "more than 1,048,576": {"statistic": "harbord", "n_resamples": "exact"},
        "n_resamples must be": {"measure": "RR", "n_resamples": 0},
        "seed must be": {"measure": "RR", "seed": -1},
        "alternative must be": {"measure": "RR", "alternative": "both"},
    }.items():
        with pytest.raises(mp.InputError, match=match):
            mp.permutation_test(bcg, **arguments)


def test_a_batch_and_its_dict():
    y, v = [0.2, 0.5, 0.9, -0.1, 0.4], [0.1] * 5
    batch = mp.permutation_test(mp.Effects(y=y, v=v, offsets=[0, 3, 3, 5]), method="DL")
    alone = mp.permutation_test(mp.Effects(y=y[:3], v=v[:3]), method="DL")
    assert batch.p_value[0] == alone.p_value
    assert np.isnan(batch.p_value[1])
    assert batch.to_dict()["p_value"][1] is None
    assert alone.to_dict()["exact"] is True
    assert list(batch.to_frame("pandas")["n_permutations"]) == [8, 1, 4]

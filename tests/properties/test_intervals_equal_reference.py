"""Every interval of the mean has its paper's standard error and degrees of freedom."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import intervals, pooling
from scipy import stats
from tolerances import EPS, ROUNDINGS

import metapool as mp
from metapool import _types as t

from . import strategies

METHODS = {"kr": ("REML",)}


@pytest.mark.parametrize("interval", [name for name in t.choices(t.Interval) if name != "pl"])
@given(data=st.data(), level=strategies.levels)
def test_interval(interval, data, level):
    batch = data.draw(strategies.batches("effects"))
    method = data.draw(st.sampled_from(METHODS.get(interval, ("DL", "PM", "REML", "IV"))))
    got = mp.pool(batch.studies(), method=method, interval=interval, level=level)
    for i, studies in enumerate(batch.analyses):
        used = given_effects.included(pooling.study_effects("effects", studies, "GEN", {}))
        if not used or math.isnan(got.estimate[i]):
            continue
        unit = (ROUNDINGS + len(used)) * EPS
        tau2 = Fraction(float(got.tau2[i]))
        want = intervals.basis(interval, used, tau2, level, unit)
        assert abs(got.se[i] - want.se) <= want.error or near_a_choice(interval, used, tau2, level)
        if got.se[i] == 0:
            assert got.status[i] == mp.Status.ZERO_SPREAD
            assert got.ci_low[i] == got.estimate[i] == got.ci_high[i]
            assert math.isnan(got.p_value[i])
        elif abs(got.se[i] - want.se) <= want.error and want.df >= 1:
            check_limits(got, i, want.df, level)


def check_limits(got, i, df, level):
    """Limits and P that fit the standard error and the degrees of freedom."""
    law = stats.norm if math.isinf(df) else stats.t(df)
    half = float(law.isf((1 - level) / 2)) * got.se[i]
    size = abs(got.estimate[i]) + half
    loose = 1e-12 if math.isinf(df) or df == round(df) else 1e-9  # other df carry roundings
    assert abs(got.ci_high[i] - got.estimate[i] - half) <= loose * size
    assert abs(got.estimate[i] - got.ci_low[i] - half) <= loose * size
    p = 2 * float(law.sf(abs(got.statistic[i])))
    assert got.p_value[i] == pytest.approx(p, rel=max(loose, 1e-11 * (1 + got.statistic[i] ** 2)))


def near_a_choice(interval, used, tau2, level):
    """Whether roundings alone decide between two standard errors."""
    if interval not in ("hk-ci", "hk-iqwig6"):
        return False
    unit = 1e-9
    both = [
        intervals.basis(interval, used, tau2 * Fraction(1 + s * unit), level, unit) for s in (-1, 1)
    ]
    return both[0].df != both[1].df or abs(both[0].se - both[1].se) > 1e-6 * both[0].se


@pytest.mark.parametrize(
    ("method", "prediction", "words"),
    [
        ("DL", "kr", ["'kr'", "'DL'", "REML"]),
        ("MH", "hts", ["'hts'", "'MH'", "random effects"]),
        ("IVhet", "hts", ["'hts'", "'IVhet'"]),
    ],
)
def test_impossible_predictions_name_both(method, prediction, words):
    with pytest.raises(mp.InputError) as error:
        mp.pool(mp.examples.bcg(), "RR", method, prediction=prediction)
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    ("method", "interval", "words"),
    [
        ("MH", "hk", ["'hk'", "'MH'"]),
        ("DL", "kr", ["'kr'", "'DL'", "REML"]),
        ("IV", "kr", ["'kr'", "'IV'"]),
        ("auto", "kr", ["'kr'", "'DL'"]),
        ("DL", "pl", ["'pl'", "'DL'", "ML or REML"]),
        ("IV", "pl", ["'pl'", "'IV'"]),
        ("IVhet", "hk", ["'hk'", "'IVhet'"]),
    ],
)
def test_impossible_pairs_name_both(method, interval, words):
    with pytest.raises(mp.InputError) as error:
        mp.pool(mp.examples.bcg(), "RR", method, interval=interval)
    assert all(word in str(error.value) for word in words)

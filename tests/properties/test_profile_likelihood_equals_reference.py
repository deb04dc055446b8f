"""The interval of the mean by profile likelihood has the fall of the likelihood at its ends."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import intervals, pooling
from scipy import stats
from tau2_tolerances import likelihood_rounding

import metapool as mp

from . import strategies


@pytest.mark.parametrize(("method", "restricted"), [("ML", False), ("REML", True)])
@given(data=st.data(), level=strategies.levels)
def test_profile_likelihood(method, restricted, data, level):
    batch = data.draw(strategies.batches("effects", 2))
    got = mp.pool(batch.studies(), method=method, interval="pl", level=level)
    wald = mp.pool(batch.studies(), method=method, level=level)
    for i, studies in enumerate(batch.analyses):
        used = given_effects.included(pooling.study_effects("effects", studies, "GEN", {}))
        assert got.se[i] == wald.se[i] or not used
        if len(used) < 2:
            assert got.ci_low[i] == wald.ci_low[i] or not used
            continue
        assert got.ci_low[i] <= got.estimate[i] <= got.ci_high[i]
        z2 = float(stats.chi2.isf(1 - level, 1))
        for mu in (got.ci_low[i], got.ci_high[i]):
            check_fall(used, float(mu), z2, restricted)
        z = float(got.statistic[i])
        assert math.copysign(1, z) == math.copysign(1, got.estimate[i])
        check_fall(used, 0.0, z * z, restricted)
        assert got.p_value[i] == pytest.approx(2 * float(stats.norm.sf(abs(z))), rel=1e-11)


def check_fall(used, mu, fall, restricted):
    """Of 2 ln L from its maximum to a mean of mu; the oracle's searches end at 1e-8."""
    end = 4 * max((float(e.y) - mu) ** 2 + float(e.v) for e in used)
    bound = likelihood_rounding(used, 0.0) + 1e-7 * (1 + fall)
    assert intervals.fall(used, mu, restricted, end) == pytest.approx(fall, abs=bound)

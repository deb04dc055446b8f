"""Intervals of tau2, tau, I2 and H2 are their papers'."""

import math
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import heterogeneity as het
from reference import heterogeneity_intervals as oracle
from reference import pooling
from scipy import stats
from tau2_tolerances import likelihood_rounding, root_rounding

import metapool as mp

from . import strategies

Status = mp.Status


def included(studies):
    return given_effects.included(pooling.study_effects("effects", studies, "GEN", {}))


def check_what_follows(got, i, used):
    """tau, I2 and H2 at the limits of tau2."""
    typical = float(het.typical_variance(used))
    for end in ("low", "high"):
        tau2 = getattr(got, f"tau2_{end}")[i]
        assert getattr(got, f"tau_{end}")[i] == pytest.approx(math.sqrt(tau2), rel=1e-15)
        i2, h2 = 100 * tau2 / (tau2 + typical), 1 + tau2 / typical
        assert getattr(got, f"i2_{end}")[i] == pytest.approx(i2, rel=1e-12)
        assert getattr(got, f"h2_{end}")[i] == pytest.approx(h2, rel=1e-12)


@given(data=st.data(), level=strategies.levels)
def test_q_profile(data, level):
    batch = data.draw(strategies.batches("effects"))
    method = data.draw(st.sampled_from(["DL", "REML", "IV", "auto"]))
    got = mp.pool(batch.studies(), method=method, level=level).heterogeneity_interval("qp")
    for i, used in enumerate(map(included, batch.analyses)):
        if len(used) < 2:
            assert got.status[i] == (Status.ONE_STUDY if used else Status.NOT_ESTIMABLE)
            assert math.isnan(got.tau2_low[i])
            assert math.isnan(got.i2_high[i])
            continue
        tail, df = (1 - level) / 2, len(used) - 1
        targets = [float(stats.chi2.isf(tail, df)), float(stats.chi2.ppf(tail, df))]
        want = oracle.q_profile(used, level)
        q = float(het.cochran_q(used, het.iv_mean(used)))
        if abs(q - targets[1]) <= 1e-9 * q + root_error_of_q(used):
            continue  # roundings alone decide whether the set is empty
        assert got.status[i] == (Status.OK if want else Status.NULL_SET)
        ends = zip((got.tau2_low[i], got.tau2_high[i]), want or (0, 0), targets, strict=True)
        for limit, wanted, target in ends:
            near = float(wanted) or limit
            bound = root_rounding(used, near, target) if near else 0.0
            assert abs(limit - float(wanted)) <= bound
        check_what_follows(got, i, used)


def root_error_of_q(used):
    """What roundings move Q by at tau2 = 0."""
    size = max(abs(float(e.y)) for e in used)
    return sum(1e-13 * size * (size + 1) / float(e.v) for e in used)


@pytest.mark.parametrize(("method", "restricted"), [("ML", False), ("REML", True)])
@given(data=st.data(), level=strategies.levels)
def test_profile_likelihood(method, restricted, data, level):
    batch = data.draw(strategies.batches("effects"))
    fit = mp.pool(batch.studies(), method=method, level=level)
    got = fit.heterogeneity_interval("pl")
    for i, used in enumerate(map(included, batch.analyses)):
        if len(used) < 2:
            continue
        tau2, low, high = (float(x) for x in (fit.tau2[i], got.tau2_low[i], got.tau2_high[i]))
        assert got.status[i] == Status.OK
        assert 0 <= low <= tau2 < high
        with mpmath.workdps(40):
            for limit in (low, high):
                excess = oracle.excess(used, limit, tau2, level, restricted)
                bound = likelihood_rounding(used, tau2, limit) + 1e-11
                # the limit is known to 1e-14 of it and of 1/sum w
                step = 1e-14 * (limit + 1 / sum(1 / float(e.v) for e in used))
                up, down = het.score(used, limit, restricted)
                bound += 4 * step * float(abs(up - down))
                assert excess <= bound if limit == 0 else abs(excess) <= bound
        check_what_follows(got, i, used)


@given(data=st.data(), level=strategies.levels)
def test_test_based(data, level):
    batch = data.draw(strategies.batches("effects"))
    fit = mp.pool(batch.studies(), method="DL", level=level)
    got = fit.heterogeneity_interval("ht")
    for i, used in enumerate(map(included, batch.analyses)):
        if len(used) < 2:
            continue
        q = Fraction(float(fit.q[i]))
        want = oracle.test_based(q, len(used) - 1, level)
        if want is None:
            assert got.status[i] == Status.TOO_FEW_STUDIES
            assert math.isnan(got.h2_low[i])
            continue
        # H2 is known to 1e-14, and its excess over 1 is what tau2 is made of
        assert got.h2_low[i] == pytest.approx(want[0], rel=1e-13)
        assert got.h2_high[i] == pytest.approx(want[1], rel=1e-13)
        check_what_follows(got, i, used)


def test_level_and_method_are_checked():
    fit = mp.pool(mp.examples.bcg(), "RR", "DL")
    assert fit.heterogeneity_interval("ht", 0.5).level == 0.5
    with pytest.raises(mp.InputError, match="'pl' of tau2 needs method ML or REML, not 'DL'"):
        fit.heterogeneity_interval("pl")
    with pytest.raises(mp.InputError, match="method must be one of 'qp'"):
        fit.heterogeneity_interval("QP")
    common = mp.pool(mp.examples.bcg(), "RR", "IV", mp.METAFOR)  # whose default would be REML
    with pytest.raises(mp.InputError, match="needs method ML or REML, not 'IV'"):
        common.heterogeneity_interval("pl")

"""Every estimator of tau2 does what its paper says, and what follows from tau2 follows."""

import math
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import heterogeneity as het
from reference import intervals, pooling
from scipy import stats
from tau2_tolerances import rounding
from tolerances import EPS, ROUNDINGS

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import assert_pooled

LIKELIHOODS = {"ML": False, "REML": True}
CLOSED = {
    "DL2": lambda used: het.tau2_two_steps(used, dl(used)),
    "HE": het.tau2_he,
    "HE2": lambda used: het.tau2_two_steps(used, het.tau2_he(used)),
    "HS": lambda used: het.tau2_hs(used, corrected=False),
    "HSk": lambda used: het.tau2_hs(used, corrected=True),
    "SJ": het.tau2_sj,
    "PM": het.tau2_pm,
    "EB": het.tau2_pm,
    "PMM": het.tau2_pmm,
}


def dl(used: list[Any]) -> Any:
    return het.tau2_dl(used, het.cochran_q(used, het.iv_mean(used)))


def test_every_estimator_is_here() -> None:
    others = {"DL", "IVhet", "preset"}  # of the first two, tau2 is DL's
    assert set(t.choices(t.RandomMethod)) == {*others, *CLOSED, *LIKELIHOODS}


@pytest.mark.parametrize("method", [*CLOSED, *LIKELIHOODS])
@given(data=st.data(), level=strategies.levels)
def test_tau2(method, data, level):
    batch = data.draw(strategies.batches("effects"))
    got = mp.pool(batch.studies(), method=method, conventions=mp.METAFOR, level=level)
    for i, (start, studies) in enumerate(zip(batch.offsets, batch.analyses, strict=False)):
        effects = pooling.study_effects("effects", studies, "GEN", {})
        used = given_effects.included(effects)
        tau2 = float(got.tau2[i])
        if len(used) > 1:
            if method in LIKELIHOODS:
                check_likelihood(used, tau2, LIKELIHOODS[method])
            else:
                want = float(CLOSED[method](used))
                assert abs(tau2 - want) <= rounding(used, want), (tau2, want)
        rules = asdict(mp.METAFOR)
        exact = None if math.isnan(tau2) else tau2
        want = pooling.random_effects(effects, method, None, rules, level, given=exact)
        assert_pooled(got, i, want, start)


def check_likelihood(used: list[Any], tau2: float, restricted: bool) -> None:
    """The slope is 0 at tau2, or falls at 0; no likelihood is greater at 0."""
    unit = (ROUNDINGS + len(used)) * EPS
    with mpmath.workdps(40):
        up, down = het.score(used, tau2, restricted)
        moved = unit * max(abs(e.y) for e in used)
        w = [1 / (e.v + mpmath.mpf(tau2)) for e in map(floats, used)]
        shift = 2 * moved * mpmath.sqrt(2 * up * mpmath.fsum(a**2 for a in w)) + moved**2 * sum(
            a**2 for a in w
        )
        # the last step is below 1e-13 of tau2 and 1e-14 of 1/sum w
        step = 1e-13 * tau2 + 1e-14 / sum(1 / float(e.v) for e in used)
        steep = 4 * (up + down) * max(w) * step
        noise = 4 * unit * (up + down) + shift + steep
        if tau2 > 0:
            assert abs(up - down) <= noise, (up, down)
            gain = het.log_likelihood(used, tau2, restricted)
            gain -= het.log_likelihood(used, 0.0, restricted)
            assert gain >= -noise * tau2 - 1e-9, gain
        else:
            assert up - down <= noise, (up, down)


def floats(effect: Any) -> Any:
    return given_effects.Effect(float(effect.y), float(effect.v))


@given(data=st.data(), tau2=st.sampled_from([0.0, 0.1, 30.0]))
def test_preset(data, tau2):
    batch = data.draw(strategies.batches("effects"))
    got = mp.pool(batch.studies(), tau2=tau2, conventions=mp.METAFOR)
    for i, (start, studies) in enumerate(zip(batch.offsets, batch.analyses, strict=False)):
        effects = pooling.study_effects("effects", studies, "GEN", {})
        want = pooling.random_effects(effects, "preset", None, asdict(mp.METAFOR), 0.95, tau2)
        assert_pooled(got, i, want, start)


@given(data=st.data(), level=strategies.levels)
def test_ivhet(data, level):
    batch = data.draw(strategies.batches("effects"))
    got = mp.pool(batch.studies(), method="IVhet", level=level, conventions=mp.METAFOR)
    dersimonian_laird = mp.pool(batch.studies(), method="DL", conventions=mp.METAFOR)
    common = mp.pool(batch.studies(), method="IV", conventions=mp.METAFOR)
    assert np.array_equal(got.tau2, dersimonian_laird.tau2, equal_nan=True)
    assert np.array_equal(got.weights, common.weights, equal_nan=True)
    for i, studies in enumerate(batch.analyses):
        used = given_effects.included(pooling.study_effects("effects", studies, "GEN", {}))
        if used:
            mean, variance = intervals.ivhet(used, Fraction(float(got.tau2[i])))
            unit = (ROUNDINGS + len(used)) * EPS
            largest = max(abs(float(e.y)) for e in used)
            assert got.estimate[i] == pytest.approx(float(mean), abs=unit * largest)
            assert got.se[i] == pytest.approx(math.sqrt(variance), rel=unit)
            half = float(stats.norm.isf((1 - level) / 2)) * got.se[i]
            assert got.ci_high[i] - got.estimate[i] == pytest.approx(
                half, rel=1e-9, abs=unit * largest
            )

"""Every estimator of tau2 does what its paper says, and what follows from tau2 follows."""

import math
from dataclasses import asdict
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import effects as given_effects
from reference import heterogeneity as het
from reference import pooling
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
    assert set(t.choices(t.RandomMethod)) == {"DL", *CLOSED, *LIKELIHOODS}


def rounding(used: list[Any], tau2: float) -> float:
    """What roundings of y, w and the sums may move an estimate by, to first order.

    The effects move by a unit of the largest, and with them every residual; a sum of squares over
    weights a = 1/(v + tau2) moves by 2 a |r| of that, and by units of itself; what is subtracted
    from it is no larger than k variances. Divided by the slope in tau2, which is at least that of
    the most spread out weights.
    """
    unit = (ROUNDINGS + len(used)) * EPS
    y, v = [float(e.y) for e in used], [float(e.v) for e in used]
    moved = unit * max(map(abs, y))
    spread = max(y) - min(y)
    largest = max(v) + tau2
    return 8 * len(used) * (spread * moved + moved**2 + unit * (spread**2 + largest))


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

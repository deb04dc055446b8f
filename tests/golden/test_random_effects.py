"""BCG trials (log risk ratio) and CLASP: estimators and intervals with figures from R and papers.

BCG: metafor 3.8.1 and meta 8.4-0 run to convergence. CLASP: DerSimonian & Kacker 2007.
"""

import math

import pytest

import metapool as mp

from . import classic

BCG = mp.examples.bcg()


@pytest.mark.parametrize(
    ("method", "tau2"),
    [
        ("DL", 0.3087602629), ("HE", 0.328563858), ("HS", 0.2283628637), ("HSk", 0.2491699303),
        ("SJ", 0.3455157016), ("ML", 0.2800281373), ("REML", 0.3132432581), ("PM", 0.3180684522),
        ("EB", 0.3180684522), ("PMM", 0.3433879069),
    ],
)  # fmt: skip
def test_tau2_of_bcg(method, tau2):
    assert mp.pool(BCG, "RR", method, mp.METAFOR).tau2 == pytest.approx(tau2, abs=6e-11)


@pytest.mark.parametrize(("method", "tau"), [("DL2", 0.32536), ("HE2", 0.38310)])
def test_two_step_estimators_of_clasp(method, tau):
    pooled = mp.pool(classic.CLASP, "OR", method, mp.METAFOR)
    assert math.sqrt(pooled.tau2) == pytest.approx(tau, abs=6e-6)


def test_hartung_knapp_and_kenward_roger_of_bcg():
    hk = mp.pool(BCG, "RR", "REML", mp.METAFOR, "hk")
    assert hk.se == pytest.approx(0.1807917441, abs=6e-11)
    assert hk.df == 12
    kr = mp.pool(BCG, "RR", "REML", mp.METAFOR, "kr")
    assert kr.se == pytest.approx(0.1815356364, abs=6e-11)
    assert kr.df == pytest.approx(10.513711, abs=6e-7)


@pytest.mark.parametrize(
    ("prediction", "low", "high"),
    [
        ("z", -1.866692, 0.437628), ("v", -1.995342, 0.566277), ("hts", -2.008376, 0.579311),
        ("hk", -1.996017, 0.566952), ("hk-pr", -2.009058, 0.579993), ("kr", -2.016908, 0.587843),
    ],
)  # fmt: skip
def test_prediction_of_bcg(prediction, low, high):
    pooled = mp.pool(BCG, "RR", "REML", mp.METAFOR, prediction=prediction)
    assert (pooled.pi_low, pooled.pi_high) == pytest.approx((low, high), abs=6e-7)
    assert pooled.display.pi_low == pytest.approx(math.exp(low), rel=1e-6)


def test_a_prediction_by_kenward_roger_needs_reml():
    with pytest.raises(mp.InputError, match="'kr' is not made for method 'DL'"):
        mp.pool(BCG, "RR", "DL", prediction="kr")

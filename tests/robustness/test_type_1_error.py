"""Type I errors that theory knows, by a simulation study of a million homogeneous meta-analyses.

The seed is fixed, so that a pass stays a pass; with another, a correct program would leave 3 Monte
Carlo standard errors once in 370.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from scipy import integrate, stats

import metapool as mp
from metapool import simulate as sim

K = 10
IV, IV_HK = mp.Analysis(None, "IV"), mp.Analysis(None, "IV", interval="hk")
DL, DL_HK = mp.Analysis(None, "DL"), mp.Analysis(None, "DL", interval="hk")
VARIANCES: dict[str, float | sim.Distribution] = {"equal": 1.0, "varied": sim.Uniform(0.1, 1.0)}


class Share(NamedTuple):
    value: float
    mcse: float

    def off(self, truth: float) -> float:
        """In Monte Carlo standard errors."""
        return (self.value - truth) / self.mcse


Shares = dict[tuple[str, str], Share]  #: by variances and analysis


@pytest.fixture(scope="module")
def type_1_error() -> Shares:
    """The power where there is no effect."""
    data = sim.Normal(mu=0.0, tau=0.0, v=list(VARIANCES.values()), k=K)
    study = mp.Simulation(
        data=data, analyses=[IV, IV_HK, DL, DL_HK], replicates=1_000_000, seed=20261126
    )
    rows = [row for row in study.run(threads=1, progress=False).rows if row["measure"] == "power"]
    names = [name for name in VARIANCES for _ in study.labels]  # scenarios in their order
    return {
        (name, row["analysis"]): Share(row["value"], row["mcse"])
        for name, row in zip(names, rows, strict=True)
    }


@pytest.mark.parametrize(
    ("variances", "analysis"),
    [("equal", IV), ("varied", IV), ("equal", IV_HK), ("varied", IV_HK), ("equal", DL_HK)],
)
def test_nominal(type_1_error: Shares, variances: str, analysis: mp.Analysis) -> None:
    """Exactly normal, or t with weights that are right: those by true variances, or equal ones."""
    share = type_1_error[variances, analysis.label]
    assert share.mcse == pytest.approx(math.sqrt(0.05 * 0.95 / 1e6), rel=0.02)
    assert abs(share.off(0.05)) < 3, share


def test_dersimonian_laird_is_conservative(type_1_error: Shares) -> None:
    """Its tau² is often above 0 by chance, which widens the interval; never below."""
    for variances in VARIANCES:
        share = type_1_error[variances, DL.label]
        assert share.off(0.05) < -50, share
        assert 0.0375 < share.value < 0.0395, share


def test_dersimonian_laird_with_equal_variances(type_1_error: Shares) -> None:
    """Then v + tau² = v max(1, Q/(k - 1)), with Q chi-square and independent of the mean."""
    z, df = stats.norm.isf(0.025), K - 1

    def rejected(q: float) -> float:
        return float(2 * stats.norm.sf(z * math.sqrt(max(1, q / df))) * stats.chi2.pdf(q, df))

    truth = sum(integrate.quad(rejected, *ends)[0] for ends in [(0, df), (df, math.inf)])
    share = type_1_error["equal", DL.label]
    assert abs(share.off(truth)) < 3, (share, truth)

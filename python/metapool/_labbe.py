"""The data of a L'Abbé plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metapool import _bridge
from metapool._results import Pooled
from metapool._two_by_two import TwoByTwo
from metapool._types import FloatArray


@dataclass(frozen=True, eq=False)
class Labbe:
    """Risks of the arms of two-by-two tables (L'Abbé, Detsky & O'Rourke 1987).

    Attributes
    ----------
    risk_c, risk_e : float64 array, one element per study that has both
        Risk of the control and of the experimental arm.
    weight : float64 array
        Percent of the pooled effect.
    study : tuple of str
    curve_c, curve_e : float64 array
        The pooled effect: risks of the experimental arm at those of the control arm, within 0 to 1.
    measure : str
    """

    risk_c: FloatArray
    risk_e: FloatArray
    weight: FloatArray
    study: tuple[str, ...]
    curve_c: FloatArray
    curve_e: FloatArray
    measure: str


def labbe(studies: TwoByTwo[float], pooled: Pooled[float], weights: FloatArray) -> Labbe:
    """The risks of tables and the pooled effect."""
    with np.errstate(invalid="ignore"):
        risk_c, risk_e = studies.events_c / studies.n_c, studies.events_e / studies.n_e
    has = np.isfinite(risk_c) & np.isfinite(risk_e)
    study = tuple(name for name, keep in zip(studies.study, has, strict=True) if keep)
    curve_c = np.linspace(0.0, 1.0, 201)
    curve_e = _bridge.pooled_risks(pooled.measure, float(pooled.estimate), curve_c)
    reached = np.isfinite(curve_e)
    return Labbe(
        risk_c[has], risk_e[has], weights[has], study, curve_c[reached], curve_e[reached],
        pooled.measure,
    )  # fmt: skip

"""The data of a L'Abbé plot."""

from __future__ import annotations

from dataclasses import dataclass

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

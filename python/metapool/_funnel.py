"""The data of a funnel plot."""

from __future__ import annotations

from dataclasses import dataclass

from metapool._types import BoolArray, FloatArray

#: Confidence levels of the contours.
LEVELS = (0.90, 0.95, 0.99)


@dataclass(frozen=True, eq=False)
class Funnel:
    """Effects of studies against their standard errors, and the lines about them.

    Attributes
    ----------
    y, se : float64 array, one element per included study
        Effect and standard error on the analysis scale.
    study : tuple of str
    filled : bool array
        Whether a study was filled in by trim and fill.
    estimate : float
        The pooled effect, where the funnel is centred.
    z : tuple of float
        Of 90, 95 and 99 % confidence: the limits of a contour are centre ± z se.
    measure : str
    is_ratio : bool
        The analysis scale is a log scale.
    """

    y: FloatArray
    se: FloatArray
    study: tuple[str, ...]
    filled: BoolArray
    estimate: float
    z: tuple[float, float, float]
    measure: str
    is_ratio: bool

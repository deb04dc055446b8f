"""The data of a funnel plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metapool import _bridge
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
    z: tuple[float, ...]
    measure: str
    is_ratio: bool


def funnel(
    y: FloatArray,
    se: FloatArray,
    study: tuple[str, ...],
    filled: BoolArray,
    estimate: float,
    measure: str,
    is_ratio: bool,
) -> Funnel:
    """The funnel of the studies that have an effect."""
    has = np.isfinite(y) & np.isfinite(se)
    names = tuple(name for name, keep in zip(study, has, strict=True) if keep)
    z = tuple(_bridge.normal_critical(level) for level in LEVELS)
    return Funnel(y[has], se[has], names, filled[has], estimate, z, measure, is_ratio)

"""What the core returns, named: arrays with one column per meta-analysis or study."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metapool._types import BoolArray, CodeArray, FloatArray, IntArray


class Fits(NamedTuple):
    """What ``pool`` returns, one column per meta-analysis."""

    #: Rows estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2, tau2.
    numbers: FloatArray
    #: Rows q_df, k, status.
    counts: IntArray
    #: Whether random effects were taken.
    random: BoolArray


class Details(NamedTuple):
    """What is computed on demand: weights per study, the rest per meta-analysis."""

    weights: FloatArray
    h2: FloatArray
    df: FloatArray
    tau2_se: FloatArray
    pi_low: FloatArray
    pi_high: FloatArray
    iterations: IntArray
    #: Sets of ``NoteCode``.
    notes: IntArray


class HeterogeneityLimits(NamedTuple):
    """Intervals of the heterogeneity, one column per meta-analysis."""

    #: Rows tau2_low, tau2_high, tau_low, tau_high, i2_low, i2_high, h2_low, h2_high.
    numbers: FloatArray
    #: Row status.
    status: IntArray


class TableTests(NamedTuple):
    """Tests of two-by-two tables, one column per meta-analysis."""

    #: Rows cmh, cmh_p, breslow_day, breslow_day_p, tarone, tarone_p.
    numbers: FloatArray
    #: Rows df, k, status.
    counts: IntArray


class Summaries(NamedTuple):
    """What is said of bootstrap distributions: axes field, statistic, meta-analysis."""

    #: estimate, se, bias, ci_low, ci_high, ci_low_mcse, ci_high_mcse, p_value.
    numbers: FloatArray
    #: n_degenerate, status.
    counts: IntArray
    #: The distributions, if they are kept: axes statistic, meta-analysis, resample.
    distribution: FloatArray | None


class PermutationTests(NamedTuple):
    """Permutation tests, one column per meta-analysis."""

    #: Rows statistic, p_value, p_min, mcse.
    numbers: FloatArray
    #: Row n_permutations.
    counts: IntArray
    exact: BoolArray


class StudyEffects(NamedTuple):
    """Effects, one column per study."""

    #: Rows y, v, se, ci_low, ci_high.
    numbers: FloatArray
    #: Indices of ``EXCLUSIONS``.
    exclusion: CodeArray


class Lines(NamedTuple):
    """Small-study tests, one column per meta-analysis."""

    #: Rows bias, se, statistic, p_value, slope, slope_se, dispersion.
    numbers: FloatArray
    #: Rows df, k, status.
    counts: IntArray


class PartFits(NamedTuple):
    """Fits to parts of the studies, one column per study."""

    #: Rows estimate, se, tau2; if asked for, ci_low, ci_high, statistic, p_value, q, q_p, i2.
    numbers: FloatArray
    #: If asked for, rows q_df, k, status.
    counts: IntArray | None


class Influences(NamedTuple):
    """Influence of studies, one column per study."""

    #: Rows rstudent, dffits, cook_d, cov_ratio, tau2_deleted, q_deleted, hat, weight, dfbetas,
    #: baujat_x, baujat_y.
    numbers: FloatArray
    #: Row status.
    counts: IntArray
    influential: BoolArray


class SubsetFits(NamedTuple):
    """Fits to subsets of the studies, one column per subset."""

    #: Rows estimate, q, i2, tau2.
    numbers: FloatArray
    #: Rows k, status.
    counts: IntArray
    #: Bits of the studies, 64 to a word, a row per subset.
    bits: NDArray[np.uint64]


class Trims(NamedTuple):
    """Trim and fill, one column per meta-analysis."""

    #: Rows se_k0, p_value.
    numbers: FloatArray
    #: Rows k0, iterations, status.
    counts: IntArray
    #: Effects that fill in, one per study; NaN for most.
    mirrored: FloatArray
    #: Whether they are on the right.
    right: BoolArray


class Points(NamedTuple):
    """Points of a radial plot."""

    x: FloatArray
    y: FloatArray
    included: BoolArray
    slope: float
    band: float


class Reported(NamedTuple):
    """What a printed estimate and interval imply."""

    se: float
    statistic: float
    p_value: float
    p_low: float
    p_high: float
    estimate_consistent: bool
    p_consistent: bool


class SubgroupDifference(NamedTuple):
    """The test between subgroups."""

    q: float
    df: int
    p_value: float
    i2: float

"""Every named choice of the public interface, as a Literal, and the codes of the core."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from functools import lru_cache
from typing import Literal, TypeAlias, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
CodeArray: TypeAlias = NDArray[np.uint8]
BoolArray: TypeAlias = NDArray[np.bool_]

#: ``float`` for one meta-analysis, ``FloatArray`` (one number per meta-analysis) for a batch.
T = TypeVar("T", float, FloatArray)

Measure = Literal["RR", "OR", "RD", "AS", "PETO", "MD", "SMD", "ROM", "GEN"]
CommonMethod = Literal["MH", "IV", "Peto"]
RandomMethod = Literal[
    "DL",
    "DL2",
    "HE",
    "HE2",
    "HS",
    "HSk",
    "SJ",
    "PM",
    "PMM",
    "ML",
    "REML",
    "EB",
    "IVhet",
    "preset",
]
Method = Literal[
    "MH",
    "IV",
    "Peto",
    "DL",
    "DL2",
    "HE",
    "HE2",
    "HS",
    "HSk",
    "SJ",
    "PM",
    "PMM",
    "ML",
    "REML",
    "EB",
    "IVhet",
    "preset",
    "auto",
]
Interval = Literal[
    "wald", "t", "hk", "hk-adhoc", "hk-zovert", "hk-ci", "hk-iqwig6", "kr", "sj", "pl"
]
HeterogeneityMethod = Literal["qp", "pl", "ht"]
Prediction = Literal["none", "z", "v", "hts", "hk", "hk-pr", "kr", "kr-pr", "same-as-ci"]
Model = Literal["common", "random"]
ModelRule = Literal["auto", "common", "random"]
AutoBy = Literal["outcome", "subgroup"]
Totals = Literal["all", "subgroups", "none"]
Missing = Literal["raise", "exclude"]
#: Tests that are a line through a radial plot.
RadialTest = Literal["harbord", "egger"]
#: Tests that are a weighted line of the effects on a covariate.
LineTest = Literal[
    "peters", "macaskill", "macaskill-iv", "deeks", "pustejovsky-rodgers", "thompson-sharp", "peese"
]
SmallStudyMethod = Literal[
    "harbord",
    "egger",
    "begg",
    "peters",
    "macaskill",
    "macaskill-iv",
    "deeks",
    "pustejovsky-rodgers",
    "thompson-sharp",
    "peese",
]
RankP = Literal["exact", "normal", "corrected"]
ResidualTau2 = Literal["common", "DL", "REML"]
TestDistribution = Literal["z", "t"]
TrimEstimator = Literal["L0", "R0", "Q0"]
Side = Literal["left", "right"]
Part = Literal["leave-one-out", "cumulative"]
PooledStatistic = Literal["estimate", "tau2", "i2", "h2", "q", "pi_low", "pi_high"]
Statistic = Literal[
    "estimate",
    "tau2",
    "i2",
    "h2",
    "q",
    "pi_low",
    "pi_high",
    "harbord",
    "egger",
    "subgroup_difference",
]
Scheme = Literal["studies", "within", "parametric", "wild"]
BootstrapInterval = Literal["percentile", "basic", "normal", "BCa"]
Degenerate = Literal["drop", "worst"]
PermutedStatistic = Literal["estimate", "subgroup_difference", "harbord", "egger"]
PermutationScheme = Literal["sign-flip", "labels", "freedman-lane"]
Alternative = Literal["two-sided", "greater", "less"]
Score = Literal["or", "rr", "rr-meta", "or-cochran"]

CorrectWhen = Literal["only0", "if0all", "all", "none"]
CorrectKind = Literal["constant", "treatment-arm", "empirical"]
RdCorrection = Literal["variance", "weights", "both", "none"]
RrCorrection = Literal["all-cells", "events"]
PetoCorrection = Literal["none", "both"]
DoubleZero = Literal["drop", "keep"]
AllEvents = Literal["keep", "keep-rr", "drop", "unit"]
MhRdVariance = Literal["greenland-robins", "sato"]
QCentre = Literal["mh", "iv"]
I2Definition = Literal["q", "tau2", "q-for-dl"]
SmdBias = Literal["approx", "exact"]
SmdVariance = Literal["revman", "ls", "ub", "ls2"]
ZeroSd = Literal["drop", "keep"]


class Status(IntEnum):
    """What became of one meta-analysis or test; docs/status.md says which fields each defines."""

    OK = 0
    #: One study: it is its own pooled estimate; Q, I2 and tau2 are 0.
    ONE_STUDY = 1
    #: No study, or no information in any of them: every statistic is NaN.
    NOT_ESTIMABLE = 2
    #: A regression test with fewer than three usable studies.
    TOO_FEW_STUDIES = 3
    #: A regression test whose studies all have the same precision: the line is undefined. Pooling:
    #: an interval from the spread of effects that are all equal.
    ZERO_SPREAD = 4
    #: A regression test whose studies lie exactly on a line: no standard error, no t.
    PERFECT_LINE = 5
    #: The pooled effect exists, Q does not: no study effect about it, or beyond floating point.
    Q_UNDEFINED = 6
    #: An interval of tau2 that no tau2 is in: its limits are 0.
    NULL_SET = 7
    #: A BCa interval that does not exist: the statistic is the same without any one study, or lies
    #: beyond all resamples. The rest of the bootstrap is defined.
    BCA_UNDEFINED = 8
    #: Trim and fill: the number of missing studies did not settle.
    NOT_CONVERGED = 9


class NoteCode(IntFlag):
    """What a reader of a result should know; in a batch, flags of a set."""

    WALD_FEW_STUDIES = 1
    HK_NARROW = 2
    HK_TWO_STUDIES = 4
    PREDICTION_FEW_STUDIES = 8
    AUTO_MODEL = 16
    PETO_LARGE_EFFECT = 32
    PETO_UNBALANCED = 64
    MANY_ZERO_CELLS = 128
    PREDICTION_NARROW = 256
    #: The core does not see labels.
    SAME_LABEL = 512
    #: Of a bootstrap, as the next.
    BOOTSTRAP_FEW_STUDIES = 1024
    FEW_RESAMPLES = 2048
    DEGENERATE_RESAMPLES = 4096
    #: Of a permutation test, or a wild bootstrap.
    P_MIN_ABOVE_5_PERCENT = 8192
    #: Of a bootstrap.
    BOOTSTRAP_HETEROGENEITY = 16384
    BOOTSTRAP_OF_NO_BIAS = 32768
    #: Of a small-study test, or trim and fill.
    SMALL_STUDY_FEW_STUDIES = 65536
    FAIL_SAFE_N_OBSOLETE = 131072


@lru_cache
def choices(literal: object) -> tuple[str, ...]:
    """The values a Literal allows, in order."""
    return get_args(literal)

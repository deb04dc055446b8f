"""Frozen results. They hold numbers that the core computed and never compute themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, cast

import numpy as np
from numpy.typing import NDArray

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._conventions import Conventions
from metapool._studies import Studies
from metapool._types import BoolArray, FloatArray, IntArray, Status, T


@dataclass(frozen=True, eq=False)
class Display(Generic[T]):
    """An estimate and its interval on the natural scale: ratios un-logged, the rest as they are."""

    estimate: T
    ci_low: T
    ci_high: T


@dataclass(frozen=True, eq=False)
class EffectSizes:
    """Effect of each study, in the order in which the studies were given.

    Attributes
    ----------
    study : tuple of str
    y, v, se, ci_low, ci_high : float64 array, one element per study
        Effect, variance, standard error and Wald interval on the analysis scale (log for RR, OR,
        PETO, ROM); NaN where ``included`` is False.
    included : bool array
    reason : tuple of str or None
        Why a study is not included; None where it is.
    measure : str
    level : float
        Confidence level of the intervals.
    is_ratio : bool
        The analysis scale is a log scale.
    display : Display
        ``y`` and the interval on the natural scale.
    """

    study: tuple[str, ...]
    y: FloatArray
    v: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    included: BoolArray
    reason: tuple[str | None, ...]
    measure: str
    level: float
    is_ratio: bool
    display: Display[FloatArray]

    def __len__(self) -> int:
        return len(self.study)

    def to_dict(self) -> dict[str, Any]:
        """One list per column, one element per study."""
        names = ("y", "v", "se", "ci_low", "ci_high", "included")
        columns = {name: _plain(getattr(self, name)) for name in names}
        return {"study": list(self.study), **columns, "reason": list(self.reason)}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per study."""
        return _frames.frame(self.to_dict(), backend)


@dataclass(frozen=True, eq=False)
class Pooled(Generic[T]):
    """A pooled effect, or one for each meta-analysis of a batch.

    Every field is a number for one meta-analysis and an array, one element per meta-analysis, for
    a batch. ``estimate``, ``se``, ``ci_low`` and ``ci_high`` are on the analysis scale (log for
    RR, OR, PETO, ROM); ``display`` has the natural scale. What a degenerate analysis leaves
    undefined is NaN, and ``status`` says why.

    Attributes
    ----------
    estimate, se, ci_low, ci_high : float
    statistic, p_value : float
        z and its two-sided P.
    q, q_df, q_p : float, int, float
        Cochran's Q, its degrees of freedom and P.
    i2 : float
        I2 in percent.
    tau2 : float
        Between-study variance; 0 for common-effect methods.
    k : int
        Studies that contribute.
    status : Status
    model : {"common", "random"}
        Which model the numbers belong to; decided by the data for ``method="auto"``.
    key : tuple or None
        The keys of ``by=``, one per meta-analysis.
    """

    estimate: T
    se: T
    ci_low: T
    ci_high: T
    statistic: T
    p_value: T
    q: T
    q_df: int | IntArray
    q_p: T
    i2: T
    tau2: T
    k: int | IntArray
    status: Status | IntArray
    model: t.Model | NDArray[np.str_]
    measure: str
    method: t.Method
    interval: t.Interval
    level: float
    conventions: Conventions = field(repr=False)
    key: tuple[Any, ...] | None
    _studies: Studies[T] = field(repr=False)
    _plan: _bridge.Plan = field(repr=False)

    @cached_property
    def _details(self) -> _bridge.Details:
        return _bridge.details(self._plan, self._studies.columns, self._studies.offsets)

    @cached_property
    def weights(self) -> FloatArray:
        """Weight of each study in its meta-analysis, in percent, 0 if it does not contribute.

        In the order in which the studies were given; Mantel-Haenszel weights for MH, as RevMan
        prints them.
        """
        return self._studies.in_row_order(self._details.weights)

    @cached_property
    def h2(self) -> T:
        """H2: Q/df, or 1 + tau2 over the typical variance if ``i2`` is from tau2."""
        return self._studies.scalar_or_batch(self._details.h2)

    @cached_property
    def display(self) -> Display[T]:
        """Estimate and interval on the natural scale."""
        scale = self._studies.natural
        return Display(
            scale(self.measure, self.estimate),
            scale(self.measure, self.ci_low),
            scale(self.measure, self.ci_high),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers (lists for a batch) that JSON can hold; NaN becomes None."""
        return {name: _plain(getattr(self, name)) for name in _POOLED_COLUMNS}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        keys: dict[str, Any] = {"key": list(self.key)} if self.key is not None else {}
        return _frames.frame({**keys, **_columns(self, _POOLED_COLUMNS)}, backend)


_POOLED_COLUMNS = (
    "estimate", "se", "ci_low", "ci_high", "statistic", "p_value",
    "q", "q_df", "q_p", "i2", "tau2", "k", "status", "model",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Radial:
    """Points and lines of a Galbraith (radial) plot.

    Attributes
    ----------
    x, y : float64 array, one element per included study
        1/se and effect/se; for Harbord's test sqrt(V) and score/sqrt(V).
    study : tuple of str
    slope : float
        The pooled effect: slope of the line through the origin.
    band : float
        Half-width of the band about that line that holds 95 % of homogeneous studies: 2.
    """

    x: FloatArray
    y: FloatArray
    study: tuple[str, ...]
    slope: float
    band: float


@dataclass(frozen=True, eq=False)
class SmallStudyTest(Generic[T]):
    """A regression test for small-study effects.

    Attributes
    ----------
    bias, se : float
        The bias coefficient (intercept of the radial regression) and its standard error.
    statistic, df, p_value : float, int, float
        t = bias/se, its degrees of freedom k - 2 and two-sided P.
    slope : float
        The other coefficient: the effect that the line gives an infinitely precise study.
    k : int
        Studies that contribute.
    status : Status
    method : {"harbord", "egger"}
    measure : str
        The measure of the effect, or of the score.
    """

    bias: T
    se: T
    statistic: T
    df: int | IntArray
    p_value: T
    slope: T
    k: int | IntArray
    status: Status | IntArray
    method: t.SmallStudyMethod
    measure: str
    key: tuple[Any, ...] | None
    _studies: Studies[T] = field(repr=False)
    _plan: _bridge.SmallStudyPlan = field(repr=False)

    @cached_property
    def radial(self) -> Radial:
        """The points of the test's Galbraith plot (one meta-analysis only)."""
        self._studies.require_one("a Galbraith plot")
        studies = self._studies
        points = _bridge.small_study_points(self._plan, studies.columns, studies.offsets)
        return _radial(points, studies)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers (lists for a batch) that JSON can hold; NaN becomes None."""
        return {name: _plain(getattr(self, name)) for name in _SMALL_STUDY_COLUMNS}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        keys: dict[str, Any] = {"key": list(self.key)} if self.key is not None else {}
        return _frames.frame({**keys, **_columns(self, _SMALL_STUDY_COLUMNS)}, backend)


_SMALL_STUDY_COLUMNS = ("bias", "se", "statistic", "df", "p_value", "slope", "k", "status")


@dataclass(frozen=True)
class SubgroupTest:
    """Test for differences between subgroups.

    Attributes
    ----------
    q, df, p_value : float, int, float
        Dispersion of the subgroup estimates, groups with an estimate less 1, and P.
    i2 : float
        Share of that dispersion beyond chance, percent.
    """

    q: float
    df: int
    p_value: float
    i2: float


@dataclass(frozen=True)
class ReportedCheck:
    """Whether a printed estimate, interval and P fit together, rounding considered.

    Attributes
    ----------
    se, statistic, p_value : float
        What the printed estimate and interval imply (log scale for ratios).
    p_low, p_high : float
        The P values that some unrounded estimate and interval behind the printed ones can give.
    estimate_consistent : bool
        The estimate can be the centre of the interval.
    p_consistent : bool
        The printed P lies between ``p_low`` and ``p_high``; True if none was printed.
    """

    se: float
    statistic: float
    p_value: float
    p_low: float
    p_high: float
    estimate_consistent: bool
    p_consistent: bool

    @property
    def consistent(self) -> bool:
        """Estimate, interval and P fit together."""
        return self.estimate_consistent and self.p_consistent


@dataclass(frozen=True, eq=False)
class Total:
    """The pooled effects of one set of studies under both models, and which one was chosen."""

    common: Pooled[float]
    random: Pooled[float]
    model: t.Model
    model_reason: str

    @property
    def pooled(self) -> Pooled[float]:
        """The chosen one."""
        return self.common if self.model == "common" else self.random


@dataclass(frozen=True, eq=False)
class MetaAnalysis:
    """One meta-analysis: study effects, both models, the chosen one, subgroups.

    Attributes
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        The data, in the order given.
    effects : EffectSizes
        Study effects with intervals at ``study_level``.
    weights : float64 array
        Percent, one per study: in the overall total, or in its own subgroup if there is none.
    common, random, pooled : Pooled
        Both models, and the one of ``model``. AttributeError if ``totals`` is not "all".
    model : {"common", "random"}
    model_reason : str
        Why that model, with the numbers that decided.
    subgroups : mapping of str to MetaAnalysis
        In order of first appearance; empty without subgroups.
    subgroup_test : SubgroupTest or None
        Test between subgroups (METHODS F10); None unless two subgroups have an estimate.
    """

    studies: Studies[float] = field(repr=False)
    effects: EffectSizes = field(repr=False)
    weights: FloatArray = field(repr=False)
    measure: str
    totals: t.Totals
    level: float
    study_level: float
    conventions: Conventions = field(repr=False)
    subgroups: Mapping[str, MetaAnalysis] = field(
        repr=False, default_factory=lambda: MappingProxyType({})
    )
    subgroup_test: SubgroupTest | None = None
    _total: Total | None = field(repr=False, default=None)

    @property
    def total(self) -> Total:
        """Both pooled models and the choice between them."""
        if self._total is None:
            raise AttributeError(
                f"totals={self.totals!r}: this meta-analysis has no overall total"
                + ("; each subgroup has its own in .subgroups" if self.subgroups else "")
            )
        return self._total

    @property
    def has_total(self) -> bool:
        """Whether there is an overall total."""
        return self._total is not None

    @property
    def common(self) -> Pooled[float]:
        return self.total.common

    @property
    def random(self) -> Pooled[float]:
        return self.total.random

    @property
    def pooled(self) -> Pooled[float]:
        return self.total.pooled

    @property
    def model(self) -> t.Model:
        return self.total.model

    @property
    def model_reason(self) -> str:
        return self.total.model_reason

    @cached_property
    def radial(self) -> Radial:
        """The points of the Galbraith plot of the study effects."""
        points = _bridge.radial(self.effects.y, self.effects.v)
        return _radial(points, self.studies)

    def summary(self) -> str:
        """The meta-analysis as text: studies, both models, heterogeneity, subgroups."""
        from metapool.report import summary  # a report reads results; results do not need reports

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists that JSON can hold; NaN becomes None."""
        total: dict[str, Any] = {}
        if self._total is not None:
            total = {
                "model": self.model,
                "model_reason": self.model_reason,
                "common": {"method": self.common.method, **self.common.to_dict()},
                "random": {"method": self.random.method, **self.random.to_dict()},
            }
        test = self.subgroup_test
        return {
            "measure": self.measure,
            "level": self.level,
            "study_level": self.study_level,
            "totals": self.totals,
            "studies": {**self.effects.to_dict(), "weight": _plain(self.weights)},
            **total,
            "subgroups": {name: ma.to_dict() for name, ma in self.subgroups.items()},
            "subgroup_test": None if test is None else vars(test).copy(),
        }

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per study, with weights."""
        return _frames.frame({**self.effects.to_dict(), "weight": _plain(self.weights)}, backend)


def _radial(points: _bridge.Points, studies: Studies[Any]) -> Radial:
    study = tuple(name for name, keep in zip(studies.study, points.included, strict=True) if keep)
    return Radial(points.x, points.y, study, points.slope, points.band)


def _plain(value: Any) -> Any:
    """A number, string or array as JSON can hold it."""
    if isinstance(value, np.ndarray):
        return [_plain(x) for x in value.tolist()]
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Status):
        return value.name
    if isinstance(value, float) and value != value:
        return None
    return value


def _columns(result: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    """One list per name, of length 1 for a single meta-analysis."""
    values = {name: getattr(result, name) for name in names}
    status = np.atleast_1d(cast(Any, values["status"]))
    values["status"] = [Status(int(code)).name for code in status]
    return {
        name: list(v) if isinstance(v, (tuple, list)) else np.atleast_1d(v).tolist()
        for name, v in values.items()
    }

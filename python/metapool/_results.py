"""Frozen results. They hold numbers that the core computed and never compute themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, cast

import numpy as np
from numpy.typing import NDArray

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._conventions import Conventions
from metapool._frames import Exported, plain
from metapool._studies import Studies
from metapool._types import BoolArray, CodeArray, FloatArray, IntArray, Status, T


@dataclass(frozen=True, eq=False)
class Display(Generic[T]):
    """An estimate and its interval on the natural scale: ratios un-logged, the rest as they are."""

    estimate: T
    ci_low: T
    ci_high: T


@dataclass(frozen=True, eq=False)
class PooledDisplay(Display[T]):
    """With the limits of the prediction interval; NaN without one."""

    pi_low: T
    pi_high: T


@dataclass(frozen=True, eq=False, repr=False)
class EffectSizes(Exported):
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
    key : dict of list
        In a batch, what tells a study's meta-analysis: the columns of ``by=``, or ``analysis``
        numbers; otherwise empty.
    """

    y: FloatArray
    v: FloatArray
    se: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    included: BoolArray
    measure: str
    level: float
    _studies: Studies[Any]
    _exclusion: CodeArray

    @cached_property
    def study(self) -> tuple[str, ...]:
        return self._studies.study

    @cached_property
    def reason(self) -> tuple[str | None, ...]:
        return tuple(_bridge.EXCLUSIONS[code] for code in self._exclusion.tolist())

    @property
    def is_ratio(self) -> bool:
        return self._studies.is_ratio(self.measure)

    @cached_property
    def display(self) -> Display[FloatArray]:
        scale = self._studies.natural
        return Display(*(scale(self.measure, x) for x in (self.y, self.ci_low, self.ci_high)))

    @cached_property
    def key(self) -> dict[str, list[Any]]:
        return self._studies.keys_of_studies()

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        left_out = len(self) - int(self.included.sum())
        return f"<EffectSizes: {self.measure} of {len(self)} studies, {left_out} not included>"

    def to_dict(self) -> dict[str, Any]:
        """One list per column, one element per study; NaN becomes None.

        In a batch, the keys of ``by=`` or the number of the meta-analysis come first.
        """
        names = ("y", "v", "se", "ci_low", "ci_high", "included")
        columns = {name: plain(getattr(self, name)) for name in names}
        own = {"study": list(self.study), **columns, "reason": list(self.reason)}
        return _frames.beside(self.key, own)


@dataclass(frozen=True, eq=False, repr=False)
class Pooled(Exported, Generic[T]):
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
    measure: str
    method: t.Method
    _studies: Studies[T]
    _plan: _bridge.Plan
    _random: BoolArray

    @property
    def interval(self) -> t.Interval:
        return self._plan.interval

    @property
    def prediction(self) -> t.Prediction:
        return self._plan.prediction

    @property
    def level(self) -> float:
        return self._plan.level

    @property
    def conventions(self) -> Conventions:
        return self._plan.conventions

    @property
    def key(self) -> tuple[Any, ...] | None:
        return self._studies.key

    @cached_property
    def model(self) -> t.Model | NDArray[np.str_]:
        """Which model the numbers belong to."""
        return self._studies.model_or_batch(self._random)

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

    def _detail(self, name: str) -> Any:
        (found,) = self._studies.numbers(getattr(self._details, name)[np.newaxis])
        return found

    @cached_property
    def h2(self) -> T:
        """H2: Q/df, or 1 + tau2 over the typical variance if ``i2`` is from tau2."""
        return cast(T, self._detail("h2"))

    @cached_property
    def df(self) -> T:
        """Degrees of freedom of the interval's t distribution; infinite for the normal one."""
        return cast(T, self._detail("df"))

    @cached_property
    def tau2_se(self) -> T:
        """Standard error of tau2 (Viechtbauer 2005); NaN where there is none: one study, a
        common-effect method, a two-step estimator."""
        return cast(T, self._detail("tau2_se"))

    @cached_property
    def pi_low(self) -> T:
        """Lower limit of the prediction interval, analysis scale; NaN without one."""
        return self._prediction_limit("pi_low")

    @cached_property
    def pi_high(self) -> T:
        """Upper limit of the prediction interval, analysis scale; NaN without one."""
        return self._prediction_limit("pi_high")

    def _prediction_limit(self, name: str) -> T:
        if self.prediction != "none":
            return cast(T, self._detail(name))
        (nothing,) = self._studies.numbers(np.full((1, self._studies.n_analyses), np.nan))
        return cast(T, nothing)

    @cached_property
    def iterations(self) -> int | IntArray:
        """Steps that the estimator of tau2 took; 0 for a closed form."""
        return cast("int | IntArray", self._detail("iterations"))

    @cached_property
    def display(self) -> PooledDisplay[T]:
        """Estimate, confidence and prediction interval on the natural scale."""
        names = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
        return PooledDisplay(
            *(self._studies.natural(self.measure, getattr(self, name)) for name in names)
        )

    def __repr__(self) -> str:
        what = f"{self.measure}, {self.method}"
        if self._studies.is_batch:
            return f"<Pooled: {what}, {self._studies.n_analyses} meta-analyses>"
        return (
            f"<Pooled: {what} ({self.model}), estimate {self.estimate:.4g} "
            f"[{self.ci_low:.4g}, {self.ci_high:.4g}], k {self.k}, I2 {self.i2:.1f} %, "
            f"tau2 {self.tau2:.4g}, {Status(int(self.status)).name}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN becomes None.

        Estimates are on the analysis scale, those of ``display`` on the natural scale.
        """
        return {
            "measure": self.measure,
            "method": self.method,
            "interval": self.interval,
            "prediction": self.prediction,
            "level": self.level,
            "log_scale": self._studies.is_ratio(self.measure),
            **_frames.beside(self._studies.keys(), self._columns()),
            "display": {name: plain(value) for name, value in vars(self.display).items()},
        }

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in _POOLED_COLUMNS}
        return {**own, "status": status_name(self.status)}


_POOLED_COLUMNS = (
    "estimate", "se", "ci_low", "ci_high", "statistic", "p_value",
    "q", "q_df", "q_p", "i2", "tau2", "tau2_se", "pi_low", "pi_high", "k", "status", "model",
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


@dataclass(frozen=True, eq=False, repr=False)
class SmallStudyTest(Exported, Generic[T]):
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
    _studies: Studies[T]
    _plan: _bridge.SmallStudyPlan

    @property
    def key(self) -> tuple[Any, ...] | None:
        return self._studies.key

    @cached_property
    def radial(self) -> Radial:
        """The points of the test's Galbraith plot (one meta-analysis only)."""
        self._studies.require_one("a Galbraith plot")
        studies = self._studies
        points = _bridge.small_study_points(self._plan, studies.columns, studies.offsets)
        return radial(points, studies)

    def __repr__(self) -> str:
        what = f"{self.method}, {self.measure}"
        if self._studies.is_batch:
            return f"<SmallStudyTest: {what}, {self._studies.n_analyses} meta-analyses>"
        return (
            f"<SmallStudyTest: {what}, bias {self.bias:.4g}, t {self.statistic:.4g}, df {self.df}, "
            f"P {self.p_value:.4g}, k {self.k}, {Status(int(self.status)).name}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN becomes None."""
        columns = _frames.beside(self._studies.keys(), self._columns())
        return {"method": self.method, "measure": self.measure, **columns}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in _SMALL_STUDY_COLUMNS}
        return {**own, "status": status_name(self.status)}


_SMALL_STUDY_COLUMNS = ("bias", "se", "statistic", "df", "p_value", "slope", "k", "status")


@dataclass(frozen=True)
class ReportedCheck(Exported):
    """Whether a printed estimate, interval and P fit together, rounding considered.

    Attributes
    ----------
    se, statistic, p_value : float
        What the printed estimate and interval imply (log scale for ratios).
    p_low, p_high : float
        The range of P over the unrounded limits behind the printed ones whose middle rounds to the
        printed estimate; over all such limits where the estimate fits none.
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

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN becomes None."""
        own = {name: plain(value) for name, value in vars(self).items()}
        return {**own, "consistent": self.consistent}


def radial(points: _bridge.Points, studies: Studies[Any]) -> Radial:
    study = tuple(name for name, keep in zip(studies.study, points.included, strict=True) if keep)
    return Radial(points.x, points.y, study, points.slope, points.band)


def as_status(code: Any) -> Status | IntArray:
    """The status of one meta-analysis, or the codes of a batch."""
    return code if isinstance(code, np.ndarray) else Status(code)


def status_name(status: Status | IntArray) -> str | list[str]:
    """The name of a status, or of each in a batch."""
    if isinstance(status, np.ndarray):
        return [Status(code).name for code in status.tolist()]
    return status.name

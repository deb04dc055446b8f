"""Frozen results. They hold numbers that the core computed and never compute themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, cast

import numpy as np
from numpy.typing import NDArray

from metapool import _bridge, _core_results, _frames
from metapool import _types as t
from metapool._conventions import Conventions
from metapool._errors import check_level, choose
from metapool._frames import Exported, plain
from metapool._heterogeneity_interval import HeterogeneityInterval, heterogeneity_interval
from metapool._notes import Note, notes, plain_notes
from metapool._statuses import status_name
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
        """One list per column, one element per study; NaN and infinity become None.

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
        estimate/se and its two-sided P, of the normal distribution or of t with ``df`` degrees of
        freedom; for ``interval="pl"`` the signed root of the likelihood ratio.
    q, q_df, q_p : float, int, float
        Cochran's Q, its degrees of freedom and P.
    i2 : float
        I2 in percent.
    tau2 : float
        Between-study variance; 0 for common-effect methods, as given for "preset".
    k : int
        Studies that contribute.
    status : Status
    model : {"common", "random"}
        Which model the numbers belong to; decided by the data for ``method="auto"``.
    key : tuple or None
        The keys of ``by=``, one per meta-analysis.
    measure, method, interval, prediction, level, conventions
        What was asked for. Of "auto", interval and prediction are those of random effects; one
        study has a Wald interval whatever was asked.
    df, h2, tau2_se, iterations, pi_low, pi_high, weights, display, notes
        Computed when they are first asked for.
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

    @property
    def is_batch(self) -> bool:
        """Whether fields are arrays."""
        return self._studies.is_batch

    @property
    def is_ratio(self) -> bool:
        """Whether the analysis scale is a log scale."""
        return self._studies.is_ratio(self.measure)

    @cached_property
    def model(self) -> t.Model | NDArray[np.str_]:
        """Which model the numbers belong to."""
        return self._studies.model_or_batch(self._random)

    @cached_property
    def _details(self) -> _core_results.Details:
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
    def notes(self) -> tuple[Note, ...] | IntArray:
        """What to know of this result; in a batch, the sum of the ``NoteCode`` of each."""
        flags = self._details.notes | self._studies.flags_of_labels()
        return flags if self._studies.is_batch else notes(flags.tolist())

    def heterogeneity_interval(
        self,
        method: t.HeterogeneityMethod = "qp",
        level: float | None = None,
        threads: int | None = None,
    ) -> HeterogeneityInterval[T]:
        """Confidence intervals of tau2, tau, I2 and H2.

        Parameters
        ----------
        method : {"qp", "pl", "ht"}
            "qp": Q-profile (Viechtbauer 2007), from the study effects alone. "pl": profile
            likelihood (Hardy & Thompson 1996), of methods ML and REML. "ht": test-based, from Q
            alone (Higgins & Thompson 2002).
        level : float, optional
            Confidence level; by default the interval's.
        threads : int, optional
            As for :func:`pool`.

        Raises
        ------
        InputError
            For "pl" with another method than ML or REML.

        Examples
        --------
        >>> import metapool as mp
        >>> fit = mp.pool(mp.examples.bcg(), "RR", "REML", mp.METAFOR)
        >>> found = fit.heterogeneity_interval()
        >>> f"tau2 {fit.tau2:.4f} [{found.tau2_low:.4f}, {found.tau2_high:.4f}]"
        'tau2 0.3132 [0.1197, 1.1115]'
        """
        chosen = choose("method", method, t.HeterogeneityMethod)
        level = self.level if level is None else check_level("level", level)
        return heterogeneity_interval(self._plan, self._studies, chosen, level, threads)

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
        """Everything that JSON can hold; NaN and infinity, as of ``df``, become None.

        Estimates are on the analysis scale, those of ``display`` on the natural scale.
        """
        return {
            "measure": self.measure,
            "method": self.method,
            "interval": self.interval,
            "prediction": self.prediction,
            "level": self.level,
            "log_scale": self.is_ratio,
            **_frames.beside(self._studies.keys(), self._columns()),
            "notes": plain_notes(self.notes),
            "display": {name: plain(value) for name, value in vars(self.display).items()},
        }

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in _POOLED_COLUMNS}
        return {**own, "status": status_name(self.status)}


_POOLED_COLUMNS = (
    "estimate", "se", "ci_low", "ci_high", "statistic", "df", "p_value", "q", "q_df", "q_p", "i2",
    "h2", "tau2", "tau2_se", "iterations", "pi_low", "pi_high", "k", "status", "model",
)  # fmt: skip

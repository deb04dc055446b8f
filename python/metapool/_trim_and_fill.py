"""Trim and fill."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._conventions import REVMAN5, Conventions
from metapool._effect_sizes import effect_sizes
from metapool._effects import Effects
from metapool._errors import InputError, choose
from metapool._frames import Exported, plain
from metapool._funnel import Funnel, funnel
from metapool._given import as_given, with_mirrors
from metapool._notes import Note, notes, plain_notes
from metapool._pooling import pool
from metapool._results import EffectSizes, Pooled
from metapool._small_study_result import FEW_STUDIES
from metapool._statuses import as_status, status_name
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import BoolArray, FloatArray, IntArray, NoteCode, Status, T


@dataclass(frozen=True, eq=False, repr=False)
class TrimAndFill(Exported, Generic[T]):
    """Missing studies, and the pooled effect with studies that fill in for them.

    Attributes
    ----------
    k0 : int
        How many are missing.
    se_k0 : float
        Standard error of their number; NaN if its variance is negative, which that of L0 and Q0 can
        be where few seem to be on the side of the surplus.
    p_value : float
        One-sided P of none missing, of estimator "R0"; else NaN.
    side : {"left", "right", ""}
        Where they are missing: where effects are small, or large; "" if that is undefined.
    iterations : int
    status : Status
        NOT_CONVERGED if k0 did not settle in 100 rounds.
    original, pooled : Pooled
        The analysis of the studies, and with those that fill in; both inverse-variance.
    y, v : float64 array
        Effects and variances of the studies, then of those that fill in; analysis scale.
    study : tuple of str
    filled : bool array
    estimator : {"L0", "R0", "Q0"}
    measure, method
        ``method`` is the model about whose mean effects are ranked and mirrored.
    notes : tuple of Note
    """

    k0: int | IntArray
    se_k0: T
    p_value: T
    side: str | NDArray[np.str_]
    iterations: int | IntArray
    status: Status | IntArray
    original: Pooled[T]
    pooled: Pooled[T]
    estimator: t.TrimEstimator
    measure: str
    filled: BoolArray
    _effects: EffectSizes
    _all: Effects[T]

    @property
    def key(self) -> tuple[Any, ...] | None:
        return self._all.key

    @property
    def method(self) -> t.Method:
        return self.pooled.method

    @property
    def y(self) -> FloatArray:
        return self._all.y

    @property
    def v(self) -> FloatArray:
        return self._all.v

    @property
    def study(self) -> tuple[str, ...]:
        return self._all.study

    @cached_property
    def notes(self) -> tuple[Note, ...] | IntArray:
        """What to know of this result."""
        few = np.atleast_1d(self.original.k) < FEW_STUDIES
        flags = few * np.int64(NoteCode.SMALL_STUDY_FEW_STUDIES)
        return flags if self._all.is_batch else notes(flags.tolist())

    @cached_property
    def funnel(self) -> Funnel:
        """The data of a funnel plot, with the studies that fill in (one meta-analysis only)."""
        self._all.require_one("a funnel plot")
        return funnel(
            self.y, np.sqrt(self.v), self.study, self.filled, float(self.pooled.estimate),
            self.measure, self._effects.is_ratio,
        )  # fmt: skip

    def __repr__(self) -> str:
        what = f"{self.measure}, {self.method}, {self.estimator}"
        if self._all.is_batch:
            return f"<TrimAndFill: {what}, {self._all.n_analyses} meta-analyses>"
        status = Status(int(self.status)).name
        if not self.side:
            return f"<TrimAndFill: {what}, {status}>"
        shown = self.pooled.display
        return (
            f"<TrimAndFill: {what}, k0 {self.k0} on the {self.side}, estimate "
            f"{shown.estimate:.4g} [{shown.ci_low:.4g}, {shown.ci_high:.4g}], {status}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        head = {"measure": self.measure, "method": self.method, "estimator": self.estimator}
        names = ("k0", "se_k0", "p_value", "iterations")
        own = {name: plain(getattr(self, name)) for name in names}
        own |= {"side": plain(self.side), "status": status_name(self.status)}
        return {
            **head,
            **_frames.beside(self._all.keys(), own),
            "pooled": self.pooled.to_dict(),
            "original": self.original.to_dict(),
            "studies": {
                "study": list(self.study),
                **{name: plain(getattr(self, name)) for name in ("y", "v", "filled")},
            },
            "notes": plain_notes(self.notes),
        }

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame, one row per study: those of the data, then those that fill in."""
        columns = {"study": list(self.study), "y": plain(self.y), "v": plain(self.v)}
        filled = {"filled": plain(self.filled)}
        return _frames.frame(_frames.beside(self._all.keys_of_studies(), columns | filled), backend)


def trim_and_fill(
    studies: Studies[T],
    measure: str | None = None,
    method: t.Method | None = None,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    level: float = 0.95,
    threads: int | None = None,
    *,
    estimator: t.TrimEstimator = "L0",
    side: t.Side | None = None,
    tau2: float | None = None,
) -> TrimAndFill[T]:
    """Estimate how many studies are missing from a funnel, and fill them in (Duval & Tweedie 2000).

    The largest effects of one side are trimmed until the rest is symmetric about its mean; then
    their mirror images fill in. A sensitivity analysis, not a correction: small-study effects have
    other causes than missing studies, and between-study heterogeneity alone can seem to call for
    studies.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    measure, conventions, interval, level, threads, tau2
        As for :func:`metapool.pool`.
    method : str, optional
        The inner model, about whose mean effects are ranked and mirrored, and which pools the
        filled studies: "IV" (default, as R's package meta) or a method of random effects, as
        metafor.
    estimator : {"L0", "R0", "Q0"}
        Of the number of missing studies.
    side : {"left", "right"}, optional
        Where studies are missing: where effects are small, or large (analysis scale). By default
        opposite to where small studies lie, by the slope of the effects on their standard errors.

    Returns
    -------
    TrimAndFill

    Raises
    ------
    InputError
        For a method that does not pool effects, such as "MH".

    Notes
    -----
    With the sum S of the ranks above the mean of the k distances from it, and the run g of the
    largest ranks there: L0 = (4S - k(k + 1))/(2k - 1), R0 = g - 1, Q0 = k - 1/2 - sqrt(2k**2 - 4S +
    1/4), rounded, until it repeats.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.trim_and_fill(mp.examples.bcg(), "RR", "DL")
    <TrimAndFill: RR, DL, L0, k0 1 on the right, estimate 0.5189 [0.3693, 0.729], OK>
    """
    as_studies(studies)
    choose("estimator", estimator, t.TrimEstimator)
    if side is not None:
        choose("side", side, t.Side)
    if method is None and tau2 is None:
        method = "IV"
    if method in ("MH", "Peto"):
        raise InputError(f"method {method!r} pools tables, not effects, which are mirrored")
    sizes = effect_sizes(studies, measure, conventions, level, threads)
    whole = as_given(studies, sizes)
    original = pool(whole, None, method, conventions, interval, level, threads, tau2=tau2)
    workers = threads_to_use(threads, studies.offsets)
    found = _bridge.trim_and_fill(
        estimator, side, original._plan, "GEN", whole.columns, whole.offsets, workers
    )
    se_k0, p_value = studies.numbers(found.numbers)
    k0, iterations, status = studies.numbers(found.counts)
    known = (found.counts[2] == Status.OK) | (found.counts[2] == Status.NOT_CONVERGED)
    sides = np.where(known, np.where(found.right, "right", "left"), "")
    everything, filled = with_mirrors(whole, sizes, found.mirrored)
    pooled = pool(everything, None, method, conventions, interval, level, threads, tau2=tau2)
    return TrimAndFill(
        k0=k0,
        se_k0=se_k0,
        p_value=p_value,
        side=sides if studies.is_batch else sides.item(),
        iterations=iterations,
        status=as_status(status),
        original=original,
        pooled=pooled,
        estimator=estimator,
        measure=sizes.measure,
        filled=filled,
        _effects=sizes,
        _all=everything,
    )

"""Fits to parts of the studies of a meta-analysis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

import numpy as np

from metapool import _bridge, _core_results, _frames
from metapool import _types as t
from metapool._columns import read_only
from metapool._format import studies_counted
from metapool._frames import Exported, plain
from metapool._pooling import pooled
from metapool._results import Display, Pooled
from metapool._statuses import status_name
from metapool._studies import Studies
from metapool._threads import threads_to_use
from metapool._types import BoolArray, FloatArray, IntArray, T


@dataclass(frozen=True, eq=False, repr=False)
class Refits(Exported, Generic[T]):
    """The same analysis of parts of the studies, a part for each study.

    Estimates and limits are on the analysis scale (log for RR, OR, PETO, ROM), those of ``display``
    on the natural scale; what a part leaves undefined is NaN, and ``status`` says why.

    Attributes
    ----------
    study : tuple of str
    estimate, se, ci_low, ci_high, statistic, p_value : float64 array, one element per study
    q, q_df, q_p, i2, tau2, k, status : array, one element per study
        As of :func:`metapool.pool`; but for estimate, se and tau2 they are computed when one of
        them is first asked for.
    overall : Pooled
        The analysis of all studies.
    display : Display
    key : dict of list
        In a batch, what tells a study's meta-analysis; otherwise empty.
    measure, method, level
    """

    estimate: FloatArray
    se: FloatArray
    tau2: FloatArray
    measure: str
    method: t.Method
    _studies: Studies[Any]
    _plan: _bridge.Plan
    _part: t.Part
    _threads: int | None

    @property
    def study(self) -> tuple[str, ...]:
        return self._studies.study

    @property
    def level(self) -> float:
        return self._plan.level

    @property
    def is_ratio(self) -> bool:
        """Whether the analysis scale is a log scale."""
        return self._studies.is_ratio(self.measure)

    @cached_property
    def overall(self) -> Pooled[T]:
        """The analysis of all studies."""
        return pooled(self._studies, self.measure, self.method, self._plan, self._threads)

    @cached_property
    def key(self) -> dict[str, list[Any]]:
        return self._studies.keys_of_studies()

    @cached_property
    def _more(self) -> tuple[FloatArray, IntArray]:
        found = fitted(self._part, self._plan, self._studies, self._threads, every=True)
        assert found.counts is not None  # asked for
        in_order = self._studies.in_row_order
        return in_order(found.numbers[3:]), in_order(found.counts)

    @property
    def ci_low(self) -> FloatArray:
        """Lower limit of each interval."""
        return read_only(self._more[0][0])

    @property
    def ci_high(self) -> FloatArray:
        """Upper limit of each interval."""
        return read_only(self._more[0][1])

    @property
    def statistic(self) -> FloatArray:
        """estimate/se, or what the interval has for it."""
        return read_only(self._more[0][2])

    @property
    def p_value(self) -> FloatArray:
        """Two-sided P of each estimate."""
        return read_only(self._more[0][3])

    @property
    def q(self) -> FloatArray:
        """Cochran's Q of each part."""
        return read_only(self._more[0][4])

    @property
    def q_p(self) -> FloatArray:
        """P of each Q."""
        return read_only(self._more[0][5])

    @property
    def i2(self) -> FloatArray:
        """I2 in percent."""
        return read_only(self._more[0][6])

    @property
    def q_df(self) -> IntArray:
        """Degrees of freedom of each Q."""
        return read_only(self._more[1][0])

    @property
    def k(self) -> IntArray:
        """Studies that contribute to each part."""
        return read_only(self._more[1][1])

    @property
    def status(self) -> IntArray:
        """Codes of :class:`Status`."""
        return read_only(self._more[1][2])

    @cached_property
    def display(self) -> Display[FloatArray]:
        """Estimates and intervals on the natural scale."""
        columns = (self.estimate, self.ci_low, self.ci_high)
        return Display(*(self._studies.natural(self.measure, column) for column in columns))

    def __len__(self) -> int:
        return len(self.estimate)

    def __repr__(self) -> str:
        what = f"{self.measure}, {self.method}, {studies_counted(len(self))}"
        if self._studies.is_batch:
            return f"<{type(self).__name__}: {what} in {self._studies.n_analyses} meta-analyses>"
        known = self.estimate[~np.isnan(self.estimate)]
        span = f"{known.min():.4g} to {known.max():.4g}" if known.size else "none"
        return f"<{type(self).__name__}: {what}, estimates {span}>"

    def to_dict(self) -> dict[str, Any]:
        """One list per column, one element per study; NaN and infinity become None."""
        own: dict[str, Any] = {"study": list(self.study)}
        own |= {name: plain(getattr(self, name)) for name in _COLUMNS}
        own["status"] = status_name(self.status)
        return _frames.beside(self.key, own)


_COLUMNS = (
    "estimate", "se", "ci_low", "ci_high", "statistic", "p_value", "q", "q_df", "q_p", "i2",
    "tau2", "k",
)  # fmt: skip


class LeaveOneOut(Refits[T]):
    """The analysis without each study: element i is without study i."""

    def changes(self) -> BoolArray:
        """Studies without which the interval changes sides of no effect.

        Whether the confidence interval excludes 0 (analysis scale) differs from that of all
        studies.
        """
        whole = self.overall
        numbers = np.diff(self._studies.offsets)
        low, high = (np.repeat(np.atleast_1d(x), numbers) for x in (whole.ci_low, whole.ci_high))
        low, high = (self._studies.in_row_order(x) for x in (low, high))
        excludes = (low > 0) | (high < 0)
        changed: BoolArray = ((self.ci_low > 0) | (self.ci_high < 0)) != excludes
        return changed


class Cumulative(Refits[T]):
    """The analysis up to each study: element i is of the studies 0 to i, in ``study``'s order."""


def fitted(
    part: t.Part, plan: _bridge.Plan, studies: Studies[Any], threads: int | None, *, every: bool
) -> _core_results.PartFits:
    """The parts, as the core returns them."""
    workers = threads_to_use(threads, studies.offsets)
    return _bridge.fit_parts(part, plan, studies.columns, studies.offsets, workers, every=every)

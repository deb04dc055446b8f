"""Results of tests for small-study effects, and points of radial plots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

import numpy as np

from metapool import _bridge, _core_results, _frames
from metapool import _types as t
from metapool._errors import InputError
from metapool._frames import Exported, plain
from metapool._notes import Note, notes, plain_notes
from metapool._statuses import status_name
from metapool._studies import Studies
from metapool._types import FloatArray, IntArray, NoteCode, Status, T


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
    """A test for small-study effects.

    Every field is a number for one meta-analysis and an array for a batch; NaN where ``status``
    says that it is undefined.

    Attributes
    ----------
    bias, se : float
        The coefficient that is tested and its standard error, on the analysis scale: intercept of
        the radial regression ("harbord", "egger"), slope of the covariate (lines), Kendall's score
        S ("begg").
    statistic, df, p_value : float, int, float
        bias/se, its degrees of freedom (k - 2; 0 for the normal distribution) and two-sided P.
    slope, slope_se : float
        The other coefficient and its standard error: the effect where the covariate is 0, for
        "egger" and "peese" that of an infinitely precise study. Of "begg" Kendall's tau-b, without
        standard error.
    dispersion : float
        Residual variance that multiplies the weights' variances; of "thompson-sharp" tau2 about the
        line.
    k : int
        Studies that contribute.
    status : Status
    method : str
    measure : str
        The measure of the effect, or of the score.
    notes : tuple of Note
        In a batch, the sum of the ``NoteCode`` of each.
    """

    bias: T
    se: T
    statistic: T
    df: int | IntArray
    p_value: T
    slope: T
    slope_se: T
    dispersion: T
    k: int | IntArray
    status: Status | IntArray
    method: t.SmallStudyMethod
    measure: str
    _studies: Studies[T]
    _plan: _bridge.SmallStudyPlan | _bridge.LinePlan | _bridge.RankPlan

    @property
    def key(self) -> tuple[Any, ...] | None:
        return self._studies.key

    @cached_property
    def radial(self) -> Radial:
        """The points of the test's Galbraith plot (one meta-analysis only)."""
        self._studies.require_one("a Galbraith plot")
        studies = self._studies
        if not isinstance(self._plan, _bridge.SmallStudyPlan):
            raise InputError(
                f"a Galbraith plot is for Harbord's and Egger's test, not for {self.method!r}"
            )
        points = _bridge.small_study_points(self._plan, studies.columns, studies.offsets)
        return radial(points, studies)

    @cached_property
    def notes(self) -> tuple[Note, ...] | IntArray:
        """What to know of this result."""
        few = np.atleast_1d(self.k) < FEW_STUDIES
        flags = few * np.int64(NoteCode.SMALL_STUDY_FEW_STUDIES)
        return flags if self._studies.is_batch else notes(flags.tolist())

    def __repr__(self) -> str:
        what = f"{self.method}, {self.measure}"
        if self._studies.is_batch:
            return f"<SmallStudyTest: {what}, {self._studies.n_analyses} meta-analyses>"
        return (
            f"<SmallStudyTest: {what}, bias {self.bias:.4g}, {self._test} "
            f"P {self.p_value:.4g}, k {self.k}, {Status(int(self.status)).name}>"
        )

    @property
    def _test(self) -> str:
        if self.df == 0 and self.statistic == self.statistic:
            return f"z {self.statistic:.4g},"
        return f"t {self.statistic:.4g}, df {self.df},"

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        columns = _frames.beside(self._studies.keys(), self._columns())
        head = {"method": self.method, "measure": self.measure}
        return {**head, **columns, "notes": plain_notes(self.notes)}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in _SMALL_STUDY_COLUMNS}
        return {**own, "status": status_name(self.status)}


_SMALL_STUDY_COLUMNS = (
    "bias", "se", "statistic", "df", "p_value", "slope", "slope_se", "dispersion", "k", "status",
)  # fmt: skip
#: Fewer cannot tell small-study effects from chance (Sterne et al. 2011).
FEW_STUDIES = 10


def radial(points: _core_results.Points, studies: Studies[Any]) -> Radial:
    study = tuple(name for name, keep in zip(studies.study, points.included, strict=True) if keep)
    return Radial(points.x, points.y, study, points.slope, points.band)

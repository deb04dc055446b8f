"""Results of tests for small-study effects, and points of radial plots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

from metapool import _bridge, _core_results, _frames
from metapool import _types as t
from metapool._frames import Exported, plain
from metapool._statuses import status_name
from metapool._studies import Studies
from metapool._types import FloatArray, IntArray, Status, T


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
        """Everything that JSON can hold; NaN and infinity become None."""
        columns = _frames.beside(self._studies.keys(), self._columns())
        return {"method": self.method, "measure": self.measure, **columns}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in _SMALL_STUDY_COLUMNS}
        return {**own, "status": status_name(self.status)}


_SMALL_STUDY_COLUMNS = ("bias", "se", "statistic", "df", "p_value", "slope", "k", "status")


def radial(points: _core_results.Points, studies: Studies[Any]) -> Radial:
    study = tuple(name for name, keep in zip(studies.study, points.included, strict=True) if keep)
    return Radial(points.x, points.y, study, points.slope, points.band)

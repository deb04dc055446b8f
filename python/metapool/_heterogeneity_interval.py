"""Intervals of tau2, tau, I2 and H2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._frames import Exported, plain
from metapool._statuses import as_status, status_name
from metapool._studies import Studies
from metapool._threads import threads_to_use
from metapool._types import IntArray, Status, T


@dataclass(frozen=True, eq=False, repr=False)
class HeterogeneityInterval(Exported, Generic[T]):
    """Confidence intervals of the heterogeneity, of one meta-analysis or of each of a batch.

    Attributes
    ----------
    tau2_low, tau2_high, tau_low, tau_high : float
        Limits of tau2 (squared units of the analysis scale) and of its root.
    i2_low, i2_high : float
        Limits of I2 in percent: 100 tau2/(tau2 + s2) at the limits of tau2, s2 the typical
        variance.
    h2_low, h2_high : float
        Limits of H2 = 1 + tau2/s2.
    status : Status
        NULL_SET if the effects vary so little that no tau2 is compatible with them: all limits are
        then those of tau2 = 0.
    method : {"qp", "pl", "ht"}
    level : float
    """

    tau2_low: T
    tau2_high: T
    tau_low: T
    tau_high: T
    i2_low: T
    i2_high: T
    h2_low: T
    h2_high: T
    status: Status | IntArray
    method: t.HeterogeneityMethod
    level: float
    _studies: Studies[T]

    def __repr__(self) -> str:
        if self._studies.is_batch:
            what = f"{self._studies.n_analyses} meta-analyses"
            return f"<HeterogeneityInterval: {self.method}, {what}>"
        return (
            f"<HeterogeneityInterval: {self.method}, tau2 [{self.tau2_low:.4g}, "
            f"{self.tau2_high:.4g}], I2 [{self.i2_low:.1f}, {self.i2_high:.1f}] %, "
            f"{status_name(self.status)}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        columns = _frames.beside(self._studies.keys(), self._columns())
        return {"method": self.method, "level": self.level, **columns}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        return _frames.frame(_frames.beside(self._studies.keys(), self._columns()), backend)

    def _columns(self) -> dict[str, Any]:
        own = {name: plain(getattr(self, name)) for name in _COLUMNS}
        return {**own, "status": status_name(self.status)}


_COLUMNS = (
    "tau2_low", "tau2_high", "tau_low", "tau_high", "i2_low", "i2_high", "h2_low", "h2_high",
)  # fmt: skip


def heterogeneity_interval(
    plan: _bridge.Plan,
    studies: Studies[T],
    method: t.HeterogeneityMethod,
    level: float,
    threads: int | None,
) -> HeterogeneityInterval[T]:
    """The intervals of what `plan` finds in `studies`."""
    workers = threads_to_use(threads, studies.offsets)
    found = _bridge.heterogeneity(plan, method, level, studies.columns, studies.offsets, workers)
    (status,) = studies.numbers(found.status)
    limits = dict(zip(_COLUMNS, studies.numbers(found.numbers), strict=True))
    return HeterogeneityInterval(
        **limits, status=as_status(status), method=method, level=level, _studies=studies
    )

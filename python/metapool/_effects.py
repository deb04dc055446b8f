"""Effects given with a variance, a standard error or an interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._columns import Grouping, floats
from metapool._errors import InputError, check_level
from metapool._studies import RATIOS, Labels, Studies
from metapool._types import FloatArray, T

_DIFFERENCES = ("RD", "AS", "MD", "SMD")


class Effects(Studies[T]):
    """Given effects with a variance, a standard error or an interval each.

    Parameters
    ----------
    y : array_like, one number per study
    v, se : array_like
        Variance or standard error.
    ci_low, ci_high : array_like
        Or a Wald interval, at ``ci_level``.
    ci_level : float
    measure : str, optional
        A label such as "HR". Effects labelled RR, OR, PETO, ROM, HR or IRR are log ratios.
    log : bool, optional
        True: ``y`` and the interval are printed ratios, to be taken to the log scale here; ``v``
        and ``se`` belong to the log ratio. False: they are on the analysis scale already, which
        is also the default, but for a ratio whose limits are all positive you have to say.
    study, subgroup, offsets, missing, copy
        As in :class:`TwoByTwo`.

    Examples
    --------
    Hazard ratios as papers print them:

    >>> import metapool as mp
    >>> effects = mp.Effects(
    ...     y=[0.80, 0.70], ci_low=[0.65, 0.50], ci_high=[0.98, 0.99], measure="HR", log=True
    ... )
    >>> round(mp.pool(effects).display.estimate, 2)
    0.77
    """

    names = ("y", "v")
    measures = ("GEN",)

    @overload
    def __init__(
        self: Effects[float],
        *,
        y: ArrayLike,
        v: ArrayLike | None = None,
        se: ArrayLike | None = None,
        ci_low: ArrayLike | None = None,
        ci_high: ArrayLike | None = None,
        ci_level: float = 0.95,
        measure: str | None = None,
        log: bool | None = None,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None: ...
    @overload
    def __init__(
        self: Effects[FloatArray],
        *,
        y: ArrayLike,
        v: ArrayLike | None = None,
        se: ArrayLike | None = None,
        ci_low: ArrayLike | None = None,
        ci_high: ArrayLike | None = None,
        ci_level: float = 0.95,
        measure: str | None = None,
        log: bool | None = None,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None: ...
    def __init__(
        self,
        *,
        y: ArrayLike,
        v: ArrayLike | None = None,
        se: ArrayLike | None = None,
        ci_low: ArrayLike | None = None,
        ci_high: ArrayLike | None = None,
        ci_level: float = 0.95,
        measure: str | None = None,
        log: bool | None = None,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping | None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None:
        given = {"v": v, "se": se, "ci_low": ci_low, "ci_high": ci_high}
        spread = {name: values for name, values in given.items() if values is not None}
        if tuple(spread) not in (("v",), ("se",), ("ci_low", "ci_high")):
            raise InputError("Effects needs y and one of v, se, or ci_low with ci_high")
        if log is None:
            if measure in RATIOS and _all_positive(ci_low):
                raise InputError(
                    f"measure {measure!r} with positive limits only: say log=True if effects and "
                    "limits are printed ratios, log=False if they are logs of ratios"
                )
            log = False
        if log and measure in _DIFFERENCES:
            raise InputError(f"log=True is for ratios, not for {measure}")
        self.measure = measure
        self.log = log
        self._ci_level = check_level("ci_level", ci_level)
        self._own({"y": y, **spread}, study, subgroup, offsets, missing, copy)

    @overload
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        y: str,
        v: str | None = None,
        se: str | None = None,
        ci_low: str | None = None,
        ci_high: str | None = None,
        study: str | None = None,
        subgroup: str | None = None,
        by: None = None,
        missing: t.Missing = "raise",
        ci_level: float = 0.95,
        measure: str | None = None,
        log: bool | None = None,
        copy: bool = True,
    ) -> Effects[float]: ...
    @overload
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        y: str,
        v: str | None = None,
        se: str | None = None,
        ci_low: str | None = None,
        ci_high: str | None = None,
        study: str | None = None,
        subgroup: str | None = None,
        by: str | Sequence[str],
        missing: t.Missing = "raise",
        ci_level: float = 0.95,
        measure: str | None = None,
        log: bool | None = None,
        copy: bool = True,
    ) -> Effects[FloatArray]: ...
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        y: str,
        v: str | None = None,
        se: str | None = None,
        ci_low: str | None = None,
        ci_high: str | None = None,
        study: str | None = None,
        subgroup: str | None = None,
        by: str | Sequence[str] | None = None,
        missing: t.Missing = "raise",
        ci_level: float = 0.95,
        measure: str | None = None,
        log: bool | None = None,
        copy: bool = True,
    ) -> Effects[float] | Effects[FloatArray]:
        """Build from a dict of columns or a frame of pandas, polars or pyarrow.

        Parameters
        ----------
        frame : dict or data frame
        y, v, se, ci_low, ci_high : str
            Names of the columns.
        study, subgroup : str, optional
            Names of label columns.
        by : str or sequence of str, optional
            Columns whose equal keys, wherever they stand, make one meta-analysis, in order of
            first appearance; results have the keys in ``key``. Per-study results keep the order
            of the rows.
        missing, ci_level, measure, log, copy
            As in the class.

        Raises
        ------
        InputError
            For a column that is not there, or for bad data.
        """
        columns = {
            "y": y,
            "v": v,
            "se": se,
            "ci_low": ci_low,
            "ci_high": ci_high,
            "study": study,
            "subgroup": subgroup,
        }
        found: Effects[float] | Effects[FloatArray] = cls._from_frame(
            frame,
            columns,
            by,
            missing=missing,
            ci_level=ci_level,
            measure=measure,
            log=log,
            copy=copy,
        )
        return found

    def _validated(
        self, arrays: dict[str, FloatArray], allow_missing: bool, copy: bool
    ) -> tuple[FloatArray, ...]:
        if "v" in arrays and not self.log:
            return super()._validated(arrays, allow_missing, copy)
        y, *spread = arrays.values()
        kind = "ci" if "ci_low" in arrays else next(name for name in arrays if name != "y")
        y, v = _bridge.effects(
            y, kind, spread, self._ci_level, log=self.log, allow_missing=allow_missing
        )
        return _bridge.validate([y, v], self.offsets, allow_missing=allow_missing, copy=False)

    def resolve_measure(self, measure: str | None) -> str:
        """The label given; any other is refused."""
        own = self.measure or "GEN"
        if measure not in (None, own):
            raise InputError(f"measure {measure!r}: these effects are given as {own!r}")
        return own

    def core_measure(self, measure: str) -> str:
        """Given effects, whatever their label."""
        return "GEN"

    def is_ratio(self, measure: str) -> bool:
        """Whether the effects are on a log scale."""
        return self.log or super().is_ratio(measure)

    @property
    def y(self) -> FloatArray:
        """Effects, analysis scale."""
        return self._column("y")

    @property
    def v(self) -> FloatArray:
        """Variances."""
        return self._column("v")


def _all_positive(limits: ArrayLike | None) -> bool:
    if limits is None:
        return False
    low = floats("ci_low", limits)
    return bool(np.all(low[~np.isnan(low)] > 0))

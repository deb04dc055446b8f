"""Two-by-two tables: events and totals of two arms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from numpy.typing import ArrayLike

from metapool import _frames
from metapool import _types as t
from metapool._columns import Grouping
from metapool._studies import Labels, Studies
from metapool._types import FloatArray, T


class TwoByTwo(Studies[T]):
    """Events and totals of an experimental and a control arm.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : array_like, one number per study
        Events and totals. Counts may be fractional.
    study, subgroup : iterable of str, optional
        Labels.
    offsets : array_like of int, length m + 1, optional
        Makes a batch: meta-analysis i has the studies ``offsets[i]:offsets[i + 1]``.
    missing : {"raise", "exclude"}
        What to do with a row that has NaN or None: refuse it, or keep it as a study that is not
        included.
    copy : bool
        False lends contiguous float64 arrays instead of copying them; do not write to them then.

    Raises
    ------
    InputError
        Names the meta-analysis, study, column and value at fault.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.TwoByTwo(events_e=[4, 6], n_e=[123, 306], events_c=[11, 29], n_c=[139, 303])
    <TwoByTwo: 2 studies>
    """

    names = ("events_e", "n_e", "events_c", "n_c")
    measures = ("RR", "OR", "RD", "AS", "PETO")

    @overload
    def __init__(
        self: TwoByTwo[float],
        *,
        events_e: ArrayLike,
        n_e: ArrayLike,
        events_c: ArrayLike,
        n_c: ArrayLike,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None: ...
    @overload
    def __init__(
        self: TwoByTwo[FloatArray],
        *,
        events_e: ArrayLike,
        n_e: ArrayLike,
        events_c: ArrayLike,
        n_c: ArrayLike,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None: ...
    def __init__(
        self,
        *,
        events_e: ArrayLike,
        n_e: ArrayLike,
        events_c: ArrayLike,
        n_c: ArrayLike,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping | None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None:
        columns = {"events_e": events_e, "n_e": n_e, "events_c": events_c, "n_c": n_c}
        self._own(columns, study, subgroup, offsets, missing, copy)

    @overload
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        events_e: str,
        n_e: str,
        events_c: str,
        n_c: str,
        study: str | None = None,
        subgroup: str | None = None,
        by: None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> TwoByTwo[float]: ...
    @overload
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        events_e: str,
        n_e: str,
        events_c: str,
        n_c: str,
        study: str | None = None,
        subgroup: str | None = None,
        by: str | Sequence[str],
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> TwoByTwo[FloatArray]: ...
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        events_e: str,
        n_e: str,
        events_c: str,
        n_c: str,
        study: str | None = None,
        subgroup: str | None = None,
        by: str | Sequence[str] | None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> TwoByTwo[float] | TwoByTwo[FloatArray]:
        """Build from a dict of columns or a frame of pandas, polars or pyarrow.

        Parameters
        ----------
        frame : dict or data frame
        events_e, n_e, events_c, n_c : str
            Names of the columns.
        study, subgroup : str, optional
            Names of label columns.
        by : str or sequence of str, optional
            Columns whose equal keys, wherever they stand, make one meta-analysis, in order of
            first appearance; results have the keys in ``key``. Per-study results keep the order
            of the rows.
        missing, copy
            As in the class.

        Raises
        ------
        InputError
            For a column that is not there, or for bad data.

        Examples
        --------
        >>> import metapool as mp
        >>> frame = {"trial": ["A", "B"], "x": [3, 5], "n": [20, 30], "cx": [6, 9], "cn": [20, 30]}
        >>> mp.TwoByTwo.from_frame(
        ...     frame, events_e="x", n_e="n", events_c="cx", n_c="cn", study="trial"
        ... )
        <TwoByTwo: 2 studies>
        """
        columns = {
            "events_e": events_e,
            "n_e": n_e,
            "events_c": events_c,
            "n_c": n_c,
            "study": study,
            "subgroup": subgroup,
        }
        found: TwoByTwo[float] | TwoByTwo[FloatArray] = cls._from_frame(
            frame, columns, by, missing=missing, copy=copy
        )
        return found

    @property
    def events_e(self) -> FloatArray:
        """Events in the experimental arm."""
        return self._column("events_e")

    @property
    def n_e(self) -> FloatArray:
        """Size of the experimental arm."""
        return self._column("n_e")

    @property
    def events_c(self) -> FloatArray:
        """Events in the control arm."""
        return self._column("events_c")

    @property
    def n_c(self) -> FloatArray:
        """Size of the control arm."""
        return self._column("n_c")

"""Means, standard deviations and sizes of two arms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from numpy.typing import ArrayLike

from metapool import _frames
from metapool import _types as t
from metapool._columns import Grouping
from metapool._studies import Labels, Studies
from metapool._types import FloatArray, T


class TwoMeans(Studies[T]):
    """Means, standard deviations and sizes of an experimental and a control arm.

    Parameters
    ----------
    mean_e, sd_e, n_e, mean_c, sd_c, n_c : array_like, one number per study
    study, subgroup, offsets, missing, copy
        As in :class:`TwoByTwo`.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.TwoMeans(mean_e=[92], sd_e=[20], n_e=[60], mean_c=[94], sd_c=[22], n_c=[60])
    <TwoMeans: 1 studies>
    """

    names = ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c")
    measures = ("MD", "SMD", "ROM")

    @overload
    def __init__(
        self: TwoMeans[float],
        *,
        mean_e: ArrayLike,
        sd_e: ArrayLike,
        n_e: ArrayLike,
        mean_c: ArrayLike,
        sd_c: ArrayLike,
        n_c: ArrayLike,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None: ...
    @overload
    def __init__(
        self: TwoMeans[FloatArray],
        *,
        mean_e: ArrayLike,
        sd_e: ArrayLike,
        n_e: ArrayLike,
        mean_c: ArrayLike,
        sd_c: ArrayLike,
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
        mean_e: ArrayLike,
        sd_e: ArrayLike,
        n_e: ArrayLike,
        mean_c: ArrayLike,
        sd_c: ArrayLike,
        n_c: ArrayLike,
        study: Labels | None = None,
        subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping | None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None:
        columns = {
            "mean_e": mean_e,
            "sd_e": sd_e,
            "n_e": n_e,
            "mean_c": mean_c,
            "sd_c": sd_c,
            "n_c": n_c,
        }
        self._own(columns, study, subgroup, offsets, missing, copy)

    @overload
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        mean_e: str,
        sd_e: str,
        n_e: str,
        mean_c: str,
        sd_c: str,
        n_c: str,
        study: str | None = None,
        subgroup: str | None = None,
        by: None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> TwoMeans[float]: ...
    @overload
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        mean_e: str,
        sd_e: str,
        n_e: str,
        mean_c: str,
        sd_c: str,
        n_c: str,
        study: str | None = None,
        subgroup: str | None = None,
        by: str | Sequence[str],
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> TwoMeans[FloatArray]: ...
    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        mean_e: str,
        sd_e: str,
        n_e: str,
        mean_c: str,
        sd_c: str,
        n_c: str,
        study: str | None = None,
        subgroup: str | None = None,
        by: str | Sequence[str] | None = None,
        missing: t.Missing = "raise",
        copy: bool = True,
    ) -> TwoMeans[float] | TwoMeans[FloatArray]:
        """Build from a dict of columns or a frame of pandas, polars or pyarrow.

        Parameters
        ----------
        frame : dict or data frame
        mean_e, sd_e, n_e, mean_c, sd_c, n_c : str
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
        """
        columns = {
            "mean_e": mean_e,
            "sd_e": sd_e,
            "n_e": n_e,
            "mean_c": mean_c,
            "sd_c": sd_c,
            "n_c": n_c,
            "study": study,
            "subgroup": subgroup,
        }
        found: TwoMeans[float] | TwoMeans[FloatArray] = cls._from_frame(
            frame, columns, by, missing=missing, copy=copy
        )
        return found

    @property
    def mean_e(self) -> FloatArray:
        """Mean of the experimental arm."""
        return self._column("mean_e")

    @property
    def sd_e(self) -> FloatArray:
        """Standard deviation of the experimental arm."""
        return self._column("sd_e")

    @property
    def n_e(self) -> FloatArray:
        """Size of the experimental arm."""
        return self._column("n_e")

    @property
    def mean_c(self) -> FloatArray:
        """Mean of the control arm."""
        return self._column("mean_c")

    @property
    def sd_c(self) -> FloatArray:
        """Standard deviation of the control arm."""
        return self._column("sd_c")

    @property
    def n_c(self) -> FloatArray:
        """Size of the control arm."""
        return self._column("n_c")

"""Study data: validated once, owned, read-only; one meta-analysis or a batch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Generic, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metapool import _bridge, _columns, _frames
from metapool import _types as t
from metapool._columns import Grouping, read_only
from metapool._errors import InputError, choose
from metapool._types import BoolArray, FloatArray, IntArray, T

_RATIOS = ("RR", "OR", "PETO", "ROM", "HR", "IRR")
Labels = Iterable[Any]


class Studies(Generic[T]):
    """What the kinds of study data share: labels, subgroups, offsets, the order of rows.

    Attributes
    ----------
    columns : tuple of float64 array
        Read-only, the studies of a meta-analysis together.
    offsets : int64 array of length m + 1
        Meta-analysis i has the elements ``offsets[i]:offsets[i + 1]`` of each column.
    key : tuple or None
        The keys of ``by=``, one per meta-analysis.
    """

    names: ClassVar[tuple[str, ...]]
    measures: ClassVar[tuple[str, ...]]
    #: Arguments that are not columns of a frame.
    settings: ClassVar[tuple[str, ...]] = ("missing", "copy")

    columns: tuple[FloatArray, ...]
    offsets: IntArray
    key: tuple[Any, ...] | None
    _study: tuple[str, ...] | None
    _subgroup: tuple[str, ...] | None
    _order: IntArray | None  # the row of each element of the columns, None if they are the same
    _single: bool
    _n: int

    def _own(
        self,
        columns: dict[str, ArrayLike],
        study: Labels | None,
        subgroup: Labels | None,
        offsets: ArrayLike | Grouping | None,
        missing: t.Missing,
        copy: bool,
    ) -> None:
        arrays = {name: _columns.floats(name, values) for name, values in columns.items()}
        n = _columns.common_length(arrays)
        self._n = n
        self._single = offsets is None
        self._study = _columns.labels("study", study, n)
        self._subgroup = _columns.labels("subgroup", subgroup, n)
        self.key, self._order = None, None
        if isinstance(offsets, Grouping):
            self.key, self._order, self.offsets = offsets.key, offsets.order, offsets.offsets
            arrays = {name: array[self._order] for name, array in arrays.items()}
        else:
            self.offsets = _columns.offsets(offsets, n)
        allow_missing = choose("missing", missing, t.Missing) == "exclude"
        try:
            kept = self._validated(arrays, allow_missing, copy)
        except _bridge.InvalidValue as error:
            raise InputError(self._fault(*error.args)) from None
        self.columns = tuple(read_only(column) for column in kept)

    def _validated(
        self, arrays: dict[str, FloatArray], allow_missing: bool, copy: bool
    ) -> tuple[FloatArray, ...]:
        columns = list(arrays.values())
        return _bridge.validate(columns, self.offsets, allow_missing=allow_missing, copy=copy)

    def _fault(self, column: str, element: int, value: float, rule: str) -> str:
        row = element if self._order is None else int(self._order[element])
        where = f"study {self.study[row]!r} (row {row})"
        if not self._single:
            analysis = int(np.searchsorted(self.offsets, element, side="right")) - 1
            name = analysis if self.key is None else self.key[analysis]
            where = f"meta-analysis {name!r}, {where}"
        if rule == "is missing":
            return (
                f"{where}: {column} is missing; "
                'missing="exclude" keeps such a row and leaves it out of the analysis'
            )
        return f"{where}: {column} = {value:g} {rule}"

    @classmethod
    def from_frame(
        cls,
        frame: _frames.Frame,
        *,
        by: str | list[str] | None = None,
        **columns: Any,
    ) -> Any:
        """Build from a dict of columns or a frame of pandas, polars or pyarrow.

        Parameters
        ----------
        frame : dict or data frame
        by : str or list of str, optional
            Columns whose equal keys, wherever they stand, make one meta-analysis, in order of
            first appearance; results have the keys in ``key``. Per-study results keep the order
            of the rows.
        **columns : str
            For every argument of the class that is a column (``study`` and ``subgroup``
            included), the name of that column; ``missing`` and ``copy`` as they are.

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
        settings = {name: columns.pop(name) for name in cls.settings if name in columns}
        for argument, name in columns.items():
            if not isinstance(name, str):
                raise InputError(f"{argument} must name a column of the frame, not {name!r}")
        keys: list[str] = [by] if isinstance(by, str) else list(by or [])
        found = _frames.columns(frame, [*columns.values(), *keys])
        arrays = {argument: found[name] for argument, name in columns.items()}
        grouping = None
        if isinstance(by, str):
            grouping = _columns.group(list(found[by]))
        elif keys:
            grouping = _columns.group(list(zip(*(found[key] for key in keys), strict=True)))
        return cls(**arrays, **settings, offsets=grouping)  # type: ignore[call-arg]

    def __len__(self) -> int:
        """Number of studies."""
        return self._n

    def __repr__(self) -> str:
        batch = "" if self._single else f" in {self.n_analyses} meta-analyses"
        return f"<{type(self).__name__}: {len(self)} studies{batch}>"

    @property
    def n_analyses(self) -> int:
        """Number of meta-analyses."""
        return len(self.offsets) - 1

    @property
    def study(self) -> tuple[str, ...]:
        """Study labels, in the order in which the studies were given."""
        if self._study is None:
            return tuple(f"Study {i + 1}" for i in range(self._n))
        return self._study

    @property
    def subgroup(self) -> tuple[str, ...] | None:
        """Subgroup labels, in the order in which the studies were given."""
        return self._subgroup

    def _column(self, name: str) -> FloatArray:
        return self.in_row_order(self.columns[self.names.index(name)])

    def in_row_order(self, values: FloatArray) -> FloatArray:
        """One value per element of the columns, in the order in which the studies were given."""
        if self._order is None:
            return read_only(values)
        restored = np.empty_like(values)
        restored[self._order] = values
        return read_only(restored)

    def require_one(self, what: str) -> None:
        """Raise unless this is one meta-analysis."""
        if not self._single:
            raise InputError(f"{what} is for one meta-analysis; this is a batch of them")

    def scalar_or_batch(self, values: FloatArray) -> T:
        """The number of one meta-analysis, or the array of a batch."""
        return cast(T, values.item() if self._single else read_only(values))

    def whole_or_batch(self, values: IntArray) -> int | IntArray:
        """As :meth:`scalar_or_batch`, for counts."""
        return values.item() if self._single else read_only(values)

    def status_or_batch(self, codes: IntArray) -> t.Status | IntArray:
        """As :meth:`scalar_or_batch`, for status codes."""
        return t.Status(codes.item()) if self._single else read_only(codes)

    def model_or_batch(self, random: BoolArray) -> t.Model | NDArray[np.str_]:
        """As :meth:`scalar_or_batch`, for models."""
        if self._single:
            return "random" if random.item() else "common"
        return read_only(np.where(random, "random", "common"))

    def resolve_measure(self, measure: str | None) -> str:
        """The measure of an analysis of this data, checked."""
        kind = type(self).__name__
        if measure is None:
            raise InputError(f"measure is required for {kind}: one of {', '.join(self.measures)}")
        if measure not in self.measures:
            raise InputError(
                f"measure {measure!r} is not taken from {kind}; "
                f"its measures are {', '.join(self.measures)}"
            )
        return measure

    def core_measure(self, measure: str) -> str:
        """The name under which the core knows a resolved measure."""
        return measure

    def is_ratio(self, measure: str) -> bool:
        """Whether effects of this measure are on a log scale."""
        return measure in _RATIOS

    def natural(self, measure: str, value: T) -> T:
        """Effects on the natural scale: ratios un-logged, the rest as they are."""
        if not self.is_ratio(measure):
            return value
        if isinstance(value, np.ndarray):
            return read_only(_bridge.natural(value))
        return _bridge.natural(np.array([value])).item()

    def batch(self, rows: IntArray, offsets: IntArray) -> Studies[Any]:
        """Some rows of one meta-analysis as a batch."""
        self.require_one("taking rows")
        part = cast("Studies[Any]", object.__new__(type(self)))
        part.__dict__.update(self.__dict__)
        part._n = len(rows)
        part.columns = tuple(read_only(column[rows]) for column in self.columns)
        part.offsets = read_only(offsets)
        part._study = tuple(self.study[i] for i in rows)
        part._subgroup = None if self._subgroup is None else tuple(self._subgroup[i] for i in rows)
        part._single = False
        return part

    def rows(self, rows: IntArray) -> Studies[Any]:
        """Some rows of one meta-analysis as a meta-analysis."""
        part = self.batch(rows, np.array([0, len(rows)], dtype=np.int64))
        part._single = True
        return part


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
        self: TwoByTwo[float], *, events_e: ArrayLike, n_e: ArrayLike, events_c: ArrayLike,
        n_c: ArrayLike, study: Labels | None = None, subgroup: Labels | None = None,
        offsets: None = None, missing: t.Missing = "raise", copy: bool = True,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: TwoByTwo[FloatArray], *, events_e: ArrayLike, n_e: ArrayLike, events_c: ArrayLike,
        n_c: ArrayLike, study: Labels | None = None, subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping, missing: t.Missing = "raise", copy: bool = True,
    ) -> None: ...  # fmt: skip
    def __init__(
        self, *, events_e: ArrayLike, n_e: ArrayLike, events_c: ArrayLike, n_c: ArrayLike,
        study: Labels | None = None, subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping | None = None, missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None:  # fmt: skip
        columns = {"events_e": events_e, "n_e": n_e, "events_c": events_c, "n_c": n_c}
        self._own(columns, study, subgroup, offsets, missing, copy)

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
        self: TwoMeans[float], *, mean_e: ArrayLike, sd_e: ArrayLike, n_e: ArrayLike,
        mean_c: ArrayLike, sd_c: ArrayLike, n_c: ArrayLike, study: Labels | None = None,
        subgroup: Labels | None = None, offsets: None = None, missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: TwoMeans[FloatArray], *, mean_e: ArrayLike, sd_e: ArrayLike, n_e: ArrayLike,
        mean_c: ArrayLike, sd_c: ArrayLike, n_c: ArrayLike, study: Labels | None = None,
        subgroup: Labels | None = None, offsets: ArrayLike | Grouping,
        missing: t.Missing = "raise", copy: bool = True,
    ) -> None: ...  # fmt: skip
    def __init__(
        self, *, mean_e: ArrayLike, sd_e: ArrayLike, n_e: ArrayLike, mean_c: ArrayLike,
        sd_c: ArrayLike, n_c: ArrayLike, study: Labels | None = None,
        subgroup: Labels | None = None, offsets: ArrayLike | Grouping | None = None,
        missing: t.Missing = "raise", copy: bool = True,
    ) -> None:  # fmt: skip
        columns = {
            "mean_e": mean_e, "sd_e": sd_e, "n_e": n_e,
            "mean_c": mean_c, "sd_c": sd_c, "n_c": n_c,
        }  # fmt: skip
        self._own(columns, study, subgroup, offsets, missing, copy)

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
    log : bool
        True: ``y`` and the interval are printed ratios, to be taken to the log scale here; ``v``
        and ``se`` belong to the log ratio.
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
    settings = ("missing", "copy", "ci_level", "measure", "log")

    @overload
    def __init__(
        self: Effects[float], *, y: ArrayLike, v: ArrayLike | None = None,
        se: ArrayLike | None = None, ci_low: ArrayLike | None = None,
        ci_high: ArrayLike | None = None, ci_level: float = 0.95, measure: str | None = None,
        log: bool = False, study: Labels | None = None, subgroup: Labels | None = None,
        offsets: None = None, missing: t.Missing = "raise", copy: bool = True,
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Effects[FloatArray], *, y: ArrayLike, v: ArrayLike | None = None,
        se: ArrayLike | None = None, ci_low: ArrayLike | None = None,
        ci_high: ArrayLike | None = None, ci_level: float = 0.95, measure: str | None = None,
        log: bool = False, study: Labels | None = None, subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping, missing: t.Missing = "raise", copy: bool = True,
    ) -> None: ...  # fmt: skip
    def __init__(
        self, *, y: ArrayLike, v: ArrayLike | None = None, se: ArrayLike | None = None,
        ci_low: ArrayLike | None = None, ci_high: ArrayLike | None = None,
        ci_level: float = 0.95, measure: str | None = None, log: bool = False,
        study: Labels | None = None, subgroup: Labels | None = None,
        offsets: ArrayLike | Grouping | None = None, missing: t.Missing = "raise",
        copy: bool = True,
    ) -> None:  # fmt: skip
        given = {"v": v, "se": se, "ci_low": ci_low, "ci_high": ci_high}
        spread = {name: values for name, values in given.items() if values is not None}
        if tuple(spread) not in (("v",), ("se",), ("ci_low", "ci_high")):
            raise InputError("Effects needs y and one of v, se, or ci_low with ci_high")
        if not 0 < ci_level < 1:
            raise InputError(f"ci_level must lie strictly between 0 and 1, not {ci_level!r}")
        self.measure = measure
        self.log = log
        self._ci_level = ci_level
        self._own({"y": y, **spread}, study, subgroup, offsets, missing, copy)

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

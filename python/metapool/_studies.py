"""Study data: validated once, owned, read-only; one meta-analysis or a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metapool import _bridge, _columns, _frames
from metapool import _types as t
from metapool._columns import Grouping, S, read_only
from metapool._errors import InputError, choose
from metapool._types import BoolArray, FloatArray, IntArray, T

RATIOS = ("RR", "OR", "PETO", "ROM", "HR", "IRR")
Labels = Iterable[Any]


def as_studies(studies: Studies[T]) -> Studies[T]:
    """Return `studies` if it is study data; otherwise say what is."""
    if not isinstance(studies, Studies):
        raise InputError(
            f"studies must be TwoByTwo, TwoMeans or Effects, not {type(studies).__name__}; "
            "their from_frame takes a data frame"
        )
    return studies


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

    columns: tuple[FloatArray, ...]
    offsets: IntArray
    key: tuple[Any, ...] | None
    _study: tuple[str, ...] | None
    _subgroup: tuple[str, ...] | None
    _key_names: tuple[str, ...]
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
        self.key, self._key_names, self._order = None, (), None
        if isinstance(offsets, Grouping):
            self._key_names = offsets.names
            self.key, self._order, self.offsets = offsets.key, offsets.order, offsets.offsets
            arrays = {name: array[self._order] for name, array in arrays.items()}
        else:
            self.offsets = _columns.offsets(offsets, n)
        allow_missing = choose("missing", missing, t.Missing) == "exclude"
        try:
            kept = self._validated(arrays, allow_missing, copy)
        except _bridge.InvalidValue as error:
            raise InputError(self._fault(*error.args)) from None
        if copy:
            for column in kept:
                column.flags.writeable = False
        self.columns = tuple(read_only(column) for column in kept)

    def _validated(
        self, arrays: dict[str, FloatArray], allow_missing: bool, copy: bool
    ) -> tuple[FloatArray, ...]:
        columns = list(arrays.values())
        return _bridge.validate(columns, self.offsets, allow_missing=allow_missing, copy=copy)

    def _fault(self, column: str, element: int, value: float, rule: str) -> str:
        row = element if self._order is None else int(self._order[element])
        where = f"study {self.study[row]!r} (row {row + 1} of {self._n})"
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
    def _from_frame(
        cls,
        frame: _frames.Frame,
        columns: Mapping[str, str | None],
        by: str | Sequence[str] | None,
        **settings: Any,
    ) -> Any:
        named: dict[str, str] = {}
        for argument, column in columns.items():
            if isinstance(column, str):
                named[argument] = column
            elif column is not None:
                raise InputError(f"{argument} must name a column of the frame, not {column!r}")
        keys: list[str] = [by] if isinstance(by, str) else list(by or [])
        found, key_columns = _frames.columns(frame, [*named.values()], keys)
        arrays = {argument: found[name] for argument, name in named.items()}
        grouping = _columns.group(tuple(keys), key_columns) if keys else None
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

    @property
    def is_batch(self) -> bool:
        """Whether results are arrays."""
        return not self._single

    def keys(self) -> dict[str, list[Any]]:
        """The keys of ``by=``, a column per name, an element per meta-analysis."""
        if self.key is None:
            return {}
        columns = [self.key] if len(self._key_names) == 1 else list(zip(*self.key, strict=True))
        return {n: list(c) for n, c in zip(self._key_names, columns, strict=True)}

    def keys_of_studies(self) -> dict[str, list[Any]]:
        """What tells each study's meta-analysis in a batch: its keys, or its number."""
        if self._single:
            return {}
        row = self.in_row_order(self.analysis_of_elements()).tolist()
        keys = self.keys() or {"analysis": list(range(self.n_analyses))}
        return {name: [column[i] for i in row] for name, column in keys.items()}

    def _column(self, name: str) -> FloatArray:
        return self.in_row_order(self.columns[self.names.index(name)])

    def in_row_order(self, values: NDArray[S]) -> NDArray[S]:
        """Values along the columns, in the order in which the studies were given."""
        if self._order is None:
            return read_only(values)
        restored = np.empty_like(values)
        restored[..., self._order] = values
        return read_only(restored)

    def flags_of_labels(self) -> IntArray:
        """``NoteCode.SAME_LABEL`` for each meta-analysis in which a label occurs twice, else 0."""
        flags = np.zeros(self.n_analyses, np.int64)
        if self._study is not None:
            numbers = self.in_row_order(self.analysis_of_elements()).tolist()
            seen = set()
            for place in zip(numbers, self._study, strict=True):
                if place in seen:
                    flags[place[0]] = t.NoteCode.SAME_LABEL
                seen.add(place)
        return flags

    def require_one(self, what: str) -> None:
        """Raise unless this is one meta-analysis."""
        if not self._single:
            raise InputError(f"{what} is for one meta-analysis; this is a batch of them")

    def numbers(self, rows: NDArray[S]) -> list[Any]:
        """Rows of results, one column per meta-analysis: numbers of one, arrays of a batch."""
        return rows.ravel().tolist() if self._single else list(read_only(rows))

    def model_or_batch(self, random: BoolArray) -> t.Model | NDArray[np.str_]:
        """As :meth:`numbers`, for models."""
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
        return measure in RATIOS

    def natural(self, measure: str, value: T) -> T:
        """Effects on the natural scale: ratios un-logged, the rest as they are."""
        if not self.is_ratio(measure):
            return value
        if isinstance(value, np.ndarray):
            return read_only(_bridge.natural(value))
        return _bridge.natural(np.array([value])).item()

    def has_the_data_of(self, other: Studies[Any]) -> bool:
        """Whether kind, columns and meta-analyses are the same, whatever the labels."""
        mine, theirs = (*self.columns, self.offsets), (*other.columns, other.offsets)
        same = (np.array_equal(a, b, equal_nan=True) for a, b in zip(mine, theirs, strict=False))
        return type(self) is type(other) and all(same)

    def n_present(self) -> IntArray:
        """Studies without a missing value, of each meta-analysis."""
        present = ~np.isnan(np.stack(self.columns)).any(axis=0)
        return np.diff(np.concatenate([[0], np.cumsum(present)])[self.offsets])

    def in_groups(self, groups: Sequence[IntArray]) -> Studies[FloatArray]:
        """Groups of rows of one meta-analysis as a batch of meta-analyses."""
        part: Any = self.rows(np.concatenate(groups))
        part.offsets = _columns.offsets(np.cumsum([0, *map(len, groups)]), len(part))
        part._single = False
        return cast("Studies[FloatArray]", part)

    def rows(self, rows: IntArray) -> Studies[T]:
        """Some rows of one meta-analysis as a meta-analysis."""
        self.require_one("taking rows")
        return self._taken(rows, _columns.offsets(None, len(rows)))

    def sorted_by(self, values: FloatArray) -> Studies[T]:
        """The studies of each meta-analysis in the order of values, one per study as given, the
        least first, NaN last."""
        along = values if self._order is None else values[self._order]
        return self._taken(np.lexsort((along, self.analysis_of_elements())), self.offsets)

    def analysis_of_elements(self) -> IntArray:
        """The number of the meta-analysis of each element of the columns."""
        return np.repeat(np.arange(self.n_analyses), np.diff(self.offsets))

    def _taken(self, elements: IntArray, offsets: IntArray) -> Studies[T]:
        """Elements of the columns, which become the order of the studies."""
        part = object.__new__(type(self))
        part.__dict__.update(self.__dict__)
        part._n = len(elements)
        part.columns = tuple(read_only(column[elements]) for column in self.columns)
        part.offsets = offsets
        rows = elements if self._order is None else self._order[elements]
        study, subgroup = self.study, self._subgroup
        part._study = tuple(study[i] for i in rows)
        part._subgroup = None if subgroup is None else tuple(subgroup[i] for i in rows)
        part._order = None
        return part

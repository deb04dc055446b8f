"""Whatever the user has, as columns: float64 arrays, labels, offsets, groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from metapool._errors import InputError
from metapool._types import FloatArray, IntArray

S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Grouping:
    """Rows with equal keys brought together: keys, the row of each element, offsets."""

    key: tuple[Any, ...]
    order: IntArray
    offsets: IntArray


def group(rows: Sequence[Any]) -> Grouping:
    """Group equal keys wherever they stand, in order of first appearance."""
    codes: dict[Any, int] = {}
    code = np.fromiter((codes.setdefault(key, len(codes)) for key in rows), np.int64, len(rows))
    counts = np.bincount(code, minlength=len(codes))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Grouping(tuple(codes), np.argsort(code, kind="stable"), offsets)


def floats(name: str, values: Any) -> FloatArray:
    """A contiguous float64 array; None becomes NaN, text is refused."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise InputError(f"{name} must be one-dimensional, not {array.ndim}-dimensional")
    if array.dtype.kind not in "fiubO":
        raise InputError(f"{name} must hold numbers, not {array[0]!r}" if array.size else name)
    if array.dtype.kind == "O":
        return np.array([_number(name, row, value) for row, value in enumerate(array)], float)
    return np.ascontiguousarray(array, dtype=np.float64)


def _number(name: str, row: int, value: Any) -> float:
    if value is None:
        return np.nan
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError):
            if type(value).__name__ == "NAType":  # pandas' missing value
                return np.nan
    raise InputError(f"{name} must hold numbers; row {row} has {value!r}")


def offsets(values: Any, n: int) -> IntArray:
    """Offsets as int64; one meta-analysis of `n` studies without any."""
    if values is None:
        return read_only(np.array([0, n], dtype=np.int64))
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise InputError("offsets must be whole numbers, one more than there are meta-analyses")
    return read_only(np.array(array, dtype=np.int64))


def labels(name: str, values: Iterable[Any] | None, n: int) -> tuple[str, ...] | None:
    """Labels as text; None if there are none."""
    if values is None:
        return None
    if isinstance(values, str):
        raise InputError(f"{name} must be a list of labels, not the text {values!r}")
    found = tuple("" if value is None else str(value) for value in values)
    if len(found) != n:
        raise InputError(f"{name} has {len(found)} labels, there are {n} studies")
    return found


def read_only(array: NDArray[S]) -> NDArray[S]:
    """A view that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def common_length(columns: Mapping[str, FloatArray]) -> int:
    """The length that all columns share."""
    lengths = {name: len(column) for name, column in columns.items()}
    first, n = next(iter(lengths.items()))
    for name, length in lengths.items():
        if length != n:
            raise InputError(f"{name} has {length} studies, {first} has {n}")
    return n

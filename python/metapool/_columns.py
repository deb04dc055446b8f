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

    names: tuple[str, ...]
    key: tuple[Any, ...]
    order: IntArray
    offsets: IntArray


def group(names: tuple[str, ...], columns: Sequence[Sequence[Any]]) -> Grouping:
    """Group equal keys wherever they stand, in order of first appearance."""
    for name, column in zip(names, columns, strict=True):
        for row, key in enumerate(column):
            if key is None or type(key).__name__ == "NAType" or key != key:
                raise InputError(f"by: row {row + 1} has no key in {name}")
    rows = columns[0] if len(names) == 1 else list(zip(*columns, strict=True))
    codes: dict[Any, int] = {}
    code = np.fromiter((codes.setdefault(key, len(codes)) for key in rows), np.int64, len(rows))
    counts = np.bincount(code, minlength=len(codes))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Grouping(names, tuple(codes), np.argsort(code, kind="stable"), offsets)


def floats(name: str, values: Any) -> FloatArray:
    """A contiguous float64 array; None becomes NaN, text is refused."""
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name} must be a column of numbers") from None
    if array.ndim != 1:
        raise InputError(f"{name} must be one-dimensional, not {array.ndim}-dimensional")
    if array.dtype.kind in "OUS":
        return np.array([_number(name, row, value) for row, value in enumerate(array.tolist())])
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must hold numbers, not {array.dtype}")
    return np.require(array, np.float64, ["C", "A"])


def _number(name: str, row: int, value: Any) -> float:
    if value is None:
        return np.nan
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            if type(value).__name__ == "NAType":  # pandas' missing value
                return np.nan
    raise InputError(f"{name} must hold numbers; row {row + 1} has the text {value!r}")


def offsets(values: Any, n: int) -> IntArray:
    """Offsets as int64; one meta-analysis of `n` studies without any."""
    if values is None:
        return read_only(np.array([0, n], dtype=np.int64))
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise InputError("offsets must be whole numbers, one more than there are meta-analyses")
    return read_only(np.array(array, dtype=np.int64))


def labels(name: str, values: Iterable[Any] | None, n: int) -> tuple[str, ...] | None:
    """Labels as text without outer blanks; None if there are none."""
    if values is None:
        return None
    if isinstance(values, str):
        raise InputError(f"{name} must be a list of labels, not the text {values!r}")
    found = list(values)
    if len(found) != n:
        raise InputError(f"{name} has {len(found)} labels, there are {n} studies")
    for row, value in enumerate(found):
        if value is None or value != value or not str(value).strip():
            raise InputError(f"{name}: the label of row {row + 1} is missing")
    return tuple(str(value).strip() for value in found)


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

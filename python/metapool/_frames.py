"""Data frames in and out, by narwhals; imported on use."""

from __future__ import annotations

import importlib.util
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from metapool._errors import InputError, choose
from metapool._types import Status

Backend = Literal["pandas", "polars", "pyarrow"]
Frame = Any  #: a dict of columns, or a frame of pandas, polars or pyarrow


class Exported(ABC):
    """A result that becomes a dict or a data frame."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""

    def to_frame(self, backend: Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow; by default the first that is installed."""
        return frame(self.to_dict(), backend)


def frame(data: Mapping[str, Any], backend: Backend | None) -> Any:
    """A frame of `backend`; numbers that are not in a list make one row."""
    if backend is None:
        installed = [b for b in ("pandas", "polars", "pyarrow") if importlib.util.find_spec(b)]
        if not installed:
            raise ImportError("to_frame() needs pandas, polars or pyarrow; to_dict() needs none")
        backend = installed[0]  # type: ignore[assignment]
    name = choose("backend", backend, Backend)
    columns = {key: value if isinstance(value, list) else [value] for key, value in data.items()}
    columns = {key: _numbers(value) for key, value in columns.items()}
    return _narwhals().from_dict(columns, backend=name).to_native()


def _numbers(column: list[Any]) -> Any:
    """Numbers with holes as an array, NaN in the holes: a column of one type in every backend."""
    holes = any(value is None for value in column)
    if holes and all(value is None or type(value) in (int, float) for value in column):
        return np.array([math.nan if value is None else value for value in column])
    return column


def plain(value: Any) -> Any:
    """A number, string or array as JSON can hold it: what is not finite becomes None."""
    if isinstance(value, np.ndarray):
        plainly = value.tolist()
        if value.dtype.kind == "f":
            for i in np.flatnonzero(~np.isfinite(value)).tolist():
                plainly[i] = None
        return plainly
    if isinstance(value, Status):
        return value.name
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def beside(keys: Mapping[str, list[Any]], own: dict[str, Any]) -> dict[str, Any]:
    """Key columns before a result's own; one of the same name gets "by_" before it."""
    return {(f"by_{k}" if k in own else k): list(v) for k, v in keys.items()} | own


def columns(
    data: Frame, names: Sequence[str], keys: Sequence[str]
) -> tuple[dict[str, Any], list[list[Any]]]:
    """The named columns of a dict or frame, arrays of numbers or lists of anything else; and key
    columns as they are."""
    if isinstance(data, Mapping):
        _require([*names, *keys], list(data))
        return {name: data[name] for name in names}, [list(data[key]) for key in keys]
    table = _narwhals().from_native(data, eager_only=True)
    _require([*names, *keys], table.columns)
    return {name: _column(table[name]) for name in names}, [table[k].to_list() for k in keys]


def _narwhals() -> Any:
    try:
        import narwhals
    except ModuleNotFoundError:
        raise ImportError('data frames need narwhals: pip install "metapool[frames]"') from None
    return narwhals


def _column(series: Any) -> Any:
    nw = _narwhals()
    if series.dtype.is_numeric() or series.dtype == nw.Boolean:
        return series.cast(nw.Float64).to_numpy()
    return series.to_list()


def _require(names: Sequence[str], present: Sequence[str]) -> None:
    for name in names:
        if name not in present:
            raise InputError(
                f"there is no column {name!r}; there are {', '.join(map(str, present))}"
            )

"""Data frames in and out, by narwhals; imported on use."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from metapool._errors import InputError, choose

Backend = Literal["pandas", "polars", "pyarrow"]
Frame = Any  #: a dict of columns, or a frame of pandas, polars or pyarrow


def frame(data: Mapping[str, Sequence[Any]], backend: Backend | None) -> Any:
    """A frame of `backend`, or of the first of pandas, polars and pyarrow that is installed."""
    if backend is None:
        installed = [b for b in ("pandas", "polars", "pyarrow") if importlib.util.find_spec(b)]
        if not installed:
            raise ImportError("to_frame() needs pandas, polars or pyarrow; to_dict() needs none")
        backend = installed[0]  # type: ignore[assignment]
    import narwhals as nw

    name = choose("backend", backend, Backend)
    return nw.from_dict({key: list(value) for key, value in data.items()}, backend=name).to_native()


def columns(data: Frame, names: Sequence[str]) -> dict[str, Any]:
    """The named columns of a dict or frame: arrays of numbers, or lists of anything else."""
    if isinstance(data, Mapping):
        _require(names, list(data))
        return {name: data[name] for name in names}
    import narwhals as nw

    table = nw.from_native(data, eager_only=True)
    _require(names, table.columns)
    return {name: _column(table[name]) for name in names}


def _column(series: Any) -> Any:
    import narwhals as nw

    if series.dtype.is_numeric() or series.dtype == nw.Boolean:
        return series.cast(nw.Float64).to_numpy()
    return series.to_list()


def _require(names: Sequence[str], present: Sequence[str]) -> None:
    for name in names:
        if name not in present:
            raise InputError(f"there is no column {name!r}; there are {', '.join(present)}")

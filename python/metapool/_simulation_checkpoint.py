"""Checkpoints of simulation studies: Parquet files, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from metapool import _bridge
from metapool._errors import InputError
from metapool._types import FloatArray

if TYPE_CHECKING:
    from metapool._simulation_run import Unit, Work

#: Seconds after which what is done is written.
_EVERY = 2.0


class Checkpoint:
    """A directory of files, each with blocks and with what they are blocks of."""

    def __init__(self, directory: str | os.PathLike[str], identity: dict[str, Any]) -> None:
        self._directory = Path(directory)
        self._identity = identity
        self._kept: list[tuple[Unit, FloatArray]] = []
        self._written = time.monotonic()
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"checkpoint must be a directory: {error}") from None

    def done(self) -> dict[Unit, FloatArray]:
        """The blocks that are kept already.

        Raises
        ------
        InputError
            For a file that is damaged, or of another study.
        """
        found: dict[Unit, FloatArray] = {}
        for path in sorted(self._directory.glob("*.parquet")):
            table = self._read(path)
            for scenario, block, tally in zip(
                *(table[name].to_pylist() for name in ("scenario", "block", "tally")), strict=True
            ):
                found[scenario, block] = np.array(tally)
        return found

    def _read(self, path: Path) -> Any:
        arrow, parquet = _arrow()
        try:
            table = parquet.read_table(path)
            identity = json.loads(table.schema.metadata[b"metapool"])
            if identity.pop("digest") != _digest(table):
                raise ValueError("its numbers are not those that were written")
        except (arrow.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"checkpoint {path} cannot be read ({str(error).splitlines()[0]}); "
                "delete it, and its blocks are computed again"
            ) from None
        for what, value in self._identity.items():
            if identity.get(what) != value:
                also = "give that seed, or " if what == "seed" else ""
                raise InputError(
                    f"checkpoint {path} is of another study: its {what} is "
                    f"{identity.get(what)!r}, not {value!r}; {also}choose another directory"
                )
        return table

    def keep(self, unit: Unit, tally: FloatArray) -> None:
        """Keep a block, and write now and then."""
        self._kept.append((unit, tally))
        if time.monotonic() - self._written > _EVERY:
            self.flush()

    def flush(self) -> None:
        """Write what is not written yet."""
        if not self._kept:
            return
        arrow, parquet = _arrow()
        units, tallies = zip(*self._kept, strict=True)
        scenarios, blocks = zip(*units, strict=True)
        table = arrow.table(
            {"scenario": scenarios, "block": blocks, "tally": [tally.tolist() for tally in tallies]}
        )
        identity = {**self._identity, "digest": _digest(table)}
        table = table.replace_schema_metadata({"metapool": json.dumps(identity)})
        # blocks are named once, so that runs at the same time do not overwrite each other's files
        name = f"blocks-{scenarios[0]:06d}-{blocks[0]:08d}-{os.getpid()}-{time.time_ns()}"
        unfinished = self._directory / f"{name}.unfinished"
        with unfinished.open("wb") as file:
            parquet.write_table(table, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._directory / f"{name}.parquet")
        _sync(self._directory)
        self._kept.clear()
        self._written = time.monotonic()


def _digest(table: Any) -> str:
    """Of the numbers to their last bit."""
    columns = [table[name].to_pylist() for name in ("scenario", "block", "tally")]
    return hashlib.sha256(repr(columns).encode()).hexdigest()


def _sync(directory: Path) -> None:
    """Make a rename last, where a directory can be synchronised."""
    if os.name == "posix":
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def identity(work: list[Work], seed: int, replicates: int, block: int) -> dict[str, Any]:
    """What tells studies apart, to the bit of their results."""
    text = json.dumps([vars(one) for one in work], default=_plain, sort_keys=True)
    return {
        "specification": hashlib.sha256(text.encode()).hexdigest(),
        "seed": seed,
        "replicates": replicates,
        "block": block,
        "stream": _bridge.STREAM_VERSION,
        "version": _bridge.__version__,
    }


def _plain(value: object) -> object:
    if isinstance(value, _bridge.Plan):
        return value.__getstate__()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(value)


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise ImportError('checkpoints need pyarrow: pip install "metapool[frames]"') from None
    return pyarrow, pyarrow.parquet

"""The data sets of ../shared/data/metadat and metapkg, with R's values for them."""

import csv
import functools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from golden.shared import shared

from .effects import Effect
from .two_by_two import Counts

FOLDERS = ("metadat", "metapkg")
#: metafor's names for the models, and the reference's.
METHODS = {"EE": "IV", "DL": "DL", "REML": "REML"}


@dataclass(frozen=True)
class Series:
    """The effects of one measure of one data set, and what metafor 3.8.1 says of them."""

    name: str
    y: list[float]
    v: list[float]
    golden: dict[str, Any]

    @property
    def k(self) -> int:
        return len(self.y)

    @functools.cached_property
    def effects(self) -> list[Effect]:
        return [Effect(Fraction(a), Fraction(b)) for a, b in zip(self.y, self.v, strict=True)]


def number(value: Any) -> float:
    """null and the unreadable are NaN."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def rows(*parts: str) -> list[dict[str, str]]:
    with shared(*parts).open(newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def series() -> tuple[Series, ...]:
    """Every measure that has metafor's diagnostics."""
    return tuple(found for folder in FOLDERS for found in of_folder(folder))


def of_folder(folder: str) -> Iterator[Series]:
    for unit in rows(folder, "index.csv"):
        oracle = json.loads(shared(folder, "oracle", f"{unit['unit']}.json").read_text())
        for measure, golden in oracle["measures"].items():
            if "diag" not in golden:
                continue
            frame = rows(folder, "units", f"{unit['unit']}.csv")
            source = golden.get("escalc") or {k: [r[k] for r in frame] for k in ("yi", "vi")}
            pairs = zip(map(number, source["yi"]), map(number, source["vi"]), strict=True)
            y, v = zip(*((a, b) for a, b in pairs if math.isfinite(a + b)), strict=True)
            yield Series(f"{unit['unit']} {measure}", list(y), list(v), golden["diag"])


def tables() -> Iterator[tuple[str, list[Counts]]]:
    """Every data set of two-by-two tables."""
    for folder in FOLDERS:
        for unit in rows(folder, "index.csv"):
            if unit["type"] == "2x2":
                frame = rows(folder, "units", f"{unit['unit']}.csv")
                columns = ("ai", "n1i", "ci", "n2i")
                yield unit["unit"], [tuple(number(r[c]) for c in columns) for r in frame]


class Worst:
    """Compares values, and says which were further apart than a bound."""

    def __init__(self, bound: float) -> None:
        self.bound = bound
        self.error, self.count = 0.0, 0
        self.failures: list[str] = []

    def near(self, name: str, ours: float, golden: Any) -> None:
        """Relative to max(1, abs(golden)); NaN equals null."""
        wanted = number(golden)
        self.count += 1
        if math.isnan(ours) and math.isnan(wanted):
            return
        error = abs(ours - wanted) / max(1.0, abs(wanted))
        if not error <= self.bound:
            self.failures.append(f"{name}: {ours!r} for {wanted!r}")
        else:
            self.error = max(self.error, error)

    def conclude(self) -> None:
        assert self.count, "nothing was compared"
        shown = "\n".join(self.failures[:20])
        assert not self.failures, f"{len(self.failures)} of {self.count} differ\n{shown}"

"""Counts the numbers compared and keeps the worst error, so that a run shows what it proved."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Tally:
    """Numbers compared with one source: relative to max(1, |stored|), or absolutely.

    Not-a-number agrees with not-a-number only.
    """

    what: str
    count: int = 0
    worst: dict[str, tuple[float, str]] = field(default_factory=dict)
    worst_absolute: dict[str, tuple[float, str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def near(self, where: str, name: str, ours: Any, stored: Any, bound: float) -> None:
        """Compare arrays or numbers, error relative to max(1, |stored|)."""
        stored = np.asarray(stored, float)
        scale = np.maximum(1.0, np.abs(stored))
        self._compare(where, name, ours, stored, bound, scale, self.worst)

    def relative(self, where: str, name: str, ours: Any, stored: Any, bound: float) -> None:
        """Compare arrays or numbers, error relative to |stored| (P values far in the tail)."""
        stored = np.asarray(stored, float)
        self._compare(where, name, ours, stored, bound, np.abs(stored), self.worst)

    def absolute(self, where: str, name: str, ours: Any, stored: Any, bound: float) -> None:
        """Compare arrays or numbers by absolute error."""
        stored = np.asarray(stored, float)
        self._compare(where, name, ours, stored, bound, 1.0, self.worst_absolute)

    def exact(self, where: str, name: str, ours: Any, stored: Any) -> None:
        """Compare flags and counts of studies, which are not among the numbers counted."""
        if ours != stored:
            self.failures.append(f"{where}: {name} is {ours!r}, stored {stored!r}")

    def _compare(
        self,
        where: str,
        name: str,
        ours: Any,
        stored: Any,
        bound: float,
        scale: Any,
        worst: dict[str, tuple[float, str]],
    ) -> None:
        ours = np.asarray(ours, float)
        if ours.shape != stored.shape:
            self.failures.append(f"{where}: {name} has shape {ours.shape}, stored {stored.shape}")
            return
        self.count += stored.size
        if not stored.size:
            return
        both_nan = np.isnan(ours) & np.isnan(stored)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.where(both_nan | (ours == stored), 0.0, np.abs(ours - stored) / scale)
        error = np.where(np.isnan(error), math.inf, error)
        at = int(np.argmax(error))
        largest = float(error.flat[at])
        if largest > bound:
            place = f"[{at}]" if error.size > 1 else ""
            self.failures.append(
                f"{where}: {name}{place} is {ours.flat[at]!r}, stored {stored.flat[at]!r}"
                f" (error {largest:.1e} > {bound:.0e})"
            )
        if largest >= worst.get(name, (0.0, ""))[0]:
            worst[name] = (largest, where)

    def line(self) -> str:
        """One line for the summary of the run."""
        parts = [f"{self.what}: {self.count:,} numbers"]
        for errors, kind in ((self.worst, "worst"), (self.worst_absolute, "absolute")):
            if errors:
                parts.append(f"{kind} {max(error for error, _ in errors.values()):.1e}")
        if self.failures:
            parts.append(f"{len(self.failures)} DISAGREE")
        return ", ".join(parts)

    def table(self) -> list[str]:
        """The worst error of each quantity and where it was."""
        errors = {**self.worst, **self.worst_absolute}
        return [f"{name:<24}{error:9.1e}  {where}" for name, (error, where) in errors.items()]

    def conclude(self) -> None:
        """Fail if anything disagreed, naming the first twenty."""
        assert self.count, f"{self.what}: nothing was compared"
        assert not self.failures, "\n".join(
            [f"{len(self.failures)} disagree:", *self.failures[:20]]
        )

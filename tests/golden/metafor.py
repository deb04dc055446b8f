"""Data sets of metadat, meta and metasens, with the values that metafor 3.8.1 gave for each."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import metapool as mp

from .shared import shared

FOLDERS = ("metadat", "metapkg")
NATIVE = {"2x2": ("RR", "OR", "RD", "AS", "PETO"), "cont": ("MD", "SMD", "ROM")}

#: metapool's names for what metafor calls otherwise.
FIELDS = {
    "est": "estimate", "se": "se", "stat": "statistic", "ci_lb": "ci_low", "ci_ub": "ci_high",
    "QE": "q", "tau2": "tau2", "I2": "i2", "H2": "h2",
}  # fmt: skip
P_FIELDS = {"p": "p_value", "QEp": "q_p"}


@dataclass(frozen=True)
class Unit:
    """One data set: its rows, and metafor's values by measure."""

    name: str
    kind: str
    frame: pd.DataFrame
    oracle: dict[str, Any]

    @property
    def measures(self) -> dict[str, Any]:
        return self.oracle["measures"]

    @functools.cached_property
    def empty_arm(self) -> np.ndarray:
        """Rows that metapool refuses: no participants in an arm."""
        if self.kind != "2x2":
            return np.zeros(len(self.frame), bool)
        return ((self.frame.n1i == 0) | (self.frame.n2i == 0)).to_numpy()

    @functools.cached_property
    def studies(self) -> mp.TwoByTwo | mp.TwoMeans:
        """Studies of the counts or means, without the rows that have an empty arm."""
        frame = self.frame[~self.empty_arm]
        if self.kind == "2x2":
            return mp.TwoByTwo.from_frame(
                frame, events_e="ai", n_e="n1i", events_c="ci", n_c="n2i", missing="exclude"
            )
        return mp.TwoMeans.from_frame(
            frame, mean_e="m1i", sd_e="sd1i", n_e="n1i", mean_c="m2i", sd_c="sd2i", n_c="n2i",
            missing="exclude",
        )  # fmt: skip

    def given(self, measure: str) -> mp.Effects:
        """metafor's own yi and vi of a measure as given effects."""
        source = self.measures[measure].get("escalc", self.frame)
        return mp.Effects(y=numbers(source["yi"]), v=numbers(source["vi"]), missing="exclude")

    def is_native(self, measure: str) -> bool:
        """Whether metapool computes this measure from these data."""
        return measure in NATIVE.get(self.kind, ())


def numbers(values: Any) -> np.ndarray:
    """metafor's numbers: null is not-a-number; what it could not compute may be infinite."""
    array = np.array([np.nan if x is None else x for x in np.atleast_1d(values)], float)
    return np.where(np.isfinite(array), array, np.nan)


@functools.cache
def units() -> tuple[Unit, ...]:
    """All data sets of both folders."""
    return tuple(unit for folder in FOLDERS for unit in _folder(folder))


def _folder(folder: str) -> Iterator[Unit]:
    for row in pd.read_csv(shared(folder, "index.csv")).itertuples():
        oracle = json.loads(shared(folder, "oracle", f"{row.unit}.json").read_text())
        frame = pd.read_csv(shared(folder, "units", f"{row.unit}.csv"))
        yield Unit(row.unit, row.type, frame, oracle)

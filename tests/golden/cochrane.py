"""The 12,110 Cochrane analyses: their rows, and the ways to read rows as studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import metapool as mp

#: RevMan's models: metapool's method, and the mean about which DerSimonian and Laird's Q is taken.
MH = {"MH": ("MH", "mh"), "MH random": ("DL", "mh")}
IV = {"IV": ("IV", "iv"), "IV random": ("DL", "iv"), "IV random, REML": ("REML", "iv")}
PETO = {"Peto": ("Peto", "iv")}
PETO_GIVEN = {"Peto": ("IV", "iv")}  # (O - E)/V with variance 1/V

MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")


@dataclass(frozen=True)
class Reading:
    """One way to make studies of rows: by their counts, means, given effects, or O - E.

    Attributes
    ----------
    valid : which rows can be read this way
    make : studies from a frame, one meta-analysis per value of a column
    measures, models : what RevMan offers for such data
    natural : to the printed scale, where the library cannot know it
    """

    name: str
    valid: Callable[[pd.DataFrame], pd.Series]
    make: Callable[[pd.DataFrame, str], Any]
    measures: tuple[str, ...]
    models: dict[str, tuple[str, str]]
    natural: Callable[[np.ndarray], np.ndarray] | None = None

    def label(self, measure: str) -> str:
        """What the analysis measures, in words."""
        if measure == "GEN":
            return self.name
        return measure if self.name != "swapped counts" else f"{measure} of non-events"


def _counts(frame: pd.DataFrame, by: str) -> mp.TwoByTwo:
    return mp.TwoByTwo.from_frame(frame, events_e="ai", n_e="n1i", events_c="ci", n_c="n2i", by=by)


def _swapped_counts(frame: pd.DataFrame, by: str) -> mp.TwoByTwo:
    return _counts(frame.assign(ai=frame.n1i - frame.ai, ci=frame.n2i - frame.ci), by)


def _means(frame: pd.DataFrame, by: str) -> mp.TwoMeans:
    return mp.TwoMeans.from_frame(
        frame, mean_e="m1i", sd_e="sd1i", n_e="n1i", mean_c="m2i", sd_c="sd2i", n_c="n2i", by=by
    )


def _given(frame: pd.DataFrame, by: str) -> mp.Effects:
    se = frame.giv_se.where(frame.giv_se > 0)  # RevMan: a standard error of 0 is not estimable
    effects = frame.assign(giv_se=se)
    return mp.Effects.from_frame(effects, y="giv", se="giv_se", by=by, missing="exclude")


def _observed_less_expected(frame: pd.DataFrame, by: str) -> mp.Effects:
    effects = frame.assign(y=frame.oe / frame.v, variance=1 / frame.v)
    return mp.Effects.from_frame(effects, y="y", v="variance", by=by)


def _valid_counts(rows: pd.DataFrame) -> pd.Series:
    inside = rows.ai.between(0, rows.n1i) & rows.ci.between(0, rows.n2i)
    return inside & (rows.n1i > 0) & (rows.n2i > 0)


def _valid_means(rows: pd.DataFrame) -> pd.Series:
    return rows[list(MEANS)].notna().all(axis=1) & (rows.n1i > 0) & (rows.n2i > 0)


def _is_given(rows: pd.DataFrame) -> pd.Series:
    return rows.kind == "iv"


READINGS = (
    Reading("counts", _valid_counts, _counts, ("RR", "OR", "RD"), {**MH, **IV}),
    Reading("counts", _valid_counts, _counts, ("PETO",), PETO),
    Reading("swapped counts", _valid_counts, _swapped_counts, ("RR",), {**MH, **IV}),
    Reading("means", _valid_means, _means, ("MD", "SMD"), IV),
    Reading("given", _is_given, _given, ("GEN",), IV),
    Reading("given, log", _is_given, _given, ("GEN",), IV, np.exp),
    Reading(
        "O - E", lambda rows: rows.v > 0, _observed_less_expected, ("GEN",), PETO_GIVEN, np.exp
    ),
)


def load(folder: Path) -> pd.DataFrame:
    """Every study row, with numbers for its analysis (`analysis`) and its subgroup (`block`).

    `block_by_study` also parts subgroups that bear one label, as they do when a study returns.
    `half_unit` is half a unit of the last decimal that the row's review prints.
    """
    rows = pd.read_parquet(folder / "cochrane_datarows.parquet")
    for name in ("file", "kind", "applicability"):
        rows[name] = rows[name].astype(str)
    rows["analysis"] = rows.groupby(["file", "grp", "num"], sort=False).ngroup()
    label = ["analysis", "subgroup", "subgroup_number"]
    rows["block"] = rows.groupby(label, sort=False, dropna=False, observed=True).ngroup()
    returns = rows.groupby(["block", "study"]).cumcount()
    rows["block_by_study"] = rows.groupby(["block", returns], sort=False).ngroup()
    printed = rows[["rm_est", "rm_lo", "rm_hi", "rm_weight"]].to_numpy()
    files = rows.groupby("file").indices.items()
    decimals = {file: _decimals(printed[where]) for file, where in files}
    rows["half_unit"] = 0.5 * 10.0 ** -rows.file.map(decimals).to_numpy(float)
    return rows


def _decimals(values: np.ndarray) -> int:
    """The fewest decimals that hold every number given."""
    values = values[~np.isnan(values)]
    return next(d for d in range(16) if np.array_equal(np.round(values, d), values))


def index(folder: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """The corpus's own inference of measure and model, one row per analysis."""
    table = pd.read_csv(folder / "cochrane_analyses.csv.gz")
    numbers = rows.drop_duplicates("analysis")[["file", "grp", "num", "analysis"]]
    return numbers.merge(table, on=["file", "grp", "num"], validate="1:1").set_index("analysis")


def readable(rows: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """The rows of those analyses of which every row can be read this way."""
    return rows[reading.valid(rows).groupby(rows.analysis).transform("all")]

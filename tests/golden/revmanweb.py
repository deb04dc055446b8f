"""Analyses with their results from a data package that Cochrane publishes, made by RevMan Web."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import metapool as mp

from .shared import shared

Stored = dict[str, Any]

TABLES = ("data-rows", "overall-estimates-and-settings", "subgroup-estimates")
KEY = ["Analysis group", "Analysis number"]
COUNTS = ["Experimental cases", "Experimental N", "Control cases", "Control N"]
MEASURES = {"Risk Ratio": "RR", "Mean Difference": "MD", "Std. Mean Difference": "SMD"}
INTERVALS = {"Wald": "wald", "HKSJ": "hk"}
DATA = {
    "Dichotomous": (
        mp.TwoByTwo,
        dict(zip(("events_e", "n_e", "events_c", "n_c"), COUNTS, strict=True)),
    ),
    "Continuous": (
        mp.TwoMeans,
        {
            "mean_e": "Experimental mean",
            "sd_e": "Experimental SD",
            "n_e": "Experimental N",
            "mean_c": "Control mean",
            "sd_c": "Control SD",
            "n_c": "Control N",
        },
    ),
    "Contrast level": (mp.Effects, {"y": "GIV Mean", "se": "GIV SE"}),
}


@dataclass
class Analysis:
    """One analysis: settings and overall results, rows, results of the subgroups by number."""

    name: str
    stored: Stored
    rows: pd.DataFrame
    subgroups: dict[str, Stored]

    @property
    def measure(self) -> str:
        return MEASURES[self.stored["Effect measure"]]

    @property
    def interval(self) -> str:
        return INTERVALS[self.stored["CI method"]]

    @property
    def level(self) -> float:
        return float(self.stored["CI/PI level"].removesuffix("%")) / 100

    @property
    def has_total(self) -> bool:
        return bool(self.stored["Overall estimates"])

    @property
    def studies(self) -> mp.TwoByTwo | mp.TwoMeans | mp.Effects:
        """The rows as metapool takes them."""
        kind, columns = DATA[self.stored["Data type"]]
        more = {"measure": self.measure} if kind is mp.Effects else {}
        if self.subgroups:
            more["subgroup"] = self.rows["Subgroup number"].to_list()
        return kind(**{ours: self.rows[theirs] for ours, theirs in columns.items()}, **more)

    def parts(self) -> Iterator[tuple[str, str | None, np.ndarray, Stored]]:
        """Subgroups by number and the total (None): name, which rows, stored results."""
        for number, stored in self.subgroups.items():
            inside = (self.rows["Subgroup number"] == number).to_numpy()
            yield f"{self.name} subgroup {number}", number, inside, stored
        if self.has_total:
            yield self.name, None, np.ones(len(self.rows), bool), self.stored


def tables(review: str) -> list[pd.DataFrame]:
    """Rows, overall results with settings, results of subgroups; NaN where a cell is empty."""
    folder = f"revmanweb_{review}"
    return [pd.read_csv(shared("rm5", folder, f"{review}-{table}.csv")) for table in TABLES]


def from_package(review: str) -> list[Analysis]:
    """All analyses of a review's data package."""
    rows, overall, subgroups = tables(review)
    for table in (rows, subgroups):
        numbers = table["Subgroup number"].astype("Int64").astype("string")
        table["Subgroup number"] = numbers.astype(object)
    rows_of, subgroups_of = dict(iter(rows.groupby(KEY))), dict(iter(subgroups.groupby(KEY)))
    found = []
    for stored in overall.to_dict("records"):
        key = tuple(stored[name] for name in KEY)
        results = subgroups_of[key].to_dict("records") if key in subgroups_of else []
        by_number = {result["Subgroup number"]: result for result in results}
        found.append(Analysis("{}.{}".format(*key), stored, rows_of[key], by_number))
    return found

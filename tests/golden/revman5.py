"""Analyses with the results that RevMan 5 stored, from .rm5 files and from the corpus tables."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

Stored = dict[str, str | float | None]

ROWS = {"DICH_OUTCOME": "DICH_DATA", "CONT_OUTCOME": "CONT_DATA"}
SUBGROUPS = {"DICH_OUTCOME": "DICH_SUBGROUP", "CONT_OUTCOME": "CONT_SUBGROUP"}
NOT_NUMBERS = {
    "id", "name", "method", "effect_measure", "random", "totals", "estimable",
    "study_id", "swap_events", "subgroups",
}  # fmt: skip


@dataclass
class Analysis:
    """One outcome as RevMan stored it: settings and results, rows, subgroups by their id."""

    name: str
    stored: Stored
    rows: list[Stored]
    groups: list[str | None]
    subgroups: dict[str, Stored]

    @property
    def binary(self) -> bool:
        return "events_1" in self.rows[0]

    def inside(self, group: str) -> np.ndarray:
        """Which rows belong to a subgroup."""
        return np.array([g == group for g in self.groups])

    @property
    def has_results(self) -> bool:
        """Some attributes are empty in files whose results were never calculated."""
        return self.stored["effect_size"] is not None and bool(self.rows)


def from_rm5(path: Path) -> list[Analysis]:
    """The dichotomous and continuous outcomes of a .rm5 file."""
    found = []
    for outcome in ET.parse(path).getroot().iterfind("ANALYSES_AND_DATA/COMPARISON/*"):
        if outcome.tag not in ROWS:
            continue
        rows, groups, subgroups = [], [], {}
        for parent in (outcome, *outcome.iterfind(SUBGROUPS[outcome.tag])):
            group = None if parent is outcome else parent.attrib["ID"]
            if group is not None:
                subgroups[group] = _attributes(parent)
            for row in parent.iterfind(ROWS[outcome.tag]):
                rows.append(_attributes(row))
                groups.append(group)
        stored = _attributes(outcome)
        found.append(Analysis(f"{path.name} {stored['id']}", stored, rows, groups, subgroups))
    return found


def _attributes(element: ET.Element) -> Stored:
    return {name.lower(): _value(name.lower(), text) for name, text in element.attrib.items()}


def _value(name: str, text: str) -> str | float | None:
    if name in NOT_NUMBERS:
        return text
    try:
        return float(text.replace("Infinity", "inf"))
    except ValueError:
        return None


def from_corpus(path: Path) -> list[Analysis]:
    """The complete analyses of revman5_dich.csv.gz or revman5_cont.csv.gz."""
    frame = pd.read_csv(path)
    frame = frame[frame.complete].astype(object)
    frame = frame.where(frame.notna(), None)
    found = []
    for (review, outcome), part in frame.groupby(["cd", "id"], sort=False):
        records = part.to_dict("records")
        rows = [_prefixed(record, "study_") for record in records]
        groups = [record["subgroup_id"] for record in records]
        subgroups = {
            record["subgroup_id"]: _prefixed(record, "subgroup_")
            for record in records
            if record["subgroup_id"] is not None
        }
        stored = {
            name: value
            for name, value in records[0].items()
            if name == "subgroup_test" or not name.startswith(("study_", "subgroup_"))
        }
        found.append(Analysis(f"{review} {outcome}", stored, rows, groups, subgroups))
    return found


def _prefixed(record: Stored, prefix: str) -> Stored:
    return {
        name.removeprefix(prefix): value
        for name, value in record.items()
        if name.startswith(prefix)
    }


def missing_counts(analysis: Analysis) -> Stored:
    """What the stored participants and events of an outcome have over the sums of its rows."""
    names = ("total_1", "total_2", "events_1", "events_2")
    excess = {
        name: number(analysis.stored[name]) - sum(number(row[name]) for row in analysis.rows)
        for name in names
        if name in analysis.stored
    }
    return {name: value for name, value in excess.items() if value}


def restored(analysis: Analysis) -> Analysis:
    """The analysis with its one missing row put back, in the last row's subgroup."""
    rows = [*analysis.rows, missing_counts(analysis)]
    return replace(analysis, rows=rows, groups=[*analysis.groups, analysis.groups[-1]])


def number(value: str | float | None) -> float:
    """A stored number; None is NaN."""
    return math.nan if value is None else float(value)

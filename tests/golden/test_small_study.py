"""Small-study tests against R's lm(), k - 2 degrees of freedom, for every two-by-two data set."""

from __future__ import annotations

import pandas as pd
import pytest

import metapool as mp

from .metafor import FOLDERS, Unit, numbers, units
from .shared import shared

BOUND = 1e-9  # relative to max(1, |stored|), the bar

#: Egger's effects there are metafor's, without studies with no events, or only events.
EGGER = mp.METAFOR.replace(double_zero="drop", all_events="drop")
FIELDS = {
    "bias": "bias",
    "se": "se",
    "t": "statistic",
    "p": "p_value",
    "intercept": "slope",
    "df": "df",
    "k": "k",
}


def run(unit: Unit, name: str) -> mp.SmallStudyTest:
    test, measure = name.split("_")
    if test == "harbord":
        return mp.small_study_test(unit.studies, "harbord", score=measure.lower())
    if unit.name == "bourassa1996":  # its study with an empty arm has an effect in metafor
        return mp.small_study_test(unit.given(measure), "egger")
    return mp.small_study_test(unit.studies, "egger", measure, conventions=EGGER)


@pytest.mark.parametrize("name", ["harbord_OR", "harbord_RR", "egger_OR", "egger_RR"])
def test_small_study(name, tally_of):
    table = pd.concat([pd.read_csv(shared(folder, "small_study.csv")) for folder in FOLDERS])
    wanted = table[table.test == name].set_index("unit")
    tally = tally_of(f"R lm, {name}")
    for unit in units():
        if unit.kind == "2x2":
            golden, ours = wanted.loc[unit.name], run(unit, name)
            for stored, field in FIELDS.items():
                value = numbers(golden[stored])[0]
                tally.near(unit.name, stored, getattr(ours, field), value, BOUND)
            too_few = ours.status == mp.Status.TOO_FEW_STUDIES
            tally.exact(unit.name, "too few", too_few, golden.k < 3)
    tally.conclude()


def test_egger_of_every_measure(tally_of):
    """metafor's regtest(model="lm"): the weighted line of effects on their standard errors."""
    tally = tally_of("metafor regtest, lm")
    for unit in units():
        for measure, values in unit.measures.items():
            golden = values.get("diag", {}).get("EE", {}).get("regtest_lm_sei", {"error": "none"})
            if "error" in golden:
                continue
            if unit.is_native(measure) and not unit.empty_arm.any():
                ours = mp.small_study_test(unit.studies, "egger", measure, conventions=mp.METAFOR)
            else:
                ours = mp.small_study_test(unit.given(measure), "egger")
            stored = {
                "bias": (ours.bias, golden["coef"][1]),
                "se": (ours.se, golden["coef_se"][1]),
                "slope": (ours.slope, golden["coef"][0]),
                "t": (ours.statistic, golden["stat"]),
                "p": (ours.p_value, golden["p"]),
                "df": (ours.df, golden["df"]),
            }
            for name, (value, wanted) in stored.items():
                tally.near(f"{unit.name} {measure}", name, value, numbers(wanted)[0], BOUND)
    tally.conclude()

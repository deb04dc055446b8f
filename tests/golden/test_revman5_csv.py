"""RevMan 5's "export analysis data" of Fleiss's trials: the mean difference that the .rm5 lacks."""

from __future__ import annotations

import pandas as pd
import pytest

import metapool as mp

from .shared import shared

BOUND = 0.501e-8  # absolute: half a unit of the last of eight decimals
P_BOUND = 1e-6  # absolute: RevMan's own approximation is good to 3e-7

COLUMNS = {
    1: (mp.TwoByTwo, {"events_e": "Events 1", "events_c": "Events 2"}),
    2: (
        mp.TwoMeans,
        {"mean_e": "Mean 1", "sd_e": "SD 1", "mean_c": "Mean 2", "sd_c": "SD 2"},
    ),
}


@pytest.mark.parametrize("outcome", COLUMNS)
def test_export(outcome, tally_of):
    table = pd.read_csv(shared("rm5", "Fleiss1993_CR.csv"))
    table = table[table["Outcome Number"] == outcome]
    total, rows = table.iloc[0], table.iloc[1:]
    kind, columns = COLUMNS[outcome]
    studies = kind.from_frame(rows, **columns, n_e="Total 1", n_c="Total 2")
    ma = mp.meta_analysis(studies, total["Effect Measure"], model="common")

    tally = tally_of(f"RevMan 5 export, {total['Effect Measure']}")
    shown, where = ma.effects.display, total["Name"]
    tally.absolute(where, "study effect", shown.estimate, rows["Effect Estimate"], BOUND)
    tally.absolute(where, "study ci start", shown.ci_low, rows["CI Start"], BOUND)
    tally.absolute(where, "study ci end", shown.ci_high, rows["CI End"], BOUND)
    tally.absolute(where, "study se", ma.effects.se, rows["SE"], BOUND)
    tally.absolute(where, "study weight", ma.weights, rows["Weight"], BOUND)
    pooled = ma.pooled
    for name, value in {
        "Effect Estimate": pooled.display.estimate,
        "CI Start": pooled.display.ci_low,
        "CI End": pooled.display.ci_high,
        "Q": pooled.q,
        "I²(Q)": pooled.i2,
        "Tau²": pooled.tau2,
        "Z": abs(pooled.statistic),
        "df": pooled.q_df,
    }.items():
        tally.absolute(where, name, value, total[name], BOUND)
    tally.absolute(where, "P(Q)", pooled.q_p, total["P(Q)"], P_BOUND)
    tally.absolute(where, "P(Z)", pooled.p_value, total["P(Z)"], P_BOUND)
    tally.conclude()

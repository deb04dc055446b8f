"""Small-study tests against R's lm(), regtest() and ranktest(), for every data set."""

from __future__ import annotations

import pandas as pd
import pytest

import metapool as mp

from .metafor import FOLDERS, Unit, numbers, units
from .shared import shared

BOUND = 1e-9  # relative to max(1, |stored|)
ADDITIVE, ITERATED = 1e-8, 1e-7

#: Egger's effects there are metafor's, without studies with no events, or only events.
EGGER = mp.METAFOR.replace(double_zero="drop", all_events="drop")
FIELDS = {
    "bias": "bias",
    "se": "se",
    "t": "statistic",
    "p": "p_value",
    "intercept": "slope",
    "se_intercept": "slope_se",
    "sigma2": "dispersion",
    "df": "df",
    "k": "k",
}


SCORES = {"harbord_OR": "or", "harbord_OR_N": "or-cochran", "harbord_RR": "rr"}
LINES = ["deeks_OR", "egger_OR", "egger_RR", "macaskill_OR", "peters_OR"]
#: Its study with an empty arm, which metapool refuses, has an effect in metafor.
EMPTY_ARM = "bourassa1996"


def run(unit: Unit, name: str) -> mp.SmallStudyTest:
    if name in SCORES:
        return mp.small_study_test(unit.studies, "harbord", score=SCORES[name])
    test, measure = name.split("_")
    if unit.name == EMPTY_ARM and test == "egger":
        return mp.small_study_test(unit.given(measure), "egger")
    return mp.small_study_test(unit.studies, test, measure, conventions=EGGER)


@pytest.mark.parametrize("name", [*SCORES, *LINES])
def test_small_study(name, tally_of):
    table = pd.concat([pd.read_csv(shared(folder, "small_study.csv")) for folder in FOLDERS])
    wanted = table[table.test == name].set_index("unit")
    tally = tally_of(f"R lm, {name}")
    for unit in units():
        if unit.kind == "2x2" and not (
            unit.name == EMPTY_ARM and name in ("macaskill_OR", "peters_OR")
        ):
            golden, ours = wanted.loc[unit.name], run(unit, name)
            for stored, field in FIELDS.items():
                value = numbers(golden[stored])[0]
                tally.near(unit.name, stored, getattr(ours, field), value, BOUND)
            too_few = ours.status == mp.Status.TOO_FEW_STUDIES
            tally.exact(unit.name, "too few", too_few, golden.k < 3)
    tally.conclude()


def diagnosed(unit: Unit, model: str, key: str):
    """The measures of a unit for which metafor has a diagnosis, and that."""
    for measure, values in unit.measures.items():
        golden = values.get("diag", {}).get(model, {}).get(key)
        if isinstance(golden, dict) and "error" not in golden:
            yield measure, golden


def taken(unit: Unit, measure: str, method: str, **options) -> mp.SmallStudyTest:
    """A test of metapool's own effects, or of metafor's where it takes none."""
    if unit.is_native(measure) and not unit.empty_arm.any():
        studies, rules = unit.studies, mp.METAFOR
        return mp.small_study_test(studies, method, measure, conventions=rules, **options)
    return mp.small_study_test(unit.given(measure), method, **options)


def compare_line(tally, where: str, ours: mp.SmallStudyTest, golden, bound: float) -> None:
    stored = {
        "bias": (ours.bias, golden["coef"][1]),
        "se": (ours.se, golden["coef_se"][1]),
        "slope": (ours.slope, golden["coef"][0]),
        "slope_se": (ours.slope_se, golden["coef_se"][0]),
        "statistic": (ours.statistic, golden["stat"]),
        "p": (ours.p_value, golden["p"]),
        "df": (ours.df, golden["df"] or 0),
    }
    for name, (value, wanted) in stored.items():
        tally.near(where, name, value, numbers(wanted)[0], bound)


@pytest.mark.parametrize(("key", "method"), [("lm_sei", "egger"), ("lm_vi", "peese")])
def test_weighted_line_of_every_measure(key, method, tally_of):
    """metafor's regtest(model="lm"): the line of effects on standard errors, or on variances."""
    tally = tally_of(f"metafor regtest, {key}")
    for unit in units():
        for measure, golden in diagnosed(unit, "EE", f"regtest_{key}"):
            ours = taken(unit, measure, method)
            compare_line(tally, f"{unit.name} {measure}", ours, golden, BOUND)
    tally.conclude()


@pytest.mark.parametrize(("model", "tau2"), [("EE", "common"), ("DL", "DL"), ("REML", "REML")])
def test_additive_line_of_every_measure(model, tau2, tally_of):
    """metafor's regtest(model="rma")."""
    tally = tally_of(f"metafor regtest, rma {model}")
    for unit in units():
        for measure, golden in diagnosed(unit, model, "regtest_rma_sei"):
            ours = taken(unit, measure, "thompson-sharp", tau2=tau2)
            bound = ITERATED if tau2 == "REML" else ADDITIVE
            compare_line(tally, f"{unit.name} {measure}", ours, golden, bound)
    tally.conclude()


@pytest.mark.parametrize(("key", "p"), [("ranktest_default", "exact"), ("ranktest", "normal")])
def test_rank_correlation(key, p, tally_of):
    """metafor's ranktest(), by default and with exact=FALSE (whose P of two studies is 0/0)."""
    tally = tally_of(f"metafor {key}")
    for unit in units():
        for measure, golden in diagnosed(unit, "EE", key):
            ours = mp.small_study_test(unit.given(measure), "begg", p=p)
            where = f"{unit.name} {measure}"
            tally.near(where, "tau", ours.slope, numbers(golden["tau"])[0], BOUND)
            if ours.k > 2 or p == "exact":
                tally.near(where, "p", ours.p_value, numbers(golden["p"])[0], BOUND)
    tally.conclude()


def test_fail_safe_n(tally_of):
    tally = tally_of("metafor fsn, Rosenthal")
    for unit in units():
        for measure, values in unit.measures.items():
            golden = values.get("diag", {}).get("EE", {}).get("fsn_rosenthal")
            if golden is not None:
                ours = mp.fail_safe_n(unit.given(measure)).rosenthal
                tally.near(f"{unit.name} {measure}", "n", ours, golden, 0.0)
    tally.conclude()

"""metafor 3.8.1: effect sizes, equal and random effects, intervals, Mantel-Haenszel, Peto."""

from __future__ import annotations

import numpy as np
import pytest

import metapool as mp

from .metafor import FIELDS, P_FIELDS, Unit, numbers, units
from .tally import Tally

BOUND = 1e-9  # relative to max(1, |stored|), the bar; P relative to P itself
LEAST_P = 1e-300  # R's pnorm is 0 beyond 37.5 standard deviations

METHODS = {
    "EE": "IV",
    **{method: method for method in ("DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM")},
}
#: metafor's test= or adhoc, by the oracle's name.
INTERVALS = {"knha": "hk", "tdist": "t", "adhoc": "hk-adhoc"}
CORRECTED = {
    "default": mp.METAFOR,
    "add_half_half_only0": mp.METAFOR.replace(mh_cc=0.5, mh_cc_when="only0"),
    "add_half_half_all": mp.METAFOR.replace(mh_cc=0.5, mh_cc_when="all", study_cc_when="all"),
}
ESCALC_VARIANTS = {
    "to_all": mp.METAFOR.replace(study_cc_when="all"),
    "to_if0all": mp.METAFOR.replace(study_cc_when="if0all"),
    "drop00": mp.METAFOR.replace(double_zero="drop", all_events="drop"),
}
SMD_VARIANCES = {"LS": "ls", "LS2": "ls2", "UB": "ub"}


def tables() -> list[Unit]:
    """The two-by-two units that metapool takes as they are.

    An arm without participants is an error in metapool; in metafor its study has an effect made
    of corrections alone. Such a unit is compared by its other rows, and pooled from metafor's yi.
    """
    return [unit for unit in units() if unit.kind == "2x2" and not unit.empty_arm.any()]


def test_two_units_have_an_empty_arm():
    empty = {unit.name for unit in units() if unit.empty_arm.any()}
    assert empty == {"bourassa1996", "meta.caffeine"}


def compare_effects(
    tally: Tally, where: str, unit: Unit, effects: mp.EffectSizes, golden: dict
) -> None:
    kept = ~unit.empty_arm
    tally.near(where, "yi", effects.y, numbers(golden["yi"])[kept], BOUND)
    tally.near(where, "vi", effects.v, numbers(golden["vi"])[kept], BOUND)


def compare_pooled(tally: Tally, where: str, pooled: mp.Pooled, golden: dict) -> None:
    for name, field in FIELDS.items():
        if name in golden:
            tally.near(where, name, getattr(pooled, field), numbers(golden[name])[0], BOUND)
    for name, field in P_FIELDS.items():
        if name in golden:
            ours = np.maximum(getattr(pooled, field), LEAST_P)
            stored = np.maximum(numbers(golden[name])[0], LEAST_P)
            tally.relative(where, name, ours, stored, BOUND)


def compare_details(tally: Tally, where: str, pooled: mp.Pooled, golden: dict) -> None:
    """Standard error of tau2 and prediction interval, which metafor lacks for a common effect."""
    for name, field in {"se_tau2": "tau2_se", "pi_lb": "pi_low", "pi_ub": "pi_high"}.items():
        if golden.get(name) is not None and pooled.k > 1:
            tally.near(where, name, getattr(pooled, field), numbers(golden[name])[0], BOUND)


def test_escalc(tally_of):
    tally = tally_of("metafor escalc")
    for unit in units():
        for measure, golden in unit.measures.items():
            if unit.is_native(measure):
                effects = mp.effect_sizes(unit.studies, measure, mp.METAFOR)
                compare_effects(tally, f"{unit.name} {measure}", unit, effects, golden["escalc"])
    tally.conclude()


def test_escalc_corrections(tally_of):
    """Correction of all studies, or of all if any has a zero cell; double zeros dropped."""
    tally = tally_of("metafor escalc, other corrections")
    for unit in tables():
        for measure in ("RR", "OR", "RD"):
            golden = unit.measures[measure]["escalc_variants"]
            for variant, rule in ESCALC_VARIANTS.items():
                if variant != "drop00" or measure != "RD":  # metapool never drops from the RD
                    effects = mp.effect_sizes(unit.studies, measure, rule)
                    where = f"{unit.name} {measure} {variant}"
                    compare_effects(tally, where, unit, effects, golden[variant])
    tally.conclude()


def test_escalc_smd_variances(tally_of):
    tally = tally_of("metafor escalc, variances of the SMD")
    for unit in units():
        if unit.kind == "cont":
            for variant, variance in SMD_VARIANCES.items():
                rule = mp.METAFOR.replace(smd_variance=variance)
                effects = mp.effect_sizes(unit.studies, "SMD", rule)
                golden = unit.measures["SMD_vtypes"][variant]
                compare_effects(tally, f"{unit.name} SMD {variant}", unit, effects, golden)
    tally.conclude()


@pytest.mark.parametrize("method", METHODS)
def test_inverse_variance(method, tally_of):
    """From counts and means where metapool has the measure, from metafor's yi and vi elsewhere."""
    tally = tally_of(f"metafor rma, {method}")
    for unit in units():
        for measure, golden in unit.measures.items():
            if method not in golden.get("rma", {}):
                continue
            if unit.is_native(measure) and not unit.empty_arm.any():
                pooled = mp.pool(unit.studies, measure, METHODS[method], mp.METAFOR)
            else:
                pooled = mp.pool(unit.given(measure), None, METHODS[method], mp.METAFOR)
            where = f"{unit.name} {measure}"
            compare_pooled(tally, where, pooled, golden["rma"][method])
            compare_details(tally, where, pooled, golden["rma"][method])
            tally.exact(where, "k", pooled.k, golden["rma"][method]["k"])
            weights = golden.get("diag", {}).get(method, {}).get("weights")
            if weights is not None:
                contributes = pooled.weights > 0
                tally.near(where, "weights", pooled.weights[contributes], numbers(weights), BOUND)
    tally.conclude()


@pytest.mark.parametrize("block", INTERVALS)
def test_interval(block, tally_of):
    """Against metafor's own effects, run to convergence."""
    tally = tally_of(f"metafor rma, {block}")
    for unit in units():
        for measure, golden in unit.measures.items():
            for method, stored in golden.get(block, {}).items():
                pooled = mp.pool(
                    unit.given(measure),
                    method=METHODS[method],
                    conventions=mp.METAFOR,
                    interval=INTERVALS[block],
                )
                compare_pooled(tally, f"{unit.name} {measure} {method}", pooled, stored)
                compare_details(tally, f"{unit.name} {measure} {method}", pooled, stored)
    tally.conclude()


@pytest.mark.parametrize("correction", CORRECTED)
def test_mantel_haenszel(correction, tally_of):
    tally = tally_of(f"metafor rma.mh, {correction}")
    for unit in tables():
        for measure in ("RR", "OR", "RD"):
            golden = unit.measures[measure]["mh"][correction]
            pooled = mp.pool(unit.studies, measure, "MH", CORRECTED[correction])
            where = f"{unit.name} {measure}"
            compare_pooled(tally, where, pooled, golden)
            tally.exact(where, "k", pooled.k, golden["k"])
            tally.exact(where, "df", pooled.q_df, golden["k_yi"] - 1)
    tally.conclude()


def test_peto(tally_of):
    tally = tally_of("metafor rma.peto")
    for unit in tables():
        golden = unit.oracle["peto"]
        pooled = mp.pool(unit.studies, "PETO", "Peto", mp.METAFOR)
        compare_pooled(tally, unit.name, pooled, golden)
        tally.exact(unit.name, "k", pooled.k, golden["k_pos"])
    tally.conclude()

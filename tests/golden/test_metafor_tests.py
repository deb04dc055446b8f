"""metafor 3.8.1: Q-profile intervals, Cochran-Mantel-Haenszel, Breslow-Day, Tarone."""

import numpy as np
import pytest

import metapool as mp

from .metafor import numbers, units
from .test_metafor import BOUND, CORRECTED, LEAST_P, tables

QUANTITIES = ("tau2", "tau", "i2", "h2")
TESTS = {"CMH": "cmh", "BD": "breslow_day", "TA": "tarone"}
VARIANTS = {
    **CORRECTED,
    "correct_false": mp.METAFOR,
    "drop00_true": mp.METAFOR.replace(double_zero="drop", all_events="drop"),
    "drop00_false": mp.METAFOR,
    "add_half_none": mp.METAFOR,
}


@pytest.mark.parametrize("method", ["DL", "REML"])
def test_q_profile(method, tally_of):
    """Limits of tau2 and of tau, I2 and H2, which follow; metafor's null sets have limits 0."""
    tally = tally_of(f"metafor confint, {method}")
    for unit in units():
        for measure, golden in unit.measures.items():
            stored = golden.get("diag", {}).get(method, {}).get("qp")
            if stored is None:
                continue
            found = mp.pool(unit.given(measure), None, method).heterogeneity_interval("qp")
            for name in QUANTITIES:
                ours = [getattr(found, f"{name}_{end}") for end in ("low", "high")]
                theirs = numbers(stored["I2" if name == "i2" else name.replace("h2", "H2")])[1:]
                tally.near(f"{unit.name} {measure}", name, ours, theirs, BOUND)
    tally.conclude()


@pytest.mark.parametrize("variant", VARIANTS)
def test_tables(variant, tally_of):
    tally = tally_of(f"metafor rma.mh tests, {variant}")
    for unit in tables():
        golden = unit.measures["OR"]["mh"].get(variant)
        if golden is None or golden["CMH"] is None:
            continue
        correct = variant != "correct_false"
        found = mp.table_tests(unit.studies, correct, VARIANTS[variant])
        for name, field in TESTS.items():
            theirs = numbers(golden[name])[0]
            tally.near(unit.name, name, getattr(found, field), theirs, BOUND)
            p = np.maximum([getattr(found, f"{field}_p"), numbers(golden[f"{name}p"])[0]], LEAST_P)
            tally.relative(unit.name, f"{name}p", p[0], p[1], BOUND)
        tally.exact(unit.name, "k", found.k, golden["k_pos"])
    tally.conclude()

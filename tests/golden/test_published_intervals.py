"""Published intervals of heterogeneity, and tests of two-by-two tables, to their printed digits.

van Houwelingen et al. 2002, Stat Med 21:589-624, p. 597; Viechtbauer 2007, Stat Med 26:37-52;
Higgins & Thompson's interval by R's meta; Rothman et al. 2008, Modern Epidemiology, p. 275.
"""

import math

import pytest

import metapool as mp

from . import classic
from .metafor import units
from .printed import prints_as

# Where metafor printed what its root finder stops at by default, here are its digits with a
# tolerance of 1e-12; the printed ones stand behind.
INTERVALS = {
    "BCG OR, profile likelihood (van Houwelingen)": (
        ("OR", "ML", "pl"), {"tau2_low": ".1151", "tau2_high": ".8937"},
    ),
    "BCG OR, Q-profile (van Houwelingen)": (
        ("OR", "ML", "qp"), {"tau2_low": ".1301", "tau2_high": "1.1812"},  # .1302
    ),
    "BCG RR, Q-profile (metafor)": (
        ("RR", "DL", "qp"),
        {
            "tau2_low": ".1197", "tau2_high": "1.1115",
            "i2_low": "81.9206", "i2_high": "97.6781",  # 81.9177
        },
    ),
    "BCG RR, profile likelihood (R's own likelihoods, roots to 1e-14)": (
        ("RR", "REML", "pl"), {"tau2_low": "0.115266105748", "tau2_high": "0.964695326514"},
    ),
    "BCG RR, test-based (meta)": (
        ("RR", "DL", "ht"), {"i2_low": "88.31638", "i2_high": "94.6818"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INTERVALS)
def test_bcg(name):
    (measure, method, kind), figures = INTERVALS[name]
    found = mp.pool(classic.BCG, measure, method, mp.METAFOR).heterogeneity_interval(kind)
    for field, text in figures.items():
        value = getattr(found, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


def test_bcg_h():
    found = mp.pool(classic.BCG, "RR", "DL", mp.METAFOR).heterogeneity_interval("ht")
    assert prints_as(math.sqrt(found.h2_low), "2.925575")
    assert prints_as(math.sqrt(found.h2_high), "4.336270")


def test_viechtbauer_2007_diuretics():
    """Diuretics in pregnancy and pre-eclampsia (Collins et al. 1985)."""
    (unit,) = [unit for unit in units() if unit.name == "collins1985b.pre"]
    found = mp.pool(unit.studies, "OR", "DL", mp.METAFOR).heterogeneity_interval()
    assert prints_as(found.tau2_low, ".0723")
    assert prints_as(found.tau2_high, "2.2027")


def test_bcg_tables():
    """metafor 3.8.1."""
    found = mp.table_tests(classic.BCG, conventions=mp.METAFOR)
    assert prints_as(found.cmh, "135.688944")
    assert prints_as(found.breslow_day, "171.765367")
    assert prints_as(found.tarone, "171.756673")


def test_rothman_2008_tolbutamide():
    found = mp.table_tests(classic.TOLBUTAMIDE, correct=False, conventions=mp.METAFOR)
    assert prints_as(found.cmh, "1.1914")
    assert prints_as(found.tarone, ".3489")

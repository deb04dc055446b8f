"""Published random-effects analyses, to their printed digits.

Viechtbauer 2005, J Educ Behav Stat 30:261-293, pp. 271-272; DerSimonian & Kacker 2007, Contemp
Clin Trials 28:105-114, tables 3 and 4; Normand 1999, Stat Med 18:321-359, tables VII and IX; van
Houwelingen et al. 2002, Stat Med 21:589-624, p. 597; Raudenbush 1985, J Educ Psychol 76:85-97;
Viechtbauer 2007, Stat Med 26:37-52; Henmi & Copas 2010, Stat Med 29:2969-2983, p. 2978; Berkey
et al. 1995, Stat Med 14:395-411, p. 408. The papers print fewer digits: these are the figures of
metafor-project.org and of metafor's tests for the same examples. The common effect, and most
figures of DL, are in test_worked_examples.py.
"""

import numpy as np
import pandas as pd
import pytest

import metapool as mp

from . import classic
from .printed import prints_as
from .shared import shared

ESTIMATORS = ("HS", "HE", "DL", "ML", "REML", "EB", "SJ")
VIECHTBAUER = {
    271: (
        classic.VIECHTBAUER_271,
        {
            "tau2": ".2282 .1484 .2768 .1967 .2232 .1920 .1992",
            "i2": "77.2284 68.7988 80.4447 74.5098 76.8399 74.0511 74.7545",
            "h2": "4.3914 3.2050 5.1137 3.9231 4.3178 3.8537 3.9611",
            "tau2_se": ".1328 .1234 .1841 .1255 .1464 .1330 .0979",
        },
    ),
    272: (
        classic.VIECHTBAUER_272,
        {
            "tau2": ".0099 .0000 .0126 .0132 .0157 .0104 .0248",
            "i2": "22.9266 .0000 27.5275 28.4505 32.0203 23.7198 42.6734",
            "tau2_se": ".0138 .0217 .0159 .0151 .0167 .0156 .0118",
        },
    ),
}
#: By page, estimator and field. metafor printed these where its iterations stop by default, at a
#: change of tau2 below 1e-5; here are its digits with a threshold of 1e-12.
VIECHTBAUER_CONVERGED = {
    (271, "ML", "i2"): "74.5097",
    (271, "REML", "i2"): "76.8398",
    (271, "REML", "h2"): "4.3177",
    (272, "ML", "i2"): "28.4515",
    (272, "REML", "i2"): "32.0220",
    (272, "EB", "i2"): "23.7179",
}


@pytest.mark.parametrize("method", ESTIMATORS)
@pytest.mark.parametrize("page", VIECHTBAUER)
def test_viechtbauer_2005(page, method):
    studies, table = VIECHTBAUER[page]
    pooled = mp.pool(studies, method=method, conventions=mp.METAFOR)
    for field, row in table.items():
        printed = row.split()[ESTIMATORS.index(method)]
        text = VIECHTBAUER_CONVERGED.get((page, method, field), printed)
        value = getattr(pooled, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


#: Method: tau, mean, SE. The paper's CA is HE, its CA2 is HE2.
CLASP = {
    "PM": (".3681", "-.3811", ".2060"),
    "HE": (".4410", "-.4035", ".2327"),
    "HE2": (".3831", "-.3861", ".2115"),
    "DL2": (".3254", "-.3655", ".1901"),
    "EB": (".3681", "-.3811", ".2060"),
    "REML": (".1843", "-.2980", ".1343"),
    "HS": (".1330", "-.2666", ".1125"),
    "SJ": (".4572", "-.4079", ".2386"),
    # metafor printed .0023, -.1974, .0694 on its way to 0, where the likelihood is greatest: it
    # falls from there on, and a threshold of 1e-12 ends at a tau of 7e-7.
    "ML": (".0000", "-.1973", ".0694"),
}


@pytest.mark.parametrize("method", CLASP)
def test_dersimonian_kacker_2007(method):
    pooled = mp.pool(classic.CLASP, "OR", method, mp.METAFOR)
    values = (pooled.tau2**0.5, pooled.estimate, pooled.se)
    for field, value, text in zip(("tau", "mean", "SE"), values, CLASP[method], strict=True):
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


def test_normand_1999_risk_difference():
    """Table VII: lidocaine, REML, percentage points."""
    pooled = mp.pool(classic.HINE, "RD", "REML", mp.METAFOR)
    assert pooled.tau2 == 0
    assert prints_as(100 * pooled.estimate, "2.9444")
    assert prints_as(100 * pooled.ci_low, ".3831")
    assert prints_as(100 * pooled.ci_high, "5.5058")


@pytest.mark.parametrize(
    ("method", "figures"),
    [
        ("IV", {"estimate": "-3.4939", "ci_low": "-5.0265", "ci_high": "-1.9613"}),
        (
            "DL",
            {
                "estimate": "-14.0972", "ci_low": "-24.4454", "ci_high": "-3.7490",
                "tau2": "218.7216",
            },
        ),
        (
            "REML",
            {
                "estimate": "-15.1217", "ci_low": "-32.6716", "ci_high": "2.4282",
                "tau2": "685.1965",
            },
        ),
    ],
)  # fmt: skip
def test_normand_1999_length_of_stay(method, figures):
    """Table IX: stroke units, mean differences with the pooled SD in both arms."""
    trials = pd.read_csv(shared("metadat", "units", "normand1999.csv"))
    df_e, df_c = trials.n1i - 1, trials.n2i - 1
    sd = np.sqrt((df_e * trials.sd1i**2 + df_c * trials.sd2i**2) / (df_e + df_c))
    studies = mp.TwoMeans(
        mean_e=trials.m1i, sd_e=sd, n_e=trials.n1i, mean_c=trials.m2i, sd_c=sd, n_c=trials.n2i
    )
    pooled = mp.pool(studies, "MD", method, mp.METAFOR)
    for field, text in figures.items():
        value = getattr(pooled, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


@pytest.mark.parametrize(
    ("interval", "low", "high"), [("wald", ".3360", ".6749"), ("hk", ".3175", ".7141")]
)
def test_van_houwelingen_2002(interval, low, high):
    """BCG, odds ratio by ML; Hartung and Knapp's interval is not in the paper."""
    pooled = mp.pool(classic.BCG, "OR", "ML", mp.METAFOR, interval)
    assert prints_as(pooled.tau2, ".3025")
    assert prints_as(pooled.display.estimate, ".4762")
    assert prints_as(pooled.display.ci_low, low)
    assert prints_as(pooled.display.ci_high, high)


def test_berkey_1995():
    """BCG, log risk ratio by EB; variances smoothed: all trials' mean odds, each trial's size."""
    bcg = classic.BCG
    odds_against_e = np.mean(bcg.n_e / bcg.events_e - 1)
    odds_against_c = np.mean(bcg.n_c / bcg.events_c - 1)
    effects = mp.Effects(
        y=mp.effect_sizes(bcg, "RR").y, v=odds_against_e / bcg.n_e + odds_against_c / bcg.n_c
    )
    pooled = mp.pool(effects, method="EB", conventions=mp.METAFOR)
    assert prints_as(pooled.estimate, "-.5429")
    assert prints_as(pooled.se, ".1842")
    assert prints_as(pooled.tau2, ".2682")


def check(pooled, figures):
    for field, text in figures.items():
        value = getattr(pooled, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


def test_raudenbush_1985():
    """metafor printed .3711 as the upper prediction limit; with a threshold of 1e-12, .3710."""
    reml = mp.pool(classic.RAUDENBUSH, method="REML", conventions=mp.METAFOR)
    check(reml, {"tau2": ".0188", "estimate": ".0837", "statistic": "1.6208", "q": "35.8295"})
    check(reml, {"pi_low": "-.2036", "pi_high": ".3710"})
    common = mp.pool(classic.RAUDENBUSH, method="IV")
    check(common, {"estimate": ".0604", "statistic": "1.6553"})


def test_viechtbauer_2007_hypericum():
    common = mp.pool(classic.HYPERICUM, "RR", "IV", mp.METAFOR)
    check(common.display, {"estimate": "1.3840", "ci_low": "1.2599", "ci_high": "1.5204"})
    check(common, {"q": "51.5454"})
    random = mp.pool(classic.HYPERICUM, "RR", "DL", mp.METAFOR)
    check(random.display, {"estimate": "1.5722", "ci_low": "1.3103", "ci_high": "1.8864"})
    check(random.display, {"pi_low": ".8488", "pi_high": "2.9120"})
    check(random, {"tau2": ".0903"})


def test_henmi_copas_2010_dersimonian_laird():
    pooled = mp.pool(classic.ACUPUNCTURE, "OR", "DL", mp.METAFOR)
    check(pooled, {"tau2": ".3325", "estimate": "-.6787", "ci_low": "-1.0664", "ci_high": "-.2911"})

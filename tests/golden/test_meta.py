"""R's meta: stored results of metabin, metacont and metagen, and Stata's meta on magnesium.

Simulated tables, 12 digits: meta 8.5.0, benchmarks of StatsDirect (iain-buchan/statsdirect,
tests/MetaAnalysis/benchmarks), RR.Cochrane=TRUE there. Joy 2006: meta 4.15-1, Meta-Analysis with
R's haloperidol trials. Fine 1993: meta 4.11-0, in statsmodels' tests. The others name theirs.
"""

import pytest

import metapool as mp

from . import classic
from .classic import tables
from .printed import prints_as

COCHRANE = mp.META.replace(rr_cc="all-cells")  # RR.Cochrane=TRUE
EXACT = COCHRANE.replace(mh_cc=0.0, mh_cc_when="none", rd_cc="variance")  # MH.exact=TRUE
TACC = COCHRANE.replace(study_cc_kind="treatment-arm", mh_cc_kind="treatment-arm")

DRAWN = tables(
    [
        (52, 411, 77, 331), (36, 846, 75, 730), (14, 196, 43, 320), (30, 620, 35, 279),
        (8, 500, 14, 285), (14, 476, 41, 789), (21, 338, 24, 298), (18, 348, 39, 225),
        (21, 201, 53, 306), (32, 429, 28, 306),
    ]
)  # fmt: skip
SPARSE = tables([(0, 10, 0, 9), (1, 29, 2, 11), (0, 6, 1, 5)])
ONE_EACH = tables([(16, 57, 6, 21), (1, 1, 0, 1), (4, 17, 8, 19), (20, 54, 7, 27), (3, 12, 36, 99)])
DOUBLE_ALL = tables(
    [
        (12, 35, 5, 21), (8, 15, 7, 19), (15, 15, 19, 19), (16, 34, 7, 14), (1, 20, 4, 24),
        (15, 40, 37, 75), (8, 30, 10, 47),
    ]
)  # fmt: skip

#: Studies, measure, rules; estimate and limits of MH, natural scale; the same of DL; Q and its P.
#: Q is about the Mantel-Haenszel mean (Q.Cochrane=TRUE).
CASES = {
    "drawn OR": (
        DRAWN, "OR", COCHRANE, ".470435019397 .398006000368 .556044650761",
        ".471569528217 .381669165076 .582645495867", "13.6198856437 .136503606416",
    ),
    "drawn RR": (
        DRAWN, "RR", COCHRANE, ".507422830447 .436613374478 .589716082717",
        ".507967148021 .418344110711 .61679038108", "13.8644775627 .127228347984",
    ),
    "drawn RD": (
        DRAWN, "RD", COCHRANE, "-.0556001733268 -.0678916956512 -.0433086510025",
        "-.053775405056 -.0751133753901 -.0324374347218", "28.3804280745 .000823769772111",
    ),
    "sparse OR": (
        SPARSE, "OR", COCHRANE, ".185152057245 .0240415187919 1.42592007596",
        ".182486718246 .0240632247274 1.38391270137", ".0281081352666 .86685484938",
    ),
    "sparse RR": (
        SPARSE, "RR", COCHRANE, ".22402044293 .0362011585845 1.38628598677",
        ".220556456571 .035511091066 1.36985795353", ".0452782908354 .831493134346",
    ),
    "sparse RD": (
        SPARSE, "RD", COCHRANE, "-.110749748005 -.261363730261 .0398642342507",
        "-.0719834447456 -.207970900519 .0640040110274", "1.69756064525 .427936558313",
    ),
    "sparse OR, exact": (
        SPARSE, "OR", EXACT, ".115654205607 .0100062348095 1.33675608551", "",
        ".222576639781 .637083622578",
    ),
    "sparse RR, exact": (
        SPARSE, "RR", EXACT, ".137813211845 .0130037703177 1.46053651326", "",
        ".299689658612 .584077042363",
    ),
    "sparse RD, exact": (
        SPARSE, "RD", EXACT, "-.111434791704 -.248817310374 .0259477269666", "",
        "1.70869132086 .425561561767",
    ),
    "sparse OR, treatment-arm": (
        SPARSE, "OR", TACC, ".193168266651 .0255867400468 1.45833268219",
        ".190032430983 .0255011984169 1.41610304877", ".0473101773332 .827811671955",
    ),
    "sparse RR, treatment-arm": (
        SPARSE, "RR", TACC, ".23310001842 .0387600802474 1.40184484243",
        ".229679081433 .0377987389245 1.39561482602", ".0698211928646 .791597301023",
    ),
    "sparse RD, treatment-arm": (
        SPARSE, "RD", TACC, "-.110726095888 -.261625551805 .0401733600281",
        "-.0715835330115 -.207565924933 .0643988589104", "1.69912786112 .427601355182",
    ),
    "one each OR": (
        ONE_EACH, "OR", TACC, ".961562481016 .542642770103 1.70388781689",
        ".959713012387 .529679721235 1.73887923064", "3.83715518456 .428492852821",
    ),
    "one each RR": (
        ONE_EACH, "RR", TACC, ".972906294982 .642361018351 1.47354311948",
        ".97889446117 .641516244083 1.49370241977", "3.45306283291 .485051039011",
    ),
    "one each RD": (
        ONE_EACH, "RD", TACC, ".000744043642008 -.119349783107 .120837870391",
        ".0100757689692 -.179747465405 .199899003343", "8.6074015138",
    ),
    "double and all OR": (
        DOUBLE_ALL, "OR", COCHRANE, ".951621406825 .601663055698 1.50513363477",
        ".964527720386 .603074820638 1.54261741919", "4.68366790707 .455691415513",
    ),
    "double and all RR": (
        DOUBLE_ALL, "RR", COCHRANE, ".974948260674 .778414416107 1.22110291295",
        ".991592286445 .892847304096 1.10125802926", "4.59523021296 .596671361216",
    ),
    "double and all RD": (
        DOUBLE_ALL, "RD", COCHRANE, "-.00948523763001 -.0963353821451 .0773649068851",
        "", "5.05999408097",
    ),
    "double and all RR, exact": (
        DOUBLE_ALL, "RR", EXACT, ".976218209049 .779384007615 1.2227630826", "",
        "4.58043592226 .598634512314",
    ),
    "double and all RD, exact": (
        DOUBLE_ALL, "RD", EXACT, "-.00953575183782 -.0962486782468 .0771771745711",
        "-.0130213788684 -.0826366009585 .0565938432217", "5.05971292468 .5361776478",
    ),
}  # fmt: skip


def near(value, text):
    """To the 12 significant digits that are printed, but for one in the last."""
    return value == pytest.approx(float(text), rel=1.1e-11)


@pytest.mark.parametrize("name", CASES)
def test_tables(name):
    studies, measure, rules, mh, dl, q = CASES[name]
    pooled = {m: mp.pool(studies, measure, m, rules) for m in ("MH", "DL")}
    for method, figures in (("MH", mh), ("DL", dl)):
        shown = pooled[method].display
        ours = (shown.estimate, shown.ci_low, shown.ci_high)
        for value, text in zip(ours, figures.split(), strict=False):
            assert near(value, text), (method, value, text)
    for value, text in zip((pooled["MH"].q, pooled["MH"].q_p), q.split(), strict=False):
        assert near(value, text)


@pytest.mark.parametrize(
    ("studies", "measure", "rules", "row", "estimate", "v"),
    [
        (SPARSE, "OR", COCHRANE, 1, ".160714285714", "1.64682539683"),
        (SPARSE, "OR", COCHRANE, 2, ".230769230769", "3.04273504274"),
        (SPARSE, "RR", COCHRANE, 2, ".285714285714", "2.35714285714"),
        (SPARSE, "RD", COCHRANE, 2, "-.2", ".0407252186589"),
        (SPARSE, "OR", TACC, 2, ".255208333333", "2.89810090703"),
        (SPARSE, "RR", TACC, 2, ".3125", "2.21057692308"),
        (SPARSE, "RD", TACC, 2, "-.2", ".0414164770141"),
        (ONE_EACH, "RR", TACC, 1, "3", "1.66666666667"),
        (DOUBLE_ALL, "RR", COCHRANE, 2, ".99358974359", ".00329818031431"),
    ],
)
def test_studies(studies, measure, rules, row, estimate, v):
    effects = mp.effect_sizes(studies, measure, rules)
    assert near(effects.display.estimate[row], estimate)
    assert near(effects.v[row], v)


def test_an_all_event_study_has_no_odds_ratio():
    assert not mp.effect_sizes(DOUBLE_ALL, "OR", mp.META).included[2]
    assert mp.effect_sizes(DOUBLE_ALL, "RR", COCHRANE).included[2]


HALOPERIDOL = tables(
    [
        (25, 50, 18, 51), (29, 47, 20, 34), (12, 29, 2, 30), (3, 12, 0, 12), (10, 21, 3, 22),
        (11, 19, 1, 15), (7, 25, 4, 25), (8, 17, 3, 13), (19, 64, 14, 64), (1, 10, 0, 10),
        (11, 34, 0, 13), (20, 29, 2, 11), (17, 18, 7, 11), (4, 14, 0, 13), (2, 16, 0, 7),
        (11, 12, 1, 12), (9, 29, 0, 29),
    ]
)  # fmt: skip


def check(found, figures):
    for field, text in figures.items():
        value = getattr(found, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


def test_joy_2006_default_risk_ratio():
    """The default RR.Cochrane=FALSE: n + 0.5."""
    shown = mp.effect_sizes(HALOPERIDOL, "RR", mp.META).display
    upper = {3: "121.94", 9: "65.55", 10: "142.29", 13: "141.44", 14: "41.77", 16: "311.71"}
    for row, text in upper.items():
        assert prints_as(shown.ci_high[row], text)
    common = mp.pool(HALOPERIDOL, "RR", conventions=mp.META)
    assert common.method == "MH"
    check(common.display, {"estimate": "2.09", "ci_low": "1.69", "ci_high": "2.59"})
    check(common, {"statistic": "6.71"})
    random = mp.pool(HALOPERIDOL, "RR", "PM", mp.META)
    check(random.display, {"estimate": "2.15", "ci_low": "1.51", "ci_high": "3.06"})
    check(
        random, {"statistic": "4.23", "tau2": ".1754", "i2": "41.3", "q": "27.24", "q_p": ".0388"}
    )
    found = random.heterogeneity_interval("qp")
    check(found, {"tau2_low": ".0000", "tau2_high": "1.0088"})


def test_standardised_mean_differences():
    """metacont 6.5-0, defaults: exact bias factor, unbiased variance, REML, I2 from Q."""
    studies = mp.TwoMeans(
        mean_e=[7.3, 6.7, 4.6], sd_e=[0.3, 3.5, 3.5], n_e=[89, 49, 245],
        mean_c=[6.3, 5.2, 3.5], sd_c=[0.3, 2.9, 3.6], n_c=[19, 26, 90],
    )  # fmt: skip
    common = mp.pool(studies, "SMD", conventions=mp.META)
    check(common, {"estimate": ".6215", "ci_low": ".4153", "ci_high": ".8277", "q": "68.85"})
    ma = mp.meta_analysis(studies, "SMD", conventions=mp.META)
    assert ma.random.method == "REML"
    check(ma.random, {"estimate": "1.3382", "ci_low": "-.5603", "ci_high": "3.2366"})
    check(ma.random, {"tau2": "2.7512", "i2": "97.1", "p_value": ".1671"})


def test_fine_1993():
    """metabin 4.11-0, OR, inverse variance, DL about its own mean, Hartung-Knapp."""
    events_e = [18, 22, 21, 14, 42, 80, 13, 37, 23, 19, 106, 170, 34, 18, 13, 12, 42]
    n_e = [19, 34, 72, 22, 70, 183, 26, 61, 36, 45, 246, 386, 59, 45, 14, 26, 74]
    events_c = [12, 12, 15, 5, 13, 33, 18, 30, 12, 14, 76, 46, 17, 3, 14, 10, 40]
    n_c = [22, 35, 68, 20, 32, 94, 50, 55, 25, 35, 208, 141, 32, 15, 18, 19, 75]
    studies = mp.TwoByTwo(events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c)
    rules = mp.META.replace(dl_q_centre="iv")
    common = mp.pool(studies, "OR", "IV", rules)
    assert common.estimate == pytest.approx(0.428036725396544, rel=1e-13)
    assert common.q == pytest.approx(16.181374262823, rel=1e-13)
    hk = mp.pool(studies, "OR", "DL", rules, "hk", prediction="hk-pr")
    assert hk.estimate == pytest.approx(0.429520368698268, rel=1e-13)
    assert hk.ci_low == pytest.approx(0.235347059333852, rel=1e-12)
    assert hk.ci_high == pytest.approx(0.623693678062684, rel=1e-12)
    assert hk.tau2 == pytest.approx(0.0016783981912744, rel=1e-11)
    assert hk.tau2_se == pytest.approx(0.0529437644950009, rel=1e-11)
    assert hk.pi_low == pytest.approx(0.215650965184522, rel=1e-12)


def test_fleiss_1993_defaults():
    """metabin 8.5-0."""
    random = mp.meta_analysis(classic.FLEISS, "OR", conventions=mp.META).random
    check(random.display, {"estimate": ".8683", "ci_low": ".7559", "ci_high": ".9973"})
    check(random, {"p_value": ".0457", "tau2": ".0147"})


MAGNESIUM = tables(
    [
        (1, 40, 2, 36), (9, 135, 23, 135), (2, 200, 7, 200), (1, 48, 1, 46), (10, 150, 8, 148),
        (1, 59, 9, 56), (1, 25, 3, 23), (0, 22, 1, 21), (6, 76, 11, 75), (1, 27, 7, 27),
        (2, 89, 12, 80), (5, 23, 13, 33), (4, 130, 8, 122), (90, 1159, 118, 1157),
        (4, 107, 17, 108), (2216, 29011, 2103, 29039),
    ]
)  # fmt: skip


def test_magnesium_by_stata():
    """meta esize, esize(lnrratio); meta summarize, fixed: 0.5 for zeros, also in the sums."""
    pooled = mp.pool(MAGNESIUM, "RR", "MH")
    check(pooled, {"estimate": ".006", "ci_low": "-.049", "ci_high": ".061", "p_value": ".8414"})
    check(pooled, {"q": "45.17", "i2": "66.79", "h2": "3.01"})
    assert prints_as(pooled.weights[7], ".07")
    assert prints_as(pooled.weights[15], "89.76")
    effects = mp.effect_sizes(MAGNESIUM, "RR")
    assert prints_as(effects.y[7], "-1.143")
    assert prints_as(effects.ci_low[7], "-4.290")
    assert prints_as(effects.ci_high[7], "2.004")
    reml = mp.pool(MAGNESIUM, "RR", "REML")
    check(reml.display, {"estimate": ".511", "ci_low": ".352", "ci_high": ".742"})

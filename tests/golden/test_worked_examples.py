"""Published worked examples, to their printed digits."""

from __future__ import annotations

import pytest

import metapool as mp

from . import classic
from .printed import prints_as

REVMAN_IV = mp.REVMAN5.replace(dl_q_centre="iv")
UNCORRECTED = mp.REVMAN5.replace(mh_cc_when="none")
GREENLAND_ROBINS = mp.METAFOR.replace(mh_rd_variance="greenland-robins")


#: Name: studies, measure, method, conventions, level, then printed figures by field. Fields
#: under "natural" are un-logged.
EXAMPLES = {
    # Viechtbauer 2005, pp. 271-272, DL
    "Viechtbauer 2005 a": (
        classic.VIECHTBAUER_271, None, "DL", mp.METAFOR, 0.95,
        {"tau2": ".2768", "i2": "80.4447", "h2": "5.1137"},
    ),
    "Viechtbauer 2005 b": (
        classic.VIECHTBAUER_272, None, "DL", mp.METAFOR, 0.95,
        {"tau2": ".0126", "i2": "27.5275"},
    ),
    # DerSimonian & Kacker 2007, pp. 111-112
    "DerSimonian & Kacker 2007": (
        classic.CLASP, "OR", "DL", mp.METAFOR, 0.95,
        {"tau": ".2323", "estimate": "-.3240", "se": ".1540"},
    ),
    # Normand 1999, table VII, RD
    "Normand 1999 EE": (
        classic.HINE, "RD", "IV", mp.METAFOR, 0.95,
        {"estimate": ".029444", "ci_low": ".003831", "ci_high": ".055058", "tau2": "0"},
    ),
    "Normand 1999 DL": (
        classic.HINE, "RD", "DL", mp.METAFOR, 0.95,
        {"estimate": ".029444", "ci_low": ".003831", "ci_high": ".055058", "tau2": "0"},
    ),
    # van Houwelingen et al. 2002
    "van Houwelingen 2002": (
        classic.BCG, "OR", "IV", mp.METAFOR, 0.95,
        {"natural": {"estimate": ".6465", "ci_low": ".5951", "ci_high": ".7024"}},
    ),
    # Lipsey & Wilson 2001, exhibit 7.3
    "Lipsey & Wilson 2001 fixed": (
        classic.LIPSEY_WILSON, None, "IV", mp.METAFOR, 0.95,
        {
            "estimate": ".1549", "se": ".0609", "statistic": "2.5450", "ci_low": ".0356",
            "ci_high": ".2742", "q": "14.7640", "q_p": ".0976",
        },
    ),
    "Lipsey & Wilson 2001 random": (
        classic.LIPSEY_WILSON, None, "DL", mp.METAFOR, 0.95,
        {
            "estimate": ".1534", "se": ".0858", "ci_low": "-.0146", "ci_high": ".3215",
            "tau2": ".025955",
        },
    ),
    # Yusuf et al. 1985, p. 107
    "Yusuf 1985": (
        classic.BETA_BLOCKERS, "PETO", "Peto", mp.METAFOR, 0.95,
        {"natural": {"estimate": ".9332", "ci_low": ".7385", "ci_high": "1.1792"}},
    ),
    # Rothman et al. 2008, ch. 15, 90 % intervals
    "Rothman 2008 RD": (
        classic.TOLBUTAMIDE, "RD", "MH", mp.METAFOR, 0.90,
        {"estimate": ".0349", "ci_low": "-.0176", "ci_high": ".0874"},
    ),
    "Rothman 2008 RR": (
        classic.TOLBUTAMIDE, "RR", "MH", mp.METAFOR, 0.90,
        {"natural": {"estimate": "1.33", "ci_low": ".87", "ci_high": "2.03"}},
    ),
    "Rothman 2008 OR": (
        classic.TOLBUTAMIDE, "OR", "MH", mp.METAFOR, 0.90,
        {"natural": {"estimate": "1.40", "ci_low": ".84", "ci_high": "2.34"}},
    ),
    # BCG by Stata's metan and metafor
    "BCG RR IV": (
        classic.BCG, "RR", "IV", mp.METAFOR, 0.95,
        {
            "estimate": "-.4303", "ci_low": "-.5097", "ci_high": "-.3509", "q": "152.2330081",
            "i2": "92.11735",
        },
    ),
    "BCG RR DL": (
        classic.BCG, "RR", "DL", mp.METAFOR, 0.95,
        {
            "estimate": "-.7141172221", "se": ".1787420895", "ci_low": "-1.0644",
            "ci_high": "-.3638", "tau2": ".3087602629", "i2": "92.1173",
            "natural": {"estimate": ".4896", "ci_low": ".3449", "ci_high": ".6950"},
        },
    ),
    "BCG RR DL about MH": (
        classic.BCG, "RR", "DL", mp.REVMAN5, 0.95,
        {"estimate": "-.7141861196", "tau2": ".3094968538"},
    ),
    "BCG OR IV": (
        classic.BCG, "OR", "IV", mp.METAFOR, 0.95, {"estimate": "-.4361", "q": "163.1649"},
    ),
    "BCG OR DL": (
        classic.BCG, "OR", "DL", mp.METAFOR, 0.95,
        {
            "estimate": "-.7474", "ci_low": "-1.1242", "ci_high": "-.3706",
            "tau2": ".3663434067", "i2": "92.6455",
        },
    ),
    "BCG OR DL about MH": (
        classic.BCG, "OR", "DL", mp.REVMAN5, 0.95,
        {"estimate": "-.7475280793", "se": ".192665648", "tau2": ".3682280519"},
    ),
    "BCG RD DL": (
        classic.BCG, "RD", "DL", mp.METAFOR, 0.95,
        {"estimate": "-.0071", "ci_low": "-.0101", "ci_high": "-.0040", "i2": "95.6596"},
    ),
    "BCG RR MH": (
        classic.BCG, "RR", "MH", mp.METAFOR, 0.95,
        {
            "estimate": "-.4537096047", "se": ".0393373669", "ci_low": "-.5308",
            "ci_high": "-.3766", "q": "152.5675536",
        },
    ),
    "BCG OR MH": (
        classic.BCG, "OR", "MH", mp.METAFOR, 0.95,
        {
            "estimate": "-.4734109884", "se": ".0410077784", "ci_low": "-.5538",
            "ci_high": "-.3930", "q": "163.9425796",
        },
    ),
    "BCG RD MH, Sato": (
        classic.BCG, "RD", "MH", mp.METAFOR, 0.95,
        {
            "estimate": "-.003288181833", "se": ".0002866567", "statistic": "-11.4708",
            "q": "386.7759",
        },
    ),
    "BCG RD MH, Greenland-Robins": (
        classic.BCG, "RD", "MH", GREENLAND_ROBINS, 0.95,
        {"estimate": "-.003288181833", "se": ".0002845159", "statistic": "-11.56"},
    ),
    "BCG Peto": (
        classic.BCG, "PETO", "Peto", mp.METAFOR, 0.95,
        {
            "estimate": "-.4744463109", "se": ".0406590807", "ci_low": "-.5541",
            "ci_high": "-.3948", "q": "167.7301675",
        },
    ),
    # RevMan 5.0.23 on Fleiss 1993
    "Fleiss OR MH": (
        classic.FLEISS, "OR", "MH", mp.REVMAN5, 0.95,
        {
            "q": "9.946055983", "i2": "39.67458", "statistic": "-3.287633061",
            "natural": {
                "estimate": ".896865560913071", "ci_low": ".840514400891779",
                "ci_high": ".956994708833649",
            },
        },
    ),
    "Fleiss OR IV": (
        classic.FLEISS, "OR", "IV", mp.REVMAN5, 0.95, {"q": "9.946052897"},
    ),
    # Tacrolimus
    "remission v ciclosporin, DL about MH": (
        classic.CICLOSPORIN, "RR", "DL", mp.REVMAN5, 0.95,
        {"p_value": ".57", "natural": {"estimate": "1.31", "ci_low": ".51", "ci_high": "3.40"}},
    ),
    "remission v ciclosporin, DL about IV": (
        classic.CICLOSPORIN, "RR", "DL", REVMAN_IV, 0.95,
        {"natural": {"estimate": "1.31", "ci_low": ".52", "ci_high": "3.33"}},
    ),
    "nephrotoxicity MH": (
        classic.NEPHROTOXICITY, "OR", "MH", mp.REVMAN5, 0.95,
        {"p_value": ".013", "natural": {"estimate": ".25", "ci_low": ".08", "ci_high": ".74"}},
    ),
    "nephrotoxicity MH, uncorrected": (
        classic.NEPHROTOXICITY, "OR", "MH", UNCORRECTED, 0.95,
        {"natural": {"estimate": ".23", "ci_low": ".07", "ci_high": ".71"}},
    ),
    "nephrotoxicity DL": (
        classic.NEPHROTOXICITY, "OR", "DL", mp.REVMAN5, 0.95,
        {"p_value": ".114", "natural": {"estimate": ".24", "ci_low": ".04", "ci_high": "1.41"}},
    ),
    "hypertrichosis MH": (
        classic.HYPERTRICHOSIS, "OR", "MH", mp.REVMAN5, 0.95,
        {"p_value": ".00000", "natural": {"estimate": ".00", "ci_low": ".00", "ci_high": ".02"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_pooled(name):
    studies, measure, method, conventions, level, figures = EXAMPLES[name]
    pooled = mp.pool(studies, measure, method, conventions, level=level)
    ours = {field: getattr(pooled, field) for field in figures if hasattr(pooled, field)}
    ours["tau"] = pooled.tau2**0.5
    printed = {field: text for field, text in figures.items() if field != "natural"}
    for field, text in printed.items():
        assert prints_as(ours[field], text), f"{field} {ours[field]!r} does not print as {text}"
    for field, text in figures.get("natural", {}).items():
        value = getattr(pooled.display, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


def test_hypertrichosis_is_not_estimable_uncorrected():
    pooled = mp.pool(classic.HYPERTRICHOSIS, "OR", "MH", UNCORRECTED)
    assert pooled.status == mp.Status.NOT_ESTIMABLE


HARBORD = {
    "BCG, OR score": (
        classic.BCG, "or",
        {
            "bias": "-2.092991541", "se": "1.665765442", "statistic": "-1.256474",
            "p_value": ".234972", "slope": "-.2308426232",
        },
    ),
    "BCG, RR score": (
        classic.BCG, "rr",
        {"bias": "-1.837177841", "se": "1.610959208", "p_value": ".278331"},
    ),
    "tacrolimus": (classic.REMISSION, "or", {"statistic": "-.2747", "p_value": ".8093"}),
}  # fmt: skip


@pytest.mark.parametrize("name", HARBORD)
def test_harbord(name):
    studies, score, figures = HARBORD[name]
    test = mp.small_study_test(studies, "harbord", score=score)
    for field, text in figures.items():
        value = getattr(test, field)
        assert prints_as(value, text), f"{field} {value!r} does not print as {text}"


@pytest.mark.parametrize(
    ("model", "q", "p"), [("common", "5.534", ".0628"), ("random", "3.195", ".2024")]
)
def test_between_subgroups(model, q, p):
    """Tacrolimus, remission by comparator."""
    test = mp.meta_analysis(classic.REMISSION, "RR", model=model).subgroup_test
    assert prints_as(test.q, q)
    assert test.df == 2
    assert prints_as(test.p_value, p)

"""Every number that RevMan Web stored in the 84 analyses of a review: REML, Wald and HKSJ."""

from __future__ import annotations

import math

import numpy as np

import metapool as mp

from . import revmanweb
from .revmanweb import COUNTS, Analysis, Stored
from .tally import Tally

REVIEW = "CD016297"
TAU2 = "Heterogeneity Tau²"

EXACT = 1e-12  # relative to max(1, |stored|): what does not depend on RevMan's search for tau2
BOUND = 2e-8  # RevMan's search for tau2 ends up to 1.1e-8 beside the maximum
MOVED = 3e-7  # what moves more than tau2 does: weights by up to 1/variance of a precise study
T_BOUND = 2e-9  # limits with RevMan's quantiles of t, which are 6e-9 off with 2 degrees of freedom
P_BOUND = 5e-7  # absolute: RevMan's own approximation, as in RevMan 5
I2_BOUND = 1e-4  # absolute, in percentage points

OURS = {"effect": BOUND, "ci": MOVED, "statistic": MOVED}
AT_STORED_TAU2 = {
    "wald": {"effect": EXACT, "ci": EXACT, "statistic": EXACT},
    "hk": {"effect": EXACT, "ci": T_BOUND, "statistic": EXACT},
}


def analyse(analysis: Analysis, interval: str) -> mp.MetaAnalysis:
    """The analysis under the settings that RevMan stored with it.

    Without a total, weights are those in the subgroups, and without subgroups those in the total
    that is not shown.
    """
    only_subgroups = analysis.subgroups and not analysis.has_total
    return mp.meta_analysis(
        analysis.studies,
        None if isinstance(analysis.studies, mp.Effects) else analysis.measure,
        model="random",
        interval=interval,
        totals="subgroups" if only_subgroups else "all",
        level=analysis.level,
        conventions=mp.REVMAN_WEB,
    )


def compare(tally: Tally, analysis: Analysis) -> None:
    ma, wald = analyse(analysis, analysis.interval), analyse(analysis, "wald")
    rows, shown = analysis.rows, ma.effects.display
    tally.near(analysis.name, "study effect", shown.estimate, rows["Mean"], EXACT)
    tally.near(analysis.name, "study ci start", shown.ci_low, rows["CI start"], EXACT)
    tally.near(analysis.name, "study ci end", shown.ci_high, rows["CI end"], EXACT)
    tally.near(analysis.name, "study weight", ma.weights, rows["Weight"], MOVED)
    for where, number, inside, stored in analysis.parts():
        part = ma if number is None else ma.subgroups[number]
        plain = wald if number is None else wald.subgroups[number]
        compare_estimate(tally, where, part.pooled, stored, OURS)
        compare_p(tally, where, plain.pooled, stored)
        compare_heterogeneity(tally, where, part.pooled, stored)
        if number is not None:
            weight = ma.weights[inside].sum()
            tally.near(where, "subgroup weight", weight, stored["Weight"], MOVED)
    compare_subgroup_test(tally, analysis, ma.subgroup_test)


def compare_estimate(
    tally: Tally, where: str, pooled: mp.Pooled, stored: Stored, bounds: dict[str, float]
) -> None:
    shown = pooled.display
    tally.near(where, "effect", shown.estimate, stored["Mean"], bounds["effect"])
    tally.near(where, "ci start", shown.ci_low, stored["CI start"], bounds["ci"])
    tally.near(where, "ci end", shown.ci_high, stored["CI end"], bounds["ci"])
    if pooled.k == 1 and not math.isnan(stored["Effect T"]):
        # Under HKSJ the interval of one study is Wald's, but its T is stored as 0.
        tally.exact(where, "T of one study", 0.0, stored["Effect T"])
        return
    name = "Effect Z" if math.isnan(stored["Effect T"]) else "Effect T"
    tally.near(where, name, abs(pooled.statistic), stored[name], bounds["statistic"])


def compare_p(tally: Tally, where: str, wald: mp.Pooled, stored: Stored) -> None:
    """Under HKSJ too RevMan stores the normal P of the Wald test, not the P of its T."""
    tally.absolute(where, "P of effect", wald.p_value, stored["Effect P"], P_BOUND)


def compare_heterogeneity(tally: Tally, where: str, pooled: mp.Pooled, stored: Stored) -> None:
    tally.near(where, "tau2", pooled.tau2, stored[TAU2], BOUND)
    tally.near(where, "chi2", pooled.q, stored["Heterogeneity Chi²"], EXACT)
    tally.exact(where, "df", pooled.q_df, stored["Heterogeneity df"])
    if pooled.q_df > 0:
        tally.absolute(where, "I2", pooled.i2, stored["Heterogeneity I²"], I2_BOUND)
        tally.absolute(where, "P of chi2", pooled.q_p, stored["Heterogeneity P"], P_BOUND)
    else:  # RevMan's P of one study is 0, not 1, where rounding left it a chi2 of 1e-33 to 1e-30
        tally.exact(where, "I2 of one study", pooled.i2, stored["Heterogeneity I²"])
        p_value = 0.0 if stored["Heterogeneity Chi²"] > 0 else pooled.q_p
        tally.exact(where, "P of one study", p_value, stored["Heterogeneity P"])


def compare_subgroup_test(tally: Tally, analysis: Analysis, test: mp.SubgroupTest | None) -> None:
    """Under HKSJ the subgroups have the standard errors of HKSJ, one study that of Wald."""
    where, stored = analysis.name, analysis.stored
    stored_one = not math.isnan(stored["Subgroup Chi²"])
    tally.exact(where, "has a subgroup test", test is not None, stored_one)
    if test is not None:
        tally.near(where, "chi2 between subgroups", test.q, stored["Subgroup Chi²"], BOUND)
        tally.exact(where, "df between subgroups", test.df, stored["Subgroup df"])
        tally.absolute(where, "P between subgroups", test.p_value, stored["Subgroup P"], P_BOUND)
        tally.absolute(where, "I2 between subgroups", test.i2, stored["Subgroup I²"], I2_BOUND)


def compare_at_stored_tau2(tally: Tally, analysis: Analysis) -> None:
    """Inverse-variance means of the study effects with variances v + RevMan's own tau2."""
    effects = analyse(analysis, "wald").effects
    subgroups = []
    for where, number, inside, stored in analysis.parts():
        v = effects.se[inside] ** 2 + stored[TAU2]
        studies = mp.Effects(y=effects.y[inside], v=v, measure=analysis.measure)
        pooled, wald = (
            mp.pool(studies, method="IV", interval=interval, level=analysis.level)
            for interval in (analysis.interval, "wald")
        )
        compare_estimate(tally, where, pooled, stored, AT_STORED_TAU2[analysis.interval])
        compare_p(tally, where, wald, stored)
        if number is None or not analysis.has_total:
            weights = analysis.rows["Weight"][inside]
            tally.near(where, "study weight", pooled.weights, weights, EXACT)
        if number is not None:
            subgroups.append(pooled)
    if len(subgroups) > 1:
        y, se = [p.estimate for p in subgroups], [p.se for p in subgroups]
        q, stored = mp.pool(mp.Effects(y=y, se=se)).q, analysis.stored["Subgroup Chi²"]
        tally.near(analysis.name, "chi2 between subgroups", q, stored, EXACT)


def test_the_package_has_no_settings_and_results_but_these():
    rows, overall, subgroups = revmanweb.tables(REVIEW)
    assert (len(rows), len(overall), len(subgroups)) == (358, 84, 199)
    assert set(rows["Applicability"]) == {"SUBGROUP_AND_OVERALL"}
    for name, value in {
        "Statistical method": "IV",
        "Analysis model": "Random effect",
        "Heterogeneity estimator": "REML",
        "Swap event and non-event": False,
        "Prediction interval": False,
        "Tau² CI": False,
    }.items():
        assert set(overall[name]) == {value}
    assert rows[["O-E", "Variance"]].isna().all(axis=None)
    assert overall[["PI start", "PI end"]].isna().all(axis=None)
    for table in (overall, subgroups):
        assert table[["Tau² CI start", "Tau² CI end"]].isna().all(axis=None)


def test_no_row_is_missing():
    for analysis in revmanweb.from_package(REVIEW):
        for where, _, inside, stored in analysis.parts():
            for name in COUNTS:
                if not math.isnan(stored[name]):
                    assert analysis.rows[name][inside].sum() == stored[name], (where, name)


def test_every_stored_number(tally_of):
    analyses = revmanweb.from_package(REVIEW)
    tally = tally_of(f"RevMan Web, {REVIEW}, {len(analyses)} analyses, REML")
    for analysis in analyses:
        compare(tally, analysis)
    tally.conclude()


def test_what_follows_from_the_stored_tau2(tally_of):
    """With RevMan's own tau2 nothing differs: the differences above are those of tau2 alone."""
    tally = tally_of(f"RevMan Web, {REVIEW}, with the tau2 it stored")
    for analysis in revmanweb.from_package(REVIEW):
        compare_at_stored_tau2(tally, analysis)
    tally.conclude()


def test_where_tau2_differs_metapool_has_the_maximum():
    """The slope of REML's log-likelihood is 0 at metapool's tau2, or negative at 0."""
    differing = 0
    for analysis in revmanweb.from_package(REVIEW):
        effects = analyse(analysis, "wald").effects
        for where, _, inside, stored in analysis.parts():
            y, v = effects.y[inside], effects.se[inside] ** 2
            ours, theirs = mp.pool(mp.Effects(y=y, v=v), method="REML").tau2, stored[TAU2]
            if abs(ours - theirs) > 1e-12:
                at_ours, at_theirs = reml_slope(y, v, ours), reml_slope(y, v, theirs)
                assert abs(at_ours) < 1e-3 * abs(at_theirs) or (ours == 0 and at_ours < 0), where
                differing += 1
    assert differing > 0


def reml_slope(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    w = 1 / (v + tau2)
    return (w**2 @ (y - w @ y / w.sum()) ** 2 + w @ w / w.sum() - w.sum()) / 2

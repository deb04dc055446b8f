"""Every number that RevMan 5 stored in two reviews and 259 Cochrane analyses."""

from __future__ import annotations

import math

import numpy as np
import pytest

import metapool as mp

from . import revman5
from .revman5 import Analysis, Stored, missing_counts, number, restored
from .shared import shared
from .tally import Tally

BOUND = 1e-12  # relative to max(1, |stored|); the stored doubles have 15 to 17 digits
P_BOUND = 1e-6  # absolute: RevMan's own approximation is good to 3e-7
LN10 = math.log(10.0)  # RevMan's LOG_ attributes are common logarithms

SOURCES = {
    "Fleiss1993.rm5": ("rm5", "Fleiss1993.rm5"),
    "benzodiazepines_pregabalin_gad.rm5": ("rm5", "benzodiazepines_pregabalin_gad.rm5"),
    "corpus, dichotomous": ("corpus", "revman5_dich.csv.gz"),
    "corpus, continuous": ("corpus", "revman5_cont.csv.gz"),
}


def load(source: str) -> list[Analysis]:
    path = shared(*SOURCES[source])
    return revman5.from_rm5(path) if path.suffix == ".rm5" else revman5.from_corpus(path)


def studies(analysis: Analysis) -> mp.TwoByTwo | mp.TwoMeans:
    def column(name: str) -> np.ndarray:
        return np.array([number(row[name]) for row in analysis.rows])

    assert analysis.stored.get("swap_events") != "YES"
    labels = {} if None in analysis.groups else {"subgroup": analysis.groups}
    if analysis.binary:
        return mp.TwoByTwo(
            events_e=column("events_1"),
            n_e=column("total_1"),
            events_c=column("events_2"),
            n_c=column("total_2"),
            **labels,
        )
    return mp.TwoMeans(
        mean_e=column("mean_1"),
        sd_e=column("sd_1"),
        n_e=column("total_1"),
        mean_c=column("mean_2"),
        sd_c=column("sd_2"),
        n_c=column("total_2"),
        **labels,
    )


def analyse(analysis: Analysis, totals: str = "all") -> mp.MetaAnalysis:
    """The analysis under the settings that RevMan stored with it."""
    stored = analysis.stored
    method = stored["method"] if analysis.binary else "IV"
    centre = "mh" if method == "MH" else "iv"
    return mp.meta_analysis(
        studies(analysis),
        {"PETO_OR": "PETO"}.get(stored["effect_measure"], stored["effect_measure"]),
        model="random" if stored["random"] == "YES" else "common",
        common={"PETO": "Peto"}.get(method, method),
        random="DL",
        totals=totals,
        level=number(stored["ci_total"]) / 100,
        study_level=number(stored["ci_study"]) / 100,
        conventions=mp.REVMAN5.replace(dl_q_centre=centre),
    )


def compare(tally: Tally, analysis: Analysis) -> None:
    totals = {"YES": "all", "SUB": "subgroups", "NO": "none"}[analysis.stored["totals"]]
    ma = analyse(analysis, totals)
    compare_rows(tally, analysis, ma.effects)
    for group, stored in analysis.subgroups.items():
        if totals != "none":
            compare_pooled(tally, f"{analysis.name} {group}", ma.subgroups[group].pooled, stored)
    if totals == "all":
        compare_pooled(tally, analysis.name, ma.pooled, analysis.stored)
        compare_weights(tally, analysis, ma.weights)
        compare_subgroup_weights(tally, analysis, ma.weights)
    elif totals == "subgroups":
        compare_hidden_total(tally, analysis, ma)
    estimable = [group["estimable"] for group in analysis.subgroups.values()].count("YES")
    tally.exact(analysis.name, "has a subgroup test", ma.subgroup_test is not None, estimable > 1)
    if estimable > 1 and analysis.stored["subgroup_test"] == "YES":
        compare_subgroup_test(tally, analysis, ma.subgroup_test)


def compare_rows(tally: Tally, analysis: Analysis, effects: mp.EffectSizes) -> None:
    ours = {
        "effect_size": effects.display.estimate,
        "ci_start": effects.display.ci_low,
        "ci_end": effects.display.ci_high,
        "se": effects.se,
        "log_effect_size": effects.y / LN10,
        "log_ci_start": effects.ci_low / LN10,
        "log_ci_end": effects.ci_high / LN10,
    }
    for i, row in enumerate(analysis.rows):
        where = f"{analysis.name} row {i + 1}"
        if "estimable" in row:
            tally.exact(where, "estimable", bool(effects.included[i]), row["estimable"] == "YES")
        if effects.included[i]:
            for name in filter(row.__contains__, ours):
                tally.near(where, f"study {name}", ours[name][i], number(row[name]), BOUND)


def compare_weights(tally: Tally, analysis: Analysis, weights: np.ndarray) -> None:
    for i, row in enumerate(analysis.rows):
        if "weight" in row:
            where = f"{analysis.name} row {i + 1}"
            tally.near(where, "study weight", weights[i], number(row["weight"]), BOUND)


def compare_subgroup_weights(tally: Tally, analysis: Analysis, weights: np.ndarray) -> None:
    for group, stored in analysis.subgroups.items():
        weight = weights[analysis.inside(group)].sum()
        where = f"{analysis.name} {group}"
        tally.near(where, "subgroup weight", weight, number(stored["weight"]), BOUND)


def compare_pooled(tally: Tally, where: str, pooled: mp.Pooled, stored: Stored) -> None:
    estimable = stored["estimable"] == "YES"
    tally.exact(where, "estimable", pooled.status != mp.Status.NOT_ESTIMABLE, estimable)
    if estimable:
        compare_estimate(tally, where, pooled, stored)
        compare_heterogeneity(tally, where, pooled, stored)


def compare_estimate(tally: Tally, where: str, pooled: mp.Pooled, stored: Stored) -> None:
    ours = {
        "effect_size": pooled.display.estimate,
        "ci_start": pooled.display.ci_low,
        "ci_end": pooled.display.ci_high,
        "log_effect_size": pooled.estimate / LN10,
        "log_ci_start": pooled.ci_low / LN10,
        "log_ci_end": pooled.ci_high / LN10,
        "z": abs(pooled.statistic),
    }
    for name in filter(stored.__contains__, ours):
        tally.near(where, name, ours[name], number(stored[name]), BOUND)
    tally.absolute(where, "p_z", pooled.p_value, number(stored["p_z"]), P_BOUND)


def compare_heterogeneity(tally: Tally, where: str, pooled: mp.Pooled, stored: Stored) -> None:
    tally.near(where, "chi2", pooled.q, number(stored["chi2"]), BOUND)
    tally.near(where, "tau2", pooled.tau2, number(stored["tau2"]), BOUND)
    tally.exact(where, "df", pooled.q_df, number(stored["df"]))
    if pooled.q_df > 0:
        tally.near(where, "i2", pooled.i2, number(stored["i2"]), BOUND)
        tally.absolute(where, "p_chi2", pooled.q_p, number(stored["p_chi2"]), P_BOUND)
    else:  # RevMan's I2 of one study is 100 where rounding left it a Q of 1e-30
        tally.exact(where, "i2 of one study", pooled.i2, 0.0)


def compare_hidden_total(tally: Tally, analysis: Analysis, ma: mp.MetaAnalysis) -> None:
    """TOTALS="SUB": RevMan stores a total that it does not show.

    Its heterogeneity is that of all studies; under random effects the subgroups' estimates are
    pooled. (A few were stored while the total was shown: they keep the ordinary estimate, and
    its weights scaled to 100 in each subgroup.)
    """
    where, overall = analysis.name, analyse(analysis).pooled
    compare_heterogeneity(tally, where, overall, analysis.stored)
    weights, total = ma.weights, overall
    if analysis.stored["random"] == "YES":
        if was_shown(analysis, ma.weights):
            weights = scaled_in_subgroups(analysis, overall.weights)
        else:
            total = pool_of_subgroups(ma)
    compare_weights(tally, analysis, weights)
    compare_estimate(tally, where, total, analysis.stored)


def was_shown(analysis: Analysis, weights: np.ndarray) -> bool:
    stored = [number(row["weight"]) for row in analysis.rows]
    return not np.allclose(stored, weights, rtol=0, atol=1e-9)


def scaled_in_subgroups(analysis: Analysis, weights: np.ndarray) -> np.ndarray:
    scaled = weights.copy()
    for group in analysis.subgroups:
        inside = analysis.inside(group)
        scaled[inside] *= 100 / weights[inside].sum()
    return scaled


def pool_of_subgroups(ma: mp.MetaAnalysis) -> mp.Pooled:
    parts = [part.pooled for part in ma.subgroups.values()]
    ratio = ma.measure in {"RR", "OR"}
    effects = mp.Effects(y=[p.display.estimate for p in parts], se=[p.se for p in parts], log=ratio)
    return mp.pool(effects, method="IV")


def compare_subgroup_test(tally: Tally, analysis: Analysis, test: mp.SubgroupTest) -> None:
    where, stored = analysis.name, analysis.stored
    tally.near(where, "q between subgroups", test.q, number(stored["q"]), BOUND)
    tally.near(where, "i2 between subgroups", test.i2, number(stored["i2_q"]), BOUND)
    tally.absolute(where, "p between subgroups", test.p_value, number(stored["p_q"]), P_BOUND)


@pytest.mark.parametrize("source", SOURCES)
def test_every_stored_number(source, tally_of):
    complete = [a for a in load(source) if a.has_results and not missing_counts(a)]
    tally = tally_of(f"RevMan 5, {source}, {len(complete)} analyses")
    for analysis in complete:
        compare(tally, analysis)
    tally.conclude()


def test_the_one_inconsistent_analysis_lacks_a_row(tally_of):
    """Its participants and events add up to a row more than the corpus has; with it all agree."""
    analyses = [a for source in SOURCES for a in load(source) if a.has_results]
    lacking = [a for a in analyses if missing_counts(a)]
    assert [a.name for a in lacking] == ["CD000031 CMP-005.02"]
    tally = tally_of("RevMan 5, CD000031 CMP-005.02, inconsistent at the source, row restored")
    compare(tally, restored(lacking[0]))
    tally.conclude()


def test_a_standard_deviation_of_zero_in_one_arm_is_not_estimable(tally_of):
    """CD000228 CMP-002.07 looks inconsistent until its study with SD 1.83 against 0 drops out."""
    (analysis,) = (a for a in load("corpus, continuous") if a.name == "CD000228 CMP-002.07")
    assert [(row["sd_1"], row["sd_2"], row["estimable"]) for row in analysis.rows][-1] == (
        1.83, 0.0, "NO",
    )  # fmt: skip
    tally = tally_of("RevMan 5, CD000228 CMP-002.07")
    compare(tally, analysis)
    tally.conclude()

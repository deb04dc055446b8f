"""Cochrane's 12,110 analyses: study effects, intervals and weights as RevMan printed them.

The export does not say measure, model or levels. An analysis agrees if under one reading of its
rows, one measure and one model every printed effect, interval and weight comes out to its last
decimal. What does not agree gets its reason from a check of its own numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import metapool as mp

from . import cochrane
from .cochrane import READINGS, Reading
from .cochrane_weights import TOTALS, weights, weights_by_parts
from .shared import shared

LEVELS = (0.95, 0.99)  # of the study intervals: RevMan keeps it apart from the total's
SameEffects = list[tuple[Reading, str, float, pd.DataFrame]]

#: At least so many agree, and at most so many do not, for the reason given.
AGREE = 11_744
DISAGREE = {
    "RevMan gives no effect for any study": 364,
    "weights of REML at a tau2 beside the maximum, where RevMan's search stopped": 1,
    "the exported effect is neither the printed one nor its logarithm": 1,
}

#: The corpus's own words for what it inferred; what it marks "?" it could not reproduce.
INDEX_MEASURES = {
    "RR": "RR", "OR": "OR", "RD": "RD", "PETO_OR": "PETO", "MD": "MD", "SMD": "SMD",
    "IV": "given", "IVLOG": "given, log", "OE_LOG": "O - E",
}  # fmt: skip
INDEX_MODELS = {
    "MH-FE": "MH", "MH-RE-DL": "MH random", "IV-FE": "IV", "IV-RE-DL": "IV random",
    "PETO-FE": "Peto",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return cochrane.load(shared("corpus"))


@pytest.fixture(scope="module")
def same_effects(rows) -> SameEffects:
    """For each reading, measure and level, the rows of the analyses whose effects agree."""
    found = []
    for reading in READINGS:
        readable = cochrane.readable(rows, reading)
        studies = reading.make(readable, "analysis")
        for measure in reading.measures:
            for level in LEVELS:
                effects = mp.effect_sizes(studies, measure, mp.REVMAN5, level=level)
                agree = agreeing(readable, ["rm_est", "rm_lo", "rm_hi"], printed(reading, effects))
                found.append((reading, measure, level, readable[readable.analysis.isin(agree)]))
    return found


@pytest.fixture(scope="module")
def fits(same_effects) -> pd.DataFrame:
    """Every way in which all numbers of an analysis agree."""
    found = []
    for reading, measure, level, same in same_effects:
        label = reading.label(measure)
        for totals, model, agree in same_weights(reading, measure, same):
            way = {"measure": label, "level": level, "totals": totals, "model": model}
            found.append(pd.DataFrame({"analysis": agree, **way}))
    return pd.concat(found, ignore_index=True)


def printed(reading: Reading, effects: mp.EffectSizes) -> list[np.ndarray]:
    if reading.natural is None:
        shown = effects.display
        return [shown.estimate, shown.ci_low, shown.ci_high]
    return [reading.natural(x) for x in (effects.y, effects.ci_low, effects.ci_high)]


def same_weights(
    reading: Reading, measure: str, rows: pd.DataFrame
) -> Iterator[tuple[str, str, pd.Index]]:
    yield "no total", "", agreeing(rows, ["rm_weight"], [np.zeros(len(rows))])
    by_parts = (rows.applicability != "SUBGROUP_AND_OVERALL").groupby(rows.analysis)
    by_parts = rows[by_parts.transform("any")]
    for model, (method, _) in reading.models.items():
        for totals, key in TOTALS.items():
            ours = weights(reading, measure, model, rows, key)
            yield totals, model, agreeing(rows, ["rm_weight"], [ours])
        if method == "DL" and len(by_parts):
            ours = weights_by_parts(reading, measure, model, by_parts)
            yield "total, studies by parts", model, agreeing(by_parts, ["rm_weight"], [ours])


def agreeing(rows: pd.DataFrame, names: list[str], ours: list[np.ndarray]) -> pd.Index:
    """The analyses all of whose numbers agree to half a unit of the last printed decimal.

    What RevMan prints as not estimable has no effect, and weight 0 or none.
    """
    good = pd.Series(True, index=rows.index)
    for name, values in zip(names, ours, strict=True):
        stored = rows[name].to_numpy()
        if name == "rm_weight":
            stored, values = np.nan_to_num(stored), np.nan_to_num(values)
        # A printed tie may fall either way: a thousandth of the half unit.
        near = np.abs(values - stored) <= 1.001 * rows.half_unit
        good &= near | (np.isnan(values) & np.isnan(stored))
    every = good.groupby(rows.analysis).all()
    return every[every].index


def reason(rows: pd.DataFrame, same_effects: SameEffects) -> str:
    """Why an analysis does not agree, by a check of its numbers."""
    estimated = rows[rows.rm_est.notna()]
    if estimated.empty:
        return "RevMan gives no effect for any study"
    for reading, measure, _, same in same_effects:
        if rows.index[0] in same.index:
            ours = weights(reading, measure, "IV random, REML", rows, "analysis")
            if np.allclose(ours, rows.rm_weight.to_numpy(), rtol=0, atol=2e-6):
                return "weights of REML at a tau2 beside the maximum, where RevMan's search stopped"
    gap = np.minimum(
        np.abs(rows.giv - rows.rm_est),
        np.abs(rows.giv - np.log(rows.rm_est.where(rows.rm_est > 0))),
    )
    if (gap > 1e-3).any():
        return "the exported effect is neither the printed one nor its logarithm"
    return "unexplained"


def test_study_effects_intervals_and_weights(rows, same_effects, fits, report):
    given = rows.groupby("analysis").rm_est.transform("count") > 0
    agree = set(fits.analysis) & set(rows.analysis[given])
    rest = rows[~rows.analysis.isin(agree)]
    why = Counter(reason(part, same_effects) for _, part in rest.groupby("analysis"))
    total = rows.analysis.nunique()
    numbers = rows.loc[rows.analysis.isin(agree), ["rm_est", "rm_lo", "rm_hi", "rm_weight"]]
    line = f"Cochrane corpus: {len(agree):,} of {total:,} analyses agree"
    count = numbers.notna().to_numpy().sum()
    line += f", {count:,} numbers, to half a unit of their last decimal"
    for text, analyses in why.items():
        line += f"\n  {analyses} do not agree: {text}"
    first = fits[fits.analysis.isin(agree)].drop_duplicates("analysis")
    ways = first.value_counts(["measure", "totals", "model"], sort=False)
    report(line, [f"{n:6,}  {', '.join(filter(None, way))}" for way, n in ways.items()])

    assert total == 12_110
    assert len(agree) >= AGREE
    assert why.keys() <= DISAGREE.keys()
    assert all(count <= DISAGREE[text] for text, count in why.items())


def test_the_inferred_measure_and_model_agree(rows, fits):
    """Where the corpus names one measure and model, the analysis agrees under these."""
    table = cochrane.index(shared("corpus"), rows)
    named = table[table.measure.isin(INDEX_MEASURES) & table.model.isin(INDEX_MODELS)]
    by_parts = rows.analysis[rows.applicability != "SUBGROUP_AND_OVERALL"]
    named = named[~named.index.isin(by_parts)]
    wanted = set(
        zip(
            named.index,
            named.measure.map(INDEX_MEASURES),
            named.model.map(INDEX_MODELS),
            strict=True,
        )
    )
    found = set(zip(fits.analysis, fits.measure, fits.model, strict=True))
    assert len(wanted) > 4_700
    assert not wanted - found

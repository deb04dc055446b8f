"""Study weights as RevMan prints them, from metapool's pools."""

from __future__ import annotations

import numpy as np
import pandas as pd

import metapool as mp

from .cochrane import Reading

#: What one total is: RevMan scales weights to 100 over all studies or within each subgroup.
TOTALS = {"total": "analysis", "subgroups": "block", "subgroups of one label": "block_by_study"}


def conventions_of(centre: str) -> mp.Conventions:
    return mp.REVMAN5.replace(dl_q_centre=centre)


def weights(reading: Reading, measure: str, model: str, rows: pd.DataFrame, key: str) -> np.ndarray:
    """Percent, in each meta-analysis that the column `key` tells apart."""
    method, centre = reading.models[model]
    studies = reading.make(rows, key)
    return mp.pool(studies, measure, method, conventions_of(centre)).weights


def weights_by_parts(reading: Reading, measure: str, model: str, rows: pd.DataFrame) -> np.ndarray:
    """Random-effects weights where a study stands in the total whole and in subgroups by parts.

    RevMan Web's rule, solved from its printed weights. The whole has its weight in the total.
    The other rows are weighed with the tau2 of the subgroups' rows; among them the parts take
    the place of the whole and share its weight by inverse variance, or have none if one of them
    is not estimable.
    """
    method, centre = reading.models[model]
    conventions = conventions_of(centre)
    whole = rows.applicability == "OVERALL_ONLY"
    part = rows.applicability == "SUBGROUP_ONLY"
    study = [rows.analysis, rows.study]
    studies = reading.make(rows, "analysis")
    v = pd.Series(mp.effect_sizes(studies, measure, conventions).v, index=rows.index)

    def pooled(here: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
        result = mp.pool(reading.make(here, "analysis"), measure, method, conventions)
        tau2 = pd.Series(result.tau2, index=pd.unique(here.analysis))
        return rows.analysis.map(tau2), pd.Series(result.weights, index=here.index)

    tau2_total, weight_in_total = pooled(rows[~part])
    tau2_subgroups, _ = pooled(rows[~whole])
    precision = (1 / v).where(part)
    share = precision / precision.groupby(study).transform("sum")
    of_whole = (1 / (v + tau2_total)).where(whole).groupby(study).transform("sum")
    complete = (v.notna() | ~part).groupby(study).transform("all")
    w = (1 / (v + tau2_subgroups)).where(~part, (of_whole * share).where(complete, 0.0))
    w = w.where(~whole, 0.0).fillna(0.0)
    percent = 100 * w / w.groupby(rows.analysis).transform("sum")
    return percent.where(~whole, weight_in_total).to_numpy()

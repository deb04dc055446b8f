"""One meta-analysis, end to end: effects, both models, the rule, subgroups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metapool import _bridge
from metapool import _types as t
from metapool._conventions import REVMAN5, Conventions
from metapool._effect_sizes import effect_sizes
from metapool._errors import InputError, check_level, choose
from metapool._meta_analysis_result import MetaAnalysis, SubgroupTest, Total, rows_by_subgroup
from metapool._pooling import default_common, pool
from metapool._results import Pooled
from metapool._studies import Studies, as_studies


def meta_analysis(
    studies: Studies[float],
    measure: str | None = None,
    model: t.ModelRule = "auto",
    auto_by: t.AutoBy = "outcome",
    common: t.CommonMethod | None = None,
    random: t.RandomMethod | None = None,
    interval: t.Interval | None = None,
    prediction: t.Prediction | None = None,
    totals: t.Totals = "all",
    level: float = 0.95,
    study_level: float | None = None,
    conventions: Conventions = REVMAN5,
    *,
    tau2: float | None = None,
) -> MetaAnalysis:
    """Analyse one set of studies: both models, heterogeneity, subgroups, the choice of model.

    ``model="auto"`` is the rule of many published reviews: random effects if P of Q < 0.1 or
    I2 > 50 %, strictly, else the common effect. Choosing the model by a test of heterogeneity is
    criticised: the test has little power with few studies, and the interval then ignores that the
    data chose the model. Fix the model in advance with ``model="random"`` or ``model="common"``;
    both are computed and shown in any case.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis; a batch is refused (see :func:`pool`).
    measure : {"RR", "OR", "RD", "AS", "PETO", "MD", "SMD", "ROM"}
        Required for counts and means.
    model : {"auto", "common", "random"}
    auto_by : {"outcome", "subgroup"}
        Decide once, from the overall Q, for all subgroups; or for each subgroup by itself, which
        is also what happens when there is no overall total.
    common : {"MH", "IV", "Peto"}, optional
    random : str, optional
        The methods of the two models, as in :func:`pool`; by default the conventions'.
    interval, prediction : str, optional
        The confidence and the prediction interval of random effects, as in :func:`pool`; the
        common effect has a Wald interval.
    totals : {"all", "subgroups", "none"}
        Pool everything and each subgroup; only the subgroups, for outcomes that must not be
        pooled over them; or nothing.
    level, study_level : float
        Confidence levels of the totals and of the studies (by default the same).
    conventions : Conventions
    tau2 : float, optional
        The between-study variance of random effects, for ``random="preset"``.

    Returns
    -------
    MetaAnalysis

    Raises
    ------
    InputError
        For a batch, an impossible method, or ``totals="subgroups"`` without subgroups.

    Examples
    --------
    >>> import metapool as mp
    >>> ma = mp.meta_analysis(mp.examples.bcg(), "RR")
    >>> ma.model, ma.model_reason
    ('random', 'P of Q 1.71e-26 is below 0.1 and I2 92.1 % is above 50 %')
    >>> ma.common.method, ma.random.method
    ('MH', 'DL')
    """
    as_studies(studies).require_one("meta_analysis")
    label = studies.resolve_measure(measure)
    choose("model", model, t.ModelRule)
    choose("auto_by", auto_by, t.AutoBy)
    choose("totals", totals, t.Totals)
    if totals == "subgroups" and studies.subgroup is None:
        raise InputError('totals="subgroups" needs studies with subgroup labels')
    by_default = default_common(conventions, studies.core_measure(label))
    common_method = by_default if common is None else common
    if random is None:
        random = conventions.default_random if tau2 is None else "preset"
    choose("common", common_method, t.CommonMethod)
    choose("random", random, t.RandomMethod)
    level = check_level("level", level)
    study_level = level if study_level is None else check_level("study_level", study_level)

    request = _Request(
        measure,
        common_method,
        random,
        tau2,
        interval,
        prediction,
        level,
        study_level,
        conventions,
    )
    overall = request.total(studies, model) if totals == "all" else None
    inherited = overall if model == "auto" and auto_by == "outcome" else None
    subgroups = {}
    if totals != "none":
        for name, rows in rows_by_subgroup(studies).items():
            part = studies.rows(rows)
            own = request.total(part, model, inherited)
            subgroups[name] = request.result(part, label, "all", own)
    return request.result(studies, label, totals, overall, subgroups)


@dataclass(frozen=True)
class _Request:
    """What is asked of the whole and of each subgroup alike."""

    measure: str | None
    common: t.CommonMethod
    random: t.RandomMethod
    tau2: float | None
    interval: t.Interval | None
    prediction: t.Prediction | None
    level: float
    study_level: float
    conventions: Conventions

    def total(
        self, studies: Studies[float], rule: t.ModelRule, inherited: Total | None = None
    ) -> Total:
        """Both models and the choice: by `rule`, or the one `inherited` from the whole."""
        common = pool(studies, self.measure, self.common, self.conventions, "wald", self.level)
        random = pool(
            studies,
            self.measure,
            self.random,
            self.conventions,
            self.interval,
            self.level,
            prediction=self.prediction,
            tau2=self.tau2,
        )
        if inherited is not None:
            return Total(common, random, inherited.model, "as for the whole outcome")
        if rule != "auto":
            return Total(common, random, rule, "asked for")
        return Total(common, random, *_rule(common))

    def result(
        self,
        studies: Studies[float],
        label: str,
        totals: t.Totals,
        total: Total | None,
        subgroups: dict[str, MetaAnalysis] | None = None,
    ) -> MetaAnalysis:
        """The numbers of a whole or a subgroup as a result."""
        return MetaAnalysis(
            studies=studies,
            effects=effect_sizes(studies, self.measure, self.conventions, self.study_level),
            measure=label,
            totals=totals,
            level=self.level,
            study_level=self.study_level,
            conventions=self.conventions,
            _subgroups=subgroups or {},
            subgroup_test=_subgroup_test([ma.pooled for ma in (subgroups or {}).values()]),
            _total=total,
        )


def _rule(common: Pooled[float]) -> tuple[t.Model, str]:
    """The model that the data choose, and the condition with its numbers."""
    reason, is_random = _bridge.model_rule(common.q, int(common.q_df))
    if reason == "no Q":
        return "common", "k = 1" if common.k == 1 else "no Q to decide by"
    p, i2 = f"P of Q {common.q_p:.3g}", f"I2 {common.i2:.3g} %"
    words = {
        "q_p": f"{p} is below 0.1",
        "i2": f"{i2} is above 50 %",
        "q_p and i2": f"{p} is below 0.1 and {i2} is above 50 %",
        "neither": f"{p} is not below 0.1 and {i2} is not above 50 %",
    }
    return ("random" if is_random else "common"), words[reason]


def _subgroup_test(totals: list[Pooled[float]]) -> SubgroupTest | None:
    """The test between subgroups, if two have an estimate."""
    if not totals:
        return None
    estimates = np.array([total.estimate for total in totals], dtype=np.float64)
    errors = np.array([total.se for total in totals], dtype=np.float64)
    found = _bridge.subgroup_difference(estimates, errors)
    return SubgroupTest(*found) if found.df > 0 else None

"""Pooled effects: Mantel-Haenszel, inverse variance, Peto, random effects, and the choice."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from scipy import stats

from . import effects as given_effects
from . import heterogeneity as het
from . import mantel_haenszel as mh
from . import model_rule, two_by_two, two_means
from .effects import Effect
from .exact import root

Rules = Mapping[str, Any]
MEASURES = {
    "two-by-two": ("RR", "OR", "RD", "AS", "PETO"),
    "two-means": ("MD", "SMD", "ROM"),
    "effects": ("GEN",),
}


@dataclass(frozen=True)
class Pooled:
    """A pooled effect, and what tolerances are derived from.

    ``effects`` are those that were pooled, ``q_effects`` and ``centre`` those that Q was taken of.
    ``size``, ``variance_size`` and ``centre_size`` are the magnitudes that floating point rounds on
    the way to estimate, variance and centre where these are Mantel-Haenszel's; else NaN.
    """

    weights: list[float]
    k: int
    status: str
    model: str
    estimate: float = math.nan
    se: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    statistic: float = math.nan
    p_value: float = math.nan
    q: float = math.nan
    q_df: int = 0
    q_p: float = math.nan
    i2: float = math.nan
    h2: float = math.nan
    tau2: float = math.nan
    effects: list[Effect] = field(default_factory=list)
    q_effects: list[Effect] = field(default_factory=list)
    centre: float = math.nan
    size: float = math.nan
    variance_size: float = math.nan
    centre_size: float = math.nan
    tau2_method: str = ""


def possible(measure: str, method: str) -> bool:
    """Which method can pool which measure."""
    if method == "MH":
        return measure in ("RR", "OR", "RD")
    return measure == "PETO" if method == "Peto" else True


def study_effects(kind: str, studies: Sequence[Any], measure: str, rules: Rules) -> list[Effect]:
    if kind == "effects":
        return [given_effects.given(y, v) for y, v in studies]
    module = two_by_two if kind == "two-by-two" else two_means
    return module.study_effects(studies, measure, rules)


def wald(estimate: Fraction, variance: Fraction, level: float) -> dict[str, float]:
    """Estimate, standard error, z interval and test (every textbook)."""
    middle, se = float(estimate), float(root(variance))
    half = stats.norm.isf((1 - level) / 2) * se
    z = middle / se
    return {
        "estimate": middle,
        "se": se,
        "ci_low": middle - half,
        "ci_high": middle + half,
        "statistic": z,
        "p_value": 2 * float(stats.norm.sf(abs(z))),
    }


def percent(parts: Sequence[Fraction | None]) -> list[float]:
    total = sum(p for p in parts if p is not None)
    return [float(100 * p / total) if p is not None else 0.0 for p in parts]


def from_q(q: Fraction, df: int) -> dict[str, float]:
    return {
        "q": float(q),
        "q_df": df,
        "q_p": het.q_p(q, df),
        "i2": het.i2_from_q(q, df),
        "h2": het.h2_from_q(q, df),
    }


def inverse_variance(effects: Sequence[Effect], level: float) -> Pooled:
    """sum wy / sum w, SE 1 / sqrt(sum w), w = 1/v (Cochran 1954)."""
    used = given_effects.included(effects)
    if not used:
        return not_estimable(len(effects), "common")
    mean = het.iv_mean(used)
    return Pooled(
        weights=percent([1 / e.v if e.included else None for e in effects]),
        k=len(used),
        status=ok_or_one(len(used)),
        model="common",
        **wald(mean, 1 / sum(1 / e.v for e in used), level),
        **from_q(het.cochran_q(used, mean), len(used) - 1),
        tau2=0.0,
        effects=used,
        q_effects=used,
        centre=float(mean),
    )


def random_effects(
    effects: Sequence[Effect],
    method: str,
    mh_mean: mh.Estimate | None,
    rules: Rules,
    level: float,
    given: float | None = None,
) -> Pooled:
    """Random effects (DerSimonian & Laird 1986), tau2 by a method or given.

    ``mh_mean``: about which Q is taken, None for the inverse-variance mean.
    """
    used = given_effects.included(effects)
    k = len(used)
    if k == 0 or (k > 1 and mh_mean is not None and mh_mean.estimate is None):
        return not_estimable(len(effects), "random")
    if k == 1 or mh_mean is None:
        centre, centre_size = het.iv_mean(used), math.nan
    else:
        centre, centre_size = mh_mean.estimate, mh_mean.size
    q = het.cochran_q(used, centre)
    if given is not None:
        tau2 = Fraction(given)
    else:
        tau2 = Fraction(float(het.tau2_dl(used, q) if method == "DL" else het.tau2_pm(used)))
    spread = from_q(q, k - 1)
    if k > 1 and (rules["i2"] == "tau2" or (rules["i2"] == "q-for-dl" and method != "DL")):
        spread["i2"] = het.i2_from_tau2(used, tau2)
        spread["h2"] = het.h2_from_tau2(used, tau2)
    return Pooled(
        weights=percent([1 / (e.v + tau2) if e.included else None for e in effects]),
        k=k,
        status=ok_or_one(k),
        model="random",
        **wald(het.iv_mean(used, tau2), 1 / sum(1 / (e.v + tau2) for e in used), level),
        **spread,
        tau2=float(tau2),
        effects=used,
        q_effects=used,
        centre=float(centre),
        centre_size=centre_size,
        tau2_method=method if given is None else "given",
    )


def mantel_haenszel(
    studies: Sequence[two_by_two.Counts], measure: str, rules: Rules, level: float
) -> Pooled:
    """Mantel & Haenszel 1959, with Q of the inverse-variance weights about its mean."""
    pool = mh.mantel_haenszel(studies, measure, rules)
    k = len(pool.entries)
    if pool.estimate is None:
        return not_estimable(len(studies), "common")
    parts: list[Fraction | None] = [None] * len(studies)
    for entry in pool.entries:
        parts[entry.position] = entry.s
    if pool.variance <= 0:  # the mean exists, and with it the weights, as RevMan prints them
        empty = not_estimable(len(studies), "common")
        return replace(empty, weights=percent(parts), size=pool.size)
    effects = two_by_two.study_effects(studies, measure, rules)
    heard = [effects[i] for i in mh.in_q(studies, measure, rules)]
    if k == 1 or len(heard) == 1:
        spread = from_q(Fraction(0), 0)
    elif heard:
        spread = from_q(het.cochran_q(heard, pool.estimate), len(heard) - 1)
    else:
        spread = {}
    return Pooled(
        weights=percent(parts),
        k=k,
        status=ok_or_one(k) if spread else "Q_UNDEFINED",
        model="common",
        **wald(pool.estimate, pool.variance, level),
        **spread,
        tau2=0.0 if spread else math.nan,
        q_effects=heard if len(heard) > 1 else [],
        centre=float(pool.estimate),
        size=pool.size,
        variance_size=pool.variance_size,
        centre_size=pool.size,
    )


def peto(studies: Sequence[two_by_two.Counts], level: float) -> Pooled:
    """sum (O - E) / sum V, SE 1 / sqrt(sum V), of the raw counts (Yusuf et al. 1985)."""
    tables = [two_by_two.table(counts) for counts in studies]
    effects = [
        given_effects.excluded(given_effects.MISSING) if t is None else two_by_two.peto(t)
        for t in tables
    ]
    return inverse_variance(effects, level)


def pool(
    kind: str, studies: Sequence[Any], measure: str, method: str, rules: Rules, level: float
) -> Pooled:
    """One meta-analysis by one method."""
    match method:
        case "auto":
            common = pool(kind, studies, measure, common_method(measure, rules), rules, level)
            if model_rule.choose(common.k, common.q_p, common.i2) == "common":
                return common
            return pool(kind, studies, measure, rules.get("default_random", "DL"), rules, level)
        case "MH":
            return mantel_haenszel(studies, measure, rules, level)
        case "Peto":
            return peto(studies, level)
        case "IV":
            return inverse_variance(study_effects(kind, studies, measure, rules), level)
        case "DL" | "PM":
            effects = study_effects(kind, studies, measure, rules)
            mh_mean = None
            about_mh = method == "DL" and rules["dl_q_centre"] == "mh"
            if measure in ("OR", "RR", "RD") and about_mh:
                mh_mean = mh.mantel_haenszel(studies, measure, rules)
            return random_effects(effects, method, mh_mean, rules, level)
    raise ValueError(method)


def common_method(measure: str, rules: Rules) -> str:
    """The conventions' method; Peto for PETO, IV where Mantel-Haenszel cannot pool."""
    if measure == "PETO":
        return "Peto"
    wanted = rules["default_common"]
    return "IV" if wanted == "MH" and not possible(measure, "MH") else wanted


def ok_or_one(k: int) -> str:
    return "ONE_STUDY" if k == 1 else "OK"


def not_estimable(m: int, model: str) -> Pooled:
    """No study, or none with information."""
    return Pooled(weights=[0.0] * m, k=0, status="NOT_ESTIMABLE", model=model)

"""Numbers and names of results as the text of a figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from metapool._bootstrap_result import difference_name
from metapool._format import p_value
from metapool._types import Status

if TYPE_CHECKING:
    from metapool._bootstrap_result import Bootstrap
    from metapool._meta_analysis_result import MetaAnalysis, SubgroupTest
    from metapool._results import Pooled
    from metapool._small_study_result import SmallStudyTest
    from metapool._types import FloatArray

MISSING = "\N{EN DASH}"
NOT_ESTIMABLE = "Not estimable"
MISSING_DATA = "Missing data"
NOT_APPLICABLE = "Not applicable"

_MEASURES = {
    "RR": "Risk ratio",
    "OR": "Odds ratio",
    "RD": "Risk difference",
    "AS": "Arcsine difference",
    "PETO": "Peto odds ratio",
    "MD": "Mean difference",
    "SMD": "Std. mean difference",
    "ROM": "Ratio of means",
    "HR": "Hazard ratio",
    "GEN": "Effect",
}
_STATISTICS = {
    "tau2": "Tau²",
    "i2": "I², %",
    "h2": "H²",
    "q": "Q",
    "harbord": "Bias by Harbord's test",
    "egger": "Bias by Egger's test",
}
_LIMITS = {"pi_low": "lower", "pi_high": "upper"}
_METHODS = {"MH": "M-H"}
_INTERVALS = {
    "hk": ", Hartung-Knapp",
    "hk-adhoc": ", Hartung-Knapp (ad hoc)",
    "hk-zovert": ", Hartung-Knapp (no narrower than Wald)",
    "hk-ci": ", Hartung-Knapp or Wald",
    "hk-iqwig6": ", Hartung-Knapp or t",
    "kr": ", Kenward-Roger",
    "sj": ", Sidik-Jonkman",
    "pl": ", profile likelihood",
}


def measure_name(measure: str) -> str:
    """The measure in words; a label that is not ours stays as it is."""
    return _MEASURES.get(measure, measure)


def method_name(pooled: Pooled[float]) -> str:
    """Method and model, e.g. "M-H, common"."""
    return f"{_METHODS.get(pooled.method, pooled.method)}, {pooled.model}"


def interval_name(level: float) -> str:
    """The name of an interval, e.g. "95% CI"."""
    return f"{100 * level:g}% CI"


def number(value: float, digits: int) -> str:
    """Fixed decimals with a true minus sign; scientific where fixed would be very long."""
    if math.isnan(value):
        return MISSING
    text = f"{value:.3g}" if abs(value) >= 1e6 else f"{value + 0.0:.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}").replace("inf", "\N{INFINITY}")


def digits_of(width: float) -> int:
    """Decimals that show the width of an interval with two significant figures: 2 to 6."""
    if not (math.isfinite(width) and width > 0):
        return 2
    return min(max(2, 1 - math.floor(math.log10(width))), 6)


def count(value: float) -> str:
    """A count, which may be fractional."""
    return MISSING if math.isnan(value) else f"{value:.10g}"


def percent(value: float) -> str:
    """A weight in percent."""
    return f"{value:.1f}%"


def effect(estimate: float, low: float, high: float, digits: int) -> str:
    """An estimate with its interval."""
    if math.isnan(estimate):
        return NOT_ESTIMABLE
    return f"{number(estimate, digits)} {interval(low, high, digits)}"


def interval(low: float, high: float, digits: int) -> str:
    """The limits of an interval."""
    return f"[{number(low, digits)}, {number(high, digits)}]"


def decimals(values: FloatArray, digits: int) -> int:
    """The decimals a column of means or SDs was given with, at most those that are worth showing.

    These are `digits`, and more if the smallest value needs them for two significant figures.
    """
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if sizes.size == 0:
        return 0
    most = max(digits, 1 - math.floor(math.log10(sizes.min())))
    given = (d for d in range(most) if np.allclose(np.round(sizes, d), sizes, rtol=1e-9, atol=0))
    return next(given, most)


def heterogeneity(pooled: Pooled[float]) -> str:
    """The heterogeneity line of a total."""
    if math.isnan(pooled.q) or pooled.q_df == 0:
        return f"Heterogeneity: {NOT_APPLICABLE}"
    tau2 = f"Tau² = {number(pooled.tau2, 2)}; " if pooled.model == "random" else ""
    return f"Heterogeneity: {tau2}{_chi2(pooled.q, pooled.q_df, pooled.q_p, pooled.i2)}"


def overall_effect(pooled: Pooled[float]) -> str:
    """The test line of a total."""
    if math.isnan(pooled.statistic):
        return f"Test for overall effect: {NOT_APPLICABLE}"
    size = number(abs(pooled.statistic), 2)
    test = f"Z = {size}" if math.isinf(pooled.df) else f"t = {size}, df = {pooled.df:.3g}"
    by = _INTERVALS.get(pooled.interval, "") if pooled.k > 1 else ""
    return f"Test for overall effect: {test} ({p_value(pooled.p_value)}){by}"


def subgroup_differences(test: SubgroupTest) -> str:
    """The line of the test between subgroups."""
    return f"Test for subgroup differences: {_chi2(test.q, test.df, test.p_value, test.i2)}"


def analysed_name(measure: str, is_ratio: bool) -> str:
    """The quantity that is analysed, e.g. "Log risk ratio"."""
    name = measure_name(measure)
    if not is_ratio:
        return name
    return f"Log {name if name == measure else name.lower()}"


def statistic_name(result: Bootstrap[float]) -> str:
    """What a bootstrap resampled, on the natural scale."""
    name = measure_name(result.measure)
    if result.subgroups:
        return f"{name}, {difference_name(result)}"
    if result.statistic in _LIMITS:
        return f"{name}, {_LIMITS[result.statistic]} limit of the prediction interval"
    return _STATISTICS.get(result.statistic, name)


def test_name(test: SmallStudyTest[float]) -> str:
    """The test by its author."""
    return f"{test.method.capitalize()}'s test"


def small_study(test: SmallStudyTest[float]) -> str:
    """The result of a small-study test, or why it has none."""
    if math.isnan(test.statistic):
        status = Status(int(test.status)).name.replace("_", " ").lower()
        return f"{test_name(test)}: {NOT_ESTIMABLE.lower()} ({status})"
    bias, se, t = (number(x, 2) for x in (test.bias, test.se, test.statistic))
    return (
        f"{test_name(test)}: bias = {bias} (SE {se}), t = {t}, df = {test.df}, "
        f"{p_value(test.p_value)}"
    )


def studies(n: int) -> str:
    """How many studies: "no study", "1 study", "2,000 studies"."""
    return f"{n:,} studies" if n > 1 else f"{n or 'no'} study"


def pooled_totals(ma: MetaAnalysis) -> list[Pooled[float]]:
    """The totals that are shown: the overall one, or those of the subgroups if there is none."""
    if ma.has_total:
        return [ma.pooled]
    return [group.pooled for group in ma.subgroups.values()]


def _chi2(q: float, df: object, p: float, i2: float) -> str:
    return f"Chi² = {number(q, 2)}, df = {df} ({p_value(p)}); I² = {number(i2, 0)}%"

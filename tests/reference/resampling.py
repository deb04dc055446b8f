"""The bootstrap: resamples, the intervals of a distribution, and their Monte Carlo error.

A replicate whose statistic is undefined has the value NaN. By the rule "drop" it is left out; by
"worst" the lower bound counts it as -inf and the upper one as +inf. Bias, standard error and the
bias correction z0 are always those of the rest.
"""

import math
import statistics
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeVar

from scipy import stats

from .philox import BOOTSTRAP, indices
from .two_by_two import Table

Row = TypeVar("Row")
Bounds = tuple[float, float]

#: What differs from the estimate by less than this share counts as equal to it.
TIE = 1e-10

#: Weights of the wild bootstrap with their probabilities; mean 0, variance 1 (Mammen 1993: also
#: third moment 1).
RADEMACHER = ((-1.0, 0.5), (1.0, 0.5))
MAMMEN = (
    ((1 - math.sqrt(5)) / 2, (math.sqrt(5) + 1) / (2 * math.sqrt(5))),
    ((1 + math.sqrt(5)) / 2, (math.sqrt(5) - 1) / (2 * math.sqrt(5))),
)


# Resamples


def resample(k: int, seed: int, replicate: int, analysis: int = 0, study: int = 0) -> list[int]:
    """Which of k studies a replicate consists of, drawn with replacement (Efron 1979)."""
    return indices(k, seed, BOOTSTRAP, study, replicate, analysis, k)


def bootstrap(
    rows: Sequence[Row],
    statistic: Callable[[list[Row]], float],
    n: int,
    seed: int,
    analysis: int = 0,
    first_replicate: int = 0,
) -> list[float]:
    """The statistic of n resamples; a study drawn twice is two rows."""
    return [
        statistic([rows[i] for i in resample(len(rows), seed, first_replicate + b, analysis)])
        for b in range(n)
    ]


def jackknife(rows: Sequence[Row], statistic: Callable[[list[Row]], float]) -> list[float]:
    """The statistic without each row in turn."""
    return [statistic([*rows[:i], *rows[i + 1 :]]) for i in range(len(rows))]


def distinct(k: int) -> int:
    """C(2k - 1, k), how many resamples of k studies differ but for order (Hall 1992)."""
    return math.comb(2 * k - 1, k)


# Summaries of a distribution


def defined(values: Sequence[float]) -> list[float]:
    return [x for x in values if not math.isnan(x)]


def counted(values: Sequence[float], degenerate: str) -> tuple[list[float], list[float]]:
    """What the lower and what the upper bound are quantiles of."""
    rest = defined(values)
    lost = {"drop": 0, "worst": len(values) - len(rest)}[degenerate]
    return rest + [-math.inf] * lost, rest + [math.inf] * lost


def mean(values: Sequence[float]) -> float:
    rest = defined(values)
    return math.fsum(rest) / len(rest) if rest else math.nan


def moment(values: Sequence[float], order: int) -> float:
    """Central moment, sum (x - mean)^order / n."""
    middle, rest = mean(values), defined(values)
    return math.fsum((x - middle) ** order for x in rest) / len(rest) if rest else math.nan


def bias(values: Sequence[float], estimate: float) -> float:
    """mean - estimate (Efron 1979)."""
    return mean(values) - estimate


def se(values: Sequence[float]) -> float:
    """Standard deviation with n - 1; NaN of fewer than two values."""
    n = len(defined(values))
    return math.sqrt(moment(values, 2) * n / (n - 1)) if n > 1 else math.nan


def quantile(values: Sequence[float], p: float) -> float:
    """Type 7 of Hyndman & Fan (1996): linear between the order statistics about 1 + (n - 1)p.

    One that has no weight is not heard, were it infinite.
    """
    if not values:
        return math.nan
    x = sorted(values)
    position = (len(x) - 1) * p
    i = math.floor(position)
    part = position - i
    if part == 0 or x[i] == x[i + 1]:
        return x[i]
    return (1 - part) * x[i] + part * x[i + 1]


def z_of(level: float) -> float:
    return float(stats.norm.isf((1 - level) / 2))


# Intervals


def percentile(values: Sequence[float], level: float, degenerate: str = "drop") -> Bounds:
    """Quantiles p and 1 - p, p = (1 - level)/2 (Efron 1979)."""
    p = (1 - level) / 2
    low, high = counted(values, degenerate)
    return quantile(low, p), quantile(high, 1 - p)


def basic(
    values: Sequence[float], estimate: float, level: float, degenerate: str = "drop"
) -> Bounds:
    """2 estimate - the percentile bounds, changed over (Davison & Hinkley 1997, 5.6)."""
    low, high = percentile(values, level, degenerate)
    return 2 * estimate - high, 2 * estimate - low


def normal(values: Sequence[float], estimate: float, level: float) -> Bounds:
    """estimate - bias -+ z se (Davison & Hinkley 1997, 5.5)."""
    middle, half = estimate - bias(values, estimate), z_of(level) * se(values)
    return middle - half, middle + half


class Adjusted(NamedTuple):
    """z0, the acceleration, and the levels of the quantiles that are the BCa bounds."""

    z0: float
    acceleration: float
    levels: Bounds


def bias_correction(values: Sequence[float], estimate: float) -> float:
    """z0, the normal quantile of (#< + #=/2) / B (Efron 1987; ties count half as in SciPy, but are
    told apart by more than rounding: 1e-10 of the estimate or of the standard deviation)."""
    rest = defined(values)
    tie = TIE * max(abs(estimate), statistics.stdev(rest) if len(rest) > 1 else 0.0)
    below = sum(x < estimate - tie for x in rest)
    equal = sum(abs(x - estimate) <= tie for x in rest)
    return float(stats.norm.ppf((2 * below + equal) / (2 * len(rest)))) if rest else math.nan


def acceleration(jackknives: Sequence[Sequence[float]]) -> float | None:
    """(1/6) sum U^3/n^3 / (sum U^2/n^2)^(3/2), U = (n - 1)(mean - theta_i), of one or several
    samples (Efron 1987; Davison & Hinkley 1997, 5.3); None if the values of each are equal, or
    one is NaN."""
    cubes, squares = [], []
    for values in jackknives:
        if any(map(math.isnan, values)):
            return None
        n, middle = len(values), mean(values)
        if min(values) < max(values):
            cubes += [((n - 1) * (middle - x) / n) ** 3 for x in values]
            squares += [((n - 1) * (middle - x) / n) ** 2 for x in values]
    return math.fsum(cubes) / math.fsum(squares) ** 1.5 / 6 if squares else None


def stretch(w: float, a: float) -> float:
    """1/(1 - a w), NaN from where it is no longer positive."""
    return 1 / (1 - a * w) if a * w < 1 else math.nan


def adjusted(
    values: Sequence[float],
    estimate: float,
    jackknives: Sequence[Sequence[float]],
    level: float,
) -> Adjusted | None:
    """Levels Phi(z0 + w/(1 - a w)), w = z0 -+ z (Efron 1987); None if one is undefined."""
    z0, a, z = bias_correction(values, estimate), acceleration(jackknives), z_of(level)
    if a is None or not math.isfinite(z0):
        return None
    low, high = (float(stats.norm.cdf(z0 + w * stretch(w, a))) for w in (z0 - z, z0 + z))
    return None if math.isnan(low) or math.isnan(high) else Adjusted(z0, a, (low, high))


def bca(
    values: Sequence[float],
    estimate: float,
    jackknives: Sequence[Sequence[float]],
    level: float,
    degenerate: str = "drop",
) -> Bounds | None:
    """Bias-corrected and accelerated (Efron 1987); None if all jackknife values are equal, z0 is
    infinite or 1 - a(z0 -+ z) is not positive: no other interval in its place."""
    found = adjusted(values, estimate, jackknives, level)
    if found is None:
        return None
    low, high = counted(values, degenerate)
    return quantile(low, found.levels[0]), quantile(high, found.levels[1])


# Monte Carlo error of the bounds: their standard deviation were the B resamples drawn anew


def quantile_error(values: Sequence[float], p: float, d: float) -> float:
    """(Q(p + d) - Q(p - d))/2, d the standard deviation of the share below the quantile."""
    return (quantile(values, min(1.0, p + d)) - quantile(values, max(0.0, p - d))) / 2


def percentile_error(values: Sequence[float], level: float, degenerate: str = "drop") -> Bounds:
    """With d^2 = p(1 - p)/B; p -+ d stays in [0, 1]. Of infinite quantiles as IEEE has it: infinite
    of one, NaN of both."""
    p = (1 - level) / 2
    low, high = counted(values, degenerate)
    if not low:
        return math.nan, math.nan
    d = math.sqrt(p * (1 - p) / len(low))
    return quantile_error(low, p, d), quantile_error(high, 1 - p, d)


def basic_error(values: Sequence[float], level: float, degenerate: str = "drop") -> Bounds:
    """That of the percentile bounds, changed over."""
    low, high = percentile_error(values, level, degenerate)
    return high, low


def normal_error(values: Sequence[float], level: float) -> Bounds:
    """Of 2 estimate - mean -+ z s, by the delta method: B times the variance is
    s^2 + z^2 (m4/s^2 - s^2)/4 +- z m3/s, plus for the lower bound, minus for the upper,

    since Var s = (m4/s^2 - s^2)/(4B) and Cov(mean, s) = m3/(2 s B) (Cramer 1946, chapter 27).
    """
    z, s, n = z_of(level), se(values), len(defined(values))
    if math.isnan(s) or s == 0:
        return s, s
    even = s**2 + z**2 * (moment(values, 4) / s**2 - s**2) / 4
    odd = z * moment(values, 3) / s
    return math.sqrt(max(0.0, even + odd) / n), math.sqrt(max(0.0, even - odd) / n)


def bca_error(
    values: Sequence[float],
    estimate: float,
    jackknives: Sequence[Sequence[float]],
    level: float,
    degenerate: str = "drop",
) -> Bounds | None:
    """At the adjusted level a, itself moved by p0 = Phi(z0), the share below the estimate:

    d^2 = (a(1 - a) + c^2 p0(1 - p0) - 2c(min(a, p0) - a p0))/B, the variance of c p0 less the share
    below the bound, with c = da/dp0 = (da/dz0)/phi(z0) and da/dz0 = phi(Phi^-1(a)) (1 + 1/(1 - acc
    w)^2), w = z0 -+ z. The acceleration has no Monte Carlo error. By "worst" B counts the undefined
    values too: where the bound is finite they are few.
    """
    found = adjusted(values, estimate, jackknives, level)
    if found is None:
        return None
    z0, z, p0 = found.z0, z_of(level), float(stats.norm.cdf(found.z0))

    def error(counted: list[float], a: float, w: float) -> float:
        times = stretch(w, found.acceleration)
        slope = float(stats.norm.pdf(z0 + w * times)) * (1 + times**2)
        c = slope / float(stats.norm.pdf(z0))
        moved = a * (1 - a) + c**2 * p0 * (1 - p0) - 2 * c * (min(a, p0) - a * p0)
        return quantile_error(counted, a, math.sqrt(max(0.0, moved) / len(counted)))

    low, high = counted(values, degenerate)
    return error(low, found.levels[0], z0 - z), error(high, found.levels[1], z0 + z)


# Other schemes, given their random numbers: z standard normal, u uniform, chi2 of n - 1 df


def parametric_effects(
    mu: float, tau2: float, v: Sequence[float], z: Sequence[float]
) -> list[float]:
    """y* ~ N(mu, v + tau2), the variances as they are."""
    return [mu + math.sqrt(variance + tau2) * x for variance, x in zip(v, z, strict=True)]


def parametric_risks(mu: float, tau2: float, t: Table, measure: str, z: float) -> Bounds:
    """Risks of the arms: control (c + 1/2)/(n2 + 1), experimental theta* ~ N(mu, tau2) away.

    A risk ratio or difference that leads out of [0, 1] leads to its end.
    """
    theta = mu + math.sqrt(tau2) * z
    control = float((t.c + Fraction(1, 2)) / (t.n2 + 1))
    match measure:
        case "OR" | "PETO":
            risk = 1 / (1 + (1 - control) / control * math.exp(-theta))
        case "RR":
            risk = control * math.exp(theta)
        case "RD":
            risk = control + theta
        case "AS":
            angle = math.asin(math.sqrt(control)) + theta
            risk = math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2
        case _:
            raise ValueError(measure)
    return min(max(risk, 0.0), 1.0), control


def within_risks(t: Table, h: float) -> Bounds:
    """Risks of the arms, the study's own: (a + h)/(n1 + 2h), (c + h)/(n2 + 2h)."""
    add = Fraction(h)
    return float((t.a + add) / (t.n1 + 2 * add)), float((t.c + add) / (t.n2 + 2 * add))


def counts(n: int, risk: float, u: float) -> int:
    """Events* ~ Bin(n, risk), by inversion: the law, not the sampler."""
    return int(stats.binom.ppf(u, n, risk))


def within_effects(y: Sequence[float], v: Sequence[float], z: Sequence[float]) -> list[float]:
    """y* ~ N(y, v), each study about its own effect."""
    return [y_ + math.sqrt(v_) * z_ for y_, v_, z_ in zip(y, v, z, strict=True)]


def within_mean(mean: float, sd: float, n: int, z: float, chi2: float) -> tuple[float, float]:
    """Mean and standard deviation of an arm: mean* ~ N(m, s^2/n), s*^2 ~ s^2 chi2/(n - 1)."""
    return mean + sd / math.sqrt(n) * z, sd * math.sqrt(chi2 / (n - 1))


def null_line(y: Sequence[float], x: Sequence[float]) -> list[float]:
    """Fitted values of y = slope x, no small-study effect: slope = sum xy / sum x^2."""
    slope = math.fsum(a * b for a, b in zip(x, y, strict=True)) / math.fsum(a * a for a in x)
    return [slope * a for a in x]


def wild(y: Sequence[float], x: Sequence[float], signs: Sequence[float]) -> list[float]:
    """y* = fitted + weight times residual, of the null line through the origin (Wu 1986; Liu
    1988)."""
    fitted = null_line(y, x)
    return [f + sign * (b - f) for f, b, sign in zip(fitted, y, signs, strict=True)]

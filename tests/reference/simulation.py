"""Data of simulation studies, study by study, and measures of performance, from their textbook
definitions."""

import math
import statistics
from collections.abc import Callable, Sequence

from .philox import SIMULATION
from .samplers import Draws

Draw = Callable[[Draws], float]


def stream(seed: int, study: int, replicate: int, scenario: int) -> Draws:
    """Studies count from 1; study 0 is the replicate itself."""
    return Draws(seed, study, replicate, scenario, SIMULATION)


def fixed(value: float) -> Draw:
    return lambda _: value


def uniform(low: float, high: float) -> Draw:
    return lambda draws: low + (high - low) * draws.uniform()


def integers(low: int, high: int) -> Draw:
    return lambda draws: low + draws.digit(high - low + 1)


def lognormal(mean: float, sd: float) -> Draw:
    return lambda draws: math.exp(mean + sd * draws.normal())


def choice(values: Sequence[float]) -> Draw:
    return lambda draws: values[draws.digit(len(values))]


def beta(a: float, b: float) -> Draw:
    def draw(draws: Draws) -> float:
        x = draws.gamma(a)
        return x / (x + draws.gamma(b))

    return draw


def chi_square(df: float, scale: float, low: float, high: float) -> Draw:
    def draw(draws: Draws) -> float:
        while True:
            x = scale * draws.chi_square(df)
            if low <= x <= high:
                return x

    return draw


def normal_effect(mean: float, tau: float) -> Draw:
    return lambda draws: mean + tau * draws.normal()


def t_effect(mean: float, tau: float, df: float) -> Draw:
    """z/sqrt(chi2/df) has variance df/(df - 2)."""

    def draw(draws: Draws) -> float:
        z = draws.normal()
        t = z / math.sqrt(draws.chi_square(df) / df)
        return mean + tau * t * math.sqrt((df - 2) / df)

    return draw


def skew_normal_effect(mean: float, tau: float, shape: float) -> Draw:
    """Azzalini (1985): delta |u| + sqrt(1 - delta^2) v has mean delta sqrt(2/pi)."""

    def draw(draws: Draws) -> float:
        delta = shape / math.sqrt(1 + shape**2)
        u, v = draws.normal(), draws.normal()
        x = delta * abs(u) + math.sqrt(1 - delta**2) * v
        centre = delta * math.sqrt(2 / math.pi)
        return mean + tau * (x - centre) / math.sqrt(1 - centre**2)

    return draw


def two_by_two(
    draws: Draws, n_e: Draw, n_c: Draw | None, risk_c: Draw, effect: Draw, on: str
) -> list[float]:
    """Events and sizes of both arms."""
    e = n_e(draws)
    c = e if n_c is None else n_c(draws)
    control, theta = risk_c(draws), effect(draws)
    if on == "OR":
        odds = control / (1 - control) * math.exp(theta) if control < 1 else math.inf
        risk = odds / (1 + odds) if odds < math.inf else 1.0
    else:
        risk = control * math.exp(theta) if on == "RR" else control + theta
    events_e = draws.binomial(int(e), min(1.0, max(0.0, risk)))
    return [events_e, e, draws.binomial(int(c), control), c]


def two_means(
    draws: Draws, n_e: Draw, n_c: Draw | None, mean_c: Draw, sd: Draw, effect: Draw, unit: str
) -> list[float]:
    """Mean, standard deviation and size of both arms."""
    e = n_e(draws)
    c = e if n_c is None else n_c(draws)
    control, spread = mean_c(draws), sd(draws)
    theta = effect(draws)
    arms = []
    for mean, n in ((control + theta * (spread if unit == "sd" else 1), e), (control, c)):
        arms.append(mean + spread / math.sqrt(n) * draws.normal())
        arms.append(spread * math.sqrt(draws.chi_square(n - 1) / (n - 1)))
        arms.append(n)
    return arms


def normal(draws: Draws, v: Draw, effect: Draw) -> list[float]:
    """Effect and variance."""
    variance = v(draws)
    theta = effect(draws)
    return [theta + math.sqrt(variance) * draws.normal(), variance]


def performance(
    estimates: Sequence[float],
    ses: Sequence[float],
    limits: Sequence[tuple[float, float]],
    p_values: Sequence[float],
    truth: float,
    alpha: float,
) -> dict[str, tuple[float, float]]:
    """Measures and Monte Carlo standard errors of replicates that all have an estimate (Morris,
    White & Crowther 2019, table 6)."""
    n = len(estimates)
    errors = [x - truth for x in estimates]
    squares = [e**2 for e in errors]
    variances = [se**2 for se in ses]
    empirical = statistics.stdev(estimates)
    model = math.sqrt(statistics.fmean(variances))
    covered = sum(low <= truth <= high for low, high in limits) / n
    rejected = sum(p < alpha for p in p_values) / n
    mse = statistics.fmean(squares)

    def share(p: float) -> tuple[float, float]:
        """At 0 or 1 half of Wilson's interval for one standard error: 1/(n + 1)."""
        return p, math.sqrt(p * (1 - p) / n) if 0 < p < 1 else 1 / (n + 1)

    of_model = math.sqrt(statistics.variance(variances) / (4 * n * model**2))
    of_empirical = empirical / math.sqrt(2 * (n - 1))
    mean = statistics.fmean(estimates)
    return {
        "mean_estimate": (mean, empirical / math.sqrt(n)),
        "bias_eliminated_coverage": share(sum(low <= mean <= high for low, high in limits) / n),
        "bias": (statistics.fmean(errors), empirical / math.sqrt(n)),
        "empirical_se": (empirical, of_empirical),
        "mse": (mse, math.sqrt(math.fsum((s - mse) ** 2 for s in squares) / (n * (n - 1)))),
        "model_se": (model, of_model),
        "relative_error_of_model_se": (
            model / empirical - 1,
            model / empirical * math.hypot(of_model / model, of_empirical / empirical),
        ),
        "coverage": share(covered),
        "power": share(rejected),
    }


def difference(own: Sequence[float], first: Sequence[float]) -> tuple[float, float]:
    """Mean of the paired differences, and its standard error."""
    differences = [a - b for a, b in zip(own, first, strict=True)]
    se = statistics.stdev(differences) / math.sqrt(len(differences))
    return statistics.fmean(differences), se


def published(
    draws: Draws,
    study: Callable[[Draws], list[float]],
    probability: Callable[[list[float]], float],
) -> list[float]:
    """Drawn again, from the same stream, until it is published."""
    while True:
        row = study(draws)
        if draws.uniform() < probability(row):
            return row


def step(p: float, cutoffs: Sequence[float], weights: Sequence[float]) -> float:
    """The weight of the first cutoff that P does not exceed."""
    return next((w for c, w in zip(cutoffs, weights, strict=False) if p <= c), weights[-1])

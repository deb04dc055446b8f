"""What simulation studies draw, a million studies each, against SciPy and NumPy."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pytest
from scipy import stats

from metapool import simulate as sim

from .laws import (
    REPLICATES,
    SEED,
    STUDIES,
    K,
    check_alike,
    check_continuous,
    check_fit,
    check_moments,
    check_shares,
    check_uncorrelated,
    check_whole,
    check_whole_alike,
    drawn,
)

#: Events are drawn by inversion while the mean of the rarer outcome is below 100, else by BTPE.
ARMS = [
    (1, 0.3), (10, 0.5), (50, 0.02), (50, 0.98), (10**9, 1e-9), (199, 0.5), (10_000, 0.99001),
    (200, 0.5), (400, 0.75), (1000, 0.1), (1000, 0.9), (100_000, 0.01), (10**6, 0.3),
]  # fmt: skip


@pytest.mark.parametrize("i", range(len(ARMS)))
def test_events(i: int) -> None:
    """Of the control arm with its risk, of the other with that of an odds ratio of 1.5."""
    n, risk = ARMS[i]
    risks: list[Any] = list(dict.fromkeys(risk for _, risk in ARMS))
    data = sim.TwoByTwo(risk_c=risks, effect=math.log(1.5), k=K, n_e=n)
    tables = drawn(data, risks.index(risk))
    odds = 1.5 * risk / (1 - risk)
    check_whole(tables.events_c, stats.binom(n, risk))
    check_whole(tables.events_e, stats.binom(n, odds / (1 + odds)))


@pytest.mark.parametrize("n", [1, 10**9])
@pytest.mark.parametrize("risk", [0.0, 1.0, 1e-9, 1 - 1e-9])
def test_events_at_the_extremes(n: int, risk: float) -> None:
    """Whole, among the people, with a mean within 5 standard errors."""
    tables = drawn(sim.TwoByTwo(risk_c=risk, effect=0.0, k=K, n_e=n))
    for events in (tables.events_e, tables.events_c):
        assert ((events >= 0) & (events <= n) & (events % 1 == 0)).all()
        assert abs(events.mean() - n * risk) <= 5 * math.sqrt(n * risk * (1 - risk) / STUDIES)


#: Risks are seen as shares of so many people: a binomial error of 2e-8 at most, which Kolmogorov's
#: distance of 2e-3 at P = 1e-4 does not notice.
CROWD = 10**15
RISKS = [
    (sim.Uniform(0.05, 0.3), stats.uniform(0.05, 0.25)),
    (sim.Beta(2, 8), stats.beta(2, 8)),
    (sim.Beta(0.5, 0.5), stats.beta(0.5, 0.5)),
    (sim.Beta(30, 1.5), stats.beta(30, 1.5)),
]


@pytest.mark.parametrize("i", range(len(RISKS)))
def test_risks(i: int) -> None:
    data = sim.TwoByTwo(risk_c=[risk for risk, _ in RISKS], effect=0.0, k=K, n_e=CROWD)
    tables = drawn(data, i)
    for events in (tables.events_e, tables.events_c):
        check_continuous(events / CROWD, RISKS[i][1])


@pytest.mark.parametrize(("a", "b", "n"), [(1, 1, 20), (2, 8, 50), (0.5, 0.5, 3000)])
def test_events_of_random_risks(a: float, b: float, n: int) -> None:
    """Each study has its own risk: beta-binomial."""
    tables = drawn(sim.TwoByTwo(risk_c=sim.Beta(a, b), effect=0.0, k=K, n_e=n))
    check_whole(tables.events_e, stats.betabinom(n, a, b))
    check_whole(tables.events_c, stats.betabinom(n, a, b))


@pytest.mark.parametrize("on", ["OR", "RR", "RD"])
def test_events_of_random_effects(on: Literal["OR", "RR", "RD"]) -> None:
    """Against NumPy's generator: random sizes, risks and effects, cut off beyond 0 and 1."""
    data = sim.TwoByTwo(
        risk_c=sim.Uniform(0.2, 0.6), effect=0.1, on=on, tau=0.4, k=K, n_e=sim.Integers(5, 60)
    )
    tables = drawn(data)
    rng = np.random.default_rng(SEED)
    n = rng.integers(5, 60, STUDIES, endpoint=True)
    risk_c = rng.uniform(0.2, 0.6, STUDIES)
    theta = rng.normal(0.1, 0.4, STUDIES)
    odds = np.exp(theta) * risk_c / (1 - risk_c)
    risk_e = {"OR": odds / (1 + odds), "RR": risk_c * np.exp(theta), "RD": risk_c + theta}[on]
    events_e, events_c = (rng.binomial(n, r) for r in (np.clip(risk_e, 0, 1), risk_c))
    check_whole_alike(tables.events_e, events_e)
    check_whole_alike(tables.events_c, events_c)
    check_whole_alike(
        tables.events_e + tables.events_c, events_e + events_c
    )  # and their correlation


def truncated(law: Any, low: float, high: float) -> Any:
    """The distribution function between two bounds."""
    below, within = law.cdf(low), law.cdf(high) - law.cdf(low)
    return lambda x: (law.cdf(x) - below) / within


VARIANCES = [
    (sim.Uniform(0.1, 1.0), stats.uniform(0.1, 0.9)),
    (sim.LogNormal(-2.0, 0.7), stats.lognorm(0.7, scale=math.exp(-2.0))),
    (sim.Beta(2, 3), stats.beta(2, 3)),
    (sim.ChiSquare(1, 0.25), stats.chi2(1, scale=0.25)),
    (sim.ChiSquare(7.5), stats.chi2(7.5)),
]


@pytest.mark.parametrize("i", range(len(VARIANCES)))
def test_variances(i: int) -> None:
    data = sim.Normal(mu=0.0, v=[v for v, _ in VARIANCES], k=K)
    check_continuous(drawn(data, i).v, VARIANCES[i][1])


def test_variances_between_bounds() -> None:
    """Those of Brockwell & Gordon (2001)."""
    v = drawn(sim.Normal(mu=0.0, v=sim.ChiSquare(1, 0.25, 0.009, 0.6), k=K)).v
    assert ((v >= 0.009) & (v <= 0.6)).all()
    check_fit(v, truncated(stats.chi2(1, scale=0.25), 0.009, 0.6))


@pytest.mark.parametrize(("low", "high"), [(20, 200), (7, 8), (1, 1000)])
def test_sizes(low: int, high: int) -> None:
    """Both ends as often as all between; the arms by themselves."""
    n = sim.Integers(low, high)
    tables = drawn(sim.TwoByTwo(risk_c=0.0, effect=0.0, k=K, n_e=n, n_c=n))
    for sizes in (tables.n_e, tables.n_c):
        check_shares(sizes, list(range(low, high + 1)))
    check_uncorrelated(tables.n_e, tables.n_c)


@pytest.mark.parametrize(
    "v", [sim.Choice([0.1, 0.2, 0.7, 3.0, 5.0]), sim.Empirical([0.1, 0.4, 0.4, 0.4, 2.0, 0.4, 0.1])]
)
def test_choices(v: sim.Choice) -> None:
    check_shares(drawn(sim.Normal(mu=0.0, v=v, k=K)).v, list(v.values))


def test_numbers_of_studies() -> None:
    k = np.diff(drawn(sim.Normal(mu=0.0, v=1.0, k=sim.Integers(3, 9))).offsets)
    assert k.size == REPLICATES
    check_shares(k, list(range(3, 10)))


def skew_normal(shape: float, mean: float, sd: float) -> Any:
    """SciPy's with this mean and standard deviation, from its mean and variance at scale 1."""
    m, v = stats.skewnorm.stats(shape)
    scale = sd / math.sqrt(v)
    return stats.skewnorm(shape, mean - scale * m, scale)


def student(df: float, mean: float, sd: float) -> Any:
    return stats.t(df, mean, sd * math.sqrt((df - 2) / df))


SHAPES: list[tuple[Any, Any]] = [
    ("normal", stats.norm(0.3, 0.5)),
    (sim.SkewNormal(-3), skew_normal(-3, 0.3, 0.5)),
    (sim.SkewNormal(0), stats.norm(0.3, 0.5)),
    (sim.SkewNormal(10), skew_normal(10, 0.3, 0.5)),
    (sim.StudentT(10), student(10, 0.3, 0.5)),
    (sim.StudentT(3), student(3, 0.3, 0.5)),
]


@pytest.mark.parametrize("i", range(len(SHAPES)))
def test_effects(i: int) -> None:
    """Observed as they are, with a variance of nearly 0."""
    shapes = [shape for shape, _ in SHAPES]
    data = sim.Normal(mu=0.3, tau=0.5, v=1e-300, k=K, random_effects=shapes)
    y, law = drawn(data, i).y, SHAPES[i][1]
    check_fit(y, law.cdf)
    if np.isfinite(law.stats("k")):  # else the variance has no standard error
        check_moments(y, law)


def test_observed_effects() -> None:
    """N(mu, v + tau²) with a known variance."""
    effects = drawn(sim.Normal(mu=-0.2, tau=0.3, v=sim.Uniform(0.01, 2), k=K))
    check_continuous((effects.y + 0.2) / np.sqrt(effects.v + 0.09), stats.norm())


@pytest.mark.parametrize("shape", [sim.StudentT(3), sim.SkewNormal(5)])
def test_observed_effects_of_other_shapes(shape: sim.StudentT | sim.SkewNormal) -> None:
    """No closed form: against NumPy's generator, and for the skew-normal SciPy's."""
    v = sim.LogNormal(-2, 0.7)
    y = drawn(sim.Normal(mu=-0.2, tau=0.3, v=v, k=K, random_effects=shape)).y
    rng = np.random.default_rng(SEED)
    if isinstance(shape, sim.StudentT):
        theta = -0.2 + 0.3 * rng.standard_t(3, STUDIES) / math.sqrt(3)
    else:
        theta = skew_normal(5, -0.2, 0.3).rvs(STUDIES, random_state=rng)
    other = rng.normal(theta, np.sqrt(rng.lognormal(-2, 0.7, STUDIES)))
    check_alike(y, other)


@pytest.mark.parametrize(("n", "n_c", "unit"), [(2, 3, "sd"), (4, 20, "raw"), (1000, 2, "sd")])
def test_means(n: int, n_c: int, unit: Literal["sd", "raw"]) -> None:
    """Normal means and chi-square variances, independent of each other, of the next study's and of
    the next replicate's."""
    data = sim.TwoMeans(effect=0.5, k=K, n=n, n_c=n_c, mean_c=100.0, sd=15.0, unit=unit)
    means = drawn(data)
    mean_e = 100 + 0.5 * (15 if unit == "sd" else 1)
    for mean, sd, size, truth in [
        (means.mean_e, means.sd_e, n, mean_e),
        (means.mean_c, means.sd_c, n_c, 100),
    ]:
        check_continuous(mean, stats.norm(truth, 15 / math.sqrt(size)))
        check_continuous((size - 1) * (sd / 15) ** 2, stats.chi2(size - 1))
    columns = means.mean_e, means.sd_e, means.mean_c, means.sd_c
    check_uncorrelated(*(np.roll(x, shift) for x in columns for shift in (0, 1, K)))


def test_means_of_random_effects() -> None:
    """Against NumPy's generator: everything random."""
    data = sim.TwoMeans(
        effect=0.5, tau=0.4, k=K, n=sim.Integers(3, 12), mean_c=sim.Uniform(-2, 2),
        sd=sim.LogNormal(0.5, 0.3),
    )  # fmt: skip
    means = drawn(data)
    rng = np.random.default_rng(SEED)
    n = rng.integers(3, 12, STUDIES, endpoint=True)
    mean_c, sd = rng.uniform(-2, 2, STUDIES), rng.lognormal(0.5, 0.3, STUDIES)
    mean_e = mean_c + sd * rng.normal(0.5, 0.4, STUDIES)
    seen_e, seen_c = (rng.normal(mean, sd / np.sqrt(n)) for mean in (mean_e, mean_c))
    seen_sd = sd * np.sqrt(rng.chisquare(n - 1) / (n - 1))
    for ours, other in [
        (means.mean_e, seen_e),
        (means.sd_e, seen_sd),
        (means.mean_e - means.mean_c, seen_e - seen_c),
    ]:
        check_alike(ours, other)


def test_published_studies() -> None:
    """P is uniform where there is no effect: after selection uniform in steps, by their weights."""
    cutoffs, weights = [0.025, 0.5], [1.0, 0.5, 0.1]
    selection = sim.Selection(cutoffs, weights)
    y = drawn(sim.Normal(mu=0.0, v=1.0, k=K, selection=selection)).y
    ends = [0.0, *cutoffs, 1.0]
    published = np.cumsum([0.0, *np.diff(ends) * weights])
    check_fit(stats.norm.sf(y), lambda p: np.interp(p, ends, published / published[-1]))


# Wrong by 9 standard errors or more, of the mean or of the variance; or in shape alone.
@pytest.mark.parametrize(
    "wrong", [stats.binom(50, 0.3006), stats.binom(51, 0.3 * 50 / 51), stats.poisson(15)]
)
def test_a_wrong_law_of_counts_is_noticed(wrong: Any) -> None:
    events = drawn(sim.TwoByTwo(risk_c=0.3, effect=0.0, k=K, n_e=50)).events_c
    with pytest.raises(AssertionError):
        check_whole(events, wrong)


@pytest.mark.parametrize(
    "wrong", [stats.norm(0.01, 1), stats.norm(0, 1.01), student(30, 0, 1), skew_normal(1, 0, 1)]
)
def test_a_wrong_law_of_effects_is_noticed(wrong: Any) -> None:
    y = drawn(sim.Normal(mu=0.0, v=1.0, k=K)).y
    with pytest.raises(AssertionError):
        check_continuous(y, wrong)

"""Data and measures of simulation studies against the oracle."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from reference import pooling
from reference import simulation as reference
from scipy import stats

import metapool as mp
from metapool import simulate as sim

SEED = 20261126
N = 12

#: Distributions of the core and of the oracle; whole numbers, risks, positive numbers.
SIZES = [
    (40, reference.fixed(40)),
    (sim.Integers(2, 150), reference.integers(2, 150)),
    (sim.Choice([3, 17, 150]), reference.choice([3, 17, 150])),
]
RISKS = [
    (0.3, reference.fixed(0.3)),
    (sim.Uniform(0.05, 0.3), reference.uniform(0.05, 0.3)),
    (sim.Beta(0.5, 3), reference.beta(0.5, 3)),
    (0.0, reference.fixed(0.0)),
    (1.0, reference.fixed(1.0)),
]
POSITIVE = [
    (0.2, reference.fixed(0.2)),
    (sim.LogNormal(-2.0, 0.5), reference.lognormal(-2.0, 0.5)),
    (sim.ChiSquare(1, 0.25, 0.009, 0.6), reference.chi_square(1, 0.25, 0.009, 0.6)),
    (sim.Empirical([0.1, 0.4, 0.5]), reference.choice([0.1, 0.4, 0.5])),
]
SHAPES = [
    ("normal", reference.normal_effect),
    (sim.StudentT(4), lambda mean, tau: reference.t_effect(mean, tau, 4)),
    (sim.SkewNormal(-3), lambda mean, tau: reference.skew_normal_effect(mean, tau, -3)),
]


def check(data, draw, k=5, scenario=0):
    """Replicates of a scenario are what the oracle draws."""
    analyses = [mp.Analysis(data.kind.measures[0], "DL")]
    study = mp.Simulation(data=data, analyses=analyses, replicates=1, seed=SEED)
    for first in (0, 4711, 2**40):
        batch = study.generate(scenario, first, N)
        assert np.diff(batch.offsets).tolist() == [k] * N
        rows = np.column_stack(batch.columns)
        want = [
            draw(reference.stream(SEED, j, replicate, scenario))
            for replicate in range(first, first + N)
            for j in range(1, k + 1)
        ]
        np.testing.assert_allclose(rows, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("on", ["OR", "RR", "RD"])
@pytest.mark.parametrize("size", range(len(SIZES)))
@pytest.mark.parametrize("risk", range(len(RISKS)))
def test_tables(size, risk, on):
    (n_e, draw_n), (risk_c, draw_risk) = SIZES[size], RISKS[risk]
    effect = -0.4 if on != "RD" else 0.0
    data = sim.TwoByTwo(
        risk_c=risk_c, effect=effect, on=on, tau=0.3, k=5, n_e=n_e, n_c=sim.Integers(1, 90)
    )
    draw_effect = reference.normal_effect(effect, 0.3)
    n_c = reference.integers(1, 90)
    check(data, lambda d: reference.two_by_two(d, draw_n, n_c, draw_risk, draw_effect, on))


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_shapes_of_random_effects(shape):
    named, effect = SHAPES[shape]
    data = sim.TwoByTwo(risk_c=0.2, effect=-0.4, tau=0.5, k=5, n_e=30, random_effects=named)
    draws = reference.fixed(30), None, reference.fixed(0.2), effect(-0.4, 0.5)
    check(data, lambda d: reference.two_by_two(d, *draws, "OR"))


@pytest.mark.parametrize("unit", ["sd", "raw"])
@pytest.mark.parametrize("size", range(len(SIZES)))
def test_means(size, unit):
    n, draw_n = SIZES[size]
    data = sim.TwoMeans(
        effect=0.5,
        tau=0.1,
        k=5,
        n=n,
        mean_c=sim.Uniform(90, 110),
        sd=sim.LogNormal(1, 0.2),
        unit=unit,
    )
    parts = reference.uniform(90, 110), reference.lognormal(1, 0.2)
    effect = reference.normal_effect(0.5, 0.1)
    check(data, lambda d: reference.two_means(d, draw_n, None, *parts, effect, unit))


@pytest.mark.parametrize("spread", range(len(POSITIVE)))
def test_effects(spread):
    v, draw_v = POSITIVE[spread]
    data = sim.Normal(mu=0.2, tau=0.3, v=v, k=5)
    check(data, lambda d: reference.normal(d, draw_v, reference.normal_effect(0.2, 0.3)))


STEPS = {"cutoffs": [0.025, 0.5], "weights": [1.0, 0.5, 0.1]}


@pytest.mark.parametrize("alternative", ["greater", "less"])
def test_published_effects(alternative):
    data = sim.Normal(
        mu=0.2, tau=0.3, v=0.3, k=5, selection=sim.Selection(**STEPS, alternative=alternative)
    )
    effect = reference.normal_effect(0.2, 0.3)
    sign = 1 if alternative == "greater" else -1

    def probability(row):
        y, v = row
        return reference.step(float(stats.norm.sf(sign * y / math.sqrt(v))), **STEPS)

    def study(draws):
        return reference.normal(draws, reference.fixed(0.3), effect)

    check(data, lambda draws: reference.published(draws, study, probability))


@pytest.mark.parametrize("on", ["OR", "RR", "RD"])
def test_published_tables(on):
    """P of the effect that is declared, in RevMan's way; few people, less often."""
    data = sim.TwoByTwo(
        risk_c=0.2, effect=0.1, on=on, k=5, n_e=sim.Integers(10, 60),
        selection=sim.Selection(**STEPS, small=(70, 0.4)),
    )  # fmt: skip
    rules = asdict(mp.REVMAN5)

    def probability(row):
        (effect,) = pooling.study_effects("two-by-two", [row], on, rules)
        p = float(stats.norm.sf(effect.y / math.sqrt(effect.v))) if effect.included else 1.0
        return reference.step(p, **STEPS) * (0.4 if row[1] + row[3] < 70 else 1)

    parts = (
        reference.integers(10, 60),
        None,
        reference.fixed(0.2),
        reference.normal_effect(0.1, 0.0),
    )

    def study(draws):
        return reference.two_by_two(draws, *parts, on)

    check(data, lambda draws: reference.published(draws, study, probability))


def test_values_of_studies_in_their_order():
    data = sim.Normal(mu=0.0, v=sim.PerStudy([0.1, 0.4, 2.0]), k=5)
    study = mp.Simulation(data=data, analyses=[mp.Analysis()], seed=SEED)
    batch = study.generate(0, 7, 2)
    assert batch.v.tolist() == [0.1, 0.4, 2.0, 0.1, 0.4] * 2


def test_scenarios_and_numbers_of_studies_have_their_streams():
    data = sim.Normal(mu=[0.0, 0.5], v=1.0, k=sim.Integers(2, 9))
    study = mp.Simulation(data=data, analyses=[mp.Analysis()], seed=SEED)
    for scenario, mu in enumerate((0.0, 0.5)):
        batch = study.generate(scenario, 100, 40)
        draw = reference.integers(2, 9)
        sizes = [draw(reference.stream(SEED, 0, r, scenario)) for r in range(100, 140)]
        assert np.diff(batch.offsets).tolist() == sizes
        effect = reference.normal_effect(mu, 0.0)
        want = reference.normal(
            reference.stream(SEED, 1, 100, scenario), reference.fixed(1.0), effect
        )
        assert batch.y[0] == pytest.approx(want[0], rel=1e-12)


@pytest.mark.parametrize("rules", [mp.REVMAN5, mp.METAFOR], ids=repr)
@pytest.mark.parametrize("replicates", [2, 300, 5001])
def test_measures_are_those_of_the_analyses_one_by_one(replicates, rules):
    """Blocks of 256 and of 5,000 merge into what the textbook makes of all replicates; by metafor's
    rules analyses take tiles alone, so that data are laid out in tiles."""
    data = sim.TwoByTwo(
        risk_c=sim.Uniform(0.1, 0.4), effect=[0.0, -0.5], tau=0.2, k=6, n_e=sim.Integers(20, 90)
    )
    analyses = [
        mp.Analysis("OR", "DL", rules),
        mp.Analysis("OR", "REML", rules, interval="hk", level=0.9),
    ]
    tests = [mp.Test("harbord"), mp.Test("egger", "OR", conventions=rules, alpha=0.1)]
    study = mp.Simulation(
        data=data,
        analyses=analyses,
        tests=tests,
        replicates=replicates,
        seed=SEED,
        bias_eliminated=True,
    )
    result = study.run(progress=False)
    for scenario, effect in enumerate((0.0, -0.5)):
        batch = study.generate(scenario, 0, replicates)
        for analysis in analyses:
            got = analysis.pool(batch)
            want = reference.performance(
                got.estimate.tolist(),
                got.se.tolist(),
                list(zip(got.ci_low, got.ci_high, strict=True)),
                got.p_value.tolist(),
                effect,
                1 - analysis.level,
            )
            for measure, (value, mcse) in want.items():
                row = row_of(result, measure, analysis.label, effect)
                assert (row["value"], row["mcse"]) == pytest.approx((value, mcse), rel=1e-9)
                assert row["replicates"] == replicates
            errors = got.tau2 - 0.2**2
            for measure, x in (("tau2_bias", errors), ("tau2_mse", errors**2)):
                row = row_of(result, measure, analysis.label, effect)
                mcse = x.std(ddof=1) / math.sqrt(replicates)
                assert (row["value"], row["mcse"]) == pytest.approx((x.mean(), mcse), rel=1e-9)
        rejected = []
        for test, measure in zip(tests, (None, "OR"), strict=True):
            p = mp.small_study_test(batch, test.method, measure, conventions=rules).p_value
            row = row_of(result, "power", test.label, effect)
            assert row["value"] == pytest.approx(float(np.mean(p < test.alpha)), rel=1e-12)
            rejected.append((p < test.alpha).astype(float))
        row = row_of(result, "power_difference", tests[1].label, effect)
        want = reference.difference(rejected[1].tolist(), rejected[0].tolist())
        assert (row["value"], row["mcse"]) == pytest.approx(want, rel=1e-9, abs=1e-15)
        one, other = (per_replicate(analysis, batch, effect) for analysis in analyses)
        for measure, own in other.items():
            row = row_of(result, measure, analyses[1].label, effect)
            want = reference.difference(own, one[measure])
            assert (row["value"], row["mcse"]) == pytest.approx(want, rel=1e-9, abs=1e-15)


def per_replicate(analysis, batch, effect):
    """What the differences of an analysis from the first are differences of."""
    got = analysis.pool(batch)
    error = got.estimate - effect
    covers = (got.ci_low <= effect) & (effect <= got.ci_high)
    of = {
        "bias_difference": error,
        "mse_difference": error**2,
        "coverage_difference": covers.astype(float),
        "power_difference": (got.p_value < 1 - analysis.level).astype(float),
    }
    return {name: numbers.tolist() for name, numbers in of.items()}


def row_of(result, measure, analysis, effect):
    (row,) = (
        row
        for row in result.rows
        if (row["measure"], row["analysis"], row["effect"]) == (measure, analysis, effect)
    )
    return row

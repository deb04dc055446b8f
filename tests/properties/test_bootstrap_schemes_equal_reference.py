"""Replicates whose data are drawn anew equal the same replicates by the oracle's words."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import resampling, small_study
from reference.samplers import Draws

import metapool as mp

#: Draws agree to rounding, which a fit of tau2 near 0 can make some thousand times larger.
TOLERANCE = 1e-9
REPLICATES = 5

seeds = st.integers(0, 2**64 - 1)
sizes = st.integers(1, 9)


def close(got: float, want: float) -> None:
    assert got == pytest.approx(want, rel=TOLERANCE, abs=TOLERANCE, nan_ok=True)


def distribution(studies, seed, first, **choices):
    return mp.bootstrap(
        studies,
        **choices,
        n_resamples=REPLICATES,
        first_replicate=first,
        seed=seed,
        distribution=True,
    ).distribution


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=1, max_size=6),
    seeds,
    st.integers(0, 2**62),
    st.sampled_from(["IV", "DL", "REML"]),
)
def test_parametric_effects(studies, seed, first, method):
    y, v = np.array(studies).T
    got = distribution(mp.Effects(y=y, v=v), seed, first, method=method, scheme="parametric")
    fit = mp.pool(mp.Effects(y=y, v=v), method=method)
    for r in range(REPLICATES):
        z = [Draws(seed, 1 + j, first + r).normal() for j in range(len(y))]
        drawn = resampling.parametric_effects(fit.estimate, fit.tau2, v.tolist(), z)
        close(got[r], mp.pool(mp.Effects(y=drawn, v=v), method=method).estimate)


arms = st.integers(2, 19).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "AS", "PETO"])
@given(st.lists(st.tuples(arms, arms), min_size=1, max_size=5), seeds, st.sampled_from([0, 0.5]))
def test_tables(measure, studies, seed, h):
    columns = [[table[arm][part] for table in studies] for arm in (0, 1) for part in (0, 1)]

    def tables(a, c):
        return mp.TwoByTwo(events_e=a, n_e=columns[1], events_c=c, n_c=columns[3])

    data = tables(columns[0], columns[2])
    fit = mp.pool(data, measure, "DL")
    within = distribution(data, seed, 0, measure=measure, method="DL", scheme="within", h=h)
    parametric = distribution(data, seed, 0, measure=measure, method="DL", scheme="parametric")
    for r in range(REPLICATES):
        by_scheme = {"within": ([], []), "parametric": ([], [])}
        for j, ((a, n1), (c, n2)) in enumerate(studies):
            table = small_study.Table(*(Fraction(x) for x in (a, n1 - a, c, n2 - c)))
            draws = Draws(seed, 1 + j, r)
            risks = [(a + h) / (n1 + 2 * h), (c + h) / (n2 + 2 * h)]
            assert risks == pytest.approx(list(resampling.within_risks(table, h)))
            for column, n, risk in zip(by_scheme["within"], (n1, n2), risks, strict=True):
                column.append(draws.binomial(n, risk))
            draws = Draws(seed, 1 + j, r)
            z = draws.normal()
            risks = resampling.parametric_risks(fit.estimate, fit.tau2, table, measure, z)
            for column, n, risk in zip(by_scheme["parametric"], (n1, n2), risks, strict=True):
                column.append(draws.binomial(n, float(risk)) if math.isfinite(risk) else math.nan)
        close(within[r], mp.pool(tables(*by_scheme["within"]), measure, "DL").estimate)
        if math.isfinite(fit.estimate):
            close(parametric[r], mp.pool(tables(*by_scheme["parametric"]), measure, "DL").estimate)
        else:
            assert math.isnan(parametric[r])


means = st.tuples(st.floats(1, 9), st.floats(0.5, 3), st.integers(2, 40))


@pytest.mark.parametrize("measure", ["MD", "SMD", "ROM"])
@given(st.lists(st.tuples(means, means), min_size=1, max_size=5), seeds)
def test_means(measure, studies, seed):
    columns = np.array([[*e, *c] for e, c in studies]).T
    names = ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c")
    data = mp.TwoMeans(**dict(zip(names, columns, strict=True)))
    fit = mp.pool(data, measure, "DL")
    within = distribution(data, seed, 0, measure=measure, method="DL", scheme="within")
    parametric = distribution(data, seed, 0, measure=measure, method="DL", scheme="parametric")
    for r in range(REPLICATES):
        anew = {"within": [], "parametric": []}
        for j, (e, c) in enumerate(studies):
            for scheme, rows in anew.items():
                draws = Draws(seed, 1 + j, r)
                mean = e[0]
                if scheme == "parametric":
                    theta = fit.estimate + math.sqrt(fit.tau2) * draws.normal()
                    pooled = math.sqrt(
                        ((e[2] - 1) * e[1] ** 2 + (c[2] - 1) * c[1] ** 2) / (e[2] + c[2] - 2)
                    )
                    unit = {"MD": 1, "SMD": pooled, "ROM": 0}[measure]
                    mean = c[0] * math.exp(theta) if measure == "ROM" else c[0] + theta * unit
                row = []
                for m, sd, n in ((mean, *e[1:]), c):
                    z, chi2 = draws.normal(), draws.chi_square(n - 1)
                    row += [*resampling.within_mean(m, sd, n, z, chi2), n]
                rows.append(row)
        for scheme, got in (("within", within[r]), ("parametric", parametric[r])):
            drawn = dict(zip(names, np.array(anew[scheme]).T, strict=True))
            close(got, mp.pool(mp.TwoMeans(**drawn), measure, "DL").estimate)


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=3, max_size=70), seeds)
def test_wild(studies, seed):
    y, v = np.array(studies).T
    data = mp.Effects(y=y, v=v)
    found = mp.bootstrap(
        data, "egger", scheme="wild", seed=seed, n_resamples=REPLICATES, distribution=True
    )
    points = mp.small_study_test(data, "egger").radial
    for r in range(REPLICATES):
        signs = Draws(seed, 0, r).signs(len(y))
        anew = resampling.wild(points.y.tolist(), points.x.tolist(), signs)
        drawn = mp.Effects(y=np.array(anew) / points.x, v=1 / points.x**2)
        about_0 = mp.small_study_test(drawn, "egger").bias
        close(found.distribution[r], found.estimate + about_0)
    tie = 1e-10 * max(1, abs(found.estimate))
    far = np.sum(~(np.abs(found.distribution - found.estimate) < abs(found.estimate) - tie))
    close(
        found.p_value, (1 + far) / (1 + REPLICATES) if math.isfinite(found.estimate) else math.nan
    )


@given(
    st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 1)), min_size=2, max_size=4),
    seeds,
)
def test_second_subgroup_goes_on_with_the_numbers_of_studies(studies, seed):
    y, v = np.array(studies * 2).T
    k = len(studies)
    data = mp.Effects(y=y, v=v, subgroup=["a"] * k + ["b"] * k)
    got = distribution(
        data, seed, 0, statistic="subgroup_difference", method="IV", scheme="parametric"
    )
    groups = [mp.Effects(y=y[:k], v=v[:k]), mp.Effects(y=y[k:], v=v[k:])]
    for r in range(REPLICATES):
        found = []
        for number, group in zip((1, 1 + k), groups, strict=True):
            fit = mp.pool(group, method="IV")
            z = [Draws(seed, number + j, r).normal() for j in range(k)]
            drawn = resampling.parametric_effects(fit.estimate, 0.0, v[:k].tolist(), z)
            found.append(mp.pool(mp.Effects(y=drawn, v=v[:k]), method="IV").estimate)
        close(got[r], found[0] - found[1])


def test_p_of_few_studies_is_not_less_than_two_of_all_signs():
    """All signs kept and all turned give the bias of the data, but for rounding."""
    studies = mp.Effects(y=[0.1, 0.5, 0.2], v=[0.01, 0.09, 0.04])
    found = mp.bootstrap(studies, "egger", scheme="wild", seed=1, n_resamples=8_000)
    assert found.p_value == pytest.approx(2 / 2**3, abs=0.02)

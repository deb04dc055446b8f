"""What is said of a bootstrap distribution is what the oracle says of the same distribution."""

import math

import pytest
import tolerances
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import resampling
from tolerances import EPS, ROUNDINGS

import metapool as mp
from metapool import _types as t

from . import strategies
from .resampled import present, replicates, seeds
from .strategies import Batch

#: Levels of quantiles that differ by less are the same but for roundings of p = (1 - level)/2.
SAME_LEVEL = 4 * EPS
#: The same of BCa's levels: Phi, its inverse and an acceleration from values whose differences
#: keep five digits fewer than they have; one of the spread of the others, LEAST_SPREAD.
SAME_BCA_LEVEL = 1e-9
LEAST_SPREAD = 1e-5
#: n beyond which the core takes quantiles without sorting.
SIZES = (2, 3, 7, 40, 41, 200, 5000)
#: Kind of data, statistic, and the choices that it needs.
STATISTICS = {
    "estimate": ("effects", {"method": "DL"}),
    "tau2": ("two-means", {"measure": "MD", "method": "PM"}),
    "i2": ("two-by-two", {"measure": "OR", "method": "MH"}),
    "harbord": ("two-by-two", {}),
    "egger": ("effects", {}),
}


def bracket(values, p, same):
    """Quantiles of levels that roundings cannot tell from p."""
    levels = (max(0.0, p - same), min(1.0, p + same))
    return [resampling.quantile(values, level) for level in levels]


def assert_between(got, low, high, slack):
    """Between the two; if only one is infinite, roundings decide."""
    if math.isnan(low) or math.isnan(high):  # a difference of infinite quantiles, or of one
        assert not math.isfinite(got)
    elif low == high:
        assert abs(got - low) <= slack if math.isfinite(low) else got == low
    elif math.isfinite(low) and math.isfinite(high):
        assert low - slack <= got <= high + slack


def size(values):
    return max(map(abs, resampling.defined(values)))


def check_quantile(got, got_error, values, p, slack, mirror=None):
    """A percentile limit and its Monte Carlo error, mirrored at the estimate for a basic one."""
    low, high = bracket(values, p, SAME_LEVEL)
    if mirror is not None:
        low, high = 2 * mirror - high, 2 * mirror - low
        slack += 2 * EPS * abs(mirror)
    assert_between(got, low, high, slack)
    d = math.sqrt(p * (1 - p) / len(values))
    up = bracket(values, min(1.0, p + d), SAME_LEVEL)
    down = bracket(values, max(0.0, p - d), SAME_LEVEL)
    assert_between(got_error, (up[0] - down[1]) / 2, (up[1] - down[0]) / 2, slack)


def check_percentile(found, values):
    p = (1 - found.level) / 2
    low, high = resampling.counted(values, found.degenerate)
    slack = ROUNDINGS * EPS * size(values)
    if found.ci == "percentile":
        check_quantile(found.ci_low, found.ci_low_mcse, low, p, slack)
        check_quantile(found.ci_high, found.ci_high_mcse, high, 1 - p, slack)
    else:
        check_quantile(found.ci_low, found.ci_low_mcse, high, 1 - p, slack, found.estimate)
        check_quantile(found.ci_high, found.ci_high_mcse, low, p, slack, found.estimate)


def check_normal(found, values):
    n = len(resampling.defined(values))
    unit = (ROUNDINGS + n) * EPS
    z, s = resampling.z_of(found.level), resampling.se(values)
    wanted = resampling.normal(values, found.estimate, found.level)
    error = (2 + z) * unit * (size(values) + abs(found.estimate))
    assert found.ci_low == pytest.approx(wanted[0], abs=error)
    assert found.ci_high == pytest.approx(wanted[1], abs=error)
    lost = unit * size(values)
    if 0 < s < 1000 * lost:  # a spread that is rounding
        return
    if s == 0:
        assert found.ci_low_mcse <= lost
        assert found.ci_high_mcse <= lost
        return
    m3, m4 = (resampling.moment(values, order) for order in (3, 4))
    terms = s**2 + z**2 * (m4 / s**2 + s**2) / 4 + z * abs(m3) / s
    for got, want in zip(
        (found.ci_low_mcse, found.ci_high_mcse),
        resampling.normal_error(values, found.level),
        strict=True,
    ):
        variance, moved = n * want**2, 8 * (unit + lost / s) * terms
        error = tolerances.between(lambda x: math.sqrt(max(0.0, x)), variance, moved)
        assert got == pytest.approx(want, abs=error / math.sqrt(n))


def check_bca(found, values, jackknives):
    low, high = resampling.counted(values, found.degenerate)
    adjusted = resampling.adjusted(values, found.estimate, jackknives, found.level)
    if adjusted is None:
        assert found.status is mp.Status.BCA_UNDEFINED
        assert math.isnan(found.ci_low)
        assert math.isnan(found.ci_high_mcse)
        return
    z = resampling.z_of(found.level)
    if any(abs(1 - adjusted.acceleration * (adjusted.z0 + w)) < 0.01 for w in (-z, z)):
        return
    assert found.status is mp.Status.OK
    slack = ROUNDINGS * EPS * size(values)
    got = (found.ci_low, found.ci_high)
    for limit, counted, level in zip(got, (low, high), adjusted.levels, strict=True):
        assert_between(limit, *bracket(counted, level, SAME_BCA_LEVEL), slack)
    errors = resampling.bca_error(values, found.estimate, jackknives, found.level, found.degenerate)
    # a deviation is the root of a level's error
    slack += len(values) * 100 * SAME_BCA_LEVEL * 2 * size(values)
    for error, want in zip((found.ci_low_mcse, found.ci_high_mcse), errors, strict=True):
        if math.isfinite(want):
            assert abs(error - want) <= slack
        else:
            assert not math.isfinite(error)


def check(found, values, jackknives):
    """Every field; `jackknives` None where roundings decide if they differ."""
    rest = resampling.defined(values)
    assert found.n_degenerate == len(values) - len(rest)
    if math.isnan(found.estimate) or not rest:
        assert found.status is mp.Status.NOT_ESTIMABLE
        fields = ("se", "bias", "ci_low", "ci_high", "ci_low_mcse", "ci_high_mcse")
        assert all(math.isnan(getattr(found, name)) for name in fields)
        return
    unit = (ROUNDINGS + len(rest)) * EPS * (size(values) + abs(found.estimate))
    assert found.bias == pytest.approx(resampling.bias(values, found.estimate), abs=unit)
    assume(len(rest) > 1)  # test_one_value_has_no_standard_deviation
    assert found.se == pytest.approx(resampling.se(values), abs=unit)
    if found.ci == "normal":
        check_normal(found, values)
    elif found.ci != "BCa":
        check_percentile(found, values)
    elif jackknives is not None:
        check_bca(found, values, jackknives)
    if found.ci != "BCa":
        one = found.status is mp.Status.ONE_STUDY and found.se == 0
        assert one or found.status is mp.Status.OK


def test_one_study_is_said_to_be_one():
    found = mp.bootstrap(mp.examples.bcg().rows([0]), measure="RR", seed=1)
    assert found.status is mp.Status.ONE_STUDY
    assert (found.se, found.ci_low, found.ci_high) == (0, found.estimate, found.estimate)


def left_out(rows, kind, statistic, choices):
    """The statistic without each study; None if they differ by hardly more than roundings."""

    def one(rows):
        if not rows:
            return math.nan
        studies = Batch(kind, [rows]).one(0)
        return float(mp.bootstrap(studies, statistic, n_resamples=1, seed=1, **choices).estimate)

    values = resampling.jackknife(rows, one)
    largest = max(map(abs, values), default=0.0)
    undecided = 0 < max(values) - min(values) <= LEAST_SPREAD * largest if values else False
    return None if undecided else [values]


@pytest.mark.parametrize("ci", t.choices(t.BootstrapInterval))
@pytest.mark.parametrize("statistic", STATISTICS)
@given(
    data=st.data(),
    seed=seeds,
    first=replicates,
    n=st.sampled_from(SIZES),
    level=strategies.levels,
    degenerate=st.sampled_from(t.choices(t.Degenerate)),
)
def test_summaries(statistic, ci, data, seed, first, n, level, degenerate):
    kind, choices = STATISTICS[statistic]
    rows = data.draw(strategies.analyses(kind))
    found = mp.bootstrap(
        Batch(kind, [rows]).one(0), statistic, n_resamples=n, seed=seed, first_replicate=first,
        ci=ci, level=level, degenerate=degenerate, distribution=True, **choices,
    )  # fmt: skip
    jackknives = left_out(present(rows), kind, statistic, choices) if ci == "BCa" else None
    check(found, found.distribution.tolist(), jackknives)


@pytest.mark.parametrize("degenerate", t.choices(t.Degenerate))
@given(seed=seeds, level=strategies.levels)
def test_bca_of_a_subgroup_difference(degenerate, seed, level):
    """The acceleration is of two samples: the jackknife of each with the other whole."""
    y = [0.3, 0.9, -0.2, 1.4, 0.1, 0.8, 2.1]
    v = [0.1, 0.2, 0.15, 0.3, 0.12, 0.25, 0.4]
    labels = list("ababbab")
    found = mp.bootstrap(
        mp.Effects(y=y, v=v, subgroup=labels), "subgroup_difference", method="DL", seed=seed,
        n_resamples=200, ci="BCa", level=level, degenerate=degenerate, distribution=True,
    )  # fmt: skip
    rows = list(zip(y, v, labels, strict=True))

    def difference(rows):
        one, other = (
            mp.pool(mp.Effects(y=[r[0] for r in g], v=[r[1] for r in g]), method="DL").estimate
            for g in ([row for row in rows if row[2] == label] for label in "ab")
        )
        return one - other

    without = resampling.jackknife(rows, difference)
    groups = [[x for x, row in zip(without, rows, strict=True) if row[2] == g] for g in "ab"]
    assert found.estimate == pytest.approx(difference(rows), abs=1e-14)
    check(found, found.distribution.tolist(), groups)


@pytest.mark.parametrize("ci", ["percentile", "normal"])
def test_one_value_has_no_standard_deviation(ci):
    studies = mp.Effects(y=[0.1, 0.5, 0.2], v=[0.1, 0.2, 0.3])
    found = mp.bootstrap(studies, seed=1, n_resamples=1, ci=ci)
    assert math.isnan(found.se)
    assert math.isnan(found.ci_low) == (ci == "normal")

"""The reference of bootstrap and permutation, against papers, by hand, and by simulation."""

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement, product

import pytest
from scipy import stats

from . import effects as given_effects
from . import heterogeneity as het
from . import permutation, philox, pooling, resampling
from . import two_by_two as tables
from .subgroups import subgroup_test
from .test_reference_goldens import METAFOR

ONES = 2**64 - 1


# kat_vectors of Random123 (Salmon et al. 2011): philox4x64, 10 rounds; zeros, ones, digits of pi.
@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        (
            [0] * 4,
            [0] * 2,
            [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B],
        ),
        (
            [ONES] * 4,
            [ONES] * 2,
            [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0],
        ),
        (
            [0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89],
            [0x452821E638D01377, 0xBE5466CF34E90C6C],
            [0xA528F45403E61D95, 0x38C72DBD566E9788, 0xA5A1610E72FD18B5, 0x57BD43B5E52B7FE6],
        ),
    ],
)
def test_philox_known_answers(counter, key, words):
    assert philox.philox(counter, key) == words


def test_indices_of_a_word():
    """Half of 2^64 is 0.5: to base 4 2, 0, 0, ...; to base 3 1, 1, 1, ..."""
    assert philox.split(2**63, 4) == [2] + [0] * 15
    assert philox.split(2**63, 3) == [1] * 20
    assert philox.split(2**63, 2**32) == [2**31]
    assert philox.split(12345, 1) == [0] * 32


@pytest.mark.parametrize(
    ("k", "m"), [(1, 32), (2, 32), (3, 20), (13, 8), (256, 4), (257, 3), (65536, 2), (65537, 1)]
)
def test_indices_per_word(k, m):
    assert philox.per_word(k) == m
    assert k == 1 or k**m <= 2**32 < k ** (m + 1)


def test_indices_read_on():
    """More draws of a stream begin with the fewer."""
    long = philox.indices(13, 7, philox.BOOTSTRAP, 0, 4711, 2, 100)
    assert len(long) == 100
    assert philox.indices(13, 7, philox.BOOTSTRAP, 0, 4711, 2, 13) == long[:13]
    assert resampling.resample(13, 7, 4711, analysis=2) == long[:13]


def test_resamples_are_uniform():
    """Chi-square of the 27 resamples of three studies in 2700 replicates."""
    found = Counter(tuple(resampling.resample(3, 1, b)) for b in range(2700))
    expected = dict.fromkeys(product(range(3), repeat=3), 100)
    chi2 = sum((found[r] - n) ** 2 / n for r, n in expected.items())
    assert set(found) <= set(expected)
    assert 0.001 < stats.chi2.sf(chi2, 26) < 0.999


@pytest.mark.parametrize(("k", "n"), [(1, 1), (2, 3), (3, 10), (4, 35), (5, 126)])
def test_distinct_resamples(k, n):
    """Hall 1992, table in appendix I; and by counting."""
    assert resampling.distinct(k) == n
    assert len(list(combinations_with_replacement(range(k), k))) == n


def test_repeated_rows_are_weights():
    """The mean of a resample is that of the studies with their weights times their counts."""
    rows = [(0.1, 0.04), (0.5, 0.09), (-0.2, 0.01), (0.3, 0.25)]

    def mean(rows):
        return float(het.iv_mean([given_effects.given(y, v) for y, v in rows]))

    for b, value in enumerate(resampling.bootstrap(rows, mean, 20, seed=5, analysis=1)):
        times = Counter(resampling.resample(4, 5, b, analysis=1))
        weights = [times[i] / v for i, (_, v) in enumerate(rows)]
        by_counts = sum(w * y for w, (y, _) in zip(weights, rows, strict=True)) / sum(weights)
        assert value == pytest.approx(by_counts, abs=1e-14)
    assert (
        resampling.bootstrap(rows, mean, 3, 5, first_replicate=7)
        == (resampling.bootstrap(rows, mean, 10, 5)[7:])
    )


def test_quantiles_by_hand():
    """R: quantile(c(4, 1, 3, 2), .25) is 1.75, quantile(1:10, c(.025, .975)) 1.225 and 9.775."""
    assert resampling.quantile([4, 1, 3, 2], 0.25) == 1.75
    assert resampling.quantile(range(1, 11), 0.025) == pytest.approx(1.225, abs=1e-14)
    assert resampling.quantile(range(1, 11), 0.975) == pytest.approx(9.775, abs=1e-14)
    assert resampling.quantile([3.0], 0.3) == 3
    assert resampling.quantile([1, 2, math.inf], 0.5) == 2
    assert resampling.quantile([1, 2, math.inf], 0.75) == math.inf
    assert resampling.quantile([-math.inf, -math.inf, 2], 0.25) == -math.inf
    assert math.isnan(resampling.quantile([], 0.5))


def test_intervals_by_hand():
    """Values 1 to 5: mean 3, s^2 = 2.5; of level 0.5 the quartiles 2 and 4; estimate 2.5."""
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    half = 0.6744897501960817 * math.sqrt(2.5)
    assert resampling.bias(values, 2.5) == 0.5
    assert resampling.se(values) == pytest.approx(math.sqrt(2.5), abs=1e-15)
    assert resampling.percentile(values, 0.5) == (2, 4)
    assert resampling.basic(values, 2.5, 0.5) == (1, 3)
    assert resampling.normal(values, 2.5, 0.5) == pytest.approx((2 - half, 2 + half), abs=1e-14)


def test_degenerate_values():
    values = [1.0, math.nan, 2.0, 3.0, 4.0, 5.0]
    assert resampling.percentile(values, 0.5, "drop") == (2, 4)
    assert resampling.percentile(values, 0.5, "worst") == (1.25, 4.75)
    assert resampling.percentile(values, 0.9, "worst") == (-math.inf, math.inf)
    assert resampling.basic(values, 2.5, 0.9, "worst") == (-math.inf, math.inf)
    assert resampling.basic(values, 2.5, 0.5, "worst") == (0.25, 3.75)
    assert resampling.se(values) == resampling.se([1.0, 2.0, 3.0, 4.0, 5.0])
    assert resampling.normal(values, 2.5, 0.9) == resampling.normal([*values[2:], 1.0], 2.5, 0.9)
    finite, lost = [float(i) for i in range(100)], [math.nan]
    assert resampling.percentile(finite + lost, 0.95, "worst")[0] > -math.inf
    assert resampling.percentile_error(finite + lost, 0.95, "worst") == (math.inf, math.inf)
    assert math.isnan(resampling.percentile_error(finite + 30 * lost, 0.95, "worst")[0])


def test_worst_is_never_better():
    """Were NaN to count in z0, -inf would raise the level of the lower bound, for the estimate 0.9
    by more than it lowers the quantile."""
    rest = [i / 200 for i in range(200)]
    values = rest + [math.nan] * 4
    for estimate in (0.1, 0.5, 0.9):
        low, high = resampling.bca(values, estimate, [[1.0, 2.0, 4.0]], 0.95)
        worst = resampling.bca(values, estimate, [[1.0, 2.0, 4.0]], 0.95, "worst")
        assert worst[0] <= low <= high <= worst[1]


# Table 14.1 of Efron & Tibshirani 1993: the spatial test A of 26 children.
SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41]
SPATIAL += [24, 26, 30, 41]


def test_acceleration_of_the_spatial_test():
    """Efron & Tibshirani 1993, 14.3: variance with n 171.5, acceleration 0.061."""
    assert resampling.moment(SPATIAL, 2) == pytest.approx(171.5, abs=0.05)
    jackknife = resampling.jackknife(SPATIAL, lambda rows: resampling.moment(rows, 2))
    assert resampling.acceleration([jackknife]) == pytest.approx(0.061, abs=0.0005)


def test_acceleration_of_a_mean():
    """A sixth of the skewness over root n (Efron 1987)."""
    jackknife = resampling.jackknife(SPATIAL, resampling.mean)
    skewness = resampling.moment(SPATIAL, 3) / resampling.moment(SPATIAL, 2) ** 1.5
    expected = skewness / (6 * math.sqrt(len(SPATIAL)))
    assert resampling.acceleration([jackknife]) == pytest.approx(expected, abs=1e-14)


def test_without_bias_and_acceleration_bca_is_percentile():
    values = [float(i) for i in range(101)]
    symmetric = [[-1.0, 0.0, 1.0]]
    assert resampling.bca(values, 50.0, symmetric, 0.9) == pytest.approx(
        resampling.percentile(values, 0.9), abs=1e-11
    )


def test_bca_undefined():
    values = [1.0, 2.0, 3.0]
    assert resampling.bca(values, 2.0, [[0.1, 0.1, 0.1]], 0.95) is None
    assert resampling.bca(values, 2.0, [[0.1, math.nan, 0.2]], 0.95) is None
    assert resampling.bca(values, 0.0, [[0.1, 0.2, 0.4]], 0.95) is None
    assert resampling.bca(values, 9.0, [[0.1, 0.2, 0.4]], 0.95) is None
    assert resampling.bca([math.nan], 9.0, [[0.1, 0.2, 0.4]], 0.95) is None
    far = [[0.0] * 99 + [1.0]]  # acceleration -0.16: 1 - a w is 0 at w = -6.2
    assert resampling.bca(values, 2.0, far, 1 - 1e-12) is None
    assert resampling.bca_error(values, 2.0, far, 1 - 1e-12) is None
    assert resampling.bca(values, 2.0, far, 0.95) is not None


def test_normal_error_by_hand():
    """Values 0, 0, 3: mean 1, s^2 = 3, m3 = 2, m4 = 6; B Var = 3 + z^2 (2 - 3)/4 +- 2z/sqrt 3."""
    z = 0.6744897501960817
    even, odd = 3 - z**2 / 4, 2 * z / math.sqrt(3)
    expected = math.sqrt((even + odd) / 3), math.sqrt((even - odd) / 3)
    assert resampling.normal_error([0.0, 0.0, 3.0], 0.5) == pytest.approx(expected, abs=1e-14)
    assert resampling.normal_error([2.0, 2.0], 0.95) == (0, 0)


RUNS, B, MIDDLE = 400, 1000, 2.9
JACKKNIFE = [[0.0, 0.1, 0.2, 0.3, 0.5, 1.5]]


def distributions(lost):
    """Bootstrap distributions of a skewed statistic, a share of which is undefined."""
    values = stats.gamma(3).rvs((RUNS, B), random_state=4711)
    undefined = stats.uniform.rvs(size=(RUNS, B), random_state=17) < lost
    values[undefined] = math.nan
    return values.tolist()


@pytest.mark.parametrize(
    ("level", "lost", "rule"), [(0.95, 0, "drop"), (0.5, 0.01, "drop"), (0.95, 0.001, "worst")]
)
@pytest.mark.parametrize(
    ("bounds", "error"),
    [
        (resampling.percentile, resampling.percentile_error),
        (
            lambda x, level, rule: resampling.basic(x, MIDDLE, level, rule),
            resampling.basic_error,
        ),
        (
            lambda x, level, _: resampling.normal(x, MIDDLE, level),
            lambda x, level, _: resampling.normal_error(x, level),
        ),
        (
            lambda x, level, rule: resampling.bca(x, MIDDLE, JACKKNIFE, level, rule),
            lambda x, level, rule: resampling.bca_error(x, MIDDLE, JACKKNIFE, level, rule),
        ),
    ],
    ids=["percentile", "basic", "normal", "bca"],
)
def test_monte_carlo_error(bounds, error, level, lost, rule):
    """How much the bounds of 400 distributions differ is what each says of itself."""
    found = distributions(lost)
    for values, errors in zip(
        zip(*[bounds(x, level, rule) for x in found], strict=True),
        zip(*[error(x, level, rule) for x in found], strict=True),
        strict=True,
    ):
        assert resampling.se(values) == pytest.approx(resampling.mean(errors), rel=0.15)


def test_mammen_weights():
    """Mean 0, variance 1, third moment 1 (Mammen 1993)."""
    for weights, third in ((resampling.RADEMACHER, 0), (resampling.MAMMEN, 1)):
        assert sum(p for _, p in weights) == pytest.approx(1, abs=1e-15)
        for power, expected in ((1, 0), (2, 1), (3, third)):
            moment = sum(p * w**power for w, p in weights)
            assert moment == pytest.approx(expected, abs=1e-15)


def test_parametric_and_within_by_hand():
    assert resampling.parametric_effects(1.0, 3.0, [1.0, 6.0], [0.5, -1.0]) == [2.0, -2.0]
    assert resampling.within_effects([1.0, 2.0], [4.0, 9.0], [1.0, -1.0]) == [3.0, -1.0]
    assert resampling.within_mean(10.0, 6.0, 9, 0.5, 32.0) == (11.0, 12.0)
    empty = tables.table((0, 10, 2, 9))
    assert resampling.within_risks(empty, 0.0) == (0, 2 / 9)
    assert resampling.within_risks(empty, 0.5) == (0.5 / 11, 0.25)
    ln3 = math.log(3)  # control risk 2.5/10 = 1/4
    for measure, mu, risk in (
        ("OR", ln3, 0.5),
        ("PETO", ln3, 0.5),
        ("RR", ln3, 0.75),
        ("RR", 2 * ln3, 1.0),
        ("RD", 0.5, 0.75),
        ("RD", -0.5, 0.0),
        ("AS", math.pi / 6, 0.75),
        ("AS", math.pi / 2, 1.0),
    ):
        found = resampling.parametric_risks(mu, 0.0, empty, measure, 1.0)
        assert found == pytest.approx((risk, 0.25), abs=1e-15)
    assert resampling.parametric_risks(0.0, 0.01, empty, "RD", 2.0)[0] == pytest.approx(0.45)
    assert [resampling.counts(2, 0.5, u) for u in (0.2, 0.3, 0.7, 0.8)] == [0, 1, 1, 2]


# x = 1, 2, 3 and residuals 1, 1, -1 of the null line y = x, at right angles to x.
X, Y = [1, 2, 3], [2, 3, 2]


def test_wild_by_hand():
    assert resampling.null_line(Y, X) == [1, 2, 3]
    assert resampling.wild(Y, X, [1, 1, 1]) == Y
    assert resampling.wild(Y, X, [-1, 1, -1]) == [0, 3, 4]


def test_sign_flip_by_hand():
    """The signed sums of 1, 2, 3: -6, -4, -2, 0, 0, 2, 4, 6."""
    assert permutation.sign_flip([1, 2, 3], sum) == 2 / 8 == permutation.sign_flip_p_min(3)
    assert permutation.sign_flip([1, 2, 3], sum, "greater") == 1 / 8
    assert permutation.sign_flip([1, 2, 3], sum, "less") == 1
    assert permutation.sign_flip([-1, 2, 3], sum) == 4 / 8
    assert permutation.sign_flip([-1, 2, 3], sum, "greater") == 2 / 8
    assert permutation.sign_flip([1, 2, -3], sum) == 1


def test_darwins_maize():
    """Fisher 1935, section 21: of 2^15 signs 863 give a sum of 314 or more, 28 of them 314
    exactly; with the other tail 1726."""
    differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert sum(differences) == 314
    assert permutation.sign_flip(differences, sum) == 1726 / 2**15
    assert permutation.sign_flip(differences, sum, "greater") == 863 / 2**15


# Lidocaine and death (Hine et al. 1989): R's dat.hine1989.
HINE = [(2, 39, 1, 43), (4, 44, 4, 44), (6, 107, 4, 110), (7, 103, 5, 100), (7, 110, 3, 106)]
HINE += [(11, 154, 4, 146)]


def test_sign_flip_of_refitted_means():
    """metafor's test of permutest: z 2.253107, exact P 0.0625; by REML there, by DL here, of
    which half the signs have tau2 > 0, the observed ones not."""
    effects = tables.study_effects(HINE, "RD", METAFOR)

    def z(y):
        signed = [given_effects.Effect(a, e.v) for a, e in zip(y, effects, strict=True)]
        return pooling.random_effects(signed, "DL", None, METAFOR, 0.95).statistic

    y = [e.y for e in effects]
    assert z(y) == pytest.approx(2.253107, abs=1e-6)
    assert permutation.sign_flip(y, z) == 0.0625


def test_level_unreachable():
    """The least P of five studies is 0.0625, of six 0.03125."""
    assert permutation.sign_flip_p_min(5) > 0.05 > permutation.sign_flip_p_min(6)


def test_shares():
    assert permutation.share([0.1 + 0.2, 0.3, 0.2], 0.1 + 0.2, "greater") == 2 / 3
    assert permutation.share([1.0, math.nan, 0.0, 0.0], 1.0, "two-sided") == 2 / 4
    assert math.isnan(permutation.share([1.0, 0.0], math.nan, "two-sided"))
    assert permutation.sampled_share([0.0] * 99, 1.0, "two-sided") == 0.01


def test_labels_by_hand():
    """Means of 1, 2 and 3, 4 differ by 2: as much as two of six assignments give."""
    y = [1, 2, 3, 4]

    def difference(labels):
        return abs(sum(x if label == "a" else -x for x, label in zip(y, labels, strict=True))) / 2

    assert len(list(permutation.arrangements("aabb"))) == 6
    assert len(set(permutation.arrangements("aabbbc"))) == 60
    assert permutation.label_permutation("aabb", difference) == 2 / 6
    assert permutation.label_permutation("abab", difference) == 4 / 6
    assert permutation.label_permutation("abba", difference) == 1


def test_labels_of_subgroups():
    """Q between subgroups of equal variances grows with the difference of the means."""
    rows = [given_effects.given(y, 0.5) for y in (1.0, 2.0, 3.0, 4.0)]

    def q(labels):
        groups = [[e for e, at in zip(rows, labels, strict=True) if at == name] for name in "ab"]
        return subgroup_test([pooling.inverse_variance(g, 0.95) for g in groups]).q

    assert q("aabb") == pytest.approx(8, abs=1e-12)
    assert permutation.label_permutation("aabb", q) == 2 / 6
    assert permutation.label_permutation("abab", q) == 4 / 6


def test_freedman_lane_by_hand():
    """Residuals (1, 1, -1) give t = 7/sqrt 14, (1, -1, 1) 1/sqrt 56, (-1, 1, 1) -5/sqrt 14."""
    xs, ys = [Fraction(x) for x in X], [Fraction(y) for y in Y]
    for order, t in (((0, 1, 2), 7 / 14**0.5), ((0, 2, 1), 1 / 56**0.5), ((2, 0, 1), 5 / 14**0.5)):
        found = permutation.freedman_lane_ys(ys, xs, order)
        assert permutation.intercept_t(found, xs) == pytest.approx(t, abs=1e-14)
    assert permutation.freedman_lane(ys, xs) == 2 / 6


def test_freedman_lane_of_perfect_lines():
    xs = [Fraction(x) for x in X]
    assert permutation.freedman_lane(xs, xs) == 1
    assert permutation.intercept_t([x + 1 for x in xs], xs) == math.inf

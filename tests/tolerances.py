"""How far the core may be from the oracle: one table per result, one reason per row.

No constant was fitted to an observed error. A row says how much the roundings of the data's own
arithmetic, carried to first order through the formula, can move the quantity for these data: a
sum of large weights times small residuals may move Q by more than a unit in its last place, and
no algorithm on doubles could promise less.
"""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

EPS = 2.0**-52

#: Units of rounding on the way from counts or moments to a study's effect or variance: about ten
#: operations of half a unit and a logarithm of one, rounded up to a power of two.
ROUNDINGS = 8

#: Relative error of a tail probability beyond that of its argument. SciPy's own incomplete gamma
#: and beta functions promise no more.
TAIL = 1e-13

#: Below this a P value is the same as zero: exp underflows gradually.
LEAST_P = 1e-290


class Row(NamedTuple):
    bound: Callable[[Any], float]
    reason: str


def between(function: Callable[[float], float], x: float, dx: float) -> float:
    """How far a monotone function of x moves when x moves by at most dx."""
    middle = function(x)
    return max(abs(function(x - dx) - middle), abs(function(x + dx) - middle))


def tail_error(upper: Callable[[float], float], x: float, dx: float, exponent: float) -> float:
    """How far an upper tail moves, and its own error: exp(-exponent) magnifies a rounding of it."""
    own = TAIL + ROUNDINGS * EPS * exponent
    return between(upper, x, dx) + own * upper(x) + LEAST_P


def normal_tail(z: float, dz: float) -> float:
    return tail_error(lambda x: 2 * stats.norm.sf(x), z, dz, z * z)


def t_tail(t: float, df: int, dt: float) -> float:
    return tail_error(lambda x: 2 * stats.t.sf(x, df), t, dt, df)


def chi2_tail(q: float, df: int, dq: float) -> float:
    return tail_error(lambda x: stats.chi2.sf(x, df), q, dq, q + df)


def i2_between(q: float, df: int, dq: float) -> float:
    """How far I2 from Q moves, and its own rounding."""

    def i2(x: float) -> float:
        return 100 * (x - df) / x if x > df else 0.0

    return between(i2, q, dq) + 100 * ROUNDINGS * EPS


class Effects:
    """Errors of the effect of one study, from the oracle's effect and interval."""

    def __init__(self, effect: Any, level: float) -> None:
        self.effect = effect
        self.se = math.sqrt(effect.v)
        self.crit = float(stats.norm.isf((1 - level) / 2))

    @property
    def y(self) -> float:
        return ROUNDINGS * EPS * self.effect.size

    @property
    def v(self) -> float:
        return ROUNDINGS * EPS * self.effect.v_size

    @property
    def se_error(self) -> float:
        return self.v / (2 * self.se) + EPS * self.se

    @property
    def end(self) -> float:
        half = self.crit * self.se
        return self.y + self.crit * self.se_error + EPS * (abs(float(self.effect.y)) + 2 * half)


EFFECTS = {
    "y": Row(lambda e: e.y, "roundings of the terms whose difference or logarithm y is"),
    "v": Row(lambda e: e.v, "a sum of positive terms, or a difference that has a form without"),
    "se": Row(lambda e: e.se_error, "square root of v"),
    "ci_low": Row(lambda e: e.end, "y and z * se, and their difference"),
    "ci_high": Row(lambda e: e.end, "y and z * se, and their sum"),
}


class Pooled:
    """Errors of a pooled effect, carried to first order from those of its studies.

    Everything that a sum over k studies adds is (ROUNDINGS + k) units of its absolute terms.
    """

    def __init__(self, ref: Any, level: float) -> None:
        self.ref = ref
        self.crit = float(stats.norm.isf((1 - level) / 2))
        self.unit = (ROUNDINGS + len(ref.weights)) * EPS

    def arrays(self, effects: Sequence[Any]) -> tuple[np.ndarray, ...]:
        """y and its error, v and its error."""
        y = np.array([float(e.y) for e in effects])
        v = np.array([float(e.v) for e in effects])
        dy = ROUNDINGS * EPS * np.array([e.size for e in effects])
        dv = ROUNDINGS * EPS * np.array([e.v_size for e in effects])
        return y, dy, v, dv

    def mean_error(self, tau2: float, dtau2: float, mean: float) -> float:
        """Of the mean weighted by 1/(v + tau2): errors of y, of the weights, of the two sums."""
        y, dy, v, dv = self.arrays(self.ref.effects)
        w = 1 / (v + tau2)
        dw = (dv + dtau2) / (v + tau2)
        terms = w * (dy + dw * abs(y - mean) + self.unit * abs(y))
        return float(terms.sum() / w.sum())

    @cached_property
    def centre(self) -> float:
        if self.ref.centre_size == self.ref.centre_size:
            return self.unit * self.ref.centre_size
        return self.mean_error(0.0, 0.0, self.ref.centre)

    @cached_property
    def q(self) -> float:
        """A common shift of all residuals moves Q by their weighted sum: 0 about the IV mean."""
        if self.ref.q_df < 1:
            return 0.0
        y, dy, v, dv = self.arrays(self.ref.q_effects)
        residual = y - self.ref.centre
        shift = 2 * abs(float((residual / v).sum())) * self.centre
        own = abs(residual) / v * (2 * dy + abs(residual) * dv / v)
        second = (dy + self.centre) ** 2 / v
        return self.unit * self.ref.q + shift + float((own + second).sum())

    @cached_property
    def c(self) -> float:
        """Sum w - sum w^2 / sum w, from its form without cancellation."""
        v = self.arrays(self.ref.effects)[2]
        w = 1 / v
        rest = np.array([np.delete(w, i).sum() for i in range(len(w))])
        return float((w * rest).sum() / w.sum())

    @cached_property
    def tau2(self) -> float:
        if self.ref.model == "common" or self.ref.k < 2:
            return 0.0
        if self.ref.tau2_method == "given":
            return 0.0
        if self.ref.tau2_method == "PM":
            return self.root_of_q
        _, _, v, dv = self.arrays(self.ref.effects)
        # C is a sum of products of weights over a sum: no worse than its worst weight.
        relative = self.unit + float((dv / v).max())
        return (self.q + relative * (self.ref.q + self.ref.q_df)) / self.c

    @cached_property
    def root_of_q(self) -> float:
        """Of the tau2 at which Q is its df: the error of Q there over its slope, sum (w r)^2."""
        y, dy, v, dv = self.arrays(self.ref.effects)
        w = 1 / (v + self.ref.tau2)
        residual = abs(y - float((w * y).sum() / w.sum()))
        q = float((w * residual**2).sum())
        own = float((w * residual * (2 * dy + residual * w * dv) + w * dy**2).sum())
        error = own + 2 * self.unit * max(self.ref.q_df, q)
        if q + error <= self.ref.q_df:
            return 0.0  # certainly below: tau2 is 0
        return error / float(((w * residual) ** 2).sum())

    @cached_property
    def estimate(self) -> float:
        if self.ref.size == self.ref.size:
            return self.unit * self.ref.size
        return self.mean_error(self.ref.tau2, self.tau2, self.ref.estimate)

    @cached_property
    def weight(self) -> float:
        """The largest relative error of a weight."""
        if self.ref.size == self.ref.size:
            return self.unit
        _, _, v, dv = self.arrays(self.ref.effects)
        return self.unit + float(((dv + self.tau2) / (v + self.ref.tau2)).max())

    @cached_property
    def se(self) -> float:
        if self.ref.size == self.ref.size:
            dv = self.unit * self.ref.variance_size
            variance = self.ref.se**2
            return max(
                math.sqrt(variance + dv) - self.ref.se,
                self.ref.se - math.sqrt(max(0.0, variance - dv)),
            )
        return self.weight * self.ref.se

    @cached_property
    def end(self) -> float:
        half = self.crit * self.ref.se
        return (
            self.estimate + self.crit * self.se + ROUNDINGS * EPS * (abs(self.ref.estimate) + half)
        )

    @cached_property
    def statistic(self) -> float:
        if self.se >= self.ref.se:
            return math.inf
        z = abs(self.ref.statistic)
        return (self.estimate + z * self.se) / (self.ref.se - self.se) + EPS * z

    @cached_property
    def p_value(self) -> float:
        if self.statistic == math.inf:
            return math.inf
        return normal_tail(abs(self.ref.statistic), self.statistic)

    @cached_property
    def q_p(self) -> float:
        return chi2_tail(self.ref.q, self.ref.q_df, self.q) if self.ref.q_df > 0 else 0.0

    @cached_property
    def i2(self) -> float:
        if self.ref.q_df < 1:
            return 0.0
        by_q = i2_between(self.ref.q, self.ref.q_df, self.q)
        if self.ref.model == "common":
            return by_q
        typical, tau2 = self.ref.q_df / self.c, self.ref.tau2
        return by_q + 100 * typical * (self.tau2 + self.unit * tau2) / (tau2 + typical) ** 2

    @cached_property
    def h2(self) -> float:
        if self.ref.q_df < 1:
            return 0.0
        tau2 = self.c * (self.tau2 + self.unit * self.ref.tau2) if self.ref.effects else 0.0
        return (self.q + tau2) / self.ref.q_df + ROUNDINGS * EPS * self.ref.h2


POOLED = {
    "estimate": Row(lambda e: e.estimate, "effects, weights and two sums; MH: two sums and a log"),
    "se": Row(lambda e: e.se, "half the relative error of the sum of weights; MH: its terms"),
    "ci_low": Row(lambda e: e.end, "estimate and z * se"),
    "ci_high": Row(lambda e: e.end, "estimate and z * se"),
    "statistic": Row(lambda e: e.statistic, "quotient: a small se magnifies the estimate's error"),
    "p_value": Row(lambda e: e.p_value, "normal tail between z - dz and z + dz"),
    "q": Row(lambda e: e.q, "2 w |y - mu| dy per study: large weights magnify roundings of y"),
    "q_p": Row(lambda e: e.q_p, "chi-square tail between Q - dQ and Q + dQ"),
    "i2": Row(lambda e: e.i2, "(Q - df)/Q, or tau2/(tau2 + s2), between Q - dQ and Q + dQ"),
    "h2": Row(lambda e: e.h2, "Q/df, or 1 + tau2/s2"),
    "tau2": Row(
        lambda e: e.tau2, "DL: dQ/C, C = sum w - sum w^2/sum w without cancellation; PM: dQ/slope"
    ),
    "weights": Row(lambda e: 200 * e.weight, "percent: relative errors of a weight and of the sum"),
}


class Line:
    """Errors of a regression line, from the errors of its points.

    To first order a coefficient moves by its influence of each point times the movement of the
    point's residual; the residual norm moves by at most the norm of these movements.
    """

    def __init__(self, ref: Any) -> None:
        self.ref = ref
        self.x = np.array([float(x) for x in ref.xs])
        self.y = np.array([float(y) for y in ref.ys])
        self.k = len(self.x)
        unit = (ROUNDINGS + self.k) * EPS
        residual = self.y - ref.bias - ref.slope * self.x
        self.dx = unit * np.array(ref.x_sizes)
        dy = unit * np.array(ref.y_sizes) + abs(self.y) * self.dx / self.x
        self.moved = dy + abs(ref.slope) * self.dx
        centred = self.x - self.x.mean()
        self.sxx = float((centred**2).sum())
        self.spread = float((abs(residual) * self.dx).sum()) / self.sxx
        self.pull = abs(centred) / self.sxx

    @cached_property
    def slope(self) -> float:
        own = ROUNDINGS * EPS * abs(self.ref.slope)
        return float((self.pull * self.moved).sum()) + self.spread + own

    @cached_property
    def bias(self) -> float:
        mean = abs(float(self.x.mean()))
        own = ROUNDINGS * EPS * abs(self.ref.bias)
        return float(self.moved.mean()) + mean * self.slope + own

    @cached_property
    def spread_error(self) -> float:
        """Half the relative error of Sxx."""
        centred = abs(self.x - self.x.mean())
        return float((centred * (self.dx + self.dx.mean())).sum()) / self.sxx

    @cached_property
    def residual(self) -> float:
        """Of the root of the dispersion."""
        return float(np.linalg.norm(self.moved)) / math.sqrt(self.k - 2)

    @cached_property
    def se(self) -> float:
        # sqrt(1/k + mean^2/Sxx), and its relative error by that of Sxx
        mean = abs(float(self.x.mean()))
        leverage = math.sqrt(1 / self.k + mean**2 / self.sxx)
        return self.residual * leverage + (self.spread_error + ROUNDINGS * EPS) * self.ref.se

    @cached_property
    def slope_se(self) -> float:
        relative = self.spread_error + ROUNDINGS * EPS
        return self.residual / math.sqrt(self.sxx) + relative * self.ref.slope_se

    @cached_property
    def dispersion(self) -> float:
        s = math.sqrt(self.ref.dispersion)
        own = (ROUNDINGS + self.k) * EPS * self.ref.dispersion
        return 2 * s * self.residual + self.residual**2 + own

    @cached_property
    def is_perfect(self) -> bool:
        """Whether roundings alone decide if any residual is left."""
        return self.se >= self.ref.se / 2

    @cached_property
    def statistic(self) -> float:
        if self.is_perfect:
            return math.inf
        t = abs(self.ref.statistic)
        return (self.bias + t * self.se) / (self.ref.se - self.se) + EPS * t

    @cached_property
    def p_value(self) -> float:
        if self.is_perfect:
            return math.inf
        return t_tail(abs(self.ref.statistic), self.ref.df, self.statistic)


LINE = {
    "bias": Row(lambda e: e.bias, "movement of the points times their influence on the intercept"),
    "slope": Row(lambda e: e.slope, "movement of the points times their influence on the slope"),
    "se": Row(lambda e: e.se, "norm of the points' movements times the intercept's leverage"),
    "slope_se": Row(lambda e: e.slope_se, "norm of the points' movements over the root of Sxx"),
    "dispersion": Row(lambda e: e.dispersion, "2 s ds of the norm of the points' movements"),
    "statistic": Row(lambda e: e.statistic, "bias/se; undetermined on a perfect line"),
    "p_value": Row(lambda e: e.p_value, "t tail between t - dt and t + dt"),
}


class Subgroups:
    """Errors of the test between subgroups, from those of the subgroups."""

    def __init__(self, ref: Any, groups: Sequence[Pooled]) -> None:
        self.ref = ref
        y = np.array([e.ref.estimate for e in groups])
        w = np.array([e.ref.se**-2 for e in groups])
        dy = np.array([e.estimate for e in groups])
        dw = np.array([2 * e.se / e.ref.se for e in groups]) + ROUNDINGS * EPS
        mean = float((w * y).sum() / w.sum())
        shift = float((w * (dy + dw * abs(y - mean))).sum() / w.sum()) + EPS * abs(mean)
        terms = w * (y - mean) ** 2 * dw + 2 * w * abs(y - mean) * dy + w * (dy + shift) ** 2
        self.q = float(terms.sum()) + (ROUNDINGS + len(y)) * EPS * ref.q

    @cached_property
    def q_p(self) -> float:
        return chi2_tail(self.ref.q, self.ref.df, self.q)

    @cached_property
    def i2(self) -> float:
        return i2_between(self.ref.q, self.ref.df, self.q)


SUBGROUPS = {
    "q": Row(lambda e: e.q, "2 W |mu_g - mu| dmu_g, with the subgroups' own errors of mu and SE"),
    "p_value": Row(lambda e: e.q_p, "chi-square tail between Q - dQ and Q + dQ"),
    "i2": Row(lambda e: e.i2, "(Q - df)/Q between Q - dQ and Q + dQ"),
}


class Reported:
    """Errors of what a printed estimate and interval imply."""

    def __init__(self, ref: Any, printed: Sequence[str], level: float, is_log: bool) -> None:
        self.ref = ref
        self.crit = float(stats.norm.isf((1 - level) / 2))
        sizes = [abs(float(x)) + 10.0 ** -len(x.partition(".")[2]) for x in printed]
        # A logarithm is at most its largest size away from 1; half a digit is the least ratio.
        size = 1 + max(abs(math.log(s)) for s in sizes) if is_log else max(sizes)
        self.unit = ROUNDINGS * EPS * size

    @property
    def se(self) -> float:
        return self.unit / self.crit

    def z(self, z: float, se: float) -> float:
        if z == math.inf:
            return 0.0
        return (self.unit + z * self.se) / (se - self.se) if se > self.se else math.inf

    @property
    def statistic(self) -> float:
        return self.z(abs(self.ref.statistic), self.ref.se)

    @property
    def p_value(self) -> float:
        return self.p(abs(self.ref.statistic), self.ref.se)

    def p(self, z: float, se: float) -> float:
        return normal_tail(z, self.z(z, se)) if z < math.inf else LEAST_P


REPORTED = {
    "se": Row(lambda e: e.se, "two logarithms and a quotient, relative to the interval's ends"),
    "statistic": Row(lambda e: e.statistic, "estimate/se: a narrow interval magnifies its error"),
    "p_value": Row(lambda e: e.p_value, "normal tail between z - dz and z + dz"),
    "p_low": Row(lambda e: e.p(e.ref.z_high, e.ref.se_high), "as p_value, at the least P"),
    "p_high": Row(lambda e: e.p(e.ref.z_low, e.ref.se_low), "as p_value, at the greatest P"),
}

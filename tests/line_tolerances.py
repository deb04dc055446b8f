"""How far a weighted line of the core may be from the oracle's: as in tolerances.py, the roundings
of the points' own arithmetic, carried to first order."""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from tolerances import EPS, ROUNDINGS, Row, normal_tail, t_tail

#: A share of the size of the effects below which the core takes residuals for roundings, and twice
#: that, where it may.
NO_RESIDUAL = 2e-13


class WeightedLine:
    """Errors of the line of y on x, from those of its points.

    ``dy`` is absolute, ``dx`` and ``dw`` are relative to x and the weight. A coefficient moves by
    its influence of each point times the movement of the point's residual, and by the residual
    times the movement of that influence; the residual norm moves by at most the norm of the
    movements. Everything that a sum adds is (ROUNDINGS + k) units of its absolute terms.
    """

    def __init__(
        self, ref: Any, dy: Sequence[float], dx: Sequence[float], dw: Sequence[float], kind: str
    ) -> None:
        self.ref, self.kind, self.k = ref, kind, len(ref.points)
        x, y, w = (np.array([float(p[i]) for p in ref.points]) for i in range(3))
        self.unit = unit = (ROUNDINGS + self.k) * EPS
        self.weight, self.w, self.dw = float(w.sum()), w, np.array(dw)
        self.mean_x, mean_y = float((w * x).sum()) / self.weight, float((w * y).sum()) / self.weight
        xc, yc = x - self.mean_x, y - mean_y
        self.xc = abs(xc)
        residual = abs(yc - ref.bias * xc)
        slope = abs(ref.bias)
        self.sxx = float((w * xc**2).sum())
        self.size_y = float((w * y**2).sum())
        self.ex = np.array(dx) * abs(x) + unit * self.xc
        ey = np.array(dy) + unit * abs(yc)
        self.mean_x_error = self.of_mean(self.ex + self.dw * self.xc + unit * abs(x))
        self.mean_y_error = self.of_mean(ey + self.dw * abs(yc) + unit * abs(y))
        both = self.weight * self.mean_x_error * (self.mean_y_error + slope * self.mean_x_error)
        moments = self.xc * (ey + slope * self.ex) + residual * (self.ex + self.dw * self.xc)
        terms = moments + unit * self.xc * abs(yc)
        self.bias = float((w * terms).sum() + both) / self.sxx + unit * slope
        own = ROUNDINGS * EPS * (abs(mean_y) + slope * abs(self.mean_x))
        self.slope = (
            self.mean_y_error + slope * self.mean_x_error + abs(self.mean_x) * self.bias + own
        )
        moved = ey + slope * self.ex + self.dw * residual / 2 + unit * slope * self.xc
        moved = moved + self.mean_y_error + slope * self.mean_x_error + self.xc * self.bias
        self.norm = math.sqrt(float((w * moved**2).sum()))

    def of_mean(self, errors: np.ndarray) -> float:
        return float((self.w * errors).sum()) / self.weight

    @cached_property
    def residual(self) -> float:
        """Of the root of the dispersion, which is 1 where heterogeneity is added."""
        return 0.0 if self.kind != "multiplied" else self.norm / math.sqrt(self.k - 2)

    @cached_property
    def spread_error(self) -> float:
        """Half the relative error of Sxx."""
        terms = self.xc * (self.ex + self.mean_x_error) + self.dw * self.xc**2 / 2
        return float((self.w * terms).sum()) / self.sxx + self.unit

    @cached_property
    def se(self) -> float:
        return self.residual / math.sqrt(self.sxx) + self.spread_error * self.ref.se

    @cached_property
    def slope_se(self) -> float:
        s = math.sqrt(self.ref.sigma2)
        square = self.mean_x**2 / self.sxx
        leverage = math.sqrt(1 / self.weight + square)
        moved = (float(self.dw.max()) + self.unit) / self.weight + 2 * square * self.spread_error
        moved += 2 * abs(self.mean_x) * self.mean_x_error / self.sxx
        own = ROUNDINGS * EPS * self.ref.se_other
        return self.residual * leverage + s * moved / (2 * leverage) + own

    @cached_property
    def dispersion(self) -> float:
        s = math.sqrt(self.ref.sigma2)
        return 2 * s * self.residual + self.residual**2 + self.unit * self.ref.sigma2

    @cached_property
    def is_perfect(self) -> bool:
        """Whether roundings alone decide if any residual is left, or the core takes it for one."""
        s = math.sqrt(self.ref.sigma2)
        tiny = s * math.sqrt(self.k - 2) <= NO_RESIDUAL * math.sqrt(self.size_y)
        return self.kind == "multiplied" and (tiny or self.residual >= s / 2)

    @cached_property
    def statistic(self) -> float:
        if self.se >= self.ref.se:
            return math.inf
        t = abs(self.ref.statistic)
        return (self.bias + t * self.se) / (self.ref.se - self.se) + EPS * t

    @cached_property
    def p_value(self) -> float:
        if self.statistic == math.inf:
            return math.inf
        t = abs(self.ref.statistic)
        return (
            normal_tail(t, self.statistic)
            if self.kind == "normal"
            else t_tail(t, self.k - 2, self.statistic)
        )


LINE = {
    "bias": Row(lambda e: e.bias, "movement of the points times their influence on the slope"),
    "slope": Row(lambda e: e.slope, "the means' movements and the mean of x times the slope's"),
    "se": Row(lambda e: e.se, "norm of the points' movements over the root of Sxx"),
    "slope_se": Row(lambda e: e.slope_se, "the same times the leverage of x = 0"),
    "dispersion": Row(lambda e: e.dispersion, "2 s ds of the norm of the points' movements"),
    "statistic": Row(lambda e: e.statistic, "bias/se; undetermined on a perfect line"),
    "p_value": Row(lambda e: e.p_value, "tail between t - dt and t + dt"),
}

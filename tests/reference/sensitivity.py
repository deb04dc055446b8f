"""How a pooled effect depends on its studies: leave-one-out, cumulative, influence, Baujat."""

import math
from dataclasses import dataclass

from scipy import special

from .direct_pooling import Fit, Floats, fit, weights


def without(numbers: Floats, i: int) -> list[float]:
    return [*numbers[:i], *numbers[i + 1 :]]


def leave_one_out(y: Floats, v: Floats, method: str) -> list[Fit]:
    """The fit of all studies but the first, all but the second, ..."""
    return [fit(without(y, i), without(v, i), method) for i in range(len(y))]


def cumulative(y: Floats, v: Floats, method: str) -> list[Fit]:
    """The fit of the first study, the first two, ..., in the order given (Lau et al. 1992)."""
    return [fit(y[:n], v[:n], method) for n in range(1, len(y) + 1)]


@dataclass(frozen=True)
class Influence:
    """What one study does to the fit (Viechtbauer & Cheung 2010). mu, tau2, Var: of all studies;
    mu_, tau2_, Var_: without this one.

    ``rstudent``: (y - mu_) / sqrt(v + tau2_ + Var_)
    ``dffits``: (mu - mu_) / sqrt(h (v + tau2_)), h the hat value of all studies
    ``cook_d``: (mu - mu_)^2 / Var
    ``cov_ratio``: Var_ / Var
    ``hat``: w / sum w, w = 1/(v + tau2), of all studies; ``weight``: 100 times that
    ``dfbetas``: (mu - mu_) / sqrt(1 / sum over all studies of 1/(v + tau2_))
    """

    rstudent: float
    dffits: float
    cook_d: float
    cov_ratio: float
    tau2_deleted: float
    q_deleted: float
    hat: float
    weight: float
    dfbetas: float
    is_influential: bool


def influence(y: Floats, v: Floats, method: str) -> list[Influence]:
    whole, deleted = fit(y, v, method), leave_one_out(y, v, method)
    return [one(y, v, i, whole, left) for i, left in enumerate(deleted)]


def one(y: Floats, v: Floats, i: int, whole: Fit, left: Fit) -> Influence:
    moved = whole.estimate - left.estimate
    hat = whole.weights[i] / 100
    cook_d = moved**2 / whole.se**2
    dffits = moved / math.sqrt(hat * (v[i] + left.tau2))
    dfbetas = moved * math.sqrt(math.fsum(weights(v, left.tau2)))
    return Influence(
        rstudent=(y[i] - left.estimate) / math.sqrt(v[i] + left.tau2 + left.se**2),
        dffits=dffits,
        cook_d=cook_d,
        cov_ratio=left.se**2 / whole.se**2,
        tau2_deleted=left.tau2,
        q_deleted=left.q,
        hat=hat,
        weight=100 * hat,
        dfbetas=dfbetas,
        is_influential=is_influential(len(y), dffits, cook_d, hat, dfbetas),
    )


def is_influential(k: int, dffits: float, cook_d: float, hat: float, dfbetas: float) -> bool:
    """One of: abs(dffits) > 3 sqrt(1/(k - 1)); chi-square_1 of cook_d above its median; hat > 3/k;
    abs(dfbetas) > 1 (Viechtbauer & Cheung 2010, as metafor's help has it)."""
    return (
        abs(dffits) > 3 * math.sqrt(1 / (k - 1))
        or bool(special.chdtr(1, cook_d) > 0.5)
        or hat > 3 / k
        or abs(dfbetas) > 1
    )


def baujat(y: Floats, v: Floats, method: str) -> list[tuple[float, float]]:
    """x: the study's share of heterogeneity, (y - mu)^2 / (v + tau2); y: its influence on the mean,
    (mu_ - mu)^2 / Var_ (Baujat et al. 2002)."""
    whole = fit(y, v, method)
    return [
        (
            (a - whole.estimate) ** 2 / (b + whole.tau2),
            (left.estimate - whole.estimate) ** 2 / left.se**2,
        )
        for a, b, left in zip(y, v, leave_one_out(y, v, method), strict=True)
    ]

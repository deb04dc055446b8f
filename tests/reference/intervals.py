"""Standard errors and degrees of freedom of the intervals of a random-effects mean."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from scipy import optimize, stats

from . import heterogeneity as het
from .effects import Effect
from .exact import root


class Basis(NamedTuple):
    """Standard error and how much of it is rounding; degrees of freedom, infinite: normal."""

    se: float
    df: float
    error: float


def basis(
    interval: str, effects: Sequence[Effect], tau2: Fraction, level: float, unit: float
) -> Basis:
    """What the interval of an inverse-variance mean stands on; one study has a Wald interval."""
    k = len(effects)
    weights = [1 / (e.v + tau2) for e in effects]
    total = sum(weights)
    classic = Basis(float(root(1 / total)), math.inf, unit * float(root(1 / total)))
    if k == 1 or interval == "wald":
        return classic
    df = k - 1
    z = float(stats.norm.isf((1 - level) / 2))
    t = float(stats.t.isf((1 - level) / 2, df))
    hk = hartung_knapp(effects, tau2, unit)
    match interval:
        case "t":
            return classic._replace(df=df)
        case "hk":
            return hk
        case "hk-adhoc":  # q no less than 1 (Knapp & Hartung 2003)
            return Basis(max(classic.se, hk.se), df, max(classic.error, hk.error))
        case "hk-zovert":  # no narrower than the Wald interval (van Aert & Jackson 2019)
            return Basis(max(classic.se * z / t, hk.se), df, max(classic.error, hk.error))
        case "hk-ci":  # the Wald interval if it is wider (meta: adhoc.hakn.ci = "ci")
            return classic if hk.se * t < classic.se * z else hk
        case (
            "hk-iqwig6"
        ):  # classic SE if DerSimonian and Laird's Wald interval is wider (IQWiG 2020)
            q = het.cochran_q(effects, het.iv_mean(effects))
            dl = het.tau2_dl(effects, q)
            wald = float(root(1 / sum(1 / (e.v + dl) for e in effects))) * z
            return classic._replace(df=df) if hk.se * t < wald else hk
        case "kr":
            return kenward_roger(weights, unit)
        case "sj":
            return sidik_jonkman(effects, weights, tau2, unit)
    raise ValueError(interval)


def ivhet(effects: Sequence[Effect], tau2: Fraction) -> tuple[Fraction, Fraction]:
    """The common-effect mean, and sum w^2 (v + tau2) / (sum w)^2 (Doi et al. 2015)."""
    total = sum(1 / e.v for e in effects)
    return het.iv_mean(effects), sum((e.v + tau2) / e.v**2 for e in effects) / total**2


def fall(effects: Sequence[Effect], mu: float, restricted: bool, range_: float) -> float:
    """2 (ln L(max) - max over tau2 of ln L(mu, tau2)) (Hardy & Thompson 1996).

    ln L = -(sum ln(v + tau2) + sum w (y - mu)^2)/2, restricted with -ln(sum w)/2; by search over
    tau2 up to `range_`.
    """
    studies = [(float(e.y), float(e.v)) for e in effects]

    def deviance(tau2: float, mu: float | None = None) -> float:
        weights = [1 / (v + tau2) for _, v in studies]
        total = math.fsum(weights)
        if mu is None:
            mu = math.fsum(w * y for w, (y, _) in zip(weights, studies, strict=True)) / total
        terms = [
            w * (y - mu) ** 2 - math.log(w) for w, (y, _) in zip(weights, studies, strict=True)
        ]
        return math.fsum(terms) + (math.log(total) if restricted else 0.0)

    scale = min(v for _, v in studies)
    at_mu = least(lambda tau2: deviance(tau2, mu), scale, range_)
    return at_mu - least(deviance, scale, range_)


def least(f: Callable[[float], float], scale: float, end: float) -> float:
    """The least value of f on [0, end]: a grid, even in ln(scale + x), then golden sections."""
    step = math.log1p(end / scale) / 400
    points = [scale * math.expm1(i * step) for i in range(401)]
    values = [f(x) for x in points]
    i = values.index(min(values))
    bounds = points[max(i - 1, 0)], points[min(i + 1, 400)]
    found = optimize.minimize_scalar(f, bounds=bounds, method="bounded", options={"xatol": 0})
    return min(values[i], float(found.fun))


def hartung_knapp(effects: Sequence[Effect], tau2: Fraction, unit: float) -> Basis:
    """SE^2 = sum w (y - mean)^2 / ((k - 1) sum w) (Hartung & Knapp 2001)."""
    weights = [1 / (e.v + tau2) for e in effects]
    factors = [w / ((len(effects) - 1) * sum(weights)) for w in weights]
    return of_squares(effects, factors, het.iv_mean(effects, tau2), unit)


def sidik_jonkman(
    effects: Sequence[Effect], weights: Sequence[Fraction], tau2: Fraction, unit: float
) -> Basis:
    """SE^2 = sum w^2 (y - mean)^2 / (1 - w / sum w) / (sum w)^2 (Sidik & Jonkman 2006)."""
    total = sum(weights)
    factors = [w**2 / (1 - w / total) / total**2 for w in weights]
    # 1 - w / sum w loses what the others weigh less than the dominating one
    lost = max(float(total / (total - w)) for w in weights)
    return of_squares(effects, factors, het.iv_mean(effects, tau2), unit * lost)


def of_squares(
    effects: Sequence[Effect], factors: Sequence[Fraction], mean: Fraction, unit: float
) -> Basis:
    """SE^2 = sum f (y - mean)^2, with k - 1 degrees of freedom."""
    residuals = [e.y - mean for e in effects]
    variance = sum(f * r**2 for f, r in zip(factors, residuals, strict=True))
    moved = unit * max(abs(float(e.y)) for e in effects)
    error = sum(
        float(f) * (2 * abs(float(r)) * moved + moved**2 + 2 * unit * float(r) ** 2)
        for f, r in zip(factors, residuals, strict=True)
    )
    se = math.sqrt(variance)
    up, down = math.sqrt(variance + error), math.sqrt(max(0.0, float(variance) - error))
    return Basis(se, len(effects) - 1, max(up - se, se - down))


def kenward_roger(weights: Sequence[Fraction], unit: float) -> Basis:
    """Kenward & Roger (1997) for one mean and REML, by Partlett & Riley (2017)."""
    s1, s2, s3 = (sum(w**j for w in weights) for j in (1, 2, 3))
    information = s2 / 2 - s3 / s1 + (s2 / s1) ** 2 / 2
    variance = (1 + 2 * (s3 / s1 - (s2 / s1) ** 2) / information) / s1
    df = 2 * information / (variance * s2) ** 2
    # the information of a dominating study cancels
    lost = float((s2 + s3 / s1 + (s2 / s1) ** 2) / information) ** 2
    return Basis(float(root(variance)), float(df), 8 * unit * lost * float(root(variance)))

"""What the data of a simulation study are drawn from, and the grid that lists span."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import product
from numbers import Real
from typing import Any, ClassVar, Literal

import numpy as np

from metapool import _effects, _two_by_two, _two_means
from metapool._errors import InputError, choose
from metapool._scenario import ScenarioPlan
from metapool._studies import Studies
from metapool.simulate._distributions import (
    Choice,
    Distribution,
    Fixed,
    PerStudy,
    SkewNormal,
    StudentT,
)
from metapool.simulate._selection import Selection

#: A number or a distribution, or a list of them, which spans the grid.
Parameter = float | Distribution | list[float | Distribution]
Shape = Literal["normal"] | StudentT | SkewNormal
Scenario = dict[str, Any]
#: What parameters must lie in.
_RISK = (0.0, 1.0)
_SIZE = (1.0, 2.0**53)
_ANY = (-math.inf, math.inf)
_MOST_STUDIES = 1e6


class DataModel(ABC):
    """What the studies of a meta-analysis are drawn from. A list spans the grid of scenarios."""

    kind: ClassVar[type[Studies[Any]]]
    _name: ClassVar[str]

    def scenarios(self) -> list[Scenario]:
        """Every combination of what is given as lists, the last list changing fastest."""
        return list(self._grid())

    def _grid(self) -> Iterator[Scenario]:
        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        values = []
        for name in names:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                value = value.tolist()
            if isinstance(value, list) and not value:
                raise InputError(f"{name}=[] leaves no scenario")
            values.append(value if isinstance(value, list) else [value])
            for one in values[-1]:
                if values[-1].count(one) > 1:
                    raise InputError(f"{name} has {one!r} twice")
        for combination in product(*values):
            scenario = dict(zip(names, combination, strict=True))
            self._check(scenario)
            yield scenario

    @property
    def axes(self) -> list[str]:
        """The arguments that are lists of more than one."""
        return [
            field.name
            for field in fields(self)  # type: ignore[arg-type]
            if isinstance(getattr(self, field.name), list | np.ndarray)
            and len(getattr(self, field.name)) > 1
        ]

    @abstractmethod
    def _check(self, scenario: Scenario) -> None:
        """Raise for a scenario that cannot be."""

    @abstractmethod
    def truth(self, measure: str, scenario: Scenario) -> tuple[float, float, str]:
        """Effect and tau2 on the scale of a measure, or NaN and the reason."""

    @abstractmethod
    def plan(self, number: int, scenario: Scenario) -> ScenarioPlan:
        """A scenario as the core takes it."""

    def _plan(
        self, number: int, scenario: Scenario, on: str, effect: str, names: tuple[str, ...]
    ) -> ScenarioPlan:
        given = {name: scenario[name] for name in names if scenario[name] is not None}
        shape = scenario["random_effects"]
        return ScenarioPlan(
            number=number,
            model=self._name,
            on=on,
            effect=float(scenario[effect]),
            tau=float(scenario["tau"]),
            shape=("normal", []) if shape == "normal" else shape.core,
            parameters={name: _distribution(name, value).core for name, value in given.items()},
            selection=None if scenario["selection"] is None else scenario["selection"].core,
        )


@dataclass(frozen=True, kw_only=True)
class TwoByTwo(DataModel):
    """Events of two arms: theta_i ~ N(effect, tau²), then two binomials.

    Parameters
    ----------
    risk_c
        Risk of the control arm.
    effect : float
        Mean effect on the analysis scale of `on`: log OR, log RR, risk difference.
    on : {"OR", "RR", "RD"}
        A risk that RR or RD lead beyond 0 or 1 is cut off there.
    tau : float
        Standard deviation of the effects.
    k
        Studies of a meta-analysis.
    n_e, n_c
        People in each arm; without `n_c` both have as many.
    random_effects : "normal", StudentT or SkewNormal
        The shape of the distribution of effects.
    selection : Selection, optional
        Which studies are published; by default all.

    Each is a number, or but for `effect`, `on` and `tau` a distribution; a list of them spans the
    grid.
    """

    risk_c: Parameter
    effect: float | list[float]
    k: Parameter
    n_e: Parameter
    on: Literal["OR", "RR", "RD"] | list[Literal["OR", "RR", "RD"]] = "OR"
    tau: float | list[float] = 0.0
    n_c: Parameter | None = None
    random_effects: Shape | list[Shape] = "normal"
    selection: Selection | list[Selection | None] | None = None

    kind = _two_by_two.TwoByTwo
    _name = "two-by-two"

    def _check(self, scenario: Scenario) -> None:
        _check_effects(scenario, "effect")
        on = choose("on", scenario["on"], Literal["OR", "RR", "RD"])
        low, high = _check_range("risk_c", scenario["risk_c"], *_RISK)
        for name in ("n_e", "n_c"):
            if scenario[name] is not None:
                _check_range(name, scenario[name], *_SIZE, whole=True)
        effect = scenario["effect"]
        if on != "OR":
            least, most = (r * math.exp(effect) if on == "RR" else r + effect for r in (low, high))
            if not 0 <= least <= most <= 1:
                raise InputError(
                    f"effect {effect:g} on {on} makes risks of {least:g} to {most:g} of those of "
                    f"the control arm, {low:g} to {high:g}: beyond 0 to 1"
                )

    def truth(self, measure: str, scenario: Scenario) -> tuple[float, float, str]:
        on = scenario["on"]
        if measure in {"OR": ("OR", "PETO"), "RR": ("RR",), "RD": ("RD",)}[on]:
            return scenario["effect"], scenario["tau"] ** 2, ""
        return math.nan, math.nan, f"the effect is declared on {on}, not on {measure}"

    def plan(self, number: int, scenario: Scenario) -> ScenarioPlan:
        names = ("risk_c", "k", "n_e", "n_c")
        return self._plan(number, scenario, scenario["on"], "effect", names)


@dataclass(frozen=True, kw_only=True)
class TwoMeans(DataModel):
    """Means and standard deviations of two arms, exact: theta_i ~ N(effect, tau²), then a normal
    mean and a chi-square variance for each arm.

    Parameters
    ----------
    effect, tau : float
        Mean and standard deviation of the effects, in units of `unit`.
    k
        Studies of a meta-analysis.
    n, n_c
        People in the experimental arm, and in the control arm if not as many; 2 at least.
    mean_c, sd
        Mean of the control arm, and standard deviation of people in both.
    unit : {"sd", "raw"}
        Whether `effect` and `tau` are in standard deviations.
    random_effects : "normal", StudentT or SkewNormal
        The shape of the distribution of effects.
    selection : Selection, optional
        Which studies are published; by default all.
    """

    effect: float | list[float]
    k: Parameter
    n: Parameter
    tau: float | list[float] = 0.0
    mean_c: Parameter = 0.0
    sd: Parameter = 1.0
    unit: Literal["sd", "raw"] | list[Literal["sd", "raw"]] = "sd"
    n_c: Parameter | None = None
    random_effects: Shape | list[Shape] = "normal"
    selection: Selection | list[Selection | None] | None = None

    kind = _two_means.TwoMeans
    _name = "two-means"

    def _check(self, scenario: Scenario) -> None:
        _check_effects(scenario, "effect")
        choose("unit", scenario["unit"], Literal["sd", "raw"])
        for name in ("n", "n_c"):
            if scenario[name] is not None:
                _check_range(name, scenario[name], 2.0, _SIZE[1], whole=True)
        _check_range("mean_c", scenario["mean_c"], *_ANY)
        _check_range("sd", scenario["sd"], 0.0, math.inf)
        _no_zero("sd", scenario["sd"])

    def truth(self, measure: str, scenario: Scenario) -> tuple[float, float, str]:
        unit = scenario["unit"]
        if measure == {"sd": "SMD", "raw": "MD"}[unit]:
            return scenario["effect"], scenario["tau"] ** 2, ""
        return math.nan, math.nan, f"the effect is declared in unit {unit!r}, not as {measure}"

    def plan(self, number: int, scenario: Scenario) -> ScenarioPlan:
        renamed = {**scenario, "n_e": scenario["n"]}
        names = ("mean_c", "sd", "k", "n_e", "n_c")
        return self._plan(number, renamed, scenario["unit"], "effect", names)


@dataclass(frozen=True, kw_only=True)
class Normal(DataModel):
    """Effects with known variances: y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau²).

    Parameters
    ----------
    mu, tau : float
        Mean and standard deviation of the effects.
    v
        Variance of a study.
    k
        Studies of a meta-analysis.
    random_effects : "normal", StudentT or SkewNormal
        The shape of the distribution of effects.
    selection : Selection, optional
        Which studies are published; by default all.
    """

    mu: float | list[float]
    v: Parameter
    k: Parameter
    tau: float | list[float] = 0.0
    random_effects: Shape | list[Shape] = "normal"
    selection: Selection | list[Selection | None] | None = None

    kind = _effects.Effects
    _name = "normal"

    def _check(self, scenario: Scenario) -> None:
        _check_effects(scenario, "mu")
        _check_range("v", scenario["v"], 0.0, math.inf)
        _no_zero("v", scenario["v"])
        if scenario["selection"] is not None and scenario["selection"].small is not None:
            raise InputError("selection by small= needs people: effects have none")

    def truth(self, measure: str, scenario: Scenario) -> tuple[float, float, str]:
        return scenario["mu"], scenario["tau"] ** 2, ""

    def plan(self, number: int, scenario: Scenario) -> ScenarioPlan:
        return self._plan(number, scenario, "", "mu", ("v", "k"))


def _no_zero(name: str, value: object) -> None:
    """Only single values can be 0: a distribution between 0 and more never is."""
    if 0 in (value.values if isinstance(value, Choice) else (value,)):
        raise InputError(f"{name} must be above 0")


def _distribution(name: str, value: object) -> Distribution:
    if isinstance(value, Distribution):
        return value
    if isinstance(value, Real) and not isinstance(value, bool):
        return Fixed(float(value))
    raise InputError(f"{name} must be a number or a distribution of mp.simulate, not {value!r}")


def _check_range(
    name: str, value: object, low: float, high: float, *, whole: bool = False
) -> tuple[float, float]:
    """The least and the greatest value, which must be in a range."""
    distribution = _distribution(name, value)
    least, most = distribution.support
    if whole and not distribution.is_whole:
        raise InputError(f"{name} must be whole numbers, not {value!r}")
    if not (low <= least and most <= high):
        ends = f"{low:g} to {high:g}" if high < math.inf else f"{low:g} on"
        raise InputError(f"{name} must be from {ends}, not {value!r}")
    return least, most


def _check_effects(scenario: Scenario, effect: str) -> None:
    for name in (effect, "tau"):
        value = scenario[name]
        if isinstance(value, bool) or not (isinstance(value, Real) and math.isfinite(value)):
            raise InputError(f"{name} must be a finite number, not {value!r}")
    if scenario["tau"] < 0:
        raise InputError(f"tau must not be negative, like {scenario['tau']!r}")
    _check_range("k", scenario["k"], 1.0, _MOST_STUDIES, whole=True)
    if isinstance(scenario["k"], PerStudy):
        raise InputError("k is of a meta-analysis: PerStudy is for what studies have")
    selection = scenario["selection"]
    if selection is not None and not isinstance(selection, Selection):
        raise InputError(f"selection must be a mp.simulate.Selection, not {selection!r}")
    shape = scenario["random_effects"]
    if shape != "normal" and not isinstance(shape, StudentT | SkewNormal):
        raise InputError(
            f'random_effects must be "normal", mp.simulate.StudentT or SkewNormal, not {shape!r}'
        )

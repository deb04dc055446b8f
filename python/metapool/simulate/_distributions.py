"""What risks, sizes, variances and numbers of studies are drawn from."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real

from metapool._bridge import chi_square_sf
from metapool._errors import InputError

#: Variables are drawn again until they are within their bounds: this share of them must be.
_LEAST_WITHIN = 1e-3

#: Name and numbers, as the core takes them.
Core = tuple[str, list[float]]


class Distribution(ABC):
    """A distribution of one number."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """The least and the greatest number."""

    @property
    @abstractmethod
    def core(self) -> Core:
        """As the core takes it."""

    @property
    def is_whole(self) -> bool:
        """Whether all numbers are whole."""
        return False


@dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform between `low` and `high`."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _rises(self, self.low, self.high)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def core(self) -> Core:
        return "uniform", [self.low, self.high]


@dataclass(frozen=True)
class Integers(Distribution):
    """Whole numbers from `low` to `high`, both inclusive, all equally likely."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _rises(self, self.low, self.high)
        if self.low % 1 or self.high % 1 or self.high - self.low >= 2**52:
            raise InputError(f"{self}: low and high must be whole numbers less than 2^52 apart")

    @property
    def support(self) -> tuple[float, float]:
        return float(self.low), float(self.high)

    @property
    def core(self) -> Core:
        return "integers", [float(self.low), float(self.high)]

    @property
    def is_whole(self) -> bool:
        return True


@dataclass(frozen=True)
class LogNormal(Distribution):
    """exp of a normal variable with this mean and standard deviation."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _positive(self, sd=self.sd)
        _finite(self, self.mean)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    @property
    def core(self) -> Core:
        return "lognormal", [self.mean, self.sd]


@dataclass(frozen=True)
class Beta(Distribution):
    """Beta with shapes `a` and `b`."""

    a: float
    b: float

    def __post_init__(self) -> None:
        _positive(self, a=self.a, b=self.b)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    @property
    def core(self) -> Core:
        return "beta", [self.a, self.b]


@dataclass(frozen=True)
class ChiSquare(Distribution):
    """`scale` times a chi-square variable, drawn again until it lies from `low` to `high`.

    ``ChiSquare(1, 0.25, 0.009, 0.6)`` are the variances of Brockwell & Gordon (2001).
    """

    df: float
    scale: float = 1.0
    low: float = 0.0
    high: float = math.inf

    def __post_init__(self) -> None:
        _positive(self, df=self.df, scale=self.scale)
        if not 0 <= self.low < self.high:
            raise InputError(f"{self}: 0 <= low < high must hold")
        ends = (chi_square_sf(end / self.scale, self.df) for end in (self.low, self.high))
        within = next(ends) - next(ends)
        if within < _LEAST_WITHIN:
            raise InputError(f"{self}: only {within:.2g} of the distribution is within its bounds")

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @property
    def core(self) -> Core:
        return "chi-square", [self.df, self.scale, self.low, self.high]


@dataclass(frozen=True)
class Choice(Distribution):
    """One of `values`, all equally likely."""

    values: tuple[float, ...]

    def __init__(self, values: Sequence[float]) -> None:
        name = type(self).__name__
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise InputError(f"{name} needs a list of numbers, not {values!r}")
        numbers = tuple(values)
        if not numbers:
            raise InputError(f"{name} needs values")
        _finite(name, *numbers)
        object.__setattr__(self, "values", tuple(map(float, numbers)))

    @property
    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    @property
    def core(self) -> Core:
        return "choice", list(self.values)

    @property
    def is_whole(self) -> bool:
        return all(value % 1 == 0 for value in self.values)


@dataclass(frozen=True, init=False)
class Empirical(Choice):
    """The values of a sample, all equally likely."""


@dataclass(frozen=True, init=False)
class PerStudy(Choice):
    """The first value for the first study of each meta-analysis, and so on; from the first again
    after the last."""

    @property
    def core(self) -> Core:
        return "per-study", list(self.values)


@dataclass(frozen=True)
class Fixed(Distribution):
    """Always `value`; what a plain number means."""

    value: float

    def __post_init__(self) -> None:
        _finite(self, self.value)

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    @property
    def core(self) -> Core:
        return "fixed", [float(self.value)]

    @property
    def is_whole(self) -> bool:
        return self.value % 1 == 0


@dataclass(frozen=True)
class StudentT:
    """Random effects from Student's t of `df` > 2 degrees of freedom, scaled to variance tau²."""

    df: float

    def __post_init__(self) -> None:
        if not (isinstance(self.df, Real) and 2 < self.df < math.inf):
            raise InputError(f"{self}: df must be above 2, for a variance")

    @property
    def core(self) -> Core:
        return "t", [float(self.df)]


@dataclass(frozen=True)
class SkewNormal:
    """Random effects from Azzalini's (1985) skew-normal distribution, moved and scaled to mean 0
    and variance tau²; a negative `shape` has its long tail on the left."""

    shape: float

    def __post_init__(self) -> None:
        _finite(self, self.shape)

    @property
    def core(self) -> Core:
        return "skew-normal", [float(self.shape)]


def _rises(what: object, low: float, high: float) -> None:
    _finite(what, low, high)
    if not low <= high:
        raise InputError(f"{what}: low is above high")


def _finite(what: object, *numbers: float) -> None:
    for number in numbers:
        if isinstance(number, bool) or not (isinstance(number, Real) and math.isfinite(number)):
            raise InputError(f"{what}: {number!r} is not a finite number")


def _positive(what: object, **numbers: float) -> None:
    for name, number in numbers.items():
        _finite(what, number)
        if not number > 0:
            raise InputError(f"{what}: {name} must be above 0")

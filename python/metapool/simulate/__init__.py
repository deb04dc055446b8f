"""What simulation studies are declared with; :class:`metapool.Simulation` runs them."""

from metapool.simulate._distributions import (
    Beta,
    ChiSquare,
    Choice,
    Distribution,
    Empirical,
    Integers,
    LogNormal,
    PerStudy,
    SkewNormal,
    StudentT,
    Uniform,
)
from metapool.simulate._models import DataModel, Normal, TwoByTwo, TwoMeans
from metapool.simulate._selection import Selection

__all__ = [
    "Beta",
    "ChiSquare",
    "Choice",
    "DataModel",
    "Distribution",
    "Empirical",
    "Integers",
    "LogNormal",
    "Normal",
    "PerStudy",
    "Selection",
    "SkewNormal",
    "StudentT",
    "TwoByTwo",
    "TwoMeans",
    "Uniform",
]

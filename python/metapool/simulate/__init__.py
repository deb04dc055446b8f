"""What simulation studies are declared with; :class:`metapool.Simulation` runs them."""

from metapool.simulate._distributions import (
    Beta,
    ChiSquare,
    Choice,
    Distribution,
    Empirical,
    Integers,
    LogNormal,
    SkewNormal,
    StudentT,
    Uniform,
)
from metapool.simulate._models import DataModel, Normal, TwoByTwo, TwoMeans

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
    "SkewNormal",
    "StudentT",
    "TwoByTwo",
    "TwoMeans",
    "Uniform",
]

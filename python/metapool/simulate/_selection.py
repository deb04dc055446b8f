"""Which studies are published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Literal

from metapool._errors import InputError, choose

#: Cutoffs, weights, whether P is of a greater effect; people below which a study is small, its
#: weight.
Core = tuple[list[float], list[float], bool, tuple[float, float] | None]


@dataclass(frozen=True)
class Selection:
    """Publication selection: a study is drawn again until it is published.

    Parameters
    ----------
    cutoffs : sequence of float
        Ends of the steps of the one-sided P of the effect, rising, between 0 and 1.
    weights : sequence of float
        Probability that a study is published, for P up to each cutoff and beyond the last.
    alternative : {"greater", "less"}
        The effect that P is small for. P = 1 for a study without an effect, as one of two arms
        without events.
    small : (int, float), optional
        A study of fewer people than the first number is published with the second as probability,
        times that of its P.

    A study that 1,000 draws do not publish is given up, and its replicate fails.
    """

    cutoffs: Sequence[float]
    weights: Sequence[float]
    alternative: Literal["greater", "less"] = "greater"
    small: Sequence[float] | None = None

    def __post_init__(self) -> None:
        for name in ("cutoffs", "weights", "small"):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable | None):
                raise InputError(f"{name} must be a list of numbers, not {value!r}")
            object.__setattr__(self, name, value if value is None else tuple(value))
        choose("alternative", self.alternative, Literal["greater", "less"])
        ends = (0, *self.cutoffs, 1)
        if not all(_is_number(c) for c in ends) or not all(a < b for a, b in pairwise(ends)):
            raise InputError(f"cutoffs must rise between 0 and 1, not {self.cutoffs!r}")
        if len(self.weights) != len(self.cutoffs) + 1:
            raise InputError(
                f"{len(self.cutoffs)} cutoffs make {len(self.cutoffs) + 1} steps: "
                f"{len(self.weights)} weights do not fit"
            )
        if not all(_is_share(w) for w in self.weights) or not any(self.weights):
            raise InputError(f"weights must be from 0 to 1, one above 0, not {self.weights!r}")
        if self.small is not None and not (
            len(self.small) == 2
            and _is_number(self.small[0])
            and self.small[0] > 0
            and _is_share(self.small[1])
        ):
            raise InputError(
                f"small must be a number of people and a probability, not {self.small!r}"
            )

    @property
    def core(self) -> Core:
        """As the core takes it."""
        small = None if self.small is None else (float(self.small[0]), float(self.small[1]))
        cutoffs, weights = [float(c) for c in self.cutoffs], [float(w) for w in self.weights]
        return cutoffs, weights, self.alternative == "greater", small


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_share(value: float) -> bool:
    return _is_number(value) and 0 <= value <= 1

"""A cell of a simulation study, as the core takes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class ScenarioPlan:
    """A cell of a simulation study."""

    number: int
    model: str
    on: str
    effect: float
    tau: float
    shape: tuple[str, list[float]]
    parameters: dict[str, tuple[str, list[float]]]
    #: Cutoffs, weights, whether P is of a greater effect; people below which a study is small and
    #: its weight.
    selection: tuple[list[float], list[float], bool, tuple[float, float] | None] | None

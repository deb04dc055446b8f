"""Results of simulation studies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from metapool import _bridge, _frames
from metapool._errors import InputError
from metapool._types import FloatArray

if TYPE_CHECKING:
    from metapool._simulation import Simulation
    from metapool.simulate._models import Scenario


Truth = tuple[float, float, str]  #: effect and tau2, or NaN and the reason
_OF_BOTH_TRUTHS = ("bias_difference", "mse_difference", "coverage_difference")
_OF_TRUTH = ("bias", "relative_bias", "mse", "coverage", *_OF_BOTH_TRUTHS)


@dataclass(frozen=True, eq=False, repr=False)
class SimulationResult(_frames.Exported):
    """Performance of every analysis in every scenario.

    Attributes
    ----------
    study : Simulation
        What was declared.
    n_reused : int
        Blocks of replicates that a checkpoint had already.
    """

    study: Simulation
    n_reused: int
    _tallies: list[FloatArray]
    _about_means: list[FloatArray] | None = None

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One dict for each scenario, analysis and measure: the scenario's arguments, ``analysis``,
        ``measure``, ``value``, ``mcse`` (its Monte Carlo standard error), ``replicates`` (of which
        it is) and ``reason`` (why a value is NaN)."""
        return [
            row for number in range(len(self.study.scenarios)) for row in self._scenario(number)
        ]

    def _scenario(self, number: int) -> list[dict[str, Any]]:
        study, scenario = self.study, self.study.scenarios[number]
        labels = study.labels
        tallies = self._tallies[number].reshape(len(labels), -1)
        truths = [self._truth(i, scenario) for i in range(len(labels))]
        about = self._about_means and self._about_means[number].reshape(len(labels), -1)
        found = []
        for i, (label, tally) in enumerate(zip(labels, tallies, strict=True)):
            truth = truths[i]
            of_truth = None if truth is None else truth[:2]
            about_mean = None if about is None else about[i]
            is_first = i in (0, len(study.analyses))
            measures = _bridge.performance_measures(tally, of_truth, is_first, about_mean)
            all_failed = any(name == "failed" and value == 1 for name, value, *_ in measures)
            for name, value, mcse, n in measures:
                found.append(
                    {
                        **self._arguments[number],
                        "analysis": label,
                        "measure": name,
                        "value": value,
                        "mcse": mcse,
                        "replicates": int(n),
                        "reason": ""
                        if not math.isnan(value)
                        else "every replicate failed"
                        if all_failed
                        else _reason(name, n, truth, truths[0]),
                    }
                )
        return found

    def _truth(self, number: int, scenario: Scenario) -> Truth | None:
        """What an analysis should find, or why nothing is known of it; None for a test."""
        analyses = self.study.analyses
        if number >= len(analyses):
            return None
        return self.study.truth(self.study.label_of(analyses[number].measure), scenario)

    @cached_property
    def _arguments(self) -> list[dict[str, Any]]:
        """Those of each scenario for tables: where some are distributions, all are text."""
        scenarios = [
            {name: _shown(value) for name, value in one.items()} for one in self.study.scenarios
        ]
        for name in scenarios[0]:
            values = [one[name] for one in scenarios]
            if any(isinstance(value, str) for value in values):
                for one, value in zip(scenarios, values, strict=True):
                    one[name] = value if value is None else str(value)
        return scenarios

    def value(self, measure: str, analysis: str, **scenario: Any) -> float:
        """One number of the table."""
        for name in scenario:
            if name not in self.study.scenarios[0]:
                known = ", ".join(self.study.scenarios[0])
                raise InputError(f"scenarios have no {name!r}; they have {known}")
        numbers = [
            number
            for number, own in enumerate(self.study.scenarios)
            if all(own[name] == value for name, value in scenario.items())
        ]
        found = [
            row["value"]
            for number in numbers
            for row in self._scenario(number)
            if row["measure"] == measure and row["analysis"] == analysis
        ]
        if len(found) != 1:
            raise InputError(f"{len(found)} rows of the table fit, not one")
        return float(found[0])

    def table(self, backend: _frames.Backend | None = None) -> Any:
        """The long table as a data frame: one column per argument of the data, then those of
        :attr:`rows`."""
        return self.to_frame(backend)

    def plot(self, measure: str, x: str | None = None, by: str = "analysis") -> Any:
        """Draw a measure, see :func:`metapool.plots.simulation`; a list of Axes, whose figure
        ``axes[0].figure.savefig("coverage.png")`` saves."""
        from metapool.plots import simulation

        return simulation(self, measure, x=x, by=by)

    def to_dict(self) -> dict[str, Any]:
        """The columns of the table; NaN becomes None."""
        names = list(self.rows[0])
        return {name: [_frames.plain(row[name]) for row in self.rows] for name in names}

    def __repr__(self) -> str:
        return f"<SimulationResult: {repr(self.study)[1:-1]}>"


def _shown(value: object) -> object:
    """Numbers and names as they are, distributions as text."""
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, int | float | str) else repr(value)


def _reason(name: str, n: float, truth: Truth | None, first: Truth | None) -> str:
    """Why a measure is NaN."""
    effect, tau2, why = truth or (0.0, 0.0, "")
    if name in _OF_TRUTH and math.isnan(effect):
        return why
    if name in _OF_BOTH_TRUTHS and first is not None and math.isnan(first[0]):
        return f"of the first analysis: {first[2]}"
    if name == "relative_bias" and effect == 0:
        return "the effect is 0"
    if name.startswith("tau2") and math.isnan(tau2):
        return why or "no tau2 is declared on the scale of the estimand"
    return "too few replicates have it" if n < 2 else "undefined"

"""Simulation studies: what is declared, checked before any work starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import cast

from metapool import _bridge
from metapool._analysis import Analysis
from metapool._checks import draw_seed, whole
from metapool._errors import InputError
from metapool._pooling import asked_plan
from metapool._simulation_result import SimulationResult
from metapool._simulation_run import Run, Work
from metapool._studies import Studies
from metapool._test import Test
from metapool._two_by_two import TwoByTwo
from metapool._types import FloatArray
from metapool.simulate import DataModel
from metapool.simulate._models import Scenario

#: A number, or a function of the scenario that returns one.
Estimand = float | Callable[[Scenario], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulation:
    """A simulation study: data drawn again and again, analysed, judged by what they came from.

    Parameters
    ----------
    data : metapool.simulate.TwoByTwo, TwoMeans or Normal
        What data are drawn from. Lists span the grid of scenarios.
    analyses : list of Analysis
        All are of the same data (common random numbers).
    tests : list of Test
        Small-study tests, of the same data too.
    replicates : int
        Meta-analyses of each scenario.
    seed : int, optional
        0 to 2**64 - 1; drawn and kept if not given. A replicate depends on the seed, its number and
        the number of its scenario only.
    bias_eliminated : bool
        Also the coverage of the mean of the estimates, ``bias_eliminated_coverage``. It takes a
        second run of the same replicates, as the mean is known after the first only.
    estimand : dict, optional
        The true effect by measure, a number or a function of the scenario (a dict), for measures on
        another scale than the effect is declared on, which have none otherwise.

    Raises
    ------
    InputError
        For anything that cannot be, before any work starts.

    Examples
    --------
    >>> import metapool as mp
    >>> study = mp.Simulation(
    ...     data=mp.simulate.Normal(mu=0.5, tau=0.0, v=0.1, k=[5, 20]),
    ...     analyses=[mp.Analysis(method="DL"), mp.Analysis(method="DL", interval="hk")],
    ...     replicates=1000, seed=1)
    >>> study
    <Simulation: Normal, 2 scenarios (k) x 1,000 replicates, 2 analyses, seed 1>
    >>> result = study.run(progress=False)
    >>> print(result.value("coverage", "DL hk", k=5))
    0.956
    """

    data: DataModel
    analyses: Sequence[Analysis] = ()
    tests: Sequence[Test] = ()
    replicates: int = 1000
    seed: int | None = None
    bias_eliminated: bool = False
    estimand: Mapping[str, Estimand] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.data, DataModel):
            raise InputError(
                f"data must be mp.simulate.TwoByTwo, TwoMeans or Normal, not {self.data!r}"
            )
        _check_list("analyses", self.analyses, Analysis)
        _check_list("tests", self.tests, Test)
        whole("replicates", self.replicates, 1, 10**12)
        if not isinstance(self.bias_eliminated, bool):
            raise InputError(f"bias_eliminated must be True or False, not {self.bias_eliminated!r}")
        object.__setattr__(self, "seed", draw_seed(self.seed))  # so that it is kept
        labels = self.labels
        if not labels:
            raise InputError("a simulation study needs analyses or tests")
        for label in labels:
            if labels.count(label) > 1:
                raise InputError(f"two analyses are called {label!r}: give one a name=")
        self._check_estimand()
        _ = self.work  # everything is checked there

    def _check_estimand(self) -> None:
        if not isinstance(self.estimand, Mapping):
            raise InputError(f"estimand must be a dict by measure, not {self.estimand!r}")
        measures = [self.label_of(analysis.measure) for analysis in self.analyses]
        for measure, given in self.estimand.items():
            if measure not in measures:
                raise InputError(
                    f"estimand of {measure!r}, which is not analysed: {', '.join(measures)} are"
                )
            for scenario in self.scenarios:
                value = given(scenario) if callable(given) else given
                if isinstance(value, bool) or not isinstance(value, Real):
                    raise InputError(f"estimand of {measure!r} must be a number, not {value!r}")

    @property
    def seed_used(self) -> int:
        """The seed, also if it was drawn."""
        return cast(int, self.seed)

    @property
    def labels(self) -> list[str]:
        """What tables call the analyses and the tests."""
        analyses = [analysis.label for analysis in self.analyses]
        return analyses + [test.label for test in self.tests]

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """The cells of the grid, as dicts of the arguments of the data."""
        return self.data.scenarios()

    @cached_property
    def work(self) -> list[Work]:
        """What the core is to do for each scenario."""
        tests = [(self._test(test), float(test.alpha)) for test in self.tests]
        plans = [self._plan(analysis) for analysis in self.analyses]
        return [
            Work(
                self.data.plan(number, scenario),
                [_bridge.Judged(plan, *self.truth(label, scenario)[:2]) for label, plan in plans],
                tests,
            )
            for number, scenario in enumerate(self.scenarios)
        ]

    def truth(self, measure: str, scenario: Scenario) -> tuple[float, float, str]:
        """Effect and tau2 that an analysis of a measure should find, or NaN and the reason."""
        if measure in self.estimand:
            given = self.estimand[measure]
            return float(given(scenario) if callable(given) else given), math.nan, ""
        return self.data.truth(measure, scenario)

    def label_of(self, measure: str | None) -> str:
        """The measure that None stands for."""
        measures = self.data.kind.measures
        if measure is None and len(measures) == 1:
            return measures[0]
        if measure not in measures:
            name = type(self.data).__name__
            raise InputError(
                f"measure {measure!r} is not taken from {name} data: one of {', '.join(measures)}"
            )
        return measure

    def _plan(self, analysis: Analysis) -> tuple[str, _bridge.Plan]:
        label = self.label_of(analysis.measure)
        _, plan = asked_plan(
            label,
            analysis.method,
            analysis.conventions,
            analysis.interval,
            analysis.prediction,
            analysis.level,
            analysis.tau2,
        )
        _ = plan.core  # refuses what does not fit together
        return label, plan

    def _test(self, test: Test) -> _bridge.SmallStudyPlan:
        if test.method == "egger":
            return _bridge.SmallStudyPlan("egger", self.label_of(test.measure), test.conventions)
        if self.data.kind is not TwoByTwo:
            raise InputError(f"Harbord's test needs TwoByTwo data, not {type(self.data).__name__}")
        return _bridge.SmallStudyPlan("harbord", test.score, test.conventions)

    def run(
        self,
        executor: Executor | None = None,
        threads: int | None = None,
        checkpoint: str | PathLike[str] | None = None,
        progress: bool = True,
    ) -> SimulationResult:
        """Run it.

        Parameters
        ----------
        executor : concurrent.futures.Executor, optional
            Where blocks of replicates are computed, for example ``Client(...).get_executor()`` of
            Dask or a ``ProcessPoolExecutor``; by default threads of this process. The same bits
            from each.
        threads : int, optional
            Threads of this process, without an executor.
        checkpoint : path, optional
            A directory for what is done: a run that was stopped goes on from there.
        progress : bool
            Show progress on stderr, if it is a terminal.
        """
        if executor is not None and not isinstance(executor, Executor):
            raise InputError(f"executor must be a concurrent.futures.Executor, not {executor!r}")
        run = Run(
            seed=self.seed_used,
            replicates=self.replicates,
            executor=executor,
            threads=threads,
            progress=progress,
        )
        sums = run.of(self.work, checkpoint)
        if not self.bias_eliminated:
            return SimulationResult(self, sums.reused, sums.merged)
        work = [work.about_means(found) for work, found in zip(self.work, sums.merged, strict=True)]
        kept = None if checkpoint is None else Path(checkpoint) / "about-means"
        about_means = run.of(work, kept, "replicates about means")
        reused = sums.reused + about_means.reused
        return SimulationResult(self, reused, sums.merged, about_means.merged)

    def generate(
        self, scenario: int = 0, first_replicate: int = 0, n: int = 1
    ) -> Studies[FloatArray]:
        """The data of some replicates, as a batch: what :meth:`run` analyses.

        Parameters
        ----------
        scenario : int
            Its place in ``scenarios``.
        first_replicate, n : int
            Replicates ``first_replicate`` to ``first_replicate + n - 1``. Studies of one that was
            given up are missing.

        Examples
        --------
        >>> import metapool as mp
        >>> data = mp.simulate.TwoByTwo(risk_c=0.2, effect=-0.4, k=3, n_e=50)
        >>> study = mp.Simulation(data=data, analyses=[mp.Analysis("OR", "DL")], seed=1)
        >>> one = study.generate(first_replicate=471)
        >>> one.events_e.tolist(), one.events_c.tolist()
        ([5.0, 8.0, 2.0], [10.0, 15.0, 13.0])
        """
        number = whole("scenario", scenario, 0, len(self.scenarios) - 1)
        first = whole("first_replicate", first_replicate, 0, 2**63 - 1)
        n = whole("n", n, 1, 10**9)
        columns, offsets = _bridge.generate_block(
            self.work[number].scenario, self.seed_used, first, n
        )
        named = dict(zip(self.data.kind.names, columns, strict=True))
        # a study that no draw published is missing
        return self.data.kind(  # type: ignore[call-arg]  # a subclass
            **named, offsets=offsets, missing="exclude"
        )

    def __repr__(self) -> str:
        n = len(self.scenarios)
        axes = f" ({', '.join(self.data.axes)})" if self.data.axes else ""
        parts = [
            f"{type(self.data).__name__}, {n:,} scenario{'s' * (n > 1)}{axes} x "
            f"{self.replicates:,} replicates"
        ]
        for what, number in (("analys", len(self.analyses)), ("test", len(self.tests))):
            ending = {"analys": ("is", "es"), "test": ("", "s")}[what][number > 1]
            if number:
                parts.append(f"{number} {what}{ending}")
        return f"<Simulation: {', '.join(parts)}, seed {self.seed}>"


def _check_list(name: str, asked: object, kind: type) -> None:
    if not isinstance(asked, list | tuple) or not all(isinstance(one, kind) for one in asked):
        raise InputError(f"{name} must be a list of mp.{kind.__name__}, not {asked!r}")

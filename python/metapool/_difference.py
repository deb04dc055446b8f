"""Why two analyses of the same studies differ: the settings that move the answer."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from math import isnan
from typing import Any

from metapool import _frames
from metapool import _types as t
from metapool._analysis import Analysis
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._frames import Exported, plain
from metapool._results import Pooled
from metapool._studies import Studies, as_studies

Settings = dict[str, Any]

#: What a step may move.
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "p_value", "pi_low", "pi_high", "tau2", "i2")
_OWN = ("measure", "method", "tau2", "interval", "prediction", "level")


@dataclass(frozen=True)
class Step:
    """One setting changed on the way from analysis a to analysis b.

    Attributes
    ----------
    field : str
        The setting, for example "dl_q_centre"; several, joined by " + ", if one alone makes no
        analysis.
    value_a, value_b
        Its values.
    change : dict of float
        By how much estimate, se, ci_low, ci_high, pi_low, pi_high (analysis scale), p_value, tau2
        and i2 move when it is changed after the settings before it; the changes of all steps sum
        to b - a. NaN where either side is undefined.
    alone : dict of float
        The same if it is all that is changed in a; NaN if that makes no analysis.
    moves : bool
        Whether it moves anything beyond rounding, alone or on the way.
    """

    field: str
    value_a: Any
    value_b: Any
    change: dict[str, float]
    alone: dict[str, float]
    moves: bool


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Exported):
    """Two analyses of the same studies and the steps from one to the other.

    Attributes
    ----------
    a, b : Pooled
    steps : tuple of Step
        The settings that differ, in the order in which they were changed.
    """

    a: Pooled[float]
    b: Pooled[float]
    steps: tuple[Step, ...]

    @property
    def moving(self) -> tuple[Step, ...]:
        """The steps that move the answer."""
        return tuple(step for step in self.steps if step.moves)

    def __repr__(self) -> str:
        return f"<Difference: {', '.join(step.field for step in self.moving) or 'none'}>"

    def __str__(self) -> str:
        # a report reads results; results do not need reports
        from metapool.report import difference

        return difference(self)

    def to_dict(self) -> dict[str, Any]:
        """One list per column, an element per step; NaN and infinity become None."""
        columns: dict[str, Any] = {
            name: [getattr(step, name) for step in self.steps]
            for name in ("field", "value_a", "value_b", "moves")
        }
        for kind in ("change", "alone"):
            for name in NUMBERS:
                values = [plain(getattr(step, kind)[name]) for step in self.steps]
                columns[name if kind == "change" else f"{name}_alone"] = values
        return columns

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame, one row per step; values of settings as text."""
        columns = self.to_dict()
        for name in ("value_a", "value_b"):
            columns[name] = [str(value) for value in columns[name]]
        return _frames.frame(columns, backend)


def explain_difference(studies: Studies[float], a: Analysis, b: Analysis) -> Difference:
    """Name the settings that move the answer between two analyses, and by how much.

    The settings of `a` are changed into those of `b` one after the other; what each moves is what
    it moves given the ones before. Each is also changed alone.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis.
    a, b : Analysis

    Returns
    -------
    Difference

    Raises
    ------
    InputError
        For a batch, or analyses on different scales (a ratio and a difference).

    Examples
    --------
    >>> import metapool as mp
    >>> why = mp.explain_difference(
    ...     mp.examples.remission(), mp.Analysis("RR", "DL"), mp.Analysis("RR", "DL", mp.METAFOR)
    ... )
    >>> for step in why.moving:
    ...     if step.change["tau2"]:
    ...         print(f"{step.field}: tau2 {step.change['tau2']:+.4f}, I2 {step.change['i2']:+.2f}")
    dl_q_centre: tau2 -0.0114, I2 -1.14
    """
    as_studies(studies).require_one("explain_difference")
    first, last = _named("a", a, studies), _named("b", b, studies)
    if first.is_ratio != last.is_ratio:
        raise InputError(
            f"{first.measure} and {last.measure} are on different scales; "
            "what moves one into the other has no size"
        )
    start, end = _settings(a, first), _settings(b, last)
    left = [name for name in start if start[name] != end[name]]
    steps: list[Step] = []
    here, at = start, first
    while left:
        names, there = _next(studies, here, end, left)
        reached = _pool(studies, there)
        assert reached is not None  # as _next tried it
        alone = _pool(studies, _changed(start, end, names))
        steps.append(
            Step(
                " + ".join(names),
                _value(start, names),
                _value(end, names),
                _moved(at, reached),
                _moved(first, alone),
                _differ(at, reached) or _differ(first, alone),
            )
        )
        here, at = there, reached
        left = [name for name in left if name not in names]
    return Difference(first, last, tuple(steps))


def _named(name: str, analysis: Analysis, studies: Studies[float]) -> Pooled[float]:
    """The result of an analysis, its errors with its name."""
    if not isinstance(analysis, Analysis):
        raise InputError(f"{name} must be an Analysis, not {analysis!r}")
    try:
        return analysis.pool(studies)
    except InputError as error:
        raise InputError(f"analysis {name}: {error}") from None


def _settings(analysis: Analysis, pooled: Pooled[float]) -> Settings:
    """Everything that makes an analysis, with the defaults filled in."""
    own = {
        "measure": pooled.measure,
        "method": pooled.method,
        "tau2": analysis.tau2,
        "interval": pooled.interval,
        "prediction": pooled.prediction,
        "level": pooled.level,
    }
    rules = dataclasses.asdict(pooled.conventions)
    if pooled.method != "auto":  # the defaults are filled in; "auto" chooses between two
        rules |= {name: None for name in rules if name.startswith("default_")}
    return own | rules


def _next(
    studies: Studies[float], here: Settings, end: Settings, left: list[str]
) -> tuple[list[str], Settings]:
    """The first of the settings left that can be changed; all together if none can alone."""
    for name in left:
        there = _changed(here, end, [name])
        if _pool(studies, there) is not None:
            return [name], there
    return left, _changed(here, end, left)


def _changed(settings: Settings, end: Settings, names: list[str]) -> Settings:
    return settings | {name: end[name] for name in names}


def _pool(studies: Studies[float], settings: Settings) -> Pooled[float] | None:
    """The analysis of these settings; None if there is no such."""
    own = {name: settings[name] for name in _OWN}
    if own["method"] in t.choices(t.CommonMethod):
        own["prediction"] = None  # a common effect has none
    rules = {k: v for k, v in settings.items() if k not in _OWN and v is not None}
    try:
        return Analysis(**own, conventions=Conventions(**rules)).pool(studies)
    except InputError:
        return None


def _value(settings: Settings, names: list[str]) -> Any:
    values = [settings[name] for name in names]
    return values[0] if len(values) == 1 else tuple(values)


def _moved(before: Pooled[float], after: Pooled[float] | None) -> dict[str, float]:
    """What the numbers of NUMBERS gained."""
    if after is None:
        return dict.fromkeys(NUMBERS, math.nan)
    return {name: getattr(after, name) - getattr(before, name) for name in NUMBERS}


def _differ(before: Pooled[float], after: Pooled[float] | None) -> bool:
    """Whether a number of NUMBERS differs by more than rounding."""
    if after is None:
        return False
    pairs = [(getattr(before, name), getattr(after, name)) for name in NUMBERS]
    both = [(x, y) for x, y in pairs if not (isnan(x) and isnan(y))]
    return not all(math.isclose(x, y, rel_tol=1e-12) for x, y in both)

"""Simulation studies as data: what a TOML file says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from os import PathLike
from typing import Any, TypeVar

from metapool import _conventions, simulate
from metapool._analysis import Analysis
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._simulation import Simulation
from metapool._test import Test

K = TypeVar("K")

_MODELS = {
    model.__name__: model for model in (simulate.TwoByTwo, simulate.TwoMeans, simulate.Normal)
}
_DISTRIBUTIONS = {
    kind.__name__: kind
    for kind in (
        simulate.Uniform,
        simulate.Integers,
        simulate.LogNormal,
        simulate.Beta,
        simulate.ChiSquare,
        simulate.Choice,
        simulate.Empirical,
        simulate.PerStudy,
    )
}
_SHAPES = {kind.__name__: kind for kind in (simulate.StudentT, simulate.SkewNormal)}
_CONVENTIONS = {
    name: value for name, value in vars(_conventions).items() if isinstance(value, Conventions)
}

#: A specification that runs, with everything that there is.
EXAMPLE = """\
# A simulation study: metapool simulate SPEC.toml --out DIR
replicates = 2000
seed = 2008

# What data are drawn from: TwoByTwo, TwoMeans or Normal. A list spans the grid of scenarios.
[data]
model = "TwoByTwo"
on = "OR"                # effect and tau are on the log odds ratio
effect = [0.0, -0.357]   # log OR; -0.357 is OR 0.70
tau = [0.0, 0.316]
k = [5, 10, 20]
risk_c = { distribution = "Uniform", low = 0.05, high = 0.3 }
n_e = { distribution = "Integers", low = 20, high = 200 }   # n_c is as large unless given

# Every analysis is of the same data.
[[analyses]]
measure = "OR"
method = "MH"

[[analyses]]
measure = "OR"
method = "DL"

[[analyses]]
measure = "OR"
method = "REML"
interval = "hk"

[[tests]]
method = "harbord"

[[tests]]
method = "egger"
measure = "OR"
"""


_OPTIONS = ("replicates", "seed", "bias_eliminated", "estimand")


def read_simulation(path: str | PathLike[str]) -> Simulation:
    """The simulation study that a TOML file specifies (``metapool simulate --example``)."""
    with open(path, "rb") as file:
        try:
            return from_dict(tomllib.load(file))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: {error}") from None


def from_dict(spec: Mapping[str, Any]) -> Simulation:
    """The study that a dict specifies, in the form of :data:`EXAMPLE`."""
    known = ("data", "analyses", "tests", *_OPTIONS)
    _check_keys("the specification", spec, known)
    if "data" not in spec:
        raise InputError("the specification needs [data]")
    given = {name: spec[name] for name in _OPTIONS if name in spec}
    return Simulation(
        data=_data(spec["data"]),
        analyses=[_asked(Analysis, "analyses", one) for one in spec.get("analyses", [])],
        tests=[_asked(Test, "tests", one) for one in spec.get("tests", [])],
        **given,
    )


def _data(spec: Any) -> simulate.DataModel:
    if not isinstance(spec, Mapping):
        raise InputError(f"[data] must be a table, not {spec!r}")
    arguments = dict(spec)
    name = arguments.pop("model", None)
    if not isinstance(name, str) or name not in _MODELS:
        raise InputError(f"[data] model must be one of {', '.join(_MODELS)}, not {name!r}")
    values = {key: _value(key, value) for key, value in arguments.items()}
    return _make(_MODELS[name], f"[data] of {name}", values)


def _value(key: str, value: Any) -> Any:
    """A table names a distribution, or is a selection."""
    if isinstance(value, list):
        return [_value(key, one) for one in value]
    if key in ("selection", "n_c") and value == "none":
        return None
    if not isinstance(value, Mapping):
        return value
    where, arguments = f"[data] {key}", dict(value)
    if key == "selection":
        return _make(simulate.Selection, where, arguments)
    name = arguments.pop("distribution", None)
    kinds: dict[str, type[Any]] = _SHAPES if key == "random_effects" else _DISTRIBUTIONS
    if not isinstance(name, str) or name not in kinds:
        raise InputError(f"{where}: distribution must be one of {', '.join(kinds)}, not {name!r}")
    return _make(kinds[name], f"{where} {name}", arguments)


def _asked(kind: type[K], where: str, spec: Any) -> K:
    if not isinstance(spec, Mapping):
        raise InputError(f"[[{where}]] must be a table, not {spec!r}")
    arguments = dict(spec)
    if "conventions" in arguments:
        name = arguments["conventions"]
        if not isinstance(name, str) or name not in _CONVENTIONS:
            known = ", ".join(_CONVENTIONS)
            raise InputError(f"[[{where}]] conventions must be one of {known}, not {name!r}")
        arguments["conventions"] = _CONVENTIONS[name]
    return _make(kind, f"[[{where}]]", arguments)


def _make(kind: type[K], where: str, arguments: Mapping[str, Any]) -> K:
    own = fields(kind)  # type: ignore[arg-type]
    _check_keys(where, arguments, tuple(field.name for field in own))
    for field in own:
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in arguments:
            raise InputError(f"{where} needs {field.name}")
    try:
        return kind(**arguments)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _check_keys(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for key in given:
        if key not in known:
            raise InputError(f"{where} knows no {key!r}; it has {', '.join(known)}")

"""The one error of the public interface."""

from __future__ import annotations

from numbers import Real
from typing import TypeVar

from metapool._types import choices

C = TypeVar("C")


class InputError(ValueError):
    """Bad input: the message names the meta-analysis, study, column and value at fault."""


#: What other systems call things.
_ALSO_CALLED = {
    "fixed": "common",
    "FE": "IV",
    "EE": "IV",
    "M-H": "MH",
    "PETO": "Peto",
    "random": "DL",
    "Paule-Mandel": "PM",
    "MP": "PM",
    "CO": "HE",
    "VC": "HE",
    "knha": "hk",
    "hksj": "hk",
    "HKSJ": "hk",
    "HK": "hk",
    "z": "wald",
    "hakn": "hk",
    "Hartung-Knapp": "hk",
    "CE": "IV",
    "D+L": "DL",
    "DerSimonian-Laird": "DL",
}


def choose(name: str, value: C, literal: object) -> C:
    """Return `value` if `literal` allows it; otherwise say what is allowed."""
    allowed = choices(literal)
    if value not in allowed:
        names = ", ".join(map(repr, allowed))
        raise InputError(f"{name} must be one of {names}, not {value!r}{hint(value, allowed)}")
    return value


def hint(value: object, allowed: tuple[str, ...]) -> str:
    """What a name is called here, if it is known elsewhere or in other letters."""
    same = [name for name in allowed if name.lower() == str(value).lower()]
    also = {name.lower(): here for name, here in _ALSO_CALLED.items()}
    here = same[0] if same else also.get(str(value).lower())
    return f"; {value!r} is {here!r} here" if here in allowed else ""


def check_level(name: str, level: float) -> float:
    """Return `level` if it is a confidence level."""
    if not (isinstance(level, Real) and 0 < level < 1):
        raise InputError(f"{name} must lie strictly between 0 and 1, not {level!r}")
    return float(level)

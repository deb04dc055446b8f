"""Numbers that users give, checked."""

from __future__ import annotations

import math
import secrets
from numbers import Integral, Real

from metapool._errors import InputError


def whole(name: str, value: object, least: int, most: int) -> int:
    """A whole number in a range."""
    number = int(value) if isinstance(value, Integral) and not isinstance(value, bool) else None
    if number is None or not least <= number <= most:
        raise InputError(f"{name} must be a whole number from {least} to {most}, not {value!r}")
    return number


def not_negative(name: str, value: object) -> float:
    """A finite number that is not negative."""
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else -1.0
    if not 0 <= number < math.inf:
        raise InputError(f"{name} must be a finite number >= 0, not {value!r}")
    return number


def share(name: str, value: object) -> float:
    """A number strictly between 0 and 1."""
    number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else -1.0
    if not 0 < number < 1:
        raise InputError(f"{name} must lie strictly between 0 and 1, not {value!r}")
    return number


def text_or_none(name: str, value: object) -> None:
    """A text of some letters, or None."""
    if value is not None and not (isinstance(value, str) and value):
        raise InputError(f"{name} must be a text, not {value!r}")


def draw_seed(seed: int | None) -> int:
    """The seed, or one that is drawn."""
    return whole("seed", secrets.randbits(63) if seed is None else seed, 0, 2**64 - 1)

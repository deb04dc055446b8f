"""The one error of the public interface."""

from __future__ import annotations

from typing import TypeVar

from metapool._types import choices

C = TypeVar("C")


class InputError(ValueError):
    """Bad input: the message names the meta-analysis, study, column and value at fault."""


def choose(name: str, value: C, literal: object) -> C:
    """Return `value` if `literal` allows it; otherwise say what is allowed."""
    allowed = choices(literal)
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    return value

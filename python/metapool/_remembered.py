"""Answers remembered, so that asking again costs a look-up."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Remember the last 256 results; arguments that cannot be looked up go to the function."""
    look_up = lru_cache(maxsize=256)(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return look_up(*args, **kwargs)  # type: ignore[arg-type]  # TypeError says so
        except TypeError:
            return function(*args, **kwargs)

    return call

"""How many threads work."""

from __future__ import annotations

import os
from numbers import Integral

from metapool._errors import InputError
from metapool._types import IntArray

#: More threads than a machine has processors only wait for each other.
_MOST_THREADS = max(64, os.cpu_count() or 1)


def threads_to_use(threads: int | None, offsets: IntArray) -> int:
    """`threads`, else METAPOOL_NUM_THREADS, else the processors that this process may use.

    One for one meta-analysis, which cannot be shared: asking would take longer than the analysis.
    """
    if threads is None:
        if len(offsets) == 2:
            return 1
        threads = _environment_threads() or _processors()
    if isinstance(threads, bool) or not isinstance(threads, Integral) or threads < 1:
        raise InputError(f"threads must be a whole number above 0, not {threads!r}")
    return min(int(threads), _MOST_THREADS)


def _environment_threads() -> int | None:
    text = os.environ.get("METAPOOL_NUM_THREADS", "")
    if text and not (text.isdecimal() and int(text) > 0):
        raise InputError(f"METAPOOL_NUM_THREADS must be a whole number above 0, not {text!r}")
    return int(text) if text else None


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Status codes as results show them."""

from __future__ import annotations

from typing import Any

import numpy as np

from metapool._types import IntArray, Status


def as_status(code: Any) -> Status | IntArray:
    """The status of one meta-analysis, or the codes of a batch."""
    return code if isinstance(code, np.ndarray) else Status(code)


def status_name(status: Status | IntArray) -> str | list[str]:
    """The name of a status, or of each in a batch."""
    if isinstance(status, np.ndarray):
        return [Status(code).name for code in status.tolist()]
    return Status(status).name

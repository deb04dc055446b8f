"""Where the data of ../shared (beside the repository, never inside it) are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def shared(*parts: str) -> Path:
    """A path under ../shared/data; skips the test where it is absent, fails it on CI."""
    path = SHARED.joinpath("data", *parts)
    if not path.exists():
        message = f"this test needs {path}, which is not here"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path

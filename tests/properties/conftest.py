"""Hypothesis profile, and the check that every hard corner was drawn."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

#: On CI the same examples every time; elsewhere new ones.
settings.register_profile(
    "metapool",
    derandomize=os.environ.get("CI") == "true",
    deadline=None,
    max_examples=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("metapool")

LAST = "test_every_corner_was_drawn"
_HERE = Path(__file__).parent
_DESELECTED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The count of corners is read at the end, when much has been drawn in every process."""
    items.sort(key=lambda item: item.name == LAST)


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _HERE:
            item.config.stash[_DESELECTED] = True


@pytest.fixture
def whole_directory(request: pytest.FixtureRequest) -> None:
    """Skips unless all tests of this directory are in this run."""
    collected = {item.path for item in request.session.items}
    if request.config.stash.get(_DESELECTED, False) or set(_HERE.glob("test_*.py")) - collected:
        pytest.skip("only part of the property tests ran")

"""The generated data must reach every hard corner; this test runs last."""

import pytest

from .strategies import CORNERS, SEEN


@pytest.mark.usefixtures("whole_directory")
def test_every_corner_was_drawn():
    never = [name for name in CORNERS if not SEEN[name]]
    assert not never

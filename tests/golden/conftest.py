"""What the golden tests compared goes to the summary at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .tally import Tally


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str, list[str]], None]:
    """Adds a line, and a table shown unless -q, to the summary."""

    def add(line: str, table: list[str]) -> None:
        request.node.user_properties.append(("golden", (line, table)))

    return add


@pytest.fixture
def tally_of(report: Callable[[str, list[str]], None]) -> Iterator[Callable[[str], Tally]]:
    """Makes tallies; each adds its line and table to the summary when the test ends."""
    made: list[Tally] = []

    def make(what: str) -> Tally:
        made.append(Tally(what))
        return made[-1]

    yield make
    for tally in filter(lambda tally: tally.count, made):
        report(tally.line(), tally.table())

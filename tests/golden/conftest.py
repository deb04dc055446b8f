"""The summary of a run shows how many stored numbers agreed, and how well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .tally import Tally

_LINES: list[tuple[str, list[str]]] = []


@pytest.fixture
def report() -> Callable[[str, list[str]], None]:
    """Adds a line, and a table shown unless -q, to the summary at the end of the run."""

    def add(line: str, table: list[str]) -> None:
        _LINES.append((line, table))

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the golden tests proved."""
    if _LINES:
        terminalreporter.section("golden values")
        for line, table in _LINES:
            terminalreporter.write_line(line)
            if terminalreporter.verbosity >= 0:
                for row in table:
                    terminalreporter.write_line(f"    {row}")

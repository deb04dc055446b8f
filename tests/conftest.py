"""What all tests share: they run against the installed package, and say what they compared."""

from pathlib import Path

import pytest

import metapool

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    if Path(metapool.__file__).resolve().is_relative_to(REPOSITORY / "python"):
        raise RuntimeError(f"tests need the installed wheel, not the sources: {metapool.__file__}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the golden tests proved, wherever they ran."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    done = [report for report in reports if getattr(report, "when", None) == "teardown"]
    compared = [
        value for report in done for name, value in report.user_properties if name == "golden"
    ]
    if not compared:
        return
    terminalreporter.section("golden values")
    for line, table in sorted(compared):
        terminalreporter.write_line(line)
        if terminalreporter.verbosity >= 0:
            for row in table:
                terminalreporter.write_line(f"    {row}")

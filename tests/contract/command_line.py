"""Runs of the command line, and files for it."""

import subprocess
from pathlib import Path

import metapool as mp


def metapool(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["metapool", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False
    )


def assert_refused(run: subprocess.CompletedProcess[str], words: str) -> None:
    """One clear line, and exit status 2."""
    assert run.returncode == 2
    assert run.stdout == ""
    (line,) = run.stderr.splitlines()
    assert line.startswith("metapool: ")
    assert words in line


def write_trials(path: Path, k: int) -> Path:
    """The first trials of BCG, by turns in groups A and B."""
    bcg = mp.examples.bcg().rows(range(k))
    columns = (bcg.study, bcg.events_e, bcg.n_e, bcg.events_c, bcg.n_c, ("AB" * k)[:k])
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join(["study,events_e,n_e,events_c,n_c,group", *rows]) + "\n")
    return path

"""``metapool simulate``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from metapool import _simulation_spec
from metapool._cli_options import Threads
from metapool._errors import InputError
from metapool._simulation_result import SimulationResult


def simulate(
    spec: Annotated[
        Path | None, typer.Argument(metavar="[SPEC.toml]", help="What is to be simulated.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Directory for table.csv, table.parquet and what is done so far."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from what a stopped run left in DIR.")
    ] = False,
    example: Annotated[
        bool, typer.Option("--example", help="Print a specification that runs.")
    ] = False,
    replicates: Annotated[
        int | None, typer.Option(metavar="N", help="Replicates, instead of those of SPEC.toml.")
    ] = None,
    threads: Threads = None,
) -> None:
    """Run a simulation study.

    \b
    Examples:
      metapool simulate --example > study.toml
      metapool simulate study.toml --out quick --replicates 100
      metapool simulate study.toml --out results
      metapool simulate study.toml --out results --resume
    """
    if example:
        typer.echo(_simulation_spec.EXAMPLE, nl=False)
        return
    if spec is None:
        raise InputError("simulate needs SPEC.toml; --example prints one that runs")
    if out is None:
        raise InputError("simulate needs --out DIR, for the table and what is done so far")
    study = _simulation_spec.read_simulation(spec)
    if replicates is not None:
        study = dataclasses.replace(study, replicates=replicates)
    blocks = out / "blocks"
    if blocks.exists() and any(blocks.iterdir()) and not resume:
        raise InputError(f"{blocks} has blocks of an earlier run: --resume goes on from them")
    typer.echo(repr(study)[1:-1], err=True)
    result = study.run(threads=threads, checkpoint=blocks)
    if result.n_reused:
        typer.echo(f"{result.n_reused:,} blocks were done already", err=True)
    for path in _save(result, out):
        typer.echo(path)


def _save(result: SimulationResult, out: Path) -> list[Path]:
    table = result.table("pyarrow")
    import pyarrow.csv
    import pyarrow.parquet

    paths = [out / "table.csv", out / "table.parquet"]
    pyarrow.csv.write_csv(table, paths[0])
    pyarrow.parquet.write_table(table, paths[1])
    return paths

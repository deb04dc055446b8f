"""``metapool bootstrap`` and the text it prints, and the names of docs/bootstrap.md."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import assert_refused, metapool, write_trials
from test_names import table_of

import metapool as mp
from metapool import _types
from metapool._types import choices


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    return write_trials(tmp_path / "bcg.csv", 13)


def table_row(text: str, name: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return " ".join(line.split())


def test_it_prints_writes_and_draws_what_bootstrap_finds(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "bootstrap", trials, "--measure", "RR", "--method", "DL", "--statistic", "estimate",
        "--statistic", "tau2", "--resamples", "2000", "--ci", "BCa", "--level", "0.9", "--seed",
        "5", "--threads", "1", "--json", "out.json", "--plot", "drawn.png", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    found = mp.bootstrap(
        mp.examples.bcg(), ["estimate", "tau2"], measure="RR", method="DL", n_resamples=2000,
        ci="BCa", level=0.9, seed=5,
    )  # fmt: skip
    report = mp.report.bootstrap(found).replace('scheme="parametric"', "--scheme parametric")
    assert run.stdout == report + "\n"
    written = json.loads((tmp_path / "out.json").read_text())
    hartung_knapp = written["estimate"].pop("hartung_knapp")
    assert written == {name: result.to_dict() for name, result in found.items()}
    assert hartung_knapp == found["estimate"].hartung_knapp.to_dict()
    drawn = {path.name for path in tmp_path.glob("*.png")}
    assert drawn == {"drawn-estimate.png", "drawn-tau2.png"}


def test_the_text_says_scale_errors_and_seed() -> None:
    found = mp.bootstrap(mp.examples.bcg(), measure="RR", method="DL", n_resamples=2000, seed=5)
    text = mp.report.bootstrap(found)
    assert text.startswith("RR, DL: 2,000 resamples of the studies, of 5,200,300 that differ, seed")
    shown = found.display
    assert f" {shown.estimate:.4g} [{shown.ci_low:.4g}, {shown.ci_high:.4g}] " in table_row(
        text, "estimate"
    )
    assert f"{found.ci_low_mcse:.2g}, {found.ci_high_mcse:.2g}" in text
    assert "estimate and interval on the natural scale" in text
    assert "Note" not in text
    assert "scale" not in mp.report.bootstrap(
        mp.bootstrap(mp.examples.bcg(), "harbord", n_resamples=99, seed=5)
    )


def test_few_studies_have_the_hartung_knapp_interval_beside() -> None:
    few = mp.examples.bcg().rows(range(4))
    found = mp.bootstrap(few, ["tau2", "harbord", "estimate"], measure="RR", method="DL", seed=5)
    text = mp.report.bootstrap(found)
    wide = found["estimate"].hartung_knapp.display
    assert f"Hartung-Knapp interval is [{wide.ci_low:.4g}, {wide.ci_high:.4g}] (DL)." in text
    assert text.count("fewer than ten studies") == 1
    assert table_row(text, "harbord").endswith(f" {found['harbord'].n_degenerate:,}")
    assert "Hartung" not in mp.report.bootstrap(found["tau2"])
    limit = mp.bootstrap(
        few, "pi_low", measure="RR", method="DL", prediction="hts", n_resamples=99, seed=5
    )
    text = mp.report.bootstrap(limit)
    assert "prediction limits are too narrow." in text
    assert "hartung_knapp" not in text


def test_an_interval_that_does_not_exist_has_its_status() -> None:
    same = mp.Effects(y=[1, 1, 1], v=[1, 1, 1])
    text = mp.report.bootstrap(mp.bootstrap(same, "q", n_resamples=99, ci="BCa", seed=1))
    assert "Status of q: BCA_UNDEFINED" in text
    assert "[nan, nan]" in text


def test_a_countless_number_of_resamples_is_not_printed() -> None:
    many = mp.Effects(y=[0.1, 0.2] * 500, v=[1.0] * 1000)
    text = mp.report.bootstrap(mp.bootstrap(many, n_resamples=9, seed=1))
    assert "differ" not in text.splitlines()[0]


def test_a_batch_has_no_text() -> None:
    batch = mp.Effects(y=[1, 2, 3, 4], v=[1] * 4, offsets=[0, 2, 4])
    with pytest.raises(mp.InputError, match="one meta-analysis"):
        mp.report.bootstrap(mp.bootstrap(batch, n_resamples=9, seed=1))


def test_a_seed_is_drawn_and_printed(trials: Path, tmp_path: Path) -> None:
    run = metapool("bootstrap", trials, "--statistic", "harbord", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    seed = run.stdout.splitlines()[0].split("seed ")[1]
    again = metapool("bootstrap", trials, "--statistic", "harbord", "--seed", seed, cwd=tmp_path)
    assert again.stdout == run.stdout


def test_names_have_commas_dashes_and_any_letters(trials: Path, tmp_path: Path) -> None:
    common = ["bootstrap", trials, "--measure", "RR", "--prediction", "hts", "--seed", "1"]
    proper = metapool(
        *common, "--method", "DL", "--ci", "BCa", "--statistic", "estimate", "--statistic",
        "pi_low", cwd=tmp_path,
    )  # fmt: skip
    other = metapool(
        *common, "--method", "dl", "--ci", "bca", "--statistic", "Estimate, PI-low", cwd=tmp_path
    )
    assert proper.returncode == 0, proper.stderr
    assert other.stdout == proper.stdout


@pytest.mark.parametrize("ending", ["csv", "parquet", "npy"])
def test_a_distribution_is_written(ending: str, trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "bootstrap", trials, "--measure", "RR", "--scheme", "within", "--h", "1", "--statistic",
        "estimate,harbord", "--resamples", "20", "--first-replicate", "80", "--seed", "5",
        "--distribution", f"drawn.{ending}", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = mp.bootstrap(
        mp.examples.bcg(), ["estimate", "harbord"], measure="RR", scheme="within", h=1,
        n_resamples=20, first_replicate=80, seed=5, distribution=True,
    )  # fmt: skip
    path = tmp_path / f"drawn.{ending}"
    if ending == "npy":
        columns = dict(zip(found, np.load(path).T, strict=True))
    else:
        frame = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path)
        assert frame["replicate"].tolist() == list(range(80, 100))
        columns = {name: frame[name].to_numpy() for name in found}
    for name, result in found.items():
        assert result.distribution is not None
        assert columns[name].tolist() == result.distribution.tolist()


def test_one_resample_is_one(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "bootstrap", trials, "--measure", "RR", "--resamples", "1", "--seed", "1", cwd=tmp_path
    )
    assert run.stdout.startswith("RR, MH: 1 resample of the studies, of 5,200,300 that differ,")
    one = mp.bootstrap(mp.examples.bcg().rows(np.arange(1)), measure="RR", n_resamples=9, seed=1)
    assert "9 resamples of the studies, of 1 that differs," in mp.report.bootstrap(one)


def test_what_is_no_bootstrap_has_no_text() -> None:
    found = mp.bootstrap(mp.examples.bcg(), measure="RR", n_resamples=9, seed=1)
    for other in ([found], found.display, None):
        with pytest.raises(mp.InputError, match=f"not {type(other).__name__}"):
            mp.report.bootstrap(other)


def test_notes_are_said_of_options(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "bootstrap", trials, "--measure", "RR", "--method", "DL", "--statistic", "tau2", "--seed",
        "1", cwd=tmp_path,
    )  # fmt: skip
    assert "; --scheme parametric and Q-profile intervals do more often." in run.stdout
    run = metapool(
        "bootstrap", trials, "--statistic", "harbord", "--scheme", "wild", "--resamples", "18",
        "--seed", "1", cwd=tmp_path,
    )  # fmt: skip
    notes = [line for line in run.stdout.splitlines() if line.startswith("Note: ")]
    assert len(notes) == 2
    four = trials.read_text().splitlines()[:5]
    (tmp_path / "four.csv").write_text("\n".join(four))
    run = metapool("bootstrap", "four.csv", "--statistic", "harbord", "--seed", "1", cwd=tmp_path)
    assert "the rule --degenerate says" in run.stdout
    assert not re.search(r"\w=|\w\(\)", run.stdout)


def test_the_report_names_model_score_and_subgroups() -> None:
    bcg = mp.examples.bcg()
    choices: dict[str, Any] = {"measure": "RR", "n_resamples": 99, "seed": 1}
    both = mp.bootstrap(bcg, ["harbord", "estimate"], score="rr", **choices)
    text = mp.report.bootstrap(both)
    assert text.startswith("RR, MH: 99 resamples of the studies,")
    assert table_row(text, "harbord").startswith("harbord (RR) ")
    both = mp.bootstrap(bcg, ["harbord", "estimate"], **choices)
    text = mp.report.bootstrap(both)
    assert text.startswith("RR, MH: ")
    assert table_row(text, "harbord").startswith("harbord (OR) ")
    assert "\nRR: estimate and interval on the natural scale" in text
    model = mp.bootstrap(bcg, "harbord", method="PM", scheme="parametric", **choices)
    assert mp.report.bootstrap(model).startswith("RR, PM: 99 resamples of the fitted model,")
    alone = mp.bootstrap(bcg, "harbord", **choices)
    assert mp.report.bootstrap(alone).startswith("99 resamples of the studies,")
    two = mp.TwoByTwo(
        events_e=bcg.events_e, n_e=bcg.n_e, events_c=bcg.events_c, n_c=bcg.n_c,
        subgroup=list("YXYXYXYXYXYXY"),
    )  # fmt: skip
    difference = mp.bootstrap(two, "subgroup_difference", **choices)
    assert "\nDifference: Y over X.\n" in mp.report.bootstrap(difference)


def test_measures_may_be_in_small_letters(trials: Path, tmp_path: Path) -> None:
    common = ["bootstrap", trials, "--resamples", "9", "--seed", "1"]
    proper = metapool(*common, "--measure", "RR", cwd=tmp_path)
    small = metapool(*common, "--measure", "rr", cwd=tmp_path)
    assert proper.returncode == 0, proper.stderr
    assert small.stdout == proper.stdout


def test_subgroups_are_compared(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "bootstrap", trials, "--measure", "OR", "--subgroup", "group", "--statistic",
        "subgroup_difference", "--seed", "1", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert table_row(run.stdout, "subgroup_difference")


BAD = {
    "no measure": ([], "measure is required"),
    "statistic not known": (["--measure", "RR", "--statistic", "mean"], "statistic must be one of"),
    "statistic twice": (
        ["--measure", "RR", "--statistic", "q", "--statistic", "q"], "each once",
    ),
    "statistic not known among others": (
        ["--measure", "RR", "--statistic", "q,mean"], "--statistic must be one of",
    ),
    "no resamples": (["--measure", "RR", "--resamples", "0"], "--resamples must be a whole number"),
    "resamples with a point": (
        ["--resamples", "1e4"], "'--resamples': '1e4' is not a whole number",
    ),
    "seed with a point": (["--seed", "1.0"], "'--seed': '1.0' is not a whole number"),
    "seed": (["--measure", "RR", "--seed", "-1"], "--seed must be a whole number"),
    "replicate": (
        ["--measure", "RR", "--first-replicate", "-1"], "--first-replicate must be a whole",
    ),
    "level": (["--measure", "RR", "--level", "95"], "--level must lie strictly between 0 and 1"),
    "level that is none": (["--level", "x"], "'--level': 'x' is not a number"),
    "threads": (["--measure", "RR", "--threads", "0"], "--threads must be"),
    "interval not known": (["--ci", "bc"], "'--ci': 'bc' is not one of"),
    "method of another system": (["--method", "fe"], "'fe' is 'IV' here"),
    "tau2 of a common effect": (
        ["--measure", "RR", "--statistic", "tau2"], "for example --method DL",
    ),
    "tau2 that is not taken": (
        ["--measure", "RR", "--method", "DL", "--tau2", "0.1"], "--tau2 0.1 is for method 'preset'",
    ),
    "h of studies": (["--measure", "RR", "--h", "0.5"], "--h is for scheme 'within'"),
    "distribution of another kind": (
        ["--measure", "RR", "--distribution", "x.txt"], "x.txt: distributions are written as .csv",
    ),
    "no folder for the distribution": (
        ["--measure", "RR", "--distribution", "no/x.csv"], "no/x.csv: No such file",
    ),
    "no subgroups": (
        ["--measure", "RR", "--statistic", "subgroup_difference"], "needs --subgroup with",
    ),
    "no prediction interval": (
        ["--measure", "RR", "--method", "DL", "--statistic", "pi_low"],
        "and --prediction, for example --prediction hts",
    ),
    "format not known": (
        ["--measure", "RR", "--plot", "x.doc"], "x.doc: figures are written as png, pdf, svg",
    ),
    "method of a test": (
        ["--statistic", "harbord", "--method", "DL"], "--method is not for 'harbord'",
    ),
    "nowhere to write": (["--measure", "RR", "--json", "no/x"], "no/x: No such file"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_status_2(case: str, trials: Path, tmp_path: Path) -> None:
    arguments, words = BAD[case]
    run = metapool("bootstrap", trials, *arguments, cwd=tmp_path)
    assert_refused(run, words)


def test_help_has_examples(tmp_path: Path) -> None:
    run = metapool("bootstrap", "--help", cwd=tmp_path)
    assert run.returncode == 0
    assert run.stdout.split("Examples:")[1].count("metapool bootstrap") >= 3


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_progress_is_on_stderr_if_that_is_a_terminal(trials: Path, tmp_path: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    run = subprocess.run(
        ["metapool", "bootstrap", str(trials), "--measure", "RR", "--seed", "1"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )  # fmt: skip
    os.close(theirs)
    assert b"Resampling" in os.read(ours, 100_000)
    os.close(ours)
    assert "Resampling" not in run.stdout


def test_the_page_has_every_name() -> None:
    tables = {
        "Schemes": _types.Scheme, "Statistics": _types.Statistic,
        "Intervals": _types.BootstrapInterval, "Degenerate resamples": _types.Degenerate,
    }  # fmt: skip
    for heading, literal in tables.items():
        assert table_of("bootstrap.md", heading) == set(choices(literal))

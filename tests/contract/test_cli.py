"""The command line: results on stdout, one clear line and status 2 for bad input."""

import json
from pathlib import Path

import pytest
from command_line import assert_refused, metapool


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    path = tmp_path / "trials.csv"
    path.write_text(
        "trial,cases,n_e,events_c,n_c,drug\n"
        "Sinha 2017,23,31,12,29,MMF\n"
        "Gulati 2012,38,63,12,61,CYC\n"
        "Choudhry 2009,10,21,11,20,CsA\n"
        "Wang 2012,22,26,3,8,CsA\n"
    )
    return path


def test_demo_reproduces_the_paper(tmp_path: Path) -> None:
    run = metapool("demo", "--out", "out", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    for printed in (
        "RR 1.79 (1.11 to 2.90), P = 0.02",
        "RR 3.07 (1.78 to 5.29), P <0.0001",
        "RR 1.31 (0.51 to 3.40), P = 0.57",
        "OR 0.25 (0.08 to 0.74), P = 0.01",
        "OR 0.00 (0.00 to 0.02), P <0.00001",
        "t -0.27, P 0.809",
    ):
        (line,) = [line for line in run.stdout.splitlines() if f"{printed}  " in line]
        assert line.count(printed) == 2
        assert line.endswith("agrees")
    assert run.stdout.count("not recomputable") == 7
    assert "inconsistent" not in run.stdout
    results = json.loads((tmp_path / "out" / "demo.json").read_text())
    assert results["nephrotoxicity"]["random"]["p_value"] == pytest.approx(0.114, abs=5e-4)
    drawn = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert drawn == {
        "figure4_remission.png", "figure6b_harbord.png", "nephrotoxicity.png",
        "hypertrichosis.png",
    }  # fmt: skip


def test_analyse_prints_writes_and_draws(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "analyse", trials, "--measure", "RR", "--column", "events_e=cases", "--subgroup", "drug",
        "--totals", "subgroups", "--json", "out.json", "--forest", "forest.svg",
        "--galbraith", "radial.pdf", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "CsA: 1.31 [0.51, 3.40]" in run.stdout
    result = json.loads((tmp_path / "out.json").read_text())
    assert list(result["subgroups"]) == ["MMF", "CYC", "CsA"]
    assert (tmp_path / "forest.svg").stat().st_size > 1000
    assert (tmp_path / "radial.pdf").stat().st_size > 1000


def test_names_may_be_in_small_letters(trials: Path, tmp_path: Path) -> None:
    common = ["analyse", trials, "--measure", "RR", "--column", "events_e=cases"]
    proper = metapool(*common, "--model", "random", "--random", "REML", cwd=tmp_path)
    small = metapool(*common, "--model", "Random", "--random", "reml", cwd=tmp_path)
    assert proper.returncode == 0, proper.stderr
    assert small.stdout == proper.stdout
    common[3] = "rr"
    assert metapool(*common, "--model", "random", "--random", "REML", cwd=tmp_path).stdout == (
        proper.stdout
    )


def test_notes_name_options(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "analyse", trials, "--measure", "OR", "--column", "events_e=cases", "--model", "random",
        cwd=tmp_path,
    )  # fmt: skip
    assert "from three studies on, --interval hk is made for it" in run.stdout


def test_test_prints_the_line(trials: Path, tmp_path: Path) -> None:
    run = metapool("test", trials, "--column", "events_e=cases", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("harbord, OR: bias ")
    assert "t -0.2747, df 2, P = 0.81" in run.stdout


BAD = {
    "no file": (["analyse", "nothing.csv"], "there is no such file"),
    "no measure": (["analyse", "trials.csv", "--column", "events_e=cases"], "measure is required"),
    "columns not known": (["analyse", "trials.csv", "--measure", "RR"], "say which column is what"),
    "column not there": (
        ["test", "trials.csv", "--column", "events_e=events"], "no column 'events'",
    ),
    "nowhere to write": (
        ["test", "trials.csv", "--column", "events_e=cases", "--json", "no/x"],
        "no/x: No such file",
    ),
    "column not a pair": (["test", "trials.csv", "--column", "cases"], "NAME=COLUMN"),
    "argument not known": (["test", "trials.csv", "--column", "a=cases"], "'a'"),
    "method not known": (
        ["analyse", "trials.csv", "--random", "rml"], "--random': 'rml' is not one of 'DL'",
    ),
    "name of another system": (["analyse", "trials.csv", "--random", "MP"], "'MP' is 'PM' here"),
    "number that is none": (["analyse", "trials.csv", "--tau2", "x"], "'x' is not a number"),
    "impossible pair": (
        [
            "analyse", "trials.csv", "--column", "events_e=cases", "--measure", "RR", "--interval",
            "kr",
        ],
        "interval 'kr' is not made for method 'DL'",
    ),
    "preset without tau2": (
        [
            "analyse", "trials.csv", "--column", "events_e=cases", "--measure", "RR", "--random",
            "preset",
        ],
        "needs --tau2",
    ),
    "command not known": (["nope"], "No such command 'nope'"),
    "format not known": (
        ["test", "trials.csv", "--column", "events_e=cases", "--galbraith", "x.doc"], "x.doc",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_status_2(case: str, trials: Path, tmp_path: Path) -> None:
    arguments, words = BAD[case]
    run = metapool(*arguments, cwd=tmp_path)
    assert_refused(run, words)


@pytest.mark.parametrize("command", ["demo", "analyse", "test"])
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    run = metapool(command, "--help", cwd=tmp_path)
    assert run.returncode == 0
    assert f"metapool {command}" in run.stdout.split("Example")[1]


def test_hazard_ratios_need_log(tmp_path: Path) -> None:
    (tmp_path / "hr.csv").write_text(
        "study;y;ci_low;ci_high\nA;0.72;0.55;0.94\nB;0.85;0.70;1.03\n;;;\n"
    )
    run = metapool("analyse", "hr.csv", "--measure", "HR", cwd=tmp_path)
    assert run.returncode == 2
    assert "--log" in run.stderr
    run = metapool("analyse", "hr.csv", "--measure", "hr", "--log", cwd=tmp_path)
    assert "HR of 2 studies" in run.stdout
    assert "0.80 [0.69, 0.94]" in " ".join(run.stdout.split())


def test_version(tmp_path: Path) -> None:
    assert metapool("--version", cwd=tmp_path).stdout.startswith("metapool ")

"""``metapool permutation`` and the line it prints."""

import json
from pathlib import Path

import pytest
from command_line import assert_refused, metapool, write_trials

import metapool as mp


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    return write_trials(tmp_path / "bcg.csv", 8)


def test_it_prints_and_writes_what_permutation_test_finds(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "permutation", trials, "--measure", "RR", "--method", "reml", "--interval", "hk",
        "--alternative", "less", "--json", "out.json", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    studies = mp.examples.bcg().rows(range(8))
    found = mp.permutation_test(
        studies, measure="RR", method="REML", interval="hk", alternative="less"
    )
    assert json.loads((tmp_path / "out.json").read_text()) == found.to_dict()
    assert run.stdout == (
        f"estimate, REML RR, sign-flip: statistic {found.statistic:.4g}, P {found.p_value:.4g} "
        "(less), least 0.0039, MC error 0; 256 arrangements, all; status OK\n"
    )


def test_drawn_arrangements_have_a_seed_and_few_a_note(trials: Path, tmp_path: Path) -> None:
    common = ["permutation", trials, "--statistic", "Harbord", "--resamples", "9"]
    run = metapool(*common, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    line, note = run.stdout.splitlines()
    assert line.startswith("harbord, OR, freedman-lane: statistic ")
    seed = line.split("seed ")[1].split(";")[0]
    assert note.startswith("Note: no P of 0.05 or less is possible")
    assert metapool(*common, "--seed", seed, cwd=tmp_path).stdout == run.stdout


def test_subgroups_are_tested(trials: Path, tmp_path: Path) -> None:
    run = metapool(
        "permutation", trials, "--measure", "OR", "--statistic", "subgroup-difference",
        "--subgroup", "group", "--resamples", "exact", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "70 arrangements, all" in run.stdout
    assert "sided" not in run.stdout


BAD = {
    "no measure": ([], "--measure is required"),
    "resamples with a point": (["--resamples", "1e4"], "'1e4' is not a whole number"),
    "no resamples": (["--measure", "RR", "--resamples", "0"], "--resamples must be a whole number"),
    "a method that pools tables": (["--measure", "RR", "--method", "MH"], "'MH' pools tables"),
    "a seed that nothing takes": (
        ["--measure", "RR", "--resamples", "exact", "--seed", "1"],
        "--seed is for arrangements that are drawn: --resamples exact draws none",
    ),
    "a method of a test": (
        ["--statistic", "harbord", "--method", "DL"], "--method is not for 'harbord'",
    ),
    "no subgroups": (
        ["--measure", "RR", "--statistic", "subgroup_difference"], "needs --subgroup with",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_status_2(case: str, trials: Path, tmp_path: Path) -> None:
    arguments, words = BAD[case]
    run = metapool("permutation", trials, *arguments, cwd=tmp_path)
    assert_refused(run, words)


def test_help_has_examples(tmp_path: Path) -> None:
    run = metapool("permutation", "--help", cwd=tmp_path)
    assert run.returncode == 0
    assert run.stdout.split("Examples:")[1].count("metapool permutation") >= 3

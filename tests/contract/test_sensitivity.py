"""Sensitivity analyses and small-study tests: what is refused, what is kept, what is on demand."""

import json

import numpy as np
import pytest
from command_line import assert_refused, metapool, write_trials

import metapool as mp
from metapool import InputError, NoteCode, Status

BCG = mp.examples.bcg()
GIVEN = mp.Effects(y=[0.1, 0.4, 0.9, 0.3], v=[0.1, 0.2, 0.4, 0.1])
MEANS = mp.TwoMeans(
    mean_e=[1, 2, 4], sd_e=[1, 1, 2], n_e=[20, 30, 8], mean_c=[0, 1, 1], sd_c=[1, 2, 2],
    n_c=[20, 28, 9],
)  # fmt: skip
BATCH = mp.TwoByTwo.from_frame(
    {
        "review": ["b", "a", "b", "a", "b", "a"],
        "events_e": [3, 5, 8, 1, 9, 4], "n_e": [20, 30, 40, 25, 60, 33],
        "events_c": [6, 9, 7, 4, 12, 8], "n_c": [21, 28, 38, 25, 61, 30],
    },
    events_e="events_e", n_e="n_e", events_c="events_c", n_c="n_c", by="review",
)  # fmt: skip


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mp.small_study_test(GIVEN, "peters"), "'peters' needs TwoByTwo data, not Effects"),
        (lambda: mp.small_study_test(GIVEN, "pustejovsky-rodgers"), "needs the sizes of arms"),
        (lambda: mp.small_study_test(BCG, "peters", tau2="DL"), "tau2 is for method 'thompson-sh"),
        (lambda: mp.small_study_test(BCG, "egger", "RR", p="normal"), "p is for method 'begg'"),
        (lambda: mp.small_study_test(BCG, "deeks", score="rr"), "score is for method 'harbord'"),
        (lambda: mp.small_study_test(BCG, "egger", "RR", "rr"), "score is for Harbord's test"),
        (lambda: mp.small_study_test(BCG, "begg"), "measure is required"),
        (lambda: mp.small_study_test(BCG, "pters"), "method must be one of"),
        (lambda: mp.small_study_test(BCG, "peters").radial, "Galbraith plot is for Harbord's"),
        (lambda: mp.leave_one_out(BCG), "measure is required"),
        (lambda: mp.leave_one_out(BCG, "RR", "XX"), "method must be one of"),
        (lambda: mp.cumulative(BCG, "RR", order="year"), "order must be 'given', 'precision' or"),
        (lambda: mp.cumulative(BCG, "RR", order=[1, 2]), "order has 2 numbers for 13 studies"),
        (lambda: mp.trim_and_fill(BCG, "RR", "MH"), "pools tables, not effects"),
        (lambda: mp.trim_and_fill(BCG, "RR", estimator="L1"), "estimator must be one of"),
        (lambda: mp.trim_and_fill(BCG, "RR", side="up"), "side must be one of"),
        (lambda: mp.fail_safe_n(BCG, "RR", target=0), "target must be a finite number that is not"),
        (lambda: mp.fail_safe_n(BCG, "RR", alpha=1), "alpha must lie strictly between 0 and 1"),
        (lambda: mp.pet_peese(BCG, "RR", level=0), "level"),
        (lambda: mp.gosh(BATCH, "RR"), "GOSH is for one meta-analysis"),
        (lambda: mp.gosh(BCG, "RR", seed=1), "seed is for a sample"),
        (lambda: mp.gosh(BCG, "RR", n_subsets=0), "n_subsets must be a whole number"),
        (lambda: mp.gosh(BCG, "RR", "IV").contains("nobody"), "no study is called 'nobody'"),
        (lambda: mp.plots.baujat(mp.influence(BATCH, "RR")), "a Baujat plot is for one"),
        (lambda: mp.plots.influence(mp.influence(BATCH, "RR")), "figure of influence is for one"),
        (lambda: mp.plots.forest(mp.leave_one_out(BATCH, "RR")), "a forest plot is for one"),
        (lambda: mp.meta_analysis(BCG, "RR", totals="none").funnel, "needs an overall total"),
        (lambda: mp.small_study_test(GIVEN), 'method="egger" is for any effects'),
        (
            lambda: mp.sensitivity(mp.pool(BCG, "RR")),
            "result of meta_analysis, not Pooled",
        ),
        (lambda: mp.gosh(BCG, "RR", "IV").contains(13), "study must be a whole number from 0"),
        (lambda: mp.meta_analysis(GIVEN).labbe, "L'Abbé plot needs TwoByTwo data, not Effects"),
        (lambda: mp.trim_and_fill(BATCH, "RR").funnel, "a funnel plot is for one meta-analysis"),
    ],
)
def test_bad_input_is_refused_with_its_reason(call, words):
    with pytest.raises(InputError) as raised:
        call()
    assert words in str(raised.value)


def test_a_batch_keeps_the_order_of_its_rows():
    """by= groups rows that stand apart; results per study are in the order of the rows."""
    left = mp.leave_one_out(BATCH, "OR", "DL", mp.METAFOR)
    assert left.key["review"] == ["b", "a", "b", "a", "b", "a"]
    one = [i for i, review in enumerate(left.key["review"]) if review == "a"]
    columns = {name: getattr(BATCH, name)[one] for name in mp.TwoByTwo.names}
    alone = mp.leave_one_out(mp.TwoByTwo(**columns), "OR", "DL", mp.METAFOR)
    for name in ("estimate", "se", "q", "tau2", "ci_low", "p_value", "k", "status"):
        assert getattr(left, name)[one].tolist() == getattr(alone, name).tolist()
    for verb in (mp.trim_and_fill, mp.pet_peese, mp.fail_safe_n):
        assert verb(BATCH, "OR").key == ("b", "a")
    sway = mp.influence(BATCH, "OR", "DL", mp.METAFOR)
    assert sway.hat[one].sum() == pytest.approx(1)


def test_the_last_of_a_cumulation_is_the_whole():
    years = [int(name[-4:]) for name in BCG.study]
    grown = mp.cumulative(BCG, "RR", "REML", mp.METAFOR, order=years)
    assert [int(name[-4:]) for name in grown.study] == sorted(years)
    assert grown.k.tolist() == list(range(1, 14))
    assert grown.estimate[-1] == pytest.approx(grown.overall.estimate, rel=1e-12)
    precise = mp.cumulative(BCG, "RR", "IV", order="precision")
    v = mp.effect_sizes(BCG, "RR").v
    assert precise.study == tuple(BCG.study[i] for i in np.argsort(v))


def test_what_is_on_demand_is_what_pooling_says():
    left = mp.leave_one_out(BCG, "RR", "REML", mp.METAFOR, "hk")
    alone = mp.pool(BCG.rows(np.arange(1, 13)), "RR", "REML", mp.METAFOR, "hk")
    for name in ("estimate", "ci_low", "ci_high", "statistic", "p_value", "q", "q_p", "i2", "tau2"):
        assert getattr(left, name)[0] == pytest.approx(getattr(alone, name), rel=1e-11)
    assert left.status[0] == alone.status
    assert left.q_df[0] == alone.q_df


def test_one_study_and_none():
    alone = mp.Effects(y=[0.3], v=[0.1])
    left = mp.leave_one_out(alone)
    assert (left.status.tolist(), left.k.tolist()) == ([Status.NOT_ESTIMABLE], [0])
    assert np.isnan(mp.influence(alone).rstudent).all()
    assert mp.trim_and_fill(alone).status == Status.TOO_FEW_STUDIES
    assert mp.pet_peese(alone).status == Status.TOO_FEW_STUDIES
    assert mp.gosh(alone).estimate.tolist() == [0.3]
    nobody = mp.Effects(y=[], v=[])
    assert len(mp.leave_one_out(nobody)) == 0
    assert np.isnan(mp.fail_safe_n(nobody).orwin)
    with pytest.raises(InputError, match="no subsets of no studies"):
        mp.gosh(nobody)


def test_notes_of_few_studies():
    few = mp.small_study_test(MEANS, "pustejovsky-rodgers", "SMD")
    assert [note.code for note in few.notes] == [NoteCode.SMALL_STUDY_FEW_STUDIES]
    assert mp.small_study_test(BCG, "peters").notes == ()
    batch = mp.small_study_test(BATCH, "egger", "RR").notes
    assert batch.tolist() == [NoteCode.SMALL_STUDY_FEW_STUDIES] * 2
    assert mp.trim_and_fill(GIVEN).notes[0].code is NoteCode.SMALL_STUDY_FEW_STUDIES
    assert mp.fail_safe_n(BCG, "RR").notes[0].code is NoteCode.FAIL_SAFE_N_OBSOLETE


@pytest.mark.parametrize(
    "result",
    [
        mp.leave_one_out(BCG, "RR", "DL"), mp.cumulative(BATCH, "OR", "MH"),
        mp.influence(BATCH, "RR", "DL"), mp.trim_and_fill(BCG, "RR"),
        mp.trim_and_fill(BATCH, "RR", "DL"), mp.fail_safe_n(BATCH, "RR"),
        mp.pet_peese(BCG, "RR"), mp.pet_peese(BATCH, "RR"), mp.gosh(GIVEN),
        mp.small_study_test(BCG, "begg", "RR"), mp.small_study_test(BATCH, "deeks"),
    ],
    ids=lambda result: type(result).__name__,
)  # fmt: skip
def test_results_become_json_and_frames(result):
    json.dumps(result.to_dict(), allow_nan=False)
    for backend in ("pandas", "polars", "pyarrow"):
        assert len(result.to_frame(backend)) >= 1
    assert repr(result).startswith(f"<{type(result).__name__}: ")


def test_filled_studies_are_named_and_batches_are_loops():
    filled = mp.trim_and_fill(BCG, "RR")
    names = [name for name, is_new in zip(filled.study, filled.filled, strict=True) if is_new]
    assert len(names) == filled.k0 == 4
    assert all(name.removeprefix("Filled: ") in BCG.study for name in names)
    batch = mp.trim_and_fill(BATCH, "RR", side="right")
    for i, review in enumerate(BATCH.key):
        rows = [j for j, key in enumerate("bababa") if key == review]
        columns = {name: getattr(BATCH, name)[rows] for name in mp.TwoByTwo.names}
        alone = mp.trim_and_fill(mp.TwoByTwo(**columns), "RR", side="right")
        assert (batch.k0[i], batch.pooled.estimate[i]) == (alone.k0, alone.pooled.estimate)


def test_a_sample_of_subsets_is_that_of_its_seed():
    rng = np.random.default_rng(1)
    many = mp.Effects(y=rng.normal(size=70), v=np.full(70, 0.1))
    drawn = mp.gosh(many, None, "IV", n_subsets=3000, seed=5)
    again = mp.gosh(many, None, "IV", n_subsets=2000, seed=5, threads=1)
    assert not drawn.exact
    assert drawn.estimate[:2000].tolist() == again.estimate.tolist()
    share = np.mean([drawn.contains(i).mean() for i in range(70)])
    assert share == pytest.approx(0.5, abs=0.005)  # 4.6 standard deviations
    inside = np.array([drawn.contains(i)[7] for i in range(70)])
    assert drawn.k[7] == inside.sum()
    assert drawn.estimate[7] == pytest.approx(many.y[inside].mean(), abs=1e-12)


def test_command_line(tmp_path):
    trials = write_trials(tmp_path / "trials.csv", 12)
    run = metapool("test", trials, "--method", "all", "--json", "all.json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    names = [line.split()[0] for line in run.stdout.splitlines()[1:]]
    assert names == list(json.loads((tmp_path / "all.json").read_text()))
    assert len(names) == 10
    run = metapool(
        "analyse", trials, "--measure", "RR", "--sensitivity", "--json", "out.json", "--funnel",
        "funnel.png", cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    for words in ("Leave-one-out (RR, DL)", "Influential studies: ", "Trim and fill (L0, DL): ",
                  "PET-PEESE: PET, adjusted effect "):  # fmt: skip
        assert words in run.stdout
    found = json.loads((tmp_path / "out.json").read_text())["sensitivity"]
    assert len(found["leave_one_out"]["estimate"]) == 12
    assert (tmp_path / "funnel.png").stat().st_size > 1000
    refused = metapool("test", trials, "--method", "all", "--score", "rr", cwd=tmp_path)
    assert_refused(refused, "--score is for one test")
    refused = metapool(
        "analyse", trials, "--measure", "RR", "--totals", "none", "--sensitivity", cwd=tmp_path
    )
    assert_refused(refused, "need an overall total")

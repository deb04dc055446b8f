"""Every note is made where it should be, and nowhere else."""

import numpy as np
import pytest

import metapool as mp
from metapool import NoteCode


def effects(k, spread=1.0, **labels):
    y = [spread * (i % 3) for i in range(k)]
    return mp.Effects(y=y, v=[0.1 + 0.02 * i for i in range(k)], **labels)


def tables(*rows, **labels):
    a, n1, c, n2 = zip(*rows, strict=True)
    return mp.TwoByTwo(events_e=a, n_e=n1, events_c=c, n_c=n2, **labels)


def resampled(statistic, k, n, **choices):
    return mp.bootstrap(effects(k), statistic, n_resamples=n, seed=1, **choices)


PLAIN = (8, 40, 12, 40)
WITH = {
    NoteCode.WALD_FEW_STUDIES: lambda: mp.pool(effects(4), method="DL"),
    NoteCode.HK_NARROW: lambda: mp.pool(effects(6, 0.01), method="DL", interval="hk"),
    NoteCode.HK_TWO_STUDIES: lambda: mp.pool(effects(2), method="DL", interval="hk"),
    NoteCode.PREDICTION_FEW_STUDIES: lambda: mp.pool(
        effects(2), method="DL", interval="hk", prediction="v"
    ),
    NoteCode.AUTO_MODEL: lambda: mp.pool(effects(6), method="auto"),
    NoteCode.PETO_LARGE_EFFECT: lambda: mp.pool(tables((1, 40, 20, 40)), "PETO"),
    NoteCode.PETO_UNBALANCED: lambda: mp.pool(tables((8, 40, 22, 100)), "PETO"),
    NoteCode.MANY_ZERO_CELLS: lambda: mp.pool(tables((0, 40, 3, 40), PLAIN, PLAIN), "OR"),
    NoteCode.PREDICTION_NARROW: lambda: mp.pool(
        effects(4, 0.3), method="DL", interval="hk", prediction="z"
    ),
    NoteCode.SAME_LABEL: lambda: mp.pool(effects(3, study=["A", "B", "A"])),
    NoteCode.BOOTSTRAP_FEW_STUDIES: lambda: resampled("estimate", 9, 999),
    NoteCode.FEW_RESAMPLES: lambda: resampled("estimate", 10, 998),
    NoteCode.DEGENERATE_RESAMPLES: lambda: resampled("egger", 4, 999),
    NoteCode.P_MIN_ABOVE_5_PERCENT: lambda: mp.permutation_test(effects(5)),
    NoteCode.BOOTSTRAP_HETEROGENEITY: lambda: resampled("tau2", 20, 999, method="DL"),
    NoteCode.BOOTSTRAP_OF_NO_BIAS: lambda: resampled("egger", 20, 999, scheme="parametric"),
    NoteCode.SMALL_STUDY_FEW_STUDIES: lambda: mp.small_study_test(effects(9), "egger"),
    NoteCode.FAIL_SAFE_N_OBSOLETE: lambda: mp.fail_safe_n(effects(9)),
}
WITHOUT = {
    NoteCode.WALD_FEW_STUDIES: lambda: mp.pool(effects(5), method="DL"),
    NoteCode.HK_NARROW: lambda: mp.pool(effects(6, 0.01), method="DL", interval="hk-zovert"),
    NoteCode.HK_TWO_STUDIES: lambda: mp.pool(effects(3), method="DL", interval="hk"),
    NoteCode.PREDICTION_FEW_STUDIES: lambda: mp.pool(effects(3), method="DL", prediction="v"),
    NoteCode.AUTO_MODEL: lambda: mp.pool(effects(1), method="auto"),
    NoteCode.PETO_LARGE_EFFECT: lambda: mp.pool(tables((8, 40, 12, 40)), "PETO"),
    NoteCode.PETO_UNBALANCED: lambda: mp.pool(tables((8, 40, 19, 80)), "PETO"),
    NoteCode.MANY_ZERO_CELLS: lambda: mp.pool(tables((0, 40, 3, 40), *[PLAIN] * 3), "OR"),
    NoteCode.PREDICTION_NARROW: lambda: mp.pool(
        effects(4, 0.3), method="DL", interval="hk", prediction="hk"
    ),
    NoteCode.SAME_LABEL: lambda: mp.pool(effects(3, study=["A", "B", "C"])),
    NoteCode.BOOTSTRAP_FEW_STUDIES: lambda: resampled("estimate", 10, 999),
    NoteCode.FEW_RESAMPLES: lambda: resampled("estimate", 10, 999),
    NoteCode.DEGENERATE_RESAMPLES: lambda: resampled("estimate", 4, 999),
    NoteCode.P_MIN_ABOVE_5_PERCENT: lambda: mp.permutation_test(effects(6)),
    NoteCode.BOOTSTRAP_HETEROGENEITY: lambda: resampled(
        "tau2", 20, 999, method="DL", scheme="parametric"
    ),
    NoteCode.BOOTSTRAP_OF_NO_BIAS: lambda: resampled("egger", 20, 999, scheme="wild"),
    NoteCode.SMALL_STUDY_FEW_STUDIES: lambda: mp.small_study_test(effects(10), "egger"),
    NoteCode.FAIL_SAFE_N_OBSOLETE: lambda: mp.pool(effects(9)),
}


def codes(result):
    return [note.code for note in result.notes]


@pytest.mark.parametrize("code", NoteCode)
def test_each_note(code):
    assert code in codes(WITH[code]())
    assert code not in codes(WITHOUT[code]())


def test_a_plain_analysis_has_none():
    assert mp.pool(mp.examples.bcg(), "RR", "REML").notes == ()
    assert mp.pool(mp.examples.bcg(), "RR", "MH").notes == ()


def test_in_a_batch_they_are_flags():
    batch = mp.Effects(
        y=[0, 1, 2, 0, 1, 2, 0], v=[0.1] * 7, offsets=[0, 2, 7], study=list("ABCDEFE")
    )
    flags = mp.pool(batch, method="DL").notes
    assert flags.dtype == np.int64
    assert flags.tolist() == [NoteCode.WALD_FEW_STUDIES, NoteCode.SAME_LABEL]


def test_those_of_a_meta_analysis_are_of_what_it_reports():
    ma = mp.meta_analysis(mp.examples.nephrotoxicity(), "OR")
    assert ma.model == "common"
    assert codes(ma) == [NoteCode.AUTO_MODEL, NoteCode.MANY_ZERO_CELLS]
    assert "Note: the data chose the model" in ma.summary()
    assert [note["code"] for note in ma.to_dict()["notes"]] == ["AUTO_MODEL", "MANY_ZERO_CELLS"]
    fixed = mp.meta_analysis(mp.examples.nephrotoxicity(), "OR", model="random")
    assert codes(fixed) == [NoteCode.WALD_FEW_STUDIES, NoteCode.MANY_ZERO_CELLS]

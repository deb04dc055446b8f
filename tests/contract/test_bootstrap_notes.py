"""Notes of bootstraps: where they are, and that what they say is so."""

import math
from typing import Any

import numpy as np
import pytest
from test_bootstrap import BCG, effects, halves, small

import metapool as mp
from metapool import NoteCode


def codes(found: Any) -> list[NoteCode]:
    return [note.code for note in found.notes]


def test_notes() -> None:
    few, little = NoteCode.BOOTSTRAP_FEW_STUDIES, NoteCode.FEW_RESAMPLES
    lost = NoteCode.DEGENERATE_RESAMPLES
    assert codes(small(studies=effects(9), n_resamples=999)) == [few]
    assert codes(small(studies=effects(10), n_resamples=999)) == []
    assert codes(small(studies=effects(10), n_resamples=998)) == [little]
    assert codes(small(studies=effects(10), n_resamples=998, ci="normal")) == []
    assert codes(small(studies=effects(10), n_resamples=500, level=0.9)) == []
    assert codes(small(studies=effects(10), n_resamples=498, level=0.9)) == [little]
    assert codes(small("egger", effects(4), n_resamples=999)) == [lost]  # of the mean only
    assert all(note.text for note in small("egger", effects(4)).notes)
    missing = mp.Effects(
        y=[*effects(9).y, math.nan], v=[*effects(9).columns[1], 1], missing="exclude"
    )
    assert codes(small(studies=missing, n_resamples=999)) == [few]
    for a, expected in ((9, [few]), (10, [])):  # of the smaller subgroup
        two = halves(*"a" * a, *"b" * 20)
        assert codes(small("subgroup_difference", two, n_resamples=999)) == expected
    for k, expected in ((9, [few]), (10, [])):
        limits = small(
            ["pi_low", "pi_high", "q"], effects(k), method="DL", prediction="hts", n_resamples=999
        )
        assert codes(limits["pi_low"]) == codes(limits["pi_high"]) == expected
        assert codes(limits["q"]) == []


@pytest.mark.parametrize("statistic", ["egger", "harbord"])
def test_a_model_without_bias_has_a_note(statistic: str) -> None:
    for scheme in ("studies", "parametric", "wild"):
        flagged = NoteCode.BOOTSTRAP_OF_NO_BIAS in codes(small(statistic, scheme=scheme))
        assert flagged == (scheme == "parametric")
    assert NoteCode.BOOTSTRAP_OF_NO_BIAS not in codes(small(scheme="parametric"))


def test_the_model_without_bias_is_the_distribution_of_no_bias() -> None:
    """What the note says, of effects on a line with bias 3."""
    se = np.linspace(0.1, 0.5, 20)
    found = mp.bootstrap(
        mp.Effects(y=3 * se + 0.01 * (-1.0) ** np.arange(20), se=se), "egger", method="IV",
        scheme="parametric", n_resamples=999, seed=1,
    )  # fmt: skip
    assert found.estimate == pytest.approx(3, abs=0.1)
    assert abs(found.estimate + found.bias) < 0.3


def test_wild_signs_of_few_points_have_a_note() -> None:
    code = NoteCode.P_MIN_ABOVE_5_PERCENT
    for k, n, expected in ((5, 999, True), (6, 999, False), (6, 18, True), (6, 19, False)):
        found = small("egger", effects(k), scheme="wild", n_resamples=n)
        assert (code in codes(found)) == expected
    assert code not in codes(small("egger", effects(5)))
    none = mp.TwoByTwo(  # of six tables one has no point
        events_e=[3, 4, 5, 6, 2, 0], n_e=[20] * 6, events_c=[6, 3, 8, 5, 9, 0],
        n_c=[20, 30, 40, 50, 60, 70],
    )  # fmt: skip
    assert code in codes(small("harbord", none, scheme="wild"))
    both = mp.Effects(
        y=[0.1, 0.4, 0.2, 0.9, 0.3] * 2 + [0.5], v=np.linspace(0.1, 0.4, 11), offsets=[0, 5, 11]
    )
    assert ((small("egger", both, scheme="wild").notes & code) > 0).tolist() == [True, False]


def test_one_study_has_no_hartung_knapp_interval_to_see() -> None:
    for k, seen in ((1, False), (2, True)):
        found = small(studies=BCG.rows(np.arange(k)), measure="RR")
        assert any("Hartung-Knapp" in note.text for note in found.notes) == seen
        assert ("Hartung-Knapp" in mp.report.bootstrap(found)) == seen
    limit = small("pi_low", effects(3), method="DL", prediction="hts")
    assert not any("Hartung-Knapp" in note.text for note in limit.notes)


def test_heterogeneity_of_resampled_studies_has_a_note() -> None:
    names = ["tau2", "i2", "h2", "q", "estimate"]
    for scheme, expected in (("studies", names[:3]), ("parametric", [])):
        found = small(names, effects(30), method="DL", scheme=scheme, n_resamples=999)
        noted = [n for n in names if NoteCode.BOOTSTRAP_HETEROGENEITY in codes(found[n])]
        assert noted == expected


def test_heterogeneity_of_resampled_studies_is_too_small() -> None:
    """What the note says: data sets with tau2 = 0.1, their studies or the model drawn anew."""
    rng = np.random.default_rng(1)
    k, n = 10, 400
    v = rng.uniform(0.02, 0.2, k * n)
    many = mp.Effects(y=rng.normal(0, np.sqrt(v + 0.1)), v=v, offsets=np.arange(n + 1) * k)
    found = {
        scheme: mp.bootstrap(
            many, ["tau2", "i2", "h2"], method="DL", scheme=scheme, n_resamples=199, seed=1
        )
        for scheme in ("studies", "parametric")
    }
    for name in ("tau2", "i2", "h2"):
        bias = found["studies"][name].bias
        assert bias.mean() < -3 * bias.std() / math.sqrt(n)
    held = {
        scheme: np.mean((by["tau2"].ci_low <= 0.1) & (by["tau2"].ci_high >= 0.1))
        for scheme, by in found.items()
    }
    assert held["studies"] < 0.85 < held["parametric"]


def test_exactly_25_resamples_beyond_a_limit_are_enough() -> None:
    assert codes(small(studies=effects(10), n_resamples=499, level=0.9)) == []


def test_notes_of_a_batch_are_flags() -> None:
    studies = mp.Effects(
        y=[0.5 * (i % 3) for i in range(14)], v=[0.1 + 0.02 * i for i in range(14)],
        offsets=[0, 4, 14],
    )  # fmt: skip
    flags = small("egger", studies, n_resamples=999).notes
    assert flags.dtype == np.int64
    assert flags.tolist() == [NoteCode.DEGENERATE_RESAMPLES, 0]
    flags = small(studies=studies, n_resamples=999).notes
    assert flags.tolist() == [NoteCode.BOOTSTRAP_FEW_STUDIES, 0]

"""Analyses side by side, and the settings that move one into another."""

import json
import math

import pytest

import metapool as mp

BCG = mp.examples.bcg()
REMISSION = mp.examples.remission()
NUMBERS = ("estimate", "se", "ci_low", "ci_high", "p_value", "tau2", "i2")


def test_an_analysis_is_pool_with_its_arguments():
    asked = mp.Analysis("RR", "REML", mp.METAFOR, "hk", 0.9, prediction="hts")
    got = asked.pool(BCG)
    want = mp.pool(BCG, "RR", "REML", mp.METAFOR, "hk", 0.9, prediction="hts")
    assert got.to_dict() == want.to_dict()
    assert mp.Analysis("RR", tau2=0.1).pool(BCG).tau2 == 0.1
    assert mp.Analysis("RR").label == "RR"
    assert mp.Analysis(name="ours").label == "ours"
    assert mp.Analysis().label == "default"


def test_compare_has_a_row_for_each():
    both = mp.compare(BCG, [mp.Analysis("RR", "DL"), mp.Analysis("OR", "PM", name="odds")])
    assert len(both) == 2
    assert both["odds"].measure == "OR"
    with pytest.raises(KeyError):
        both["RR PM"]
    table = both.to_dict()
    assert table["analysis"] == ["RR DL", "odds"]
    assert table["estimate"] == [pooled.estimate for pooled in both.pooled]
    assert table["display_estimate"][0] == both["RR DL"].display.estimate
    json.dumps(table, allow_nan=False)
    assert both.to_frame("pandas").shape[0] == 2
    assert both.to_frame("polars").shape[0] == 2


def test_compare_takes_batches():
    batch = mp.Effects(y=[0, 1, 2, 3], v=[0.1] * 4, offsets=[0, 2, 4])
    table = mp.compare(batch, [mp.Analysis(method=m) for m in ("DL", "PM")]).to_dict()
    assert table["analysis"] == ["DL", "DL", "PM", "PM"]
    assert table["meta_analysis"] == [0, 1, 0, 1]
    assert len(table["estimate"]) == len(table["measure"]) == 4


def test_a_label_says_what_is_not_the_default():
    labels = {
        "RR DL": mp.Analysis("RR", "DL"),
        "RR DL METAFOR": mp.Analysis("RR", "DL", mp.METAFOR),
        "RR tau2 0.1": mp.Analysis("RR", tau2=0.1),
        "RR DL 90 %": mp.Analysis("RR", "DL", level=0.9),
        "RR DL prediction v": mp.Analysis("RR", "DL", prediction="v"),
    }
    assert {label: analysis.label for label, analysis in labels.items()} == {
        label: label for label in labels
    }
    assert len(mp.compare(BCG, labels.values())) == 5


@pytest.mark.parametrize(
    ("analyses", "words"),
    [
        (mp.Analysis("RR"), "a list of Analysis"),
        ([], "one analysis at least"),
        ([mp.Analysis("RR", "DL", interval="kr")], "analysis 'RR DL kr': interval 'kr'"),
        ([mp.Analysis("RR"), mp.Analysis("RR")], "two analyses are called 'RR'"),
        (["RR"], r"analyses\[0\] must be an Analysis"),
    ],
)
def test_compare_names_what_is_wrong(analyses, words):
    with pytest.raises(mp.InputError, match=words):
        mp.compare(BCG, analyses)


def test_the_steps_sum_to_the_difference():
    a = mp.Analysis("RR", "DL")
    b = mp.Analysis("OR", "REML", mp.METAFOR, "hk", 0.9)
    why = mp.explain_difference(REMISSION, a, b)
    assert why.a.to_dict() == a.pool(REMISSION).to_dict()
    assert why.b.to_dict() == b.pool(REMISSION).to_dict()
    for name in NUMBERS:
        total = math.fsum(step.change[name] for step in why.steps)
        difference = getattr(why.b, name) - getattr(why.a, name)
        assert total == pytest.approx(difference, abs=1e-12)
    moving = [step.field for step in why.moving]
    assert moving[:2] == ["measure", "method"]
    assert {"interval", "level", "dl_q_centre", "i2"} <= set(moving)
    assert "mh_rd_variance" not in moving


def test_each_step_is_also_taken_alone():
    a, b = mp.Analysis("RR", "DL"), mp.Analysis("RR", "REML", mp.METAFOR)
    why = mp.explain_difference(REMISSION, a, b)
    (centre,) = [step for step in why.steps if step.field == "dl_q_centre"]
    # REML does not ask for Q, so on the way it moves nothing
    assert centre.change["tau2"] == 0
    alone = mp.pool(REMISSION, "RR", "DL", mp.REVMAN5.replace(dl_q_centre="iv"))
    assert centre.alone["tau2"] == alone.tau2 - why.a.tau2 != 0
    assert (centre.value_a, centre.value_b) == ("mh", "iv")


def test_settings_that_only_go_together_are_one_step():
    a, b = mp.Analysis("OR", "MH"), mp.Analysis("PETO", "Peto")
    (step,) = mp.explain_difference(REMISSION, a, b).moving
    assert step.field == "measure + method"
    assert step.value_b == ("PETO", "Peto")
    preset = mp.explain_difference(REMISSION, mp.Analysis("RR", "DL"), mp.Analysis("RR", tau2=0.1))
    assert [step.field for step in preset.moving] == ["method + tau2"]


def test_equal_analyses_have_no_steps():
    why = mp.explain_difference(REMISSION, mp.Analysis("RR"), mp.Analysis("RR", "MH"))
    assert why.steps == ()
    assert repr(why) == "<Difference: none>"


def test_a_difference_is_a_table_and_text():
    a, b = mp.Analysis("RR", "DL"), mp.Analysis("RR", "DL", mp.METAFOR)
    why = mp.explain_difference(REMISSION, a, b)
    json.dumps(why.to_dict(), allow_nan=False)
    assert list(why.to_frame("pandas").field) == [step.field for step in why.steps]
    text = str(why)
    assert "dl_q_centre" in text
    assert "no influence here: " in text


def test_prediction_intervals_are_explained():
    a, b = mp.Analysis("RR", "REML", prediction="hts"), mp.Analysis("RR", "REML", prediction="z")
    (step,) = mp.explain_difference(BCG, a, b).moving
    assert step.field == "prediction"
    assert step.change["pi_low"] > 0 == step.change["ci_low"]
    assert "pi_low" in str(mp.explain_difference(BCG, a, b))


def test_what_cannot_be_explained():
    with pytest.raises(mp.InputError, match=r"analysis b: method must be one of .*'DL' here"):
        mp.explain_difference(REMISSION, mp.Analysis("RR"), mp.Analysis("RR", "dl"))
    with pytest.raises(mp.InputError, match="a must be an Analysis, not 'RR'"):
        mp.explain_difference(REMISSION, "RR", mp.Analysis("RR"))
    rr, rd = mp.Analysis("RR"), mp.Analysis("RD")
    with pytest.raises(mp.InputError, match="RR and RD are on different scales"):
        mp.explain_difference(REMISSION, rr, rd)
    batch = mp.Effects(y=[0, 1], v=[1, 1], offsets=[0, 1, 2])
    with pytest.raises(mp.InputError, match="explain_difference is for one meta-analysis"):
        mp.explain_difference(batch, mp.Analysis(), mp.Analysis())

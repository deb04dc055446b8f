"""Bad input: the type of the error and what its message says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import metapool as mp

TABLE: dict[str, Any] = {
    "events_e": [3, 5], "n_e": [20, 30], "events_c": [6, 9], "n_c": [20, 30], "study": ["A", "B"],
}  # fmt: skip
MEANS: dict[str, Any] = {
    "mean_e": [3.0, 4.0], "sd_e": [1.0, 2.0], "n_e": [9, 9],
    "mean_c": [2.0, 3.0], "sd_c": [1.0, 1.0], "n_c": [9, 9],
}  # fmt: skip
EFFECTS: dict[str, Any] = {"y": [0.1, 0.2], "v": [0.1, 0.2]}


def table(**changes: Any) -> mp.TwoByTwo[Any]:
    return mp.TwoByTwo(**{**TABLE, **changes})


def means(**changes: Any) -> mp.TwoMeans[Any]:
    return mp.TwoMeans(**{**MEANS, **changes})


def effects(**changes: Any) -> mp.Effects[Any]:
    arguments = {**EFFECTS, **changes}
    return mp.Effects(**{name: value for name, value in arguments.items() if value is not None})


nan, inf = np.nan, np.inf
CASES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    # values
    "negative events": (lambda: table(events_e=[-1, 5]), ["'A'", "events_e = -1", "negative"]),
    "events above n": (lambda: table(events_c=[6, 31]), ["'B'", "events_c = 31", "total"]),
    "zero n": (lambda: table(n_e=[0, 30], events_e=[0, 1]), ["'A'", "n_e = 0", "not positive"]),
    "missing": (lambda: table(n_c=[20, nan]), ["'B'", "n_c", "missing", 'missing="exclude"']),
    "None": (lambda: table(n_c=[20, None]), ["'B'", "n_c", "missing"]),
    "infinite": (lambda: table(events_e=[inf, 1]), ["'A'", "events_e", "infinite"]),
    "infinite, missing allowed": (
        lambda: table(events_e=[inf, 1], missing="exclude"), ["'A'", "events_e", "infinite"],
    ),
    "negative sd": (lambda: means(sd_e=[1.0, -2.0]), ["'Study 2'", "sd_e = -2", "negative"]),
    "zero size": (lambda: means(n_c=[0, 9]), ["'Study 1'", "n_c = 0", "not positive"]),
    "infinite mean": (lambda: means(mean_e=[inf, 1.0]), ["mean_e", "infinite"]),
    "zero variance": (lambda: effects(v=[0.1, 0.0]), ["'Study 2'", "v = 0", "not positive"]),
    "negative variance": (lambda: effects(v=[-0.1, 0.1]), ["v = -0.1", "not positive"]),
    "negative se": (lambda: effects(v=None, se=[-1, 1]), ["se = -1", "not positive"]),
    "interval upside down": (
        lambda: effects(v=None, ci_low=[1, 0], ci_high=[0, 1]), ["ci_high = 0", "above ci_low"],
    ),
    "effect outside interval": (
        lambda: effects(v=None, ci_low=[0.2, 0], ci_high=[0.3, 1]), ["y = 0.1", "outside"],
    ),
    "ratio not positive": (
        lambda: effects(y=[-0.5, 1], log=True), ["'Study 1'", "y = -0.5", "not positive"],
    ),
    "missing effect": (lambda: effects(y=[nan, 1]), ["'Study 1'", "y", "missing"]),
    "in a batch": (
        lambda: table(events_e=[3, -5], offsets=[0, 1, 2]),
        ["meta-analysis 1", "'B'", "events_e = -5"],
    ),
    "in a batch by key": (
        lambda: mp.TwoByTwo.from_frame(
            {**TABLE, "events_e": [3, -5], "review": ["x", "y"]}, study="study", by="review",
            events_e="events_e", n_e="n_e", events_c="events_c", n_c="n_c",
        ),
        ["meta-analysis 'y'", "'B'", "row 2 of 2", "events_e = -5"],
    ),
    # shapes and types
    "unequal lengths": (lambda: table(events_e=[1, 2, 3]), ["n_e has 2", "events_e has 3"]),
    "two dimensions": (lambda: table(events_e=[[1, 2]]), ["events_e", "one-dimensional"]),
    "text": (lambda: table(events_e=["three", "5"]), ["events_e", "numbers", "three"]),
    "text among numbers": (
        lambda: table(events_e=np.array([3, "x"], dtype=object)), ["events_e", "row 2", "'x'"],
    ),
    "labels too few": (lambda: table(study=["A"]), ["study has 1 labels", "2 studies"]),
    "label missing": (lambda: table(subgroup=["A", None]), ["subgroup", "row 2", "missing"]),
    "label blank": (lambda: table(study=[" ", "B"]), ["study", "row 1", "missing"]),
    "dates": (lambda: table(events_e=np.array(["2020-01-01"] * 2, "M8")), ["events_e", "numbers"]),
    "labels as text": (lambda: table(subgroup="ab"), ["subgroup", "list of labels"]),
    "offsets fall": (lambda: table(offsets=[0, 2, 1]), ["offsets", "rise"]),
    "offsets too short": (lambda: table(offsets=[0, 1]), ["offsets", "2"]),
    "offsets not from zero": (lambda: table(offsets=[1, 2]), ["offsets", "rise from 0"]),
    "offsets empty": (lambda: table(offsets=[]), ["offsets"]),
    "offsets not whole": (lambda: table(offsets=[0, 0.5, 2]), ["offsets", "whole"]),
    "no spread": (lambda: effects(v=None), ["v, se, or ci_low with ci_high"]),
    "two spreads": (lambda: effects(se=[1, 1]), ["one of v, se"]),
    "half an interval": (lambda: effects(v=None, ci_low=[0, 0]), ["ci_low with ci_high"]),
    "spread too short": (lambda: effects(v=[0.1]), ["v has 1"]),
    "no such column": (
        lambda: mp.TwoByTwo.from_frame(TABLE, events_e="x", n_e="n_e", events_c="n_e", n_c="n_e"),
        ["no column 'x'", "events_e"],
    ),
    "column not a name": (
        lambda: mp.TwoByTwo.from_frame(TABLE, events_e=3, n_e="n_e", events_c="n_e", n_c="n_e"),
        ["events_e must name a column", "3"],
    ),
    "ragged": (lambda: table(events_e=[1, [2, 3]]), ["events_e", "column of numbers"]),
    "huge integer": (lambda: table(events_e=[1, 10**400]), ["events_e", "row 2"]),
    "no key": (
        lambda: mp.TwoByTwo.from_frame(
            {**TABLE, "review": ["x", None]}, by="review",
            events_e="events_e", n_e="n_e", events_c="events_c", n_c="n_c",
        ),
        ["row 2", "no key", "review"],
    ),
    "variance out of range": (
        lambda: effects(v=None, se=[1.0, 1e-200]), ["'Study 2'", "se = 1e-200", "floating point"],
    ),
    # names
    "unknown missing": (lambda: table(missing="drop"), ["missing", "'raise'", "'exclude'"]),
    "no measure": (lambda: mp.pool(table()), ["measure is required", "RR"]),
    "unknown measure": (lambda: mp.pool(table(), "HR"), ["'HR'", "TwoByTwo", "RR"]),
    "measure of other data": (lambda: mp.pool(table(), "SMD"), ["'SMD'", "TwoByTwo"]),
    "other label": (lambda: mp.pool(effects(measure="HR"), "OR"), ["'OR'", "'HR'"]),
    "unknown method": (lambda: mp.pool(table(), "RR", "XX"), ["method", "'XX'", "'MH'"]),
    "MH of means": (lambda: mp.pool(means(), "MD", "MH"), ["'MH'", "'MD'", "RR, OR and RD"]),
    "MH of AS": (lambda: mp.pool(table(), "AS", "MH"), ["'MH'", "'AS'"]),
    "Peto of OR": (lambda: mp.pool(table(), "OR", "Peto"), ["'Peto'", "'OR'", "PETO"]),
    "unknown interval": (lambda: mp.pool(table(), "OR", interval="x"), ["interval", "'wald'"]),
    "level of 95": (lambda: mp.pool(table(), "OR", level=95), ["level", "between 0 and 1", "95"]),
    "level of 1": (lambda: mp.effect_sizes(table(), "OR", level=1.0), ["level", "1.0"]),
    "ci_level": (lambda: effects(ci_level=95), ["ci_level", "95"]),
    "unknown convention": (lambda: mp.REVMAN5.replace(cc=1), ["unknown convention", "'cc'"]),
    "convention's value": (lambda: mp.REVMAN5.replace(i2="H"), ["i2", "'tau2'", "'H'"]),
    "convention's number": (lambda: mp.REVMAN5.replace(mh_cc=-1), ["mh_cc", "-1"]),
    "batch": (lambda: mp.meta_analysis(table(offsets=[0, 1, 2]), "RR"), ["one meta-analysis"]),
    "no subgroups": (
        lambda: mp.meta_analysis(table(), "RR", totals="subgroups"), ["subgroup labels"],
    ),
    "unknown model": (lambda: mp.meta_analysis(table(), "RR", model="fixed"), ["'fixed'"]),
    "unknown totals": (lambda: mp.meta_analysis(table(), "RR", totals="no"), ["totals", "'no'"]),
    "random as common": (lambda: mp.meta_analysis(table(), "RR", common="DL"), ["common", "'DL'"]),
    "Harbord of means": (lambda: mp.small_study_test(means()), ["TwoByTwo", "TwoMeans"]),
    "Egger without measure": (
        lambda: mp.small_study_test(table(), "egger"), ["measure is required"],
    ),
    "unknown test": (lambda: mp.small_study_test(table(), "begs"), ["'begs'", "'egger'"]),
    "unknown score": (lambda: mp.small_study_test(table(), score="rd"), ["score", "'rr'"]),
    "frame as studies": (lambda: mp.pool(TABLE, "RR"), ["TwoByTwo, TwoMeans or Effects", "dict"]),
    "conventions by name": (
        lambda: mp.pool(table(), "RR", conventions="metafor"), ["mp.REVMAN5", "'metafor'"],
    ),
    "RevMan's word": (lambda: mp.meta_analysis(table(), "RR", model="fixed"), ["'common' here"]),
    "score of Egger": (
        lambda: mp.small_study_test(table(), "egger", "RR", score="rr"), ["score", "Egger"],
    ),
    "measure beside Harbord": (lambda: mp.small_study_test(table(), measure="MD"), ["'MD'"]),
    "ratio with or without log": (
        lambda: effects(v=None, y=[0.7, 0.8], ci_low=[0.6, 0.7], ci_high=[0.8, 0.9], measure="HR"),
        ["'HR'", "log=True", "log=False"],
    ),
    "log of a difference": (lambda: effects(measure="MD", log=True), ["ratios", "MD"]),
    # printed numbers
    "printed text": (lambda: mp.check_reported(estimate="x", ci=(0, 1)), ["estimate", "'x'"]),
    "printed interval": (lambda: mp.check_reported(estimate=1, ci=(2, 0)), ["ci must rise"]),
    "printed exponent": (
        lambda: mp.check_reported(estimate="0e400", ci=(-1, 1)), ["estimate", "finite"],
    ),
    "three limits": (lambda: mp.check_reported(estimate=1, ci=(0, 1, 2)), ["(lower, upper)"]),
    "printed P": (lambda: mp.check_reported(estimate=1, ci=(0, 2), p=1.5), ["p", "1.5"]),
    "negative ratio": (
        lambda: mp.check_reported(estimate=1, ci=(-1, 2), log=True), ["positive"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_is_named(case: str) -> None:
    call, words = CASES[case]
    with pytest.raises(mp.InputError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)

"""What the bootstrap refuses, and how it says so."""

from collections.abc import Callable
from typing import Any

import pytest
from test_bootstrap import BCG, batch, effects, halves, means, small, tables

import metapool as mp

WHOLE = "must be a whole number"
CASES: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "unknown statistic": (lambda: small("mean"), ["statistic", "'mean'", "'tau2'", "'harbord'"]),
    "unknown among known": (lambda: small(["q", "Q2"]), ["statistic", "'Q2'"]),
    "no statistic": (lambda: small([]), ["statistic", "one or more", "empty"]),
    "repeated": (lambda: small(["q", "i2", "q"]), ["statistic", "each once", "'q'"]),
    "negative seed": (lambda: small(seed=-1), ["seed", WHOLE, "-1"]),
    "large seed": (lambda: small(seed=2**64), ["seed", WHOLE, str(2**64)]),
    "true seed": (lambda: small(seed=True), ["seed", WHOLE, "True"]),
    "seed with a point": (lambda: small(seed=1.0), ["seed", WHOLE, "1.0"]),
    "seed as text": (lambda: small(seed="1"), ["seed", WHOLE, "'1'"]),
    "no resample": (lambda: small(n_resamples=0), ["n_resamples", WHOLE, "0"]),
    "resamples with a point": (lambda: small(n_resamples=1e4), ["n_resamples", WHOLE, "10000.0"]),
    "true resamples": (lambda: small(n_resamples=True), ["n_resamples", WHOLE, "True"]),
    "too many resamples": (lambda: small(n_resamples=10**13), ["n_resamples", WHOLE]),
    "negative replicate": (lambda: small(first_replicate=-1), ["first_replicate", WHOLE, "-1"]),
    "large replicate": (lambda: small(first_replicate=2**63), ["first_replicate", WHOLE]),
    "false replicate": (lambda: small(first_replicate=False), ["first_replicate", "False"]),
    "replicate with a point": (lambda: small(first_replicate=0.5), ["first_replicate", "0.5"]),
    "no subgroups": (lambda: small("subgroup_difference"), ["subgroup=", "two", "not 0"]),
    "one subgroup": (
        lambda: small("subgroup_difference", halves(*"aaa")), ["two subgroups", "not 1"],
    ),
    "three subgroups": (
        lambda: small("subgroup_difference", halves(*"abc")), ["two subgroups", "not 3"],
    ),
    "shared difference": (
        lambda: small(["q", "subgroup_difference"], halves(*"abab")),
        ["'subgroup_difference'", "share", "'q'"],
    ),
    "difference in a batch": (
        lambda: small("subgroup_difference", batch()), ["'subgroup_difference'", "one", "batch"],
    ),
    "no prediction": (lambda: small("pi_low", method="DL"), ["'pi_low'", "prediction="]),
    "prediction of a common effect": (
        lambda: small("pi_high", method="IV"), ["'pi_high'", "random-effects"],
    ),
    "prediction asked of a common effect": (
        lambda: small("pi_high", method="IV", prediction="hts"), ["'hts'", "'IV'"],
    ),
    "tau2 of the default method": (
        lambda: small("tau2"), ["tau2", "'MH'", "0 by definition", 'random-effects', '"DL"'],
    ),
    "tau2 of a given method": (
        lambda: small(["q", "tau2"], method="IV", conventions=mp.METAFOR), ["'IV'", '"REML"'],
    ),
    "tau2 by Peto": (lambda: small("tau2", measure="PETO"), ["'Peto'", "0 by definition"]),
    "tau2 that is given": (
        lambda: small("tau2", tau2=0.1), ["tau2", "'preset'", "is given", 'method="DL"'],
    ),
    "method of a test": (
        lambda: small("egger", method="DL"),
        ["method is not for 'egger'", "'studies'", "pools nothing"],
    ),
    "method of tests": (
        lambda: small(["egger", "harbord"], method="IV", scheme="wild"),
        ["method", "'egger', 'harbord'", "'wild'"],
    ),
    "tau2 of a test": (
        lambda: small("harbord", tau2=0.1, scheme="within"), ["tau2 is not for 'harbord'"],
    ),
    "interval of a mean": (
        lambda: small(method="DL", interval="hk"), ["interval", "'pi_low'", "'estimate'"],
    ),
    "prediction of a mean": (
        lambda: small(["estimate", "q"], method="DL", prediction="hts"),
        ["prediction", "'pi_low'", "not for 'estimate', 'q'"],
    ),
    "score of a mean": (lambda: small(score="rr"), ["score", "Harbord", "'estimate'"]),
    "score of Egger's": (lambda: small("egger", score="rr"), ["score", "Harbord", "'egger'"]),
    "h of studies": (lambda: small(h=0.5), ["h is for scheme 'within'", "'studies'"]),
    "h of a model": (lambda: small(scheme="parametric", h=0), ["h is for", "'parametric'"]),
    "h of means": (
        lambda: small(studies=means(), measure="MD", scheme="within", h=0.5), ["h", "TwoMeans"],
    ),
    "negative h": (lambda: small(scheme="within", h=-1), ["h must be", "-1"]),
    "part of an event": (
        lambda: small(studies=tables(events=1.5), measure="RR", scheme="within"),
        ["whole people", "'Study 1'", "events_e = 1.5"],
    ),
    "part of a man": (
        lambda: small(studies=means(n=20.5), measure="MD", scheme="within"),
        ["whole people", "'Study 1'", "n_e = 20.5"],
    ),
    "part of a man in a model": (
        lambda: small(studies=means(n=20.5), measure="MD", scheme="parametric"),
        ["whole people", "'Study 1'", "n_e = 20.5"],
    ),
    "true progress": (lambda: small(progress=True), ["progress", "function", "True"]),
    "Harbord of effects": (lambda: small("harbord", effects()), ["TwoByTwo", "Effects"]),
    "unknown score": (lambda: small("harbord", score="rd"), ["score", "'rr'", "'rd'"]),
    "no measure": (lambda: mp.bootstrap(BCG), ["measure is required", "RR"]),
    "no measure for Egger": (lambda: mp.bootstrap(BCG, "egger"), ["measure is required"]),
    "no measure beside Harbord": (
        lambda: mp.bootstrap(BCG, ["harbord", "q"]), ["measure is required"],
    ),
    "unknown method": (lambda: small(method="XX"), ["method", "'XX'"]),
    "impossible method": (lambda: small(method="Peto"), ["'Peto'", "'RR'"]),
    "preset": (lambda: small(method="preset"), ["'preset'", "tau2="]),
    "unknown interval": (lambda: small(ci="bca"), ["ci", "'bca' is 'BCa' here"]),
    "unknown rule": (lambda: small(degenerate="keep"), ["degenerate", "'drop'", "'keep'"]),
    "unknown scheme": (lambda: small(scheme="jackknife"), ["scheme", "'studies'"]),
    "level of 95": (lambda: small(level=95), ["level", "95"]),
    "no thread": (lambda: small(threads=0), ["threads", "0"]),
    "a frame": (lambda: mp.bootstrap({"y": [1]}), ["TwoByTwo, TwoMeans or Effects", "dict"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_is_refused(case: str) -> None:
    call, words = CASES[case]
    with pytest.raises(mp.InputError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("statistic", [3, None])
def test_a_statistic_that_is_no_text_is_refused(statistic: Any) -> None:
    with pytest.raises(mp.InputError, match="statistic"):
        small(statistic)

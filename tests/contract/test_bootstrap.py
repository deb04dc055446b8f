"""The bootstrap as a verb: what its results keep, say and become."""

import json
import math
from typing import Any

import numpy as np
import pytest

import metapool as mp

BCG = mp.examples.bcg()


def effects(k: int = 12, **labels: Any) -> mp.Effects[float]:
    return mp.Effects(
        y=[0.5 * (i % 3) for i in range(k)], v=[0.1 + 0.02 * i for i in range(k)], **labels
    )


def halves(*labels: str) -> mp.Effects[float]:
    return effects(len(labels), subgroup=labels)


def batch() -> mp.Effects[Any]:
    return mp.Effects.from_frame(
        {
            "y": [0.1, 0.4, 0.2, 0.9, 0.3],
            "v": [0.1, 0.2, 0.3, 0.1, 0.2],
            "drug": ["x", "x", "y", "y", "y"],
        },
        y="y",
        v="v",
        by="drug",
    )


def tables(events: float = 3) -> mp.TwoByTwo[float]:
    return mp.TwoByTwo(events_e=[events, 4, 5], n_e=[20] * 3, events_c=[6] * 3, n_c=[20] * 3)


def means(n: float = 20) -> mp.TwoMeans[float]:
    return mp.TwoMeans(
        mean_e=[1, 2, 4], sd_e=[1] * 3, n_e=[n, 20, 20], mean_c=[0] * 3, sd_c=[1] * 3, n_c=[20] * 3
    )


def small(statistic: Any = "estimate", studies: Any = BCG, **choices: Any) -> Any:
    """A small run of the BCG trials, or of other studies."""
    given = {"measure": "RR"} if studies is BCG else {}
    return mp.bootstrap(studies, statistic, **{**given, "n_resamples": 20, "seed": 1, **choices})


def test_a_test_alone_needs_no_pooling_method() -> None:
    """As small_study_test(), which takes these conventions."""
    rules = mp.METAFOR.replace(default_common="Peto")
    assert mp.small_study_test(BCG, "egger", "RR", conventions=rules).status is mp.Status.OK
    assert small("egger", conventions=rules).status is mp.Status.OK


def test_a_list_shares_the_resamples() -> None:
    names = ["tau2", "harbord", "estimate", "pi_low", "egger", "q"]
    choices = {"method": "DL", "prediction": "hts", "distribution": True}
    shared = small(names, **choices)
    assert list(shared) == names
    for name in names:
        own = {} if name == "pi_low" else {"prediction": None}
        if name in ("harbord", "egger"):
            own = {"method": None, "prediction": None}
        alone = small(name, **{**choices, **own})
        assert shared[name].statistic == name
        assert shared[name].distribution.tobytes() == alone.distribution.tobytes()
        assert shared[name].to_dict() == alone.to_dict()
    assert len({shared[name].distribution.tobytes() for name in names}) == len(names)
    assert isinstance(small(["q"]), dict)


def test_estimates_are_those_of_the_verbs() -> None:
    names = ["estimate", "tau2", "i2", "h2", "q", "pi_low", "pi_high", "harbord", "egger"]
    found = small(names, method="REML", prediction="hts")
    pooled = mp.pool(BCG, "RR", "REML", prediction="hts")
    for name in names[:-2]:
        assert found[name].estimate == pytest.approx(getattr(pooled, name), rel=1e-11)
    for name in ("harbord", "egger"):
        test = mp.small_study_test(BCG, name, "RR")
        assert found[name].estimate == pytest.approx(test.bias, rel=1e-11)
    difference = small("subgroup_difference", halves(*"ababab"), method="DL")
    groups = [effects(6).rows(np.arange(start, 6, 2)) for start in (0, 1)]
    one, other = (mp.pool(group, method="DL").estimate for group in groups)
    assert difference.estimate == pytest.approx(one - other, rel=1e-11)


def test_options_that_apply_are_taken() -> None:
    """h of nothing leaves an arm without events without any; means have no h."""
    none = tables(events=0)
    half = small(studies=none, measure="RD", scheme="within")
    assert half.to_dict() == small(studies=none, measure="RD", scheme="within", h=0.5).to_dict()
    assert half.to_dict() != small(studies=none, measure="RD", scheme="within", h=0).to_dict()
    assert small(studies=means(), measure="MD", scheme="within").status is mp.Status.OK
    assert small(studies=means(n=20.5), measure="MD").status is mp.Status.OK
    limit = small("pi_low", method="DL", prediction="same-as-ci", interval="hk")
    assert limit.estimate != small("pi_low", method="DL", prediction="same-as-ci").estimate
    assert small("tau2", method="auto").status is mp.Status.OK


def test_the_distribution_is_kept_if_asked() -> None:
    assert small().distribution is None
    assert small(distribution=True).distribution.shape == (20,)
    assert small(studies=batch(), distribution=True).distribution.shape == (2, 20)
    assert small(["q", "i2"])["i2"].distribution is None


def test_arrays_are_read_only() -> None:
    many = small(studies=batch(), distribution=True)
    arrays = (
        small(distribution=True).distribution, many.distribution, many.estimate, many.ci_low_mcse,
        many.n_degenerate, many.n_distinct, many.status, many.notes, many.display.ci_high,
    )  # fmt: skip
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_seed_is_drawn_and_kept() -> None:
    one, other = (small(seed=None, distribution=True) for _ in range(2))
    assert one.seed != other.seed
    assert 0 <= one.seed < 2**63
    again = small(seed=one.seed, distribution=True)
    assert again.distribution.tolist() == one.distribution.tolist()
    assert again.distribution.tolist() != other.distribution.tolist()
    shared = small(["q", "i2"], seed=None)
    assert shared["q"].seed == shared["i2"].seed
    assert small(seed=np.uint64(2**64 - 1)).seed == 2**64 - 1


def test_what_was_asked_is_kept() -> None:
    found = small(
        "tau2", method="PM", n_resamples=30, first_replicate=70, ci="basic", level=0.9,
        degenerate="worst",
    )  # fmt: skip
    asked = {
        "statistic": "tau2", "measure": "RR", "method": "PM", "scheme": "studies", "ci": "basic",
        "level": 0.9, "degenerate": "worst", "n_resamples": 30, "first_replicate": 70, "seed": 1,
    }  # fmt: skip
    assert {name: getattr(found, name) for name in asked} == asked
    assert found.to_dict().items() >= asked.items()


COLUMNS = ("estimate", "se", "bias", "ci_low", "ci_high", "ci_low_mcse", "ci_high_mcse",
           "n_degenerate", "n_distinct")  # fmt: skip


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_dicts_and_frames_hold_the_fields(backend: Any) -> None:
    for found, rows in ((small(distribution=True), 1), (small(studies=batch()), 2)):
        values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert "distribution" not in values
        frame = found.to_frame(backend)
        assert len(frame) == rows
        for name in COLUMNS:
            own = np.atleast_1d(getattr(found, name)).tolist()
            assert np.atleast_1d(values[name]).tolist() == own
            column = frame[name]
            assert (column.to_pylist() if backend == "pyarrow" else column.to_list()) == own
    assert values["drug"] == ["x", "y"]
    assert values["status"] == ["OK", "OK"]
    assert values["notes"] == found.notes.tolist()


def test_undefined_is_none_in_a_dict() -> None:
    values = small("egger", effects(2)).to_dict()
    assert values["status"] == "NOT_ESTIMABLE"
    assert values["estimate"] is values["ci_low"] is values["se"] is None
    assert values["n_degenerate"] == 20


@pytest.mark.parametrize("statistic", ["egger", "harbord"])
def test_a_test_has_the_method_of_its_model_only(statistic: str) -> None:
    for scheme in ("studies", "within", "wild"):
        found = small(statistic, scheme=scheme)
        assert found.method is None
        assert found.to_dict()["method"] is None
        assert "None" not in repr(found)
    shared = small(["estimate", statistic], method="DL")
    assert [shared[name].method for name in shared] == ["DL", None]
    model = small(statistic, method="DL", scheme="parametric")
    assert model.method == "DL"
    assert "parametric (DL RR)" in repr(model)
    assert model.hartung_knapp.method == "DL"
    other = small(statistic, method="IV", scheme="parametric")
    assert (other.se, other.method) != (model.se, "DL")
    assert other.se != model.se


def test_a_test_joins_whatever_is_pooled_beside() -> None:
    own = run(0, statistic="egger")
    shared = run(10, statistic=["tau2", "egger"], method="DL", distribution=True)["egger"]
    assert own.join(shared).to_dict() == run(0, 20, statistic="egger").to_dict()


def test_subgroups_are_named_in_order_of_appearance() -> None:
    found = small("subgroup_difference", halves(*"babaab"))
    assert found.subgroups == ("b", "a")
    assert found.to_dict()["subgroups"] == ["b", "a"]
    assert "subgroup_difference (b less a), " in repr(found)
    groups = [mp.pool(effects(6).rows(np.array(rows))) for rows in ([0, 2, 5], [1, 3, 4])]
    assert found.estimate == pytest.approx(groups[0].estimate - groups[1].estimate, rel=1e-11)
    ratio = effects(6, subgroup=list("babaab"), measure="HR")
    assert "(b over a)" in repr(small("subgroup_difference", ratio))
    assert small().subgroups is None
    assert small().to_dict()["subgroups"] is None


def test_infinite_limits_are_none_in_a_dict() -> None:
    found = small("egger", effects(4), degenerate="worst", n_resamples=999)
    assert math.isinf(found.ci_high)
    assert found.to_dict()["ci_high"] is None


@pytest.mark.parametrize(("k", "n"), [(1, 1), (2, 3), (3, 10), (4, 35), (5, 126)])
def test_distinct_resamples(k: int, n: int) -> None:
    assert small(studies=effects(k)).n_distinct == n


def test_distinct_resamples_of_subgroups_batches_and_many() -> None:
    assert small("subgroup_difference", halves(*"aaabbbb")).n_distinct == 10 * 35
    assert small(studies=batch()).n_distinct.tolist() == [3, 10]
    assert small(studies=effects(1000)).n_distinct == math.comb(1999, 1000)
    large = mp.Effects(y=np.zeros(1003), v=np.ones(1003), offsets=[0, 3, 1003])
    assert small(studies=large).n_distinct.tolist() == [10, math.inf]


@pytest.mark.parametrize("statistic", ["estimate", "pi_low"])
def test_an_effect_is_shown_on_the_natural_scale(statistic: str) -> None:
    prediction = "hts" if statistic == "pi_low" else None
    found = small(statistic, method="DL", prediction=prediction)
    assert found.is_ratio
    for name in ("estimate", "ci_low", "ci_high"):
        value = getattr(found, name)
        assert getattr(found.display, name) == pytest.approx(math.exp(value), rel=1e-14)


@pytest.mark.parametrize("statistic", ["tau2", "i2", "q", "egger", "harbord"])
def test_other_statistics_are_shown_as_they_are(statistic: str) -> None:
    tests = ("egger", "harbord")
    found = small(statistic, method=None if statistic in tests else "DL")
    assert not found.is_ratio
    for name in ("estimate", "ci_low", "ci_high"):
        assert getattr(found.display, name) == getattr(found, name)


def test_differences_are_shown_on_the_natural_scale_of_ratios_only() -> None:
    assert not small(measure="RD").is_ratio
    assert not small(studies=effects()).is_ratio
    labels = ["a", "b"] * 6
    ratios = small("subgroup_difference", effects(12, subgroup=labels, measure="OR"))
    assert ratios.is_ratio
    assert ratios.display.ci_high == pytest.approx(math.exp(ratios.ci_high), rel=1e-14)


@pytest.mark.parametrize(
    ("method", "taken"),
    [("REML", "REML"), ("PM", "PM"), ("MH", "DL"), ("auto", "DL"), ("IVhet", "DL"), (None, "DL")],
)
def test_hartung_knapp_stands_beside(method: Any, taken: Any) -> None:
    found = small(method=method, level=0.9).hartung_knapp
    want = mp.pool(BCG, "RR", taken, interval="hk", level=0.9)
    assert found.to_dict() == want.to_dict()
    preset = small(studies=effects(), tau2=0.1).hartung_knapp
    assert preset.to_dict() == mp.pool(effects(), method="DL", interval="hk").to_dict()


def test_repr_says_what_was_done() -> None:
    shown = repr(small(method="DL", n_resamples=1_000))
    for words in ("estimate", "DL RR", "percentile", "1,000 resamples", "seed 1", "OK", "0.4896"):
        assert words in shown
    assert "2 meta-analyses" in repr(small(studies=batch()))
    assert "1 resample, seed 1" in repr(small(n_resamples=1))
    assert len(shown) < 250


def test_progress_rises_to_the_end() -> None:
    shares: list[float] = []
    quiet = small(n_resamples=200_000)
    shown = small(n_resamples=200_000, progress=shares.append)
    assert len(shares) > 2
    assert shares == sorted(set(shares))
    assert shares[0] > 0
    assert shares[-1] == 1
    assert shown.to_dict() == quiet.to_dict()


def test_an_error_in_progress_ends_the_call() -> None:
    def fail(share: float) -> None:
        raise RuntimeError(f"at {share:.0%}")

    with pytest.raises(RuntimeError, match="at"):
        small(n_resamples=200_000, progress=fail)


@pytest.mark.parametrize("error", [ValueError("mine"), mp.InputError("mine"), KeyError("mine")])
def test_an_error_in_progress_comes_out_as_it_is(error: Exception) -> None:
    def fail(share: float) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        small(progress=fail)
    assert caught.value is error


def run(first: int, n: int = 10, **choices: Any) -> Any:
    return small(first_replicate=first, n_resamples=n, **{"distribution": True, **choices})


def test_runs_that_do_not_fit_are_not_joined() -> None:
    for other in (run(11), run(9), run(0)):
        with pytest.raises(mp.InputError, match="replicate 10 should come next"):
            run(0).join(other)
    with pytest.raises(mp.InputError, match="replicate 20 should come next"):
        run(0).join(run(10), run(30))
    for change in (
        {"seed": 2}, {"ci": "BCa"}, {"level": 0.9}, {"degenerate": "worst"}, {"method": "DL"},
        {"statistic": "q"}, {"conventions": mp.METAFOR}, {"measure": "OR"}, {"studies": effects()},
    ):  # fmt: skip
        with pytest.raises(mp.InputError, match="differ in their replicates only") as caught:
            run(0).join(run(10, **change))
        (name,) = change
        differ = str(caught.value).split("these differ in ")[1].split(", ")
        assert {"studies": "data"}.get(name, name) in differ
    two = {"seed": 2, "studies": BCG.rows(np.arange(12)), "measure": "RR"}
    with pytest.raises(mp.InputError, match=r"these differ in seed, data$"):
        run(0).join(run(10, **two))
    drawn = {"scheme": "within", "method": "DL"}
    for name, value in (("h", 1.0), ("conventions", mp.REVMAN5.replace(study_cc=0.1))):
        with pytest.raises(mp.InputError, match=rf"these differ in {name}$"):
            run(0, **drawn).join(run(10, **drawn, **{name: value}))
    for other in (run(0, statistic=["estimate", "q"]), [run(10)], None):
        words = f"runs of one statistic, not {type(other).__name__}"
        with pytest.raises(mp.InputError, match=words):
            run(0).join(other)
    with pytest.raises(mp.InputError, match="distribution=True"):
        run(0).join(run(10, distribution=False))
    assert run(0).join(run(10)).n_resamples == 20

"""Simulation studies: what can be declared, what is refused before any work, what tables hold."""

import math
import re
import tomllib

import numpy as np
import pytest

import metapool as mp
from metapool import _simulation_spec
from metapool import simulate as sim

TABLES = {"risk_c": 0.2, "effect": -0.4, "k": 5, "n_e": 50}
MEANS = {"effect": 0.5, "k": 5, "n": 20}
EFFECTS = {"mu": 0.5, "v": 0.1, "k": 5}


def study(data=None, **choices):
    choices = {"analyses": [mp.Analysis("OR", "DL")], "replicates": 20, "seed": 1} | choices
    return mp.Simulation(data=data or sim.TwoByTwo(**TABLES), **choices)


@pytest.mark.parametrize(
    ("model", "fields", "message"),
    [
        (sim.TwoByTwo, TABLES | {"risk_c": 1.2}, "risk_c must be from 0 to 1, not 1.2"),
        (sim.TwoByTwo, TABLES | {"risk_c": sim.LogNormal(-1, 1)}, "risk_c must be from 0 to 1"),
        (sim.TwoByTwo, TABLES | {"risk_c": []}, r"risk_c=\[\] leaves no scenario"),
        (sim.TwoByTwo, TABLES | {"risk_c": "low"}, "risk_c must be a number or a distribution"),
        (sim.TwoByTwo, TABLES | {"tau": -0.1}, "tau must not be negative, like -0.1"),
        (sim.TwoByTwo, TABLES | {"tau": [0.1, math.nan]}, "tau must be a finite number, not nan"),
        (sim.TwoByTwo, TABLES | {"k": 0}, "k must be from 1 to 1e"),
        (sim.TwoByTwo, TABLES | {"k": 2.5}, "k must be whole numbers, not 2.5"),
        (sim.TwoByTwo, TABLES | {"k": sim.Uniform(2, 5)}, "k must be whole numbers"),
        (sim.TwoByTwo, TABLES | {"n_e": 0}, "n_e must be from 1 to"),
        (sim.TwoByTwo, TABLES | {"n_c": -3}, "n_c must be from 1 to"),
        (sim.TwoByTwo, TABLES | {"on": "MD"}, "on must be one of 'OR', 'RR', 'RD', not 'MD'"),
        (sim.TwoByTwo, TABLES | {"on": "RR", "effect": 2.0}, "effect 2 on RR makes risks of 1.47"),
        (sim.TwoByTwo, TABLES | {"on": "RD"}, "effect -0.4 on RD makes risks of -0.2"),
        (sim.TwoByTwo, TABLES | {"random_effects": "t"}, "random_effects must be"),
        (sim.TwoMeans, MEANS | {"n": 1}, "n must be from 2 to"),
        (sim.TwoMeans, MEANS | {"sd": 0}, "sd must be above 0"),
        (sim.TwoMeans, MEANS | {"unit": "SD"}, "'SD' is 'sd' here"),
        (sim.TwoMeans, MEANS | {"effect": True}, "effect must be a finite number, not True"),
        (sim.Normal, EFFECTS | {"v": [0.1, 0.0]}, "v must be above 0"),
        (sim.Normal, EFFECTS | {"v": -1}, "v must be from 0 on, not -1"),
        (sim.Normal, EFFECTS | {"selection": 0.05}, "selection must be a mp.simulate.Selection"),
        (
            sim.Normal,
            EFFECTS | {"selection": sim.Selection([0.5], [1, 0], small=(50, 0.5))},
            "selection by small= needs people: effects have none",
        ),
        (sim.Normal, EFFECTS | {"v": sim.Choice([0.0, 1.0])}, "v must be above 0"),
    ],
)  # fmt: skip
def test_impossible_data(model, fields, message):
    analysis = mp.Analysis(model.kind.measures[0], "DL")
    with pytest.raises(mp.InputError, match=message):
        study(model(**fields), analyses=[analysis])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sim.Uniform(0.3, 0.1), "low is above high"),
        (lambda: sim.Integers(1.5, 3), "whole numbers"),
        (lambda: sim.Integers(0, 2**53), "less than 2"),
        (lambda: sim.LogNormal(0, 0), "sd must be above 0"),
        (lambda: sim.Beta(0, 1), "a must be above 0"),
        (lambda: sim.ChiSquare(1, low=2, high=1), "0 <= low < high"),
        (lambda: sim.Choice([]), "Choice needs values"),
        (lambda: sim.Empirical([1, math.inf]), "inf is not a finite number"),
        (lambda: sim.StudentT(2), "df must be above 2"),
        (lambda: sim.SkewNormal(math.nan), "not a finite number"),
        (lambda: sim.Selection([0.5, 0.1], [1, 1, 1]), "cutoffs must rise between 0 and 1"),
        (lambda: sim.Selection([0.5, 1.0], [1, 1, 1]), "cutoffs must rise between 0 and 1"),
        (lambda: sim.Selection([0.5], [1]), "1 cutoffs make 2 steps: 1 weights do not fit"),
        (lambda: sim.Selection([0.5], [0, 0]), "weights must be from 0 to 1, one above 0"),
        (lambda: sim.Selection([0.5], [1.5, 0]), "weights must be from 0 to 1"),
        (lambda: sim.Selection([0.5], [1, 0], "two-sided"), "alternative must be one of"),
        (lambda: sim.Selection([0.5], [1, 0], small=(50, 2)), "small must be a number of people"),
        (lambda: sim.Uniform("a", 1), "'a' is not a finite number"),
    ],
)
def test_impossible_distributions(make, message):
    with pytest.raises(mp.InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"analyses": [], "tests": []}, "needs analyses or tests"),
        ({"analyses": [mp.Analysis("MD", "DL")]}, "measure 'MD' is not taken from TwoByTwo data"),
        ({"analyses": [mp.Analysis(None, "DL")]}, "measure None is not taken from TwoByTwo"),
        ({"analyses": [mp.Analysis("PETO", "MH")]}, "method 'MH' does not pool measure 'PETO'"),
        ({"analyses": [mp.Analysis("OR", "DLL")]}, "method must be one of"),
        ({"analyses": [mp.Analysis("OR", "DL")] * 2}, "two analyses are called"),
        ({"tests": [mp.Test("egger")]}, "measure None is not taken"),
        ({"replicates": 0}, "replicates must be a whole number from 1"),
        ({"replicates": 10.5}, "replicates must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"data": "TwoByTwo"}, "data must be mp.simulate.TwoByTwo, TwoMeans or Normal"),
    ],
)  # fmt: skip
def test_impossible_studies(choices, message):
    with pytest.raises(mp.InputError, match=message):
        study(**choices)


def test_harbord_needs_tables():
    with pytest.raises(mp.InputError, match="Harbord's test needs TwoByTwo data, not Normal"):
        study(sim.Normal(**EFFECTS), analyses=[], tests=[mp.Test("harbord")])


def test_lists_span_the_grid_the_last_fastest():
    data = sim.TwoByTwo(**TABLES | {"effect": [-0.4, 0.0], "k": [3, 5, 8]})
    grid = [(s["effect"], s["k"]) for s in study(data).scenarios]
    assert grid == [(-0.4, 3), (-0.4, 5), (-0.4, 8), (0.0, 3), (0.0, 5), (0.0, 8)]
    assert "6 scenarios (effect, k) x 20 replicates, 1 analysis, seed 1" in repr(study(data))


def test_tables():
    data = sim.TwoByTwo(**TABLES | {"n_e": sim.Integers(20, 60), "k": [3, 5]})
    result = study(data, tests=[mp.Test("harbord")]).run(progress=False)
    for backend in ("pandas", "polars", "pyarrow"):
        table = result.table(backend)
        columns = list(
            getattr(table, "columns", None) if backend != "pyarrow" else table.column_names
        )
        assert columns[:3] == ["risk_c", "effect", "k"]
        assert columns[-6:] == [
            "analysis",
            "measure",
            "value",
            "mcse",
            "replicates",
            "reason",
        ]
        assert len(table) == 2 * (13 + 2)
    assert {row["n_e"] for row in result.rows} == {"Integers(low=20, high=60)"}
    assert result.value("failed", "OR DL", k=3) == 0
    with pytest.raises(mp.InputError, match="2 rows of the table fit, not one"):
        result.value("failed", "OR DL")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: mp.Test("peters"), "method must be one of 'harbord', 'egger', not 'peters'"),
        (lambda: mp.Test("EGGER"), "'EGGER' is 'egger' here"),
        (lambda: mp.Test("harbord", score="zz"), "score must be one of"),
        (lambda: mp.Test("egger", alpha=0), "alpha must lie strictly between 0 and 1"),
        (lambda: mp.Analysis("OR", 3), "method must be a text, not 3"),
        (lambda: mp.Analysis("OR", name=""), "name must be a text, not ''"),
        (lambda: mp.Analysis("OR", level="a"), "level must lie strictly between 0 and 1"),
        (lambda: mp.Analysis("OR", tau2="zz"), "tau2 must be a finite number >= 0"),
        (lambda: sim.Choice(["a"]), "Choice: 'a' is not a finite number"),
        (lambda: sim.Choice(0.1), "Choice needs a list of numbers, not 0.1"),
        (lambda: sim.PerStudy("abc"), "PerStudy needs a list of numbers"),
        (lambda: sim.ChiSquare(1, 0.001, 0.5, 0.6), "of the distribution is within its bounds"),
        (lambda: sim.Selection(0.5, [1, 0.5]), "cutoffs must be a list of numbers, not 0.5"),
        (lambda: sim.Selection([math.nan], [1, 0.5]), "cutoffs must rise between 0 and 1"),
        (lambda: sim.Selection([0.5], [1, 0.5], small=(-5, 0.5)), "small must be a number of"),
    ],
)
def test_parts_of_a_study_are_checked(make, said):
    with pytest.raises(mp.InputError, match=re.escape(said)):
        make()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"analyses": mp.Analysis("OR")}, "analyses must be a list of mp.Analysis"),
        ({"analyses": ["OR"]}, "analyses must be a list of mp.Analysis"),
        ({"tests": [mp.Analysis("OR")]}, "tests must be a list of mp.Test"),
        ({"bias_eliminated": "no"}, "bias_eliminated must be True or False, not 'no'"),
        ({"estimand": [1]}, "estimand must be a dict by measure"),
        ({"estimand": {"RR": 0.0}}, "estimand of 'RR', which is not analysed: OR are"),
        ({"estimand": {"OR": "a"}}, "estimand of 'OR' must be a number, not 'a'"),
        ({"estimand": {"OR": lambda _: None}}, "estimand of 'OR' must be a number, not None"),
    ],
)
def test_studies_are_checked(change, said):
    with pytest.raises(mp.InputError, match=re.escape(said)):
        study(sim.TwoByTwo(**TABLES), **change)


def test_scenarios_are_named_once():
    with pytest.raises(mp.InputError, match=r"effect has 0.0 twice"):
        study(sim.TwoByTwo(**TABLES | {"effect": [0.0, 0.0]}))
    result = study(sim.TwoByTwo(**TABLES)).run(progress=False)
    with pytest.raises(mp.InputError, match="scenarios have no 'foo'; they have risk_c, effect"):
        result.value("coverage", "OR DL", foo=7)


def test_executors_and_checkpoints_are_checked(tmp_path):
    one = study(sim.TwoByTwo(**TABLES))
    with pytest.raises(mp.InputError, match=r"executor must be a concurrent.futures.Executor"):
        one.run(executor="dask", progress=False)
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(mp.InputError, match="checkpoint must be a directory"):
        one.run(checkpoint=file, progress=False)


def test_replicates_that_were_given_up_are_missing():
    never = sim.Selection([0.025], [1.0, 0.0])
    data = sim.Normal(mu=-0.3, v=0.1, k=3, selection=never)
    one = study(data, analyses=[mp.Analysis()], replicates=200)
    batch = one.generate(0, 0, 200)
    missing = np.isnan(batch.y).reshape(200, 3)
    assert (missing.all(axis=1) == missing.any(axis=1)).all()
    failed = one.run(progress=False).value("failed", mp.Analysis().label)
    assert 0 < failed < 1
    assert missing[:, 0].mean() == pytest.approx(failed)


def test_reasons_name_what_is_missing():
    data = sim.TwoMeans(effect=0.5, k=5, n=20, sd=1.0)
    analyses = [mp.Analysis("MD", "DL"), mp.Analysis("SMD", "DL")]
    result = study(data, analyses=analyses).run(progress=False)
    reason = {(row["analysis"], row["measure"]): row["reason"] for row in result.rows}
    declared = "the effect is declared in unit 'sd', not as MD"
    assert reason["MD DL", "bias"] == declared
    assert reason["MD DL", "empirical_se"] == ""
    assert reason["SMD DL", "coverage_difference"] == f"of the first analysis: {declared}"
    assert reason["SMD DL", "power_difference"] == ""
    with pytest.raises(mp.InputError, match="no analysis has 'coverage_difference': of the"):
        result.plot("coverage_difference")
    nothing = study(sim.TwoByTwo(**TABLES | {"risk_c": 0.0})).run(progress=False)
    values = {row["measure"]: (row["value"], row["reason"]) for row in nothing.rows}
    assert math.isnan(values["empirical_se"][0])
    assert values["bias"][1] == values["empirical_se"][1] == "every replicate failed"


def test_arguments_may_be_called_like_columns_of_the_table():
    data = sim.TwoMeans(effect=0.5, k=5, n=[20, 200])
    result = study(data, analyses=[mp.Analysis("SMD", "DL")]).run(progress=False)
    width = [result.value("interval_width", "SMD DL", n=n) for n in (20, 200)]
    assert width[0] > width[1]


def test_numbers_and_distributions_in_one_grid():
    spread = sim.Uniform(0.5, 1.5)
    data = sim.Normal(mu=0.0, v=[1.0, spread], k=5)
    result = study(data, analyses=[mp.Analysis()]).run(progress=False)
    for backend in ("pandas", "polars", "pyarrow"):
        result.table(backend)
    assert {row["v"] for row in result.rows} == {"1.0", "Uniform(low=0.5, high=1.5)"}
    label = mp.Analysis().label
    values = [row["value"] for row in result.rows if row["measure"] == "bias"]
    assert [result.value("bias", label, v=v) for v in (1.0, spread)] == values


@pytest.mark.parametrize(
    ("data", "measure", "reason"),
    [
        (sim.TwoByTwo(**TABLES), "RR", "the effect is declared on OR, not on RR"),
        (sim.TwoMeans(**MEANS), "MD", "the effect is declared in unit 'sd', not as"),
        (sim.TwoMeans(**MEANS, unit="raw"), "SMD", "the effect is declared in unit 'raw', not as"),
    ],
)  # fmt: skip
def test_no_truth_on_another_scale(data, measure, reason):
    result = study(data, analyses=[mp.Analysis(measure, "DL")]).run(progress=False)
    rows = {row["measure"]: row for row in result.rows}
    for name in ("bias", "relative_bias", "mse", "coverage", "tau2_bias", "tau2_mse"):
        assert math.isnan(rows[name]["value"])
        assert rows[name]["reason"].startswith(reason)
    for name in ("empirical_se", "model_se", "power", "interval_width", "failed"):
        assert math.isfinite(rows[name]["value"])
        assert rows[name]["reason"] == ""


def test_estimand_gives_a_truth():
    data = sim.TwoMeans(**MEANS | {"effect": [0.2, 0.5]}, sd=40.0)
    analyses = [mp.Analysis("MD", "DL"), mp.Analysis("SMD", "DL")]
    given = {"MD": lambda scenario: scenario["effect"] * scenario["sd"]}
    result = study(data, analyses=analyses, replicates=400, estimand=given).run(progress=False)
    for effect in (0.2, 0.5):
        bias = [r for r in result.rows if (r["measure"], r["effect"]) == ("bias", effect)]
        assert all(abs(row["value"]) < 5 * row["mcse"] for row in bias[:1])
        assert result.value("coverage", "MD DL", effect=effect) > 0.85


def test_relative_bias_of_no_effect():
    result = study(sim.Normal(**EFFECTS | {"mu": 0.0}), analyses=[mp.Analysis()]).run(
        progress=False
    )
    (row,) = (row for row in result.rows if row["measure"] == "relative_bias")
    assert math.isnan(row["value"])
    assert row["reason"] == "the effect is 0"


def test_failures_are_counted():
    """Arms of one person who never has an event: no odds ratio, in all replicates."""
    data = sim.TwoByTwo(risk_c=0.0, effect=0.0, k=3, n_e=1)
    result = study(data, tests=[mp.Test("harbord")]).run(progress=False)
    assert result.value("failed", "OR DL") == result.value("failed", "harbord") == 1
    rows = {row["measure"]: row for row in result.rows if row["analysis"] == "OR DL"}
    assert math.isnan(rows["bias"]["value"])
    assert rows["bias"]["replicates"] == 0
    assert rows["bias"]["reason"] == "every replicate failed"
    assert rows["failed"]["mcse"] == pytest.approx(1 / 21)


def test_selection_that_almost_never_publishes():
    """Studies are given up after 1,000 draws; their replicates fail, the others do not."""
    never = sim.Selection([1e-12], [1.0, 0.0])
    for k, share in [(1, (0.99, 1.0)), (5, (1.0, 1.0))]:
        data = sim.Normal(mu=0.0, v=1.0, k=k, selection=never)
        result = study(data, analyses=[mp.Analysis()]).run(progress=False)
        assert share[0] <= result.value("failed", "default") <= share[1]


def test_specifications():
    """A TOML file says what Python says."""
    said = _simulation_spec.from_dict(tomllib.loads(_simulation_spec.EXAMPLE))
    data = sim.TwoByTwo(
        effect=[0.0, -0.357], tau=[0.0, 0.316], k=[5, 10, 20], risk_c=sim.Uniform(0.05, 0.3),
        n_e=sim.Integers(20, 200),
    )  # fmt: skip
    analyses = [
        mp.Analysis("OR", "MH"), mp.Analysis("OR", "DL"), mp.Analysis("OR", "REML", interval="hk")
    ]  # fmt: skip
    tests = [mp.Test("harbord"), mp.Test("egger", measure="OR")]
    assert (said.data, said.analyses, said.tests) == (data, analyses, tests)
    assert (said.replicates, said.seed, len(said.scenarios)) == (2000, 2008, 12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replicats": 5}, "the specification knows no 'replicats'; it has data, analyses"),
        (
            {"data": {"model": "Tables"}},
            r"\[data\] model must be one of TwoByTwo, TwoMeans, Normal",
        ),
        ({"data": {"model": "Normal", "mu": 0}}, r"\[data\] of Normal needs v"),
        ({"data": {"model": "Normal", "mean": 0}}, "knows no 'mean'; it has mu, v, k, tau"),
        (
            {"data": {"model": "Normal", "mu": 0, "k": 5, "v": {"distribution": "Gamma"}}},
            r"\[data\] v: distribution must be one of Uniform",
        ),
        (
            {"data": {"model": "Normal", "mu": 0, "k": 5, "v": {"distribution": "Uniform"}}},
            r"\[data\] v Uniform needs low",
        ),
        ({"analyses": [{"conventions": "STATA"}]}, "conventions must be one of"),
        ({"tests": [{"test": "egger"}]}, "knows no 'test'; it has method"),
        ({"tests": ["egger"]}, "must be a table, not 'egger'"),
        ({"data": 5}, "must be a table, not 5"),
    ],
)
def test_bad_specifications(change, message):
    good = tomllib.loads(_simulation_spec.EXAMPLE)
    with pytest.raises(mp.InputError, match=message):
        _simulation_spec.from_dict(good | change)
    del good["data"]
    with pytest.raises(mp.InputError, match="the specification needs"):
        _simulation_spec.from_dict(good)

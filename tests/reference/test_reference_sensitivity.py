"""The oracle of trim and fill, leave-one-out, cumulative and influence, against metafor 3.8.1."""

import itertools
import math

import pytest

from . import direct_pooling, sensitivity, two_by_two
from .golden_units import METHODS, Series, Worst, series
from .test_reference_goldens import BCG, METAFOR
from .test_reference_small_study import RANK_DEFICIENT, hackshaw
from .trim_and_fill import trim_and_fill

BOUND = 1e-8
ITERATED = 1e-7
#: REML is refitted for each study: larger data sets are left to the other two.
MOST_BY_REML = 20

FITTED = {
    "est": "estimate", "se": "se", "stat": "statistic", "p": "p_value", "tau2": "tau2",
    "QE": "q", "QEp": "q_p", "I2": "i2", "H2": "h2",
}  # fmt: skip
LEFT = {
    "estimate": "estimate", "se": "se", "zval": "statistic", "pval": "p_value", "tau2": "tau2",
    "Q": "q", "Qp": "q_p", "I2": "i2", "H2": "h2",
}  # fmt: skip
CUMULATED = {"estimate": "estimate", "se": "se", "tau2": "tau2", "I2": "i2"}
INFLUENCE = {
    "rstudent": "rstudent", "dffits": "dffits", "cook.d": "cook_d", "cov.r": "cov_ratio",
    "tau2.del": "tau2_deleted", "QE.del": "q_deleted", "hat": "hat", "weight": "weight",
    "dfb": "dfbetas", "is_infl": "is_influential",
}  # fmt: skip

#: metafor's scoring stays at tau2 = 0, where the likelihood has a lower summit of its own.
LOWER_SUMMIT = {("franchini2012 ROM", 2), ("franchini2012 ROM", 3), ("lau1992 PETO", 20)}


#: Series whose trim and fill metafor gives up: its REML does not converge in the line that finds
#: the side (axfors2021, PETO), in the fit of all (AS) or of what trimming leaves (anand1999).
IN_THE_LINE = {"axfors2021 AS", "hartmannboyce2018.choiceofproduct PETO"}
NOT_CONVERGED = {
    "L0": IN_THE_LINE | {"hartmannboyce2018.choiceofproduct AS", "anand1999 RD"},
    "R0": IN_THE_LINE | {"hartmannboyce2018.choiceofproduct AS"},
}


def listed(values) -> list[float]:
    """R writes one number as a number, and none as null."""
    if values is None:
        return []
    return sorted(values) if isinstance(values, list) else [values]


def near_fit(worst: Worst, name: str, ours, golden, fields) -> None:
    for stored, field in fields.items():
        if golden.get(stored) is not None:
            worst.near(f"{name} {stored}", getattr(ours, field), golden[stored])


def near_trim_and_fill(worst: Worst, name: str, one: Series, golden, method, estimator) -> None:
    ours = trim_and_fill(one.y, one.v, method, estimator, golden["side"])
    assert ours.status == "OK"
    worst.near(f"{name} k0", ours.k0, golden["k0"])
    worst.near(f"{name} se_k0", ours.se_k0, golden["se_k0"])
    worst.near(f"{name} p_k0", ours.p_value, golden["p_k0"])
    for i, stored in enumerate(("yi_fill", "vi_fill")):
        filled = sorted(pair[i] for pair in ours.filled)
        for a, b in itertools.zip_longest(filled, listed(golden[stored]), fillvalue=math.nan):
            worst.near(f"{name} {stored}", a, b)
    # Where nothing is filled metafor returns the model it was given, which was run tight.
    tight = method == "REML_SCORED" and ours.k0 == 0
    fit = direct_pooling.fit(one.y, one.v, "REML") if tight else ours.fit
    near_fit(worst, name, fit, golden, FITTED)


@pytest.mark.parametrize("estimator", ["L0", "R0"])
@pytest.mark.parametrize("model", METHODS)
def test_trim_and_fill(model, estimator):
    """metafor refits with its default control: REML is compared as that stops."""
    method = "REML_SCORED" if model == "REML" else METHODS[model]
    worst = Worst(BOUND)
    missing = set()
    for one in series():
        golden = one.golden[model][f"trimfill_{estimator}"]
        if "error" in golden:
            missing.add(one.name)
        else:
            name = f"{one.name} {model} {estimator}"
            near_trim_and_fill(worst, name, one, golden, method, estimator)
    stuck = NOT_CONVERGED[estimator] if model == "REML" else set()
    assert missing == RANK_DEFICIENT | stuck
    worst.conclude()


def test_k0_by_exact_reml():
    """The number of missing studies where REML is iterated to the end: nearly always the same."""
    others = {}
    for one in refitted("REML"):
        for estimator in ("L0", "R0"):
            golden = one.golden["REML"][f"trimfill_{estimator}"]
            if "error" not in golden:
                ours = trim_and_fill(one.y, one.v, "REML", estimator, golden["side"])
                if ours.k0 != golden["k0"]:
                    others[one.name, estimator] = (ours.k0, golden["k0"])
    assert others == {("graves2010 AS", "L0"): (4, 0)}


# metafor 3.8.1: k0, se_k0, estimate, tau2.
@pytest.mark.parametrize(
    ("method", "golden"),
    [
        ("DL", (8, 5.23309142793383, 0.162185659348078, 0.0290954263031776)),
        ("IV", (10, 5.5427136641891, 0.130194290566266, 0)),
    ],
)
def test_quadratic_estimator(method, golden):
    one = hackshaw()
    ours = trim_and_fill(one.y, one.v, method, "Q0", "left")
    found = (ours.k0, ours.se_k0, ours.fit.estimate, ours.fit.tau2)
    assert found == pytest.approx(golden, abs=1e-12)


@pytest.mark.parametrize(
    ("side", "method", "golden"),
    [
        ("left", "DL", (0, 2.07859459617408, -0.714117222073227, 0.308760262862376)),
        ("left", "IV", (0, 0.406438751491814, -0.430285163654091, 0)),
        ("right", "DL", (1, 2.77862574085483, -0.656073212988602, 0.308132153287138)),
        ("right", "IV", (5, 3.9691833511491, -0.286260374516564, 0)),
    ],
)
def test_quadratic_estimator_of_bcg(side, method, golden):
    ours = trim_and_fill(*bcg(), method, "Q0", side)
    found = (ours.k0, ours.se_k0, ours.fit.estimate, ours.fit.tau2)
    assert found == pytest.approx(golden, abs=1e-12)


def test_states_of_trim_and_fill():
    assert trim_and_fill([1.0], [1.0], "IV", "L0", "left").status == "TOO_FEW_STUDIES"
    same = trim_and_fill([0.1] * 3, [0.1, 0.2, 0.3], "IV", "R0", "left")
    assert (same.status, same.k0, same.filled) == ("OK", 0, ())


def bcg() -> tuple[list[float], list[float]]:
    effects = two_by_two.study_effects(BCG, "RR", METAFOR)
    return [float(e.y) for e in effects], [float(e.v) for e in effects]


def refitted(model: str) -> list[Series]:
    """Those whose studies metafor left out one by one."""
    most = MOST_BY_REML if model == "REML" else math.inf
    return [one for one in series() if "leave1out" in one.golden[model] and one.k <= most]


def near_all(worst: Worst, name: str, ours, golden, fields, but=()) -> int:
    """Values of metafor by study; it has none where its REML did not converge: how many."""
    lacking = set()
    for stored, field in fields.items():
        for i, value in enumerate(golden.get(stored, [])):
            if value is None:
                lacking.add(i)
            elif (name, i) not in but:
                worst.near(f"{name} {stored} {i}", getattr(ours[i], field), value)
    return len(lacking)


@pytest.mark.parametrize("model", METHODS)
def test_leave_one_out_and_influence(model):
    worst = Worst(ITERATED if model == "REML" else BOUND)
    lacking = 0
    for one in refitted(model):
        left = sensitivity.leave_one_out(one.y, one.v, METHODS[model])
        whole = direct_pooling.fit(one.y, one.v, METHODS[model])
        moved = [sensitivity.one(one.y, one.v, i, whole, fit) for i, fit in enumerate(left)]
        but = LOWER_SUMMIT if model == "REML" else ()
        golden = one.golden[model]
        lacking += near_all(worst, one.name, left, golden["leave1out"], LEFT, but)
        near_all(worst, one.name, moved, golden["influence"], INFLUENCE, but)
    worst.conclude()
    assert lacking == (13 if model == "REML" else 0)


@pytest.mark.parametrize("model", METHODS)
def test_cumulative(model):
    worst = Worst(ITERATED if model == "REML" else BOUND)
    lacking = 0
    for one in refitted(model):
        ours = sensitivity.cumulative(one.y, one.v, METHODS[model])
        lacking += near_all(worst, one.name, ours, one.golden[model]["cumul"], CUMULATED)
    worst.conclude()
    assert lacking == (41 if model == "REML" else 0)


def test_lower_summits():
    """Where metafor says 0 the restricted likelihood is higher at the tau2 found here."""
    by_name = {one.name: one for one in series()}
    for name, i in LOWER_SUMMIT:
        one = by_name[name]
        y, v = sensitivity.without(one.y, i), sensitivity.without(one.v, i)
        tau2 = direct_pooling.tau2_reml(y, v)
        at_0, there = (direct_pooling.restricted_log_likelihood(y, v, t) for t in (0.0, tau2))
        assert direct_pooling.restricted_slope(y, v, 0.0) < 0
        assert there > at_0 + 0.03
        assert one.golden["REML"]["leave1out"]["tau2"][i] == 0


def test_influence_is_its_parts():
    y, v = bcg()
    left = sensitivity.leave_one_out(y, v, "DL")
    moved = sensitivity.influence(y, v, "DL")
    assert [m.tau2_deleted for m in moved] == [fit.tau2 for fit in left]
    assert sum(m.hat for m in moved) == pytest.approx(1)


# metafor 3.8.1: the first, fourth and last trial.
@pytest.mark.parametrize(
    ("method", "golden"),
    [
        ("DL", [(0.0483853037030802, 0.00238176862744184), (1.60951334762019, 0.338226321534576),
                (1.27716886451488, 0.117675881316688)]),
        ("IV", [(0.647158736025662, 0.00327659923899697), (51.1073136255054, 4.56309948547637),
                (2.38843270921625, 0.05615154772269)]),
    ],
)  # fmt: skip
def test_baujat(method, golden):
    points = sensitivity.baujat(*bcg(), method)
    for ours, wanted in zip((points[0], points[3], points[12]), golden, strict=True):
        assert ours == pytest.approx(wanted, rel=1e-11)


def test_reml_as_metafor_stops():
    """Fisher scoring stopped by a change of 1e-5 gives metafor's default numbers, to the digit."""
    y, v = bcg()
    assert direct_pooling.tau2_reml_scored(y, v) == pytest.approx(0.3132433260, abs=1e-10)
    assert direct_pooling.tau2_reml(y, v) == pytest.approx(0.3132432581, abs=1e-10)

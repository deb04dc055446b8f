"""Influence and Baujat's coordinates: made of the fits with and without each study by the oracle's
formulae."""

import itertools
import math
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import (
    mantel_haenszel,
    pooling,
    sensitivity,
)
from tolerances import EPS, ROUNDINGS

import metapool as mp

from . import strategies
from .compare import same_bits
from .pooled_settings import INFLUENCE, Setting, few, methods, settings_of
from .strategies import Batch


@methods
@given(data=st.data())
@few
def test_influence_is_made_of_the_fits(method, data):
    """The oracle's formulae, of the very fits with and without each study."""
    setting = data.draw(settings_of(method))
    setting.options["interval"] = "wald"
    # a choice between raw counts and corrected ones would be one between two effects of a study
    assume(method != "auto" or setting.conventions.peto_cc == "none")
    studies = setting.batch.studies()
    whole, got = setting.pool(studies), setting.call(mp.influence, studies)
    left = setting.call(mp.leave_one_out, studies)
    same_bits(got.tau2_deleted, left.tau2)
    same_bits(got.q_deleted, left.q)
    same_bits(got.status, left.status)
    same_bits(got.overall.estimate, whole.estimate)
    effects = effects_of(setting, studies)
    # Mantel and Haenszel's and IVhet's variance is not 1/sum w, of which dfbetas is made; and some
    # corrections of a study depend on the others, so that they move its effect
    is_whole = method not in ("MH", "IVhet", "auto") and not (
        setting.conventions.study_cc_kind == "empirical"
        or setting.conventions.study_cc_when == "if0all"
    )
    for i, (start, stop) in enumerate(itertools.pairwise(setting.batch.offsets)):
        rows = range(start, stop)
        used = [row for row in rows if effects.included[row] and whole.weights[row] > 0]
        if by_mantel_haenszel(setting) and whole.model[i] == "common":
            studies, rules = setting.batch.analyses[i], asdict(setting.conventions)
            heard = mantel_haenszel.in_q(studies, setting.measure, rules)
            used = [row for row in used if row - start in heard]
        y, v = effects.y[used], effects.v[used]
        fit = fit_of(whole, i, [whole.weights[row] for row in used])
        for place, row in enumerate(used):
            if len(used) > 1:
                check_influence(got, row, y, v, place, fit, fit_of(left, row, []), is_whole)


def by_mantel_haenszel(setting: Setting) -> bool:
    method = setting.options["method"]
    if method == "auto":
        method = pooling.common_method(setting.measure, asdict(setting.conventions))
    return method == "MH"


def effects_of(setting: Setting, studies: Any) -> mp.EffectSizes:
    """As the method takes them: Peto's of the raw counts."""
    conventions = setting.conventions
    if setting.options["method"] == "Peto":
        conventions = conventions.replace(peto_cc="none")
    return mp.effect_sizes(studies, setting.measure, conventions)


@dataclass(frozen=True)
class Fitted:
    """What the oracle's formulae need of a fit."""

    estimate: float
    se: float
    tau2: float
    q: float
    weights: list[float]


def fit_of(found: Any, i: int, weights: list[float]) -> Fitted:
    return Fitted(*(float(getattr(found, n)[i]) for n in ("estimate", "se", "tau2", "q")), weights)


def check_influence(got, row, y, v, place, whole, left, is_whole) -> None:
    if math.isnan(left.estimate) or math.isnan(whole.estimate):
        assert math.isnan(got.cook_d[row])
        return
    want = sensitivity.one(y.tolist(), v.tolist(), place, whole, left)
    unit = (ROUNDINGS + len(y)) * EPS
    for name in INFLUENCE[:-2]:
        if name != "dfbetas" or is_whole:
            value = getattr(want, name)
            assert getattr(got, name)[row] == pytest.approx(value, rel=unit, abs=1e-300), name
    x = (y[place] - whole.estimate) ** 2 / (v[place] + whole.tau2)
    assert got.baujat.x[row] == pytest.approx(x, rel=unit, abs=1e-300)
    if is_whole and not hangs(want, len(y)):
        assert got.is_influential[row] == want.is_influential


def hangs(found: sensitivity.Influence, k: int, unit: float = 1e-12) -> bool:
    """Whether roundings alone decide if a study is influential."""
    pairs = [
        (abs(found.dffits), 3 * math.sqrt(1 / (k - 1))),
        (found.cook_d, 0.454936423119572),
        (found.hat, 3 / k),
        (abs(found.dfbetas), 1.0),
    ]
    return any(abs(a - b) <= unit * b for a, b in pairs)


plain = st.lists(
    st.tuples(strategies.hundredths(-3, 3), strategies.hundredths(1, 3)), min_size=2, max_size=9
)


@pytest.mark.parametrize("method", ["IV", "DL", "REML"])
@given(rows=plain)
def test_influence(method, rows):
    """End to end, of studies of like size, where no rounding is magnified by 1e4."""
    y, v = (list(column) for column in zip(*rows, strict=True))
    got = mp.influence(Batch("effects", [rows]).one(0), method=method)
    for i, want in enumerate(sensitivity.influence(y, v, method)):
        for name in INFLUENCE[:-2]:
            value = getattr(want, name)
            assert getattr(got, name)[i] == pytest.approx(value, rel=1e-8, abs=1e-9), name
        assert got.is_influential[i] == want.is_influential or hangs(want, len(y), 1e-8)


@given(rows=plain)
def test_baujat(rows):
    """(mu_ - mu)^2 over the variance of mu_ (Baujat et al. 2002)."""
    y, v = (list(column) for column in zip(*rows, strict=True))
    got = mp.influence(Batch("effects", [rows]).one(0), method="DL").baujat
    for *found, want in zip(got.x, got.y, sensitivity.baujat(y, v, "DL"), strict=True):
        assert found == pytest.approx(want, rel=1e-8, abs=1e-9)

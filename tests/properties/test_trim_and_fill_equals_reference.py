"""Trim and fill equals the oracle's."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from reference import direct_pooling, line_tau2, trim_and_fill

import metapool as mp
from metapool import _types as t

from . import strategies
from .strategies import Batch, kind_of

MEASURES = t.choices(t.Measure)
METHODS = ("IV", "DL", "REML")
systems = st.sampled_from([mp.REVMAN5, mp.METAFOR])
#: Studies of like size about a line of effects on standard errors, of which some are missing.
funnels = st.lists(
    st.tuples(strategies.hundredths(-2, 3), st.integers(1, 80).map(lambda i: i / 100)),
    min_size=2,
    max_size=12,
)


def settle(y: list[float], v: list[float], method: str, estimator: str, side: str) -> bool:
    """Whether no step of the oracle hangs on roundings: ranks of distances that are equal within
    them, a distance of 0, or a k0 between two whole numbers."""
    sign = 1.0 if side == "left" else -1.0
    pairs = sorted(zip((sign * x for x in y), v, strict=True), key=lambda pair: pair[0])
    k0, k = 0, len(y)
    unit = 1e-9 * max(map(abs, y), default=0.0)
    for _ in range(trim_and_fill.ITERATIONS):
        kept = pairs[: k - k0]
        if len(kept) == 0:
            return True
        mean = direct_pooling.fit(*zip(*kept, strict=True), method).estimate
        distances = sorted(abs(x - mean) for x, _ in pairs)
        own = [pair[0] for pair in pairs]
        ties = any(
            b - a <= unit and not same_sign_tie(a, own, mean, unit)
            for a, b in itertools.pairwise(distances)
        )
        if ties or distances[0] <= unit:
            return False
        raw = trim_and_fill.raw_k0([x - mean for x, _ in pairs], estimator)
        if math.isnan(raw):
            return True
        before, k0 = k0, max(0, round(raw))
        if k0 == before:
            return True
    return True


def same_sign_tie(distance: float, own: list[float], mean: float, unit: float) -> bool:
    """Whether those at a distance are all on one side: their ranks can change places."""
    there = [x > mean for x in own if abs(abs(x - mean) - distance) <= 2 * unit]
    return len(set(there)) == 1


def slope_of(y: list[float], v: list[float], method: str) -> tuple[float, float]:
    """Of y on its standard error with the model's weights, and what roundings may move it."""
    x = [math.sqrt(b) for b in v]
    spread = max(x) - min(x)
    if len(x) < 2 or spread <= 1e-9 * max(x):
        return math.nan, math.inf
    tau2 = line_tau2.tau2(x, y, v, method) if len(x) > 2 else 0.0
    w = [1 / (b + tau2) for b in v]
    mean_x, mean_y = (float(np.average(values, weights=w)) for values in (x, y))
    sxx = sum(a * (b - mean_x) ** 2 for a, b in zip(w, x, strict=True))
    sxy = sum(a * (b - mean_x) * (c - mean_y) for a, b, c in zip(w, x, y, strict=True))
    size = sum(a * abs(b - mean_x) * abs(c) for a, b, c in zip(w, x, y, strict=True))
    return sxy / sxx, 1e-8 * size / sxx


@pytest.mark.parametrize("estimator", t.choices(t.TrimEstimator))
@pytest.mark.parametrize("method", METHODS)
@given(rows=funnels, side=st.sampled_from([None, "left", "right"]))
def test_trim_and_fill(method, estimator, rows, side):
    check(Batch("effects", [rows]), "GEN", method, estimator, side, mp.METAFOR)


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data(), conventions=systems)
def test_trim_and_fill_of_any_data(method, data, conventions):
    measure = data.draw(st.sampled_from(MEASURES))
    batch = data.draw(strategies.batches(kind_of(measure), max_size=3))
    estimator = data.draw(st.sampled_from(t.choices(t.TrimEstimator)))
    side = data.draw(st.sampled_from([None, "left", "right"]))
    check(batch, measure, method, estimator, side, conventions)


def check(
    batch: Batch,
    measure: str,
    method: str,
    estimator: str,
    side: str | None,
    conventions: mp.Conventions,
) -> None:
    got = mp.trim_and_fill(
        batch.studies(), measure, method, conventions, interval="wald",
        estimator=estimator, side=side,
    )  # fmt: skip
    sizes = mp.effect_sizes(batch.studies(), measure, conventions)
    place = 0
    for i, (start, stop) in enumerate(itertools.pairwise(batch.offsets)):
        rows = slice(place, place + stop - start + int(got.k0[i]))
        place = rows.stop
        here = sizes.included[start:stop]
        y, v = sizes.y[start:stop][here].tolist(), sizes.v[start:stop][here].tolist()
        check_one(got, i, rows, (y, v), method, estimator, side, conventions)
    assert place == len(got.y)


def check_one(got, i, rows, studies, method, estimator, side, conventions) -> None:
    y, v = studies
    filled = got.filled[rows]
    assert filled.sum() == got.k0[i]
    if len(y) < 2:
        assert (got.k0[i], got.status[i]) == (0, mp.Status.TOO_FEW_STUDIES)
        return
    if max(v) > 1e6 * min(v) or len(set(y)) == 1:
        event("a dominating study, or equal effects")
        return
    if side is None:
        slope, error = slope_of(y, v, method)
        if not abs(slope) > error:
            event("a side that hangs on roundings")
            return
        side = trim_and_fill.side_of_slope(slope)
    if not settle(y, v, method, estimator, side):
        event("hangs on roundings")
        return
    want = trim_and_fill.trim_and_fill(y, v, method, estimator, side)
    event(f"{want.status}, {'some' if want.k0 else 'none'}")
    if want.status != "OK":
        assert got.status[i] != mp.Status.OK
        return
    assert got.status[i] == mp.Status.OK
    assert got.side[i] == side
    assert got.k0[i] == want.k0
    assert got.se_k0[i] == pytest.approx(want.se_k0, rel=1e-12, nan_ok=True)
    assert got.p_value[i] == pytest.approx(want.p_value, rel=1e-15, nan_ok=True)
    size = max(map(abs, y))
    mirrored = sorted(zip(got.y[rows][filled], got.v[rows][filled], strict=True))
    for one, other in zip(mirrored, sorted(want.filled), strict=True):
        assert one == pytest.approx(other, rel=1e-8, abs=1e-8 * size)
    of_tau2 = ("i2",) if conventions.i2 == "tau2" else ()
    for name in ("estimate", "se", "q", "tau2", *of_tau2):
        value = getattr(want.fit, name)
        found = float(getattr(got.pooled, name)[i])
        assert found == pytest.approx(value, rel=1e-7, abs=1e-8 * size), name

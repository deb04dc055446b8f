"""Begg and Mazumdar's rank correlation equals the oracle's."""

import math
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from reference import pooling, rank_correlation
from reference.effects import Effect, included
from tolerances import EPS, ROUNDINGS, TAIL, normal_tail

import metapool as mp
from metapool import _types as t

from . import strategies
from .strategies import Batch, kind_of

MEASURES = t.choices(t.Measure)
systems = st.sampled_from([mp.REVMAN5, mp.METAFOR])
#: Different effects, and variances of which there are few.
tied = st.lists(
    st.tuples(st.integers(-40, 40).map(lambda i: i / 10), st.sampled_from([0.1, 0.2, 0.3])),
    min_size=2,
    max_size=8,
    unique_by=lambda study: study[0],
)


def hangs(kind: str, effects: list[Effect]) -> bool:
    """Whether roundings alone decide the order of two studies, or if they are equal."""
    used = included(effects)
    if len(used) < 2:
        return False
    unit = (ROUNDINGS + len(used)) * EPS
    total = float(sum(1 / e.v for e in used))
    ys = [float(y) for y in rank_correlation.standardised(used)]
    moved = unit * sum((e.size + abs(float(e.y))) / float(e.v) for e in used) / total
    errors = []
    for i, (e, y) in enumerate(zip(used, ys, strict=True)):
        others = float(sum(1 / other.v for j, other in enumerate(used) if j != i))
        sd = math.sqrt(float(e.v) * others / total)
        errors.append((moved + unit * e.size) / sd + 4 * unit * abs(y))
    vs = [(float(e.v), unit * e.v_size) for e in used]
    ties = {e.v for e in used} if kind == "effects" else set()  # given, so that the bits are equal
    return ambiguous(list(zip(ys, errors, strict=True))) or ambiguous(vs, ties)


def ambiguous(numbers: list[tuple[float, float]], ties: Collection[Any] = ()) -> bool:
    """Whether two are equal within their errors, other than these ties."""
    return any(
        abs(a - b) <= da + db and not (a == b and a in ties)
        for i, (a, da) in enumerate(numbers)
        for b, db in numbers[:i]
    )


def check(got: mp.SmallStudyTest, i: int, want: rank_correlation.RankTest, p: str) -> None:
    assert got.k[i] == want.k
    assert got.df[i] == 0
    assert mp.Status(int(got.status[i])).name == want.status
    assert math.isnan(got.slope_se[i])
    assert math.isnan(got.dispersion[i])
    if want.status != "OK":
        for name in ("bias", "se", "slope", "statistic", "p_value"):
            assert math.isnan(getattr(got, name)[i])
        return
    event("ties" if want.has_ties else "no ties")
    assert got.bias[i] == want.s
    assert got.se[i] == pytest.approx(math.sqrt(want.variance), rel=ROUNDINGS * EPS)
    assert got.slope[i] == pytest.approx(want.tau, rel=ROUNDINGS * EPS)
    corrected = p == "corrected"
    z = want.statistic_corrected if corrected else want.statistic
    assert got.statistic[i] == pytest.approx(z, rel=ROUNDINGS * EPS)
    if p == "exact" and not want.has_ties:
        assert got.p_value[i] == pytest.approx(want.p_exact, rel=TAIL)
    else:
        p_value = want.p_corrected if corrected else want.p_normal
        assert abs(got.p_value[i] - p_value) <= normal_tail(abs(z), ROUNDINGS * EPS * abs(z))


@pytest.mark.parametrize("p", t.choices(t.RankP))
@given(data=st.data(), conventions=systems)
def test_begg(p, data, conventions):
    measure = data.draw(st.sampled_from(MEASURES))
    batch = data.draw(strategies.batches(kind_of(measure)))
    check_batch(batch, measure, p, conventions)


@pytest.mark.parametrize("p", t.choices(t.RankP))
@given(analyses=st.lists(tied, min_size=1, max_size=4))
def test_begg_with_ties(p, analyses):
    """Of variances."""
    check_batch(Batch("effects", analyses), "GEN", p, mp.REVMAN5)


def check_batch(batch: Batch, measure: str, p: str, conventions: mp.Conventions) -> None:
    got = mp.small_study_test(batch.studies(), "begg", measure, conventions=conventions, p=p)
    for i, studies in enumerate(batch.analyses):
        effects = pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
        if hangs(batch.kind, effects):
            event("an order hangs on roundings")
        else:
            check(got, i, rank_correlation.rank_test(effects), p)


def test_equal_studies_tie():
    effects = [(-0.5, 0.1), (-0.3, 0.2), (0.4, 0.7), (-0.5, 0.1)]
    y, v = (list(column) for column in zip(*effects, strict=True))
    got = mp.small_study_test(mp.Effects(y=y, v=v), "begg")
    want = rank_correlation.rank_test(pooling.study_effects("effects", effects, "GEN", {}))
    assert (got.bias, got.slope, got.p_value) == pytest.approx((want.s, want.tau, want.p_value))


def test_equal_effects_have_no_rank_correlation():
    v = [1.12, 0.94, 1.87, 0.18, 1.49, 1.27, 0.15, 1.47]
    got = mp.small_study_test(mp.Effects(y=[-0.16] * 8, v=v), "begg")
    assert got.status == mp.Status.ZERO_SPREAD


def test_studies_that_are_all_equal_have_no_rank_correlation():
    got = mp.small_study_test(mp.Effects(y=[0.1] * 3, v=[0.1] * 3), "begg")
    assert got.status == mp.Status.ZERO_SPREAD


@pytest.mark.parametrize("k", [2, 3, 4, 20, 70])
def test_exact_p_of_every_score(k):
    """Studies in an order of every so many inversions, beyond what the core keeps a table of."""
    for n in {0, 1, k // 2, k - 1}:
        order = [*range(n, -1, -1), *range(n + 1, k)]
        # equal variances but for a trace, so that effects keep their order when standardised
        v = [1 + 1e-6 * i for i in range(k)]
        got = mp.small_study_test(mp.Effects(y=list(map(float, order)), v=v), "begg")
        s = k * (k - 1) // 2 - n * (n + 1)
        assert got.bias == s
        assert got.p_value == pytest.approx(rank_correlation.exact_p(k, s), rel=1e-12)

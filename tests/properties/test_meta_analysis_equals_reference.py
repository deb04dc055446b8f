"""Totals, model choice and the test between subgroups equal the oracle's."""

from dataclasses import asdict

import pytest
import tolerances
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import pooling, subgroups

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import at_the_threshold, close
from .strategies import Batch, kind_of

CONVENTIONS = {"REVMAN5": mp.REVMAN5, "METAFOR": mp.METAFOR.replace(default_random="DL")}
LEVEL = 0.95


def same(got: mp.Pooled[float], want: pooling.Pooled) -> None:
    """One number per field."""
    assert got.status.name == want.status
    errors = tolerances.Pooled(want, LEVEL)
    for name in ("estimate", "se", "q", "tau2", "i2"):
        close(getattr(got, name), getattr(want, name), errors, name, tolerances.POOLED)


def same_subgroup_test(got: mp.SubgroupTest | None, groups: list[pooling.Pooled]) -> None:
    want = subgroups.subgroup_test(groups)
    assert (got is None) == (want is None)
    if got is None or want is None:
        return
    assert got.df == want.df
    errors = tolerances.Subgroups(want, [tolerances.Pooled(g, LEVEL) for g in want.groups])
    for name in tolerances.SUBGROUPS:
        close(getattr(got, name), getattr(want, name), errors, name, tolerances.SUBGROUPS)


@pytest.mark.parametrize("system", CONVENTIONS)
@pytest.mark.parametrize("auto_by", t.choices(t.AutoBy))
@pytest.mark.parametrize("measure", t.choices(t.Measure))
@given(data=st.data())
def test_meta_analysis(measure, auto_by, system, data):
    conventions = CONVENTIONS[system]
    rules = asdict(conventions)
    kind = kind_of(measure)
    by_group = data.draw(strategies.batches(kind, max_size=3)).analyses
    by_group = [studies for studies in by_group if studies]
    assume(by_group)
    everything = [study for studies in by_group for study in studies]
    labels = [f"group {i}" for i, studies in enumerate(by_group) for _ in studies]
    data_given = Batch(kind, [everything]).studies(offsets=None, subgroup=labels)
    got = mp.meta_analysis(data_given, measure, auto_by=auto_by, conventions=conventions)

    by = pooling.common_method(measure, rules)

    def both(studies):
        return [
            pooling.pool(kind, studies, measure, m, rules, LEVEL)
            for m in (by, rules["default_random"])
        ]

    totals = both(everything)
    assume(not at_the_threshold(totals[0], LEVEL))
    model = chosen(totals[0])
    same(got.common, totals[0])
    same(got.random, totals[1])
    assert got.model == model

    groups = []
    for i, studies in enumerate(by_group):
        common, random = both(studies)
        if auto_by == "subgroup":
            assume(not at_the_threshold(common, LEVEL))
        own = chosen(common) if auto_by == "subgroup" else model
        groups.append(common if own == "common" else random)
        assert got.subgroups[f"group {i}"].model == own
        same(got.subgroups[f"group {i}"].pooled, groups[-1])
    same_subgroup_test(got.subgroup_test, groups)


def chosen(common: pooling.Pooled) -> str:
    return pooling.model_rule.choose(common.k, common.q_p, common.i2)


def test_the_thresholds_are_strict():
    """I2 of exactly 50 % is common-effect, and just above it is not."""
    studies = mp.Effects(y=[-1.0, 0.0, 1.0], v=[0.5, 0.5, 0.5])
    assert mp.pool(studies, method="IV").i2 == 50.0
    assert mp.pool(studies, method="auto").model == "common"
    wider = mp.Effects(y=[-1.0, 0.0, 1.0 + 1e-9], v=[0.5, 0.5, 0.5])
    assert mp.pool(wider, method="auto").model == "random"

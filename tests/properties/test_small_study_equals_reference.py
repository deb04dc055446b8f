"""Egger's and Harbord's tests equal the oracle's."""

from dataclasses import asdict

import pytest
import tolerances
from hypothesis import given
from hypothesis import strategies as st
from reference import pooling, small_study

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import close
from .strategies import kind_of

CONVENTIONS = {"REVMAN5": mp.REVMAN5, "METAFOR": mp.METAFOR}


def check(got: mp.SmallStudyTest, i: int, want: small_study.SmallStudyTest) -> None:
    assert got.k[i] == want.k
    status = mp.Status(int(got.status[i])).name
    if want.status in ("TOO_FEW_STUDIES", "ZERO_SPREAD"):
        assert status == want.status
        for name in tolerances.LINE:
            close(getattr(got, name)[i], float("nan"), None, name, tolerances.LINE)
        return
    errors = tolerances.Line(want)
    assert got.df[i] == want.df
    if errors.is_perfect:
        assert status in ("OK", "PERFECT_LINE")
    else:
        assert status == want.status
    undetermined = {"statistic", "p_value"} if errors.is_perfect else set()
    for name in tolerances.LINE.keys() - undetermined:
        close(getattr(got, name)[i], getattr(want, name), errors, name, tolerances.LINE)


@pytest.mark.parametrize("system", CONVENTIONS)
@pytest.mark.parametrize("measure", t.choices(t.Measure))
@given(data=st.data())
def test_egger(measure, system, data):
    conventions = CONVENTIONS[system]
    batch = data.draw(strategies.batches(kind_of(measure)))
    got = mp.small_study_test(batch.studies(), "egger", measure, conventions=conventions)
    for i, studies in enumerate(batch.analyses):
        effects = pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
        check(got, i, small_study.egger(effects))


@pytest.mark.parametrize("score", t.choices(t.Score))
@given(batch=strategies.batches("two-by-two"))
def test_harbord(score, batch):
    got = mp.small_study_test(batch.studies(), "harbord", score=score)
    for i, studies in enumerate(batch.analyses):
        check(got, i, small_study.harbord(studies, score))

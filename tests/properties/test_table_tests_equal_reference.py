"""Cochran-Mantel-Haenszel, Breslow-Day and Tarone are their papers'."""

import math
from dataclasses import asdict

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import table_tests as oracle
from reference.two_by_two import score
from scipy import stats
from tolerances import EPS, ROUNDINGS, chi2_tail

import metapool as mp

from . import strategies


@given(data=st.data(), conventions=strategies.conventions(), correct=st.booleans())
def test_table_tests(data, conventions, correct):
    batch = data.draw(strategies.batches("two-by-two"))
    got = mp.table_tests(batch.studies(), correct, conventions)
    for i, studies in enumerate(batch.analyses):
        tables = oracle.contributing(studies, asdict(conventions))
        assert got.k[i] == len(tables)
        if not tables:
            assert got.status[i] == mp.Status.NOT_ESTIMABLE
            assert math.isnan(got.cmh[i])
            assert math.isnan(got.breslow_day[i])
            continue
        want = float(oracle.cochran_mantel_haenszel(tables, correct))
        bound = cmh_error(tables, want)
        assert abs(got.cmh[i] - want) <= bound
        assert abs(got.cmh_p[i] - tail(want, 1)) <= chi2_tail(want, 1, bound)
        check_homogeneity(got, i, tables)


def check_homogeneity(got, i, tables):
    odds, df = oracle.odds_ratio(tables), len(tables) - 1
    if odds is None:
        assert got.status[i] == mp.Status.Q_UNDEFINED
        assert math.isnan(got.breslow_day[i])
        assert math.isnan(got.tarone_p[i])
        return
    assert got.status[i] == (mp.Status.OK if df else mp.Status.ONE_STUDY)
    error = breslow_day_error(tables, odds)
    for name, want in zip(("breslow_day", "tarone"), oracle.breslow_day(tables, odds), strict=True):
        bound = error + 16 * EPS * want
        assert abs(getattr(got, name)[i] - want) <= bound
        if df:
            p = getattr(got, f"{name}_p")[i]
            assert abs(p - tail(want, df)) <= chi2_tail(max(want, 0.0), df, bound)
        else:
            assert getattr(got, f"{name}_p")[i] == 1


def tail(x, df):

    return float(stats.chi2.sf(max(x, 0.0), df))


def cmh_error(tables, cmh):
    """(ad - bc)/N loses units of its parts; the variance is a sum of positive terms."""
    unit = (ROUNDINGS + len(tables)) * EPS
    moved = unit * sum(float(max(t.a * t.d, t.b * t.c) / t.total) for t in tables)
    variance = float(sum(score(t)[1] for t in tables))
    return (2 * math.sqrt(cmh * variance) * moved + moved**2) / variance + unit * cmh


def breslow_day_error(tables, odds):
    """Fitted cells are known to units of them, and to units of the odds ratio: V of it."""
    unit, error = (ROUNDINGS + len(tables)) * EPS, 0.0
    for t in tables:
        with mpmath.workdps(50):
            a = oracle.expected(t, odds)
            cells = [float(cell) for cell in oracle.cells_of(t, a)]
            distance = abs(float(mpmath.mpf(t.a.numerator) / t.a.denominator - a))
        inverse = sum(1 / cell for cell in cells)
        moved = 4 * unit * (min(cells) + 1 / inverse)
        error += inverse * (2 * distance * moved + moved**2 + 4 * unit * distance**2)
    return error


def test_only_for_two_by_two_tables():
    with pytest.raises(mp.InputError, match="table_tests is for TwoByTwo, not Effects"):
        mp.table_tests(mp.Effects(y=[1.0], v=[1.0]))

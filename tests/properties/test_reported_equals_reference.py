"""The check of printed numbers equals the oracle's."""

import math

import pytest
import tolerances
from hypothesis import given
from hypothesis import strategies as st
from reference import reported

import metapool as mp

from . import strategies
from .compare import close

printed_p = st.none() | st.sampled_from(["<0.001", "<0.05", "0.00", "0.04", "0.050", "0.5", "1.0"])


@st.composite
def printed(draw: st.DrawFn, is_log: bool) -> tuple[str, tuple[str, str]]:
    """An estimate and a rising interval with the same number of decimals, not always centred."""
    decimals = draw(st.integers(0, 4))
    low = draw(st.integers(0 if is_log else -500, 500))
    widths = draw(st.tuples(st.integers(0, 400), st.integers(1, 400)))
    numbers = (low + widths[0] // 2, low, low + sum(widths))
    middle, *ends = (f"{i / 10**decimals:.{decimals}f}" for i in numbers)
    return middle, (ends[0], ends[1])


@given(data=st.data(), is_log=st.booleans(), p=printed_p, level=strategies.levels)
def test_check_reported(data, is_log, p, level):
    estimate, ci = data.draw(printed(is_log))
    got = mp.check_reported(estimate=estimate, ci=ci, p=p, level=level, log=is_log)
    want = reported.check(estimate, ci, p, level, is_log)
    assert got.estimate_consistent == want.estimate_consistent
    assert got.p_consistent == want.p_consistent
    errors = tolerances.Reported(want, (estimate, *ci), level, is_log)
    for name in tolerances.REPORTED:
        close(getattr(got, name), getattr(want, name), errors, name, tolerances.REPORTED)


def test_a_ratio_rounded_to_nothing():
    """The paper's OR 0.00 (0.00-0.02): any P fits that the interval, below 1, allows."""
    got = mp.check_reported(estimate="0.00", ci=("0.00", "0.02"), p="<0.00001", log=True)
    assert got.consistent
    assert math.isinf(got.se)
    assert math.isnan(got.p_value)
    assert got.p_high == pytest.approx(0.05, abs=1e-15)

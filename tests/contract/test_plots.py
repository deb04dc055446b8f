"""All figures: nothing outside them changes; their numbers and axes."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from figures import assert_legible, tables
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

import metapool as mp
from metapool.plots._axis import EffectAxis, fitting_axis
from metapool.plots._wording import p_value


@pytest.mark.parametrize(
    "draw", [mp.plots.forest, mp.plots.galbraith, mp.plots.funnel, mp.plots.labbe]
)
def test_drawing_leaves_matplotlib_as_it_was(draw):
    ma = mp.meta_analysis(mp.examples.bcg(), "RR")
    with mpl.rc_context({"figure.constrained_layout.use": True, "axes.grid": False}):
        before, figures = dict(mpl.rcParams), plt.get_fignums()
        axes = draw(ma)
        assert dict(mpl.rcParams) == before
        assert plt.get_fignums() == figures == []
        assert_legible(axes)


def test_importing_metapool_does_not_import_matplotlib():
    code = (
        "import sys, metapool; assert 'matplotlib' not in sys.modules; "
        "metapool.plots.forest; assert 'matplotlib' in sys.modules; "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_other_results_are_refused():
    pooled = mp.pool(tables(2), "RR")
    with pytest.raises(mp.InputError, match="leave_one_out or cumulative, not Pooled"):
        mp.plots.forest(pooled)
    with pytest.raises(mp.InputError, match="not Pooled"):
        mp.plots.galbraith(pooled)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1.0, "P = 1.00"),
        (0.57, "P = 0.57"),
        (0.0101, "P = 0.01"),
        (0.0058, "P = 0.006"),
        (0.00034, "P = 0.0003"),
        (0.0001, "P = 0.0001"),
        (0.00005, "P < 0.0001"),
        (0.000001, "P < 0.00001"),
        (0.0, "P < 0.00001"),
    ],
)
def test_p_values_are_printed_as_revman_prints_them(p, text):
    assert p_value(p) == text


@given(
    low=st.floats(1e-6, 0.99),
    high=st.floats(1.01, 1e6),
    is_ratio=st.booleans(),
)
def test_an_axis_has_round_ticks_with_no_effect_among_them(low, high, is_ratio):
    low, high = (low, high) if is_ratio else (-high, low)
    axis = EffectAxis(low, high, is_ratio)
    assert 2 <= len(axis.ticks) <= 9
    slack = 1e-9 * (abs(low) + abs(high))
    assert all(low - slack <= tick <= high + slack for tick in axis.ticks)
    labels = [float(label.replace("−", "-")) for label in axis.tick_labels]
    assert labels == pytest.approx(axis.ticks, rel=1e-12)


@given(
    estimates=st.lists(st.floats(-6, 6), min_size=1, max_size=8),
    half=st.floats(0.01, 0.9),
    is_ratio=st.booleans(),
)
def test_an_axis_shows_studies_of_equal_weight_with_their_intervals(estimates, half, is_ratio):
    y = np.array(estimates)
    natural = np.exp if is_ratio else np.asarray
    intervals = natural(np.column_stack([y - half, y + half]))
    axis = fitting_axis(intervals[:1], natural(y), intervals, np.ones(len(y)), is_ratio)
    assert {axis.side(end) for end in intervals.ravel()} == {0}
    assert (axis.side(axis.low * 1.01), axis.side(axis.high * 1.01)) == (0 if is_ratio else -1, 1)
    assert axis.position(axis.null) == pytest.approx(0.5)

"""Funnel and L'Abbé plots: they show what the results hold, and nothing overlaps."""

import math
from itertools import cycle

import matplotlib as mpl
import numpy as np
import pytest
from figures import assert_legible, differences, extent, marks, means, tables

import metapool as mp

STUDIES = {
    **{f"k={k}": lambda k=k: (tables(k, long=False), "RR") for k in (2, 5, 60)},
    "long names": lambda: (tables(5), "OR"),
    "k=20, extreme, long names": lambda: (tables(20, extreme=True), "OR"),
    "risk differences": lambda: (tables(5), "RD"),
}
EFFECTS = {
    "MD": lambda: (means(), "MD"),
    "huge differences": lambda: (differences(1e5), None),
    "enormous standard errors": lambda: (mp.Effects(y=[1, 2], se=[1e3, 1e4], measure="HR"), None),
}
MANY = {**STUDIES, **EFFECTS}


def analyse(build, model="random"):
    studies, measure = build()
    return mp.meta_analysis(studies, measure, model=model)


@pytest.mark.parametrize(
    ("build", "contours"), list(zip(MANY.values(), cycle([True, False]), strict=False)), ids=MANY
)
def test_a_funnel_plot_is_legible_and_shows_the_studies(build, contours):
    ma = analyse(build)
    axes = mp.plots.funnel(ma, contours=contours, title="A title")
    assert_legible(axes)
    (points,) = marks(axes, "observed")
    np.testing.assert_array_equal(points.get_xydata(), np.c_[ma.funnel.y, ma.funnel.se])
    assert axes.get_ylim()[0] >= ma.funnel.se.max() > axes.get_ylim()[1] == 0
    (line,) = marks(axes, "pooled")
    assert line.get_xdata().tolist() == [ma.funnel.estimate] * 2


@pytest.mark.parametrize("build", STUDIES.values(), ids=STUDIES)
def test_a_funnel_plot_of_trim_and_fill_has_open_circles(build):
    result = mp.trim_and_fill(*build(), "DL")
    axes = mp.plots.funnel(result, contours=True, title="A title")
    assert_legible(axes)
    (note,) = marks(axes, "note")
    assert f"{result.k0 or 'no'} stud" in note.get_text()
    data = result.funnel
    for gid, rows in (("observed", ~data.filled), ("filled", data.filled)):
        drawn = marks(axes, gid)
        assert len(drawn) == rows.any()
        for points in drawn:
            np.testing.assert_array_equal(points.get_xydata(), np.c_[data.y, data.se][rows])
            assert (points.get_markerfacecolor() == "white") == (gid == "filled")
    assert data.filled.sum() == result.k0
    original = [line.get_xdata()[0] for line in marks(axes, "original")]
    assert original == ([result.original.estimate] if result.k0 else [])


def test_limits_are_about_the_effect_and_contours_about_none():
    ma = mp.meta_analysis(mp.examples.bcg(), "RR", model="random")
    data = ma.funnel
    axes = mp.plots.funnel(ma)
    assert not marks(axes, "contour")
    for line, side in zip(marks(axes, "limit"), (-1, 1), strict=True):
        (x0, y0), (x1, y1) = line.get_xydata()
        assert (x0, y0) == (data.estimate, 0)
        assert (x1 - x0) / y1 == pytest.approx(side * data.z[1], rel=1e-12)
    axes = mp.plots.funnel(ma, contours=True)
    assert not marks(axes, "limit")
    outermost, *inner = marks(axes, "contour")
    left, right = axes.get_xlim()
    assert {x for x, _ in outermost.get_xy()} == {left, right}
    for shape, z in zip(inner, reversed(data.z), strict=True):
        (x0, y0), (x1, y1), (x2, y2), _ = shape.get_xy()
        assert (x0, y0, y1) == (0, 0, y2)
        assert x1 / y1 == -x2 / y2 == pytest.approx(z, rel=1e-12)
    key = [text.get_text() for text in axes.get_legend().get_texts()]
    assert key[-4:] == ["P > 0.10", "P = 0.10 to 0.05", "P = 0.05 to 0.01", "P < 0.01"]


def test_a_funnel_plot_without_studies_says_so():
    nothing = mp.meta_analysis(mp.Effects(y=[math.nan], se=[1], missing="exclude"))
    (note,) = marks(mp.plots.funnel(nothing), "note")
    assert note.get_text() == "No study has an effect"


def test_ticks_of_a_funnel_plot_are_on_the_natural_scale():
    axes = mp.plots.funnel(mp.meta_analysis(mp.examples.bcg(), "RR"))
    assert axes.get_xlabel() == "Risk ratio"
    low, high = axes.get_xlim()
    for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert low <= place <= high
        assert math.exp(place) == pytest.approx(float(label.get_text()), rel=1e-12)


def test_an_axis_of_ratios_far_from_1_has_no_ticks_beyond_it():
    ma = mp.meta_analysis(tables(20, extreme=True), "OR")
    axes = mp.plots.funnel(ma, contours=True)
    low, high = axes.get_xlim()
    assert all(low <= place <= high for place in axes.get_xticks())
    assert [x for x, _ in marks(axes, "contour")[0].get_xy()][:2] == [low, high]


@pytest.mark.parametrize("build", STUDIES.values(), ids=STUDIES)
def test_a_labbe_plot_is_legible_and_shows_the_studies(build):
    ma = analyse(build)
    axes = mp.plots.labbe(ma, title="A title")
    assert_legible(axes)
    data = ma.labbe
    (points,) = marks(axes, "points")
    np.testing.assert_array_equal(points.get_offsets(), np.c_[data.risk_c, data.risk_e])
    (curve,) = marks(axes, "pooled")
    np.testing.assert_array_equal(curve.get_xydata(), np.c_[data.curve_c, data.curve_e])
    assert axes.get_xlim() == axes.get_ylim()
    box = axes.get_window_extent()
    assert box.width == pytest.approx(box.height, rel=1e-6)


def test_areas_of_a_labbe_plot_are_in_proportion_to_the_weights():
    ma = mp.meta_analysis(mp.examples.bcg(), "RR", model="random")
    (points,) = marks(mp.plots.labbe(ma), "points")
    sizes, weight = points.get_sizes(), ma.labbe.weight
    np.testing.assert_allclose(sizes / sizes.max(), weight / weight.max(), rtol=1e-12)


def test_a_labbe_plot_is_for_two_by_two_tables():
    with pytest.raises(mp.InputError, match="two-by-two tables, not TwoMeans"):
        mp.plots.labbe(mp.meta_analysis(means(), "MD"))


@pytest.mark.parametrize("draw", [mp.plots.funnel, mp.plots.labbe])
def test_study_names_cover_no_point(draw):
    ma = mp.meta_analysis(tables(20, long=False), "RR")
    axes = draw(ma)
    names = marks(axes, "study")
    assert len(names) > 10
    data = ma.funnel if draw is mp.plots.funnel else ma.labbe
    xy = (data.y, data.se) if draw is mp.plots.funnel else (data.risk_c, data.risk_e)
    points = axes.transData.transform(np.column_stack(xy))
    for name in names:
        box = extent(name)
        assert not [point for point in points if box.contains(*point)], name.get_text()
    assert not marks(draw(ma, labels=False), "study")
    assert not marks(draw(mp.meta_analysis(tables(60), "RR")), "study")


def test_figures_can_be_drawn_into_given_axes():
    figure = mpl.figure.Figure((20, 12))
    places = figure.subplots(2, 3, gridspec_kw={"hspace": 0.6, "wspace": 0.5}).flat
    bcg = mp.examples.bcg()
    ma = mp.meta_analysis(bcg, "RR", model="random")
    few = tables(5, long=False)
    for draw, result in (
        (mp.plots.funnel, ma),
        (mp.plots.labbe, ma),
        (mp.plots.baujat, mp.influence(bcg, "RR", "DL")),
        (mp.plots.gosh, mp.gosh(few, "RR", "DL")),
        (mp.plots.funnel, mp.trim_and_fill(bcg, "RR", "DL")),
    ):
        place = next(places)
        assert draw(result, ax=place, title="A title") is place
    assert_legible(place)

"""Galbraith plots: they show what the result holds, and nothing overlaps."""

import math

import matplotlib as mpl
import numpy as np
import pytest
from figures import assert_legible, differences, extent, marks, means, tables

import metapool as mp

GALBRAITHS = {
    **{
        f"k={k}, {measure}": lambda k=k, m=measure: mp.meta_analysis(tables(k, long=False), m)
        for k in (2, 5, 20, 60)
        for measure in ("RR", "RD")
    },
    "long names": lambda: mp.meta_analysis(tables(5), "OR"),
    "extreme": lambda: mp.meta_analysis(tables(20, extreme=True), "OR"),
    "MD": lambda: mp.meta_analysis(means(), "MD"),
    "huge differences": lambda: mp.meta_analysis(differences(1e5)),
    "enormous standard errors": lambda: mp.meta_analysis(
        mp.Effects(y=[1, 2], se=[1e4, 1e5], measure="HR")
    ),
    "harbord": lambda: mp.small_study_test(mp.examples.bcg(), "harbord"),
    "egger": lambda: mp.small_study_test(mp.examples.bcg(), "egger", measure="RR"),
    "too few": lambda: mp.small_study_test(tables(2), "harbord"),
    "perfect line": lambda: mp.small_study_test(
        mp.Effects(y=[1, 1, 1], se=[1, 0.5, 0.25]), "egger"
    ),
    "equal precision": lambda: mp.small_study_test(mp.Effects(y=[1, 2, 3], se=[1, 1, 1]), "egger"),
    "nothing": lambda: mp.meta_analysis(mp.Effects(y=[math.nan], se=[1], missing="exclude")),
}


@pytest.mark.parametrize("build", GALBRAITHS.values(), ids=GALBRAITHS)
def test_a_galbraith_plot_is_legible_whatever_its_content(build):
    axes = mp.plots.galbraith(build(), title="A title")
    for dpi in (100, 200):
        assert_legible(axes, dpi)


@pytest.mark.parametrize("k", [5, 20])
def test_study_names_cover_neither_points_nor_one_another(k):
    ma = mp.meta_analysis(tables(k, long=False), "RR")
    axes = mp.plots.galbraith(ma)
    names = marks(axes, "study")
    assert {name.get_text() for name in names} == set(ma.radial.study)
    points = axes.transData.transform(np.column_stack([ma.radial.x, ma.radial.y]))
    for name in names:
        box = extent(name)
        assert not [point for point in points if box.contains(*point)], name.get_text()


def test_study_names_are_left_out_of_a_crowd_unless_asked_for():
    many = mp.meta_analysis(tables(60, long=False), "RR")
    few = mp.meta_analysis(tables(5, long=False), "RR")
    assert not marks(mp.plots.galbraith(many), "study")
    assert marks(mp.plots.galbraith(many, labels=True), "study")
    assert not marks(mp.plots.galbraith(few, labels=False), "study")
    assert_legible(mp.plots.galbraith(many, labels=True))


def test_a_radial_plot_has_the_common_effect_and_its_band():
    ma = mp.meta_analysis(mp.examples.bcg(), "RR")
    axes = mp.plots.galbraith(ma)
    lines = [line.get_xydata() for line in marks(axes, "line")]
    assert [line[0, 1] for line in lines] == [0, 2, -2]
    for (x0, y0), (x1, y1) in lines:
        assert x0 == 0
        assert (y1 - y0) / x1 == pytest.approx(ma.radial.slope, rel=1e-12)
    assert axes.get_ylabel() == "Log risk ratio / SE"
    (scale,) = axes.child_axes
    reach = axes.get_xlim()[1]
    for place, label in zip(scale.get_yticks(), scale.get_yticklabels(), strict=True):
        assert math.exp(place / reach) == pytest.approx(float(label.get_text()), rel=1e-9)


def test_harbords_plot_has_its_line_and_its_result():
    test = mp.small_study_test(mp.examples.remission(), "harbord")
    axes = mp.plots.galbraith(test)
    assert axes.get_xlabel() == "√V"
    regression = marks(axes, "line")[-1].get_xydata()
    assert regression[0].tolist() == [0, test.bias]
    assert regression[1, 1] == pytest.approx(test.bias + test.slope * regression[1, 0], rel=1e-12)
    (note,) = marks(axes, "note")
    assert note.get_text() == (
        "Harbord's test: bias = −0.94 (SE 3.42), t = −0.27, df = 2, P = 0.81"
    )
    points = next(line for line in axes.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(points.get_xydata(), np.c_[test.radial.x, test.radial.y])


def test_a_test_without_result_says_why():
    (note,) = marks(mp.plots.galbraith(mp.small_study_test(tables(2), "harbord")), "note")
    assert note.get_text() == "Harbord's test: not estimable (too few studies)"


def test_a_galbraith_plot_can_be_drawn_into_given_axes():
    figure = mpl.figure.Figure((12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    ma = mp.meta_analysis(mp.examples.remission(), "RR")
    assert mp.plots.galbraith(ma, ax=left, title="A") is left
    assert mp.plots.galbraith(mp.small_study_test(mp.examples.remission()), ax=right) is right
    assert_legible(left)

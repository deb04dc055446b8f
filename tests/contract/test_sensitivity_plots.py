"""Figures of influence, and of what studies do to a pooled effect: they show what the results hold,
and nothing overlaps."""

from itertools import cycle

import matplotlib as mpl
import numpy as np
import pytest
from figures import assert_beside_plot, assert_legible, differences, marks, tables, words

import metapool as mp
from metapool.plots._gosh_cloud import draw_cloud

STUDIES = {
    **{f"k={k}": lambda k=k: (tables(k, long=False), "RR") for k in (2, 5, 60)},
    "k=20, extreme, long names": lambda: (tables(20, extreme=True), "OR"),
    "long names, RD": lambda: (tables(5), "RD"),
    "huge differences": lambda: (differences(1e5), None),
    "equal effects": lambda: (mp.Effects(y=[0.5, 0.5, 0.5], se=[0.1, 0.1, 0.1]), None),
}
FEW = [name for name in STUDIES if name not in ("k=60", "k=20, extreme, long names")]
SOME = {name: STUDIES[name] for name in STUDIES if "differences" not in name and "RD" not in name}
DIAGNOSTICS = (
    *("rstudent", "dffits", "dfbetas", "cook_d", "cov_ratio", "hat"),
    *("tau2_deleted", "q_deleted", "weight"),
)
REFITS = [mp.leave_one_out, mp.cumulative]


def squares(axes):
    return np.array([mark.get_offsets()[0] for mark in marks(axes, "square")]).reshape(-1, 2)


@pytest.mark.parametrize(
    ("build", "refit"), list(zip(STUDIES.values(), cycle(REFITS), strict=False)), ids=STUDIES
)
def test_a_forest_plot_of_refits_is_legible(build, refit):
    axes = mp.plots.forest(refit(*build(), "DL"), title="A title", favours=("Left", "Right"))
    assert_legible(axes)
    if len(axes.texts) < 100:
        assert_beside_plot(axes)


@pytest.mark.parametrize(
    ("refit", "k", "measure"), [(mp.cumulative, 5, "RD"), (mp.leave_one_out, 13, "RR")]
)
def test_a_forest_plot_of_refits_shows_them(refit, k, measure):
    result = refit(tables(k, long=False), measure, "DL")
    axes = mp.plots.forest(result)
    shown = result.display
    known = np.isfinite(shown.estimate)
    drawn = squares(axes)
    np.testing.assert_array_equal(drawn[:, 0], shown.estimate[known])
    np.testing.assert_array_equal(drawn[:, 1], np.flatnonzero(known))
    ends = np.array([line.get_xdata() for line in marks(axes, "interval")])
    low, high = axes.get_xlim()
    np.testing.assert_array_equal(ends[:, 0], np.maximum(shown.ci_low[known], low))
    np.testing.assert_array_equal(ends[:, 1], np.minimum(shown.ci_high[known], high))

    total = result.overall.display
    (diamond,) = marks(axes, "diamond")
    assert diamond.get_xy()[:3, 0].tolist() == [total.ci_low, total.estimate, total.ci_high]
    (line,) = marks(axes, "pooled")
    assert line.get_xdata().tolist() == [total.estimate] * 2
    assert line.get_ydata()[1] == k


def test_rows_of_refits_are_named_by_what_was_done():
    found = words(mp.plots.forest(mp.leave_one_out(mp.examples.bcg(), "RR", "DL")))
    assert {"Omitting TPT Madras 1980", "All studies (95% CI)", "P", "I²", "84%"} <= set(found)
    assert "Risk ratio\nDL, random, 95% CI" in found
    assert {"0.45 [0.33, 0.63]", "0.49 [0.34, 0.70]", "< 0.0001"} <= set(found)
    found = words(mp.plots.forest(mp.cumulative(mp.examples.bcg(), "RR", "DL"), digits=1))
    assert {"Aronson 1948", "+ Ferguson & Simes 1949", "0.4 [0.1, 1.3]"} <= set(found)
    assert "–" in found  # one study has no heterogeneity


def test_a_forest_plot_of_refits_keeps_no_effect_in_sight_if_it_is_near():
    near = mp.Effects(y=[0.3, 0.4, 0.5], se=[0.1, 0.1, 0.1])
    far = mp.Effects(y=[50.5, 50.6, 50.7], se=[0.1, 0.1, 0.1])
    assert marks(mp.plots.forest(mp.leave_one_out(near, None, "DL")), "null")
    axes = mp.plots.forest(mp.leave_one_out(far, None, "DL"), favours=("Left", "Right"))
    assert not marks(axes, "null")
    assert axes.get_xlim()[0] > 50
    axes = mp.plots.forest(mp.leave_one_out(far, None, "DL"), xlim=(-1, 50.6))
    assert axes.get_xlim() == (-1, 50.6)
    assert marks(axes, "null")
    assert marks(axes, "arrow")


@pytest.mark.parametrize("build", SOME.values(), ids=SOME)
def test_a_baujat_plot_is_legible_and_shows_the_studies(build):
    result = mp.influence(*build(), "DL")
    axes = mp.plots.baujat(result, title="A title")
    assert_legible(axes)
    (points,) = marks(axes, "points")
    both = np.column_stack([result.baujat.x, result.baujat.y])
    np.testing.assert_array_equal(points.get_xydata(), both[np.isfinite(both).all(axis=1)])


def test_a_baujat_plot_names_the_studies_farthest_out():
    result = mp.influence(tables(60, long=False), "RR", "DL")
    names = {name.get_text() for name in marks(mp.plots.baujat(result), "study")}
    assert 0 < len(names) <= 20
    assert result.study[np.nanargmax(result.baujat.y)] in names
    assert not marks(mp.plots.baujat(result, labels=False), "study")
    more = marks(mp.plots.baujat(result, labels=True), "study")
    assert len(more) > len(names)


@pytest.mark.parametrize("build", SOME.values(), ids=SOME)
def test_influence_diagnostics_are_legible_and_have_a_panel_each(build):
    result = mp.influence(*build(), "DL")
    panels = mp.plots.influence(result, title="A title")
    assert_legible(panels[0])
    for panel, name in zip(panels, DIAGNOSTICS, strict=True):
        values = getattr(result, name)
        if np.isfinite(values).any():
            (line,) = marks(panel, "values")
            np.testing.assert_array_equal(line.get_ydata(), values)
            (red,) = marks(panel, "influential")
            np.testing.assert_array_equal(
                red.get_xdata(), np.flatnonzero(result.is_influential) + 1
            )
        else:
            assert marks(panel, "nothing")


def test_influential_studies_are_named_where_studies_are_numbered():
    outlier = mp.Effects(
        y=[*np.linspace(0, 0.1, 29), 5], se=[0.1] * 30, study=[f"Trial {i}" for i in range(1, 31)]
    )
    result = mp.influence(outlier, None, "DL")
    assert result.is_influential[-1]
    panels = mp.plots.influence(result)
    (key,) = panels[0].figure.legends
    assert "30 Trial 30" in key.get_texts()[0].get_text().replace("\n", " ")
    few = mp.plots.influence(mp.influence(mp.examples.bcg(), "RR", "DL"))
    assert [t.get_text() for t in few[-1].get_xticklabels()] == list(mp.examples.bcg().study)


@pytest.mark.parametrize("name", FEW)
def test_a_gosh_plot_is_legible_and_shows_the_subsets(name):
    result = mp.gosh(*STUDIES[name](), "DL")
    axes = mp.plots.gosh(result, study=0, title="A title")
    assert_legible(axes)
    points = np.concatenate([marks(axes, gid)[0].get_xydata() for gid in ("without", "with")])
    red = result.contains(0)
    order = np.concatenate([np.flatnonzero(~red), np.flatnonzero(red)])
    both = np.column_stack([result.estimate, result.i2])[order]
    np.testing.assert_array_equal(points, both[np.isfinite(both).all(axis=1)])
    (cross,) = marks(axes, "all")
    assert cross.get_xdata()[0] == result.overall.estimate
    assert cross.get_ydata()[0] == np.nan_to_num(result.overall.i2)


def test_many_subsets_are_a_picture_of_their_number():
    result = mp.gosh(tables(13, long=False), "RR", "DL")
    axes = mp.plots.gosh(result, study=result.study[3])
    assert_legible(axes)
    (picture,) = marks(axes, "cloud")
    shown = picture.get_array()[..., 3] > 0
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    up, across = shown.shape
    known = np.isfinite(result.estimate) & np.isfinite(result.i2)
    counts, _, _ = np.histogram2d(
        result.i2[known], result.estimate[known], (up, across), ((low, high), (left, right))
    )
    assert (shown != (counts > 0)).mean() < 1e-3  # but for rounding at the edges
    assert (axes.get_xlim(), axes.get_ylim()) == ((left, right), (low, high))


def test_a_million_points_are_drawn_by_colour_and_number():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 2**20))
    axes = mpl.figure.Figure().subplots()
    axes.set(xlim=(-6, 6), ylim=(-6, 6))
    draw_cloud(axes, x, y, x > 0, ["#0000ff", "#ff0000"])
    (picture,) = marks(axes, "cloud")
    colors = picture.get_array()
    up, across = colors.shape[:2]
    middle = colors[up // 2]
    assert middle[across // 2 - 9, [0, 2]].tolist() == [0, 1]
    assert middle[across // 2 + 9, [0, 2]].tolist() == [1, 0]
    assert middle[across // 2, 3] > middle[across // 4, 3] > middle[0, 3] == 0


@pytest.mark.parametrize("apart", [1e-16, 1e-12])
def test_studies_that_differ_by_rounding_are_drawn(apart):
    studies = mp.Effects(y=[0.3, 0.3 + apart, 0.3 - apart], se=[0.1] * 3)
    mp.plots.funnel(mp.meta_analysis(studies))
    assert_legible(mp.plots.influence(mp.influence(studies, None, "DL"))[0])
    assert_legible(mp.plots.gosh(mp.gosh(studies, None, "DL")))
    assert_legible(mp.plots.forest(mp.leave_one_out(studies, None, "DL")))


@pytest.mark.parametrize(
    ("draw", "wanted"),
    [
        (mp.plots.baujat, "result of influence"),
        (mp.plots.influence, "result of metapool.influence"),
        (mp.plots.gosh, "result of metapool.gosh"),
        (mp.plots.funnel, "result of meta_analysis or trim_and_fill"),
        (mp.plots.labbe, "result of meta_analysis"),
    ],
)
def test_results_of_other_kinds_are_refused(draw, wanted):
    with pytest.raises(mp.InputError, match=f"{wanted}, not Pooled"):
        draw(mp.pool(tables(2), "RR"))

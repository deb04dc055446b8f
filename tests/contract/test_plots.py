"""Figures: they show what the result holds, nothing overlaps, nothing outside them changes."""

import io
import math
import subprocess
import sys
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.axis import Axis
from matplotlib.text import Text

import metapool as mp
from metapool.plots._axis import EffectAxis, fitting_axis
from metapool.plots._wording import p_value

LONG = "Collaborative multicentre randomised controlled trial no. {} (arm A)"


def tables(k, *, long=True, extreme=False, subgroups=0):
    """k trials, the third without events; `extreme` has risks near 0 against risks near 1."""
    rng = np.random.default_rng(k)
    n = rng.integers(20, 3_000, k)
    risks = (0.001, 0.999) if extreme else (0.15, 0.2)
    events_e, events_c = (rng.binomial(n, risk) for risk in risks)
    events_e[2:3] = events_c[2:3] = 0
    return mp.TwoByTwo(
        events_e=events_e, n_e=n, events_c=events_c, n_c=n,
        study=[LONG.format(i) if long else f"Study {i}" for i in range(k)],
        subgroup=[f"Subgroup {i % subgroups}" for i in range(k)] if subgroups else None,
    )  # fmt: skip


def means(**kwargs):
    return mp.TwoMeans(
        mean_e=[92.5, 88, 82, 100], sd_e=[20, 22, 17.5, 0.004], n_e=[60, 65, 40, 9],
        mean_c=[94, 98, 98, 90], sd_c=[22, 21, 19, 12], n_c=[60, 65, 40, 1e6],
        study=[LONG.format(i) for i in range(4)], **kwargs,
    )  # fmt: skip


def ratios(**kwargs):
    return mp.Effects(
        y=[0.8, 0.7, 1.3], ci_low=[0.65, 0.5, 0.02], ci_high=[0.98, 0.99, 90], measure="HR",
        log=True, **kwargs,
    )  # fmt: skip


def differences(scale=1.0):
    return mp.Effects(y=[-0.3 * scale, 0.2 * scale], se=[0.1 * scale, 0.3 * scale])


def texts(figure):
    """All texts that are drawn: matplotlib keeps labels of ticks beyond the limits too."""
    figure.draw_without_rendering()
    hidden = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        hidden |= {tick.label1 for tick in ticks if not low <= tick.get_loc() <= high}
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def extent(text):
    """The box of a text without the line that leads from an annotation to its point."""
    return Text.get_window_extent(text)


def words(axes):
    return [text.get_text() for text in texts(axes.get_figure(root=True))]


def marks(axes, gid):
    return [artist for artist in axes.get_children() if artist.get_gid() == gid]


def assert_legible(axes, dpi=100):
    """No text touches another, leaves the figure, or (tables) enters the plot."""
    figure = axes.get_figure(root=True)
    figure.set_dpi(dpi)
    boxes = [(text.get_text(), extent(text)) for text in texts(figure)]
    assert len(boxes) > 5
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0, text
        assert box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0, text
        assert box.y1 <= figure.bbox.y1, text
    for (text, box), (other, other_box) in combinations(boxes, 2):
        assert not box.overlaps(other_box), (text, other)


def assert_beside_plot(axes):
    window = axes.get_window_extent()
    for text in texts(axes.get_figure(root=True)):
        assert not extent(text).overlaps(window), text.get_text()


FORESTS = {
    **{
        f"k={k}, {'extreme' if extreme else 'usual'}, {measure}, {groups} subgroups": (
            lambda k=k, extreme=extreme, measure=measure, groups=groups: mp.meta_analysis(
                tables(k, extreme=extreme, subgroups=groups), measure
            )
        )
        for k in (2, 5, 20, 60)
        for measure, groups in (("RR", 0), ("OR", 2), ("RD", 0))
        for extreme in (False, True)
    },
    "short labels": lambda: mp.meta_analysis(tables(2, long=False), "RR"),
    "no totals": lambda: mp.meta_analysis(tables(5, subgroups=2), "RR", totals="none"),
    "MD": lambda: mp.meta_analysis(means(), "MD"),
    "SMD": lambda: mp.meta_analysis(means(subgroup=list("ABAB")), "SMD"),
    "given ratios": lambda: mp.meta_analysis(ratios()),
    "given differences": lambda: mp.meta_analysis(differences()),
    "huge differences": lambda: mp.meta_analysis(differences(1e5)),
    "tiny differences": lambda: mp.meta_analysis(differences(1e-7)),
}


@pytest.mark.parametrize("build", FORESTS.values(), ids=FORESTS)
def test_a_forest_plot_is_legible_whatever_its_content(build):
    axes = mp.plots.forest(
        build(),
        title="A title that is so long that it does not fit above a narrow figure. " * 3,
        labels=("Experimental arm with a long name", "Pharmacotherapeutically"),
        favours=("Favours the experimental arm with a long name", "Favours control"),
    )
    for dpi in (72, 100, 300):
        assert_legible(axes, dpi)
    assert_beside_plot(axes)


@pytest.mark.parametrize("xlim", [(0.9, 1.1), (0.01, 1.5), (0.8, 1000), (1e-6, 1e6), (2, 30)])
def test_a_forest_plot_is_legible_with_any_limits(xlim):
    axes = mp.plots.forest(mp.meta_analysis(tables(5), "RR"), xlim=xlim)
    assert axes.get_xlim() == xlim
    assert_legible(axes)


def test_figure_4_of_the_tacrolimus_paper():
    ma = mp.meta_analysis(mp.examples.remission(), "RR", totals="subgroups")
    axes = mp.plots.forest(ma, labels=("Tacrolimus", "Control"))
    found = words(axes)
    for text in (
        "Tacrolimus",
        "Subtotal (M-H, common, 95% CI)",
        "1.79 [1.11, 2.90]",
        "3.07 [1.78, 5.29]",
        "1.31 [0.51, 3.40]",
        "Heterogeneity: Tau² = 0.32; Chi² = 3.10, df = 1 (P = 0.08); I² = 68%",
        "Test for overall effect: Z = 4.03 (P < 0.0001)",
        "Test for overall effect: Z = 0.56 (P = 0.57)",
        "Test for subgroup differences: Chi² = 3.20, df = 2 (P = 0.20); I² = 37%",
    ):
        assert text in found
    assert found.count("Heterogeneity: Not applicable") == 2
    assert len(marks(axes, "diamond")) == 3
    assert not marks(axes, "pooled")
    assert not [text for text in found if text.startswith("Total (")]


def test_an_overall_total_has_a_diamond_a_line_and_the_whole_weight():
    ma = mp.meta_analysis(mp.examples.remission(), "RR", model="random")
    axes = mp.plots.forest(ma)
    found = words(axes)
    assert "Total (95% CI)" in found
    assert "Risk ratio\nDL, random, 95% CI" in found
    assert "100.0%" in found
    assert len(marks(axes, "diamond")) == 4
    (pooled,) = marks(axes, "pooled")
    assert pooled.get_xdata()[0] == ma.pooled.display.estimate
    total = marks(axes, "diamond")[-1].get_xy()
    shown = ma.pooled.display
    assert total[:3, 0].tolist() == [shown.ci_low, shown.estimate, shown.ci_high]


def test_without_totals_there_are_only_studies():
    axes = mp.plots.forest(mp.meta_analysis(tables(5, subgroups=2), "RR", totals="none"))
    found = words(axes)
    assert not marks(axes, "diamond")
    assert "Weight" not in found
    assert {"Subgroup 0", "Subgroup 1"} <= set(found)
    assert not [text for text in found if "eterogeneity" in text]


def test_squares_have_areas_by_weight_and_stand_at_the_estimates():
    ma = mp.meta_analysis(mp.examples.bcg(), "RD", model="common")
    squares = marks(mp.plots.forest(ma, xlim=(-1, 1)), "square")
    areas = np.array([square.get_sizes()[0] for square in squares])
    places = np.array([square.get_offsets()[0] for square in squares])
    large = ma.weights > 0.2 * ma.weights.max()
    assert 1 < large.sum() < len(squares)
    np.testing.assert_allclose(
        areas[large] / areas.max(), ma.weights[large] / ma.weights.max(), rtol=1e-12
    )
    np.testing.assert_array_equal(places[:, 0], ma.effects.display.estimate)


def test_arrows_end_the_intervals_that_the_axis_cuts():
    ma = mp.meta_analysis(mp.examples.bcg(), "RR")
    axes = mp.plots.forest(ma, xlim=(0.3, 1.2))
    shown, total = ma.effects.display, ma.pooled.display
    assert total.ci_low > 0.3
    assert total.ci_high < 1.2
    cut = [(0.3, y) for y in np.flatnonzero(shown.ci_low < 0.3)]
    cut += [(1.2, y) for y in np.flatnonzero(shown.ci_high > 1.2)]
    arrows = [(arrow.get_xdata()[0], arrow.get_ydata()[0]) for arrow in marks(axes, "arrow")]
    assert sorted(arrows) == sorted(cut)
    inside = (shown.estimate >= 0.3) & (shown.estimate <= 1.2)
    assert len(marks(axes, "square")) == inside.sum() < len(ma.effects)
    assert not marks(mp.plots.forest(ma, xlim=(0.01, 100)), "arrow")


def test_a_light_study_does_not_stretch_the_axis():
    steady = {"y": [0.1] * 20, "se": [0.1] * 20}
    outlier = mp.Effects(y=[*steady["y"], 40], se=[*steady["se"], 10])
    axes = mp.plots.forest(mp.meta_analysis(outlier, model="common"))
    assert axes.get_xlim() == mp.plots.forest(mp.meta_analysis(mp.Effects(**steady))).get_xlim()
    assert len(marks(axes, "arrow")) == 1


def test_an_excluded_study_keeps_its_row():
    trials = mp.TwoByTwo(
        events_e=[3, 0, math.nan, 5], n_e=[20, 20, 20, 20],
        events_c=[6, 0, 4, 9], n_c=[20, 20, 20, 20],
        study=["Usual", "No events", "Missing", "Usual too"], missing="exclude",
    )  # fmt: skip
    axes = mp.plots.forest(mp.meta_analysis(trials, "RR"))
    found = words(axes)
    assert {"No events", "Missing", "–"} <= set(found)
    assert {"8", "15", "60"} <= set(found)
    assert "80" not in found
    assert found.count("Not estimable") == found.count("Missing data") == 1
    assert len(marks(axes, "square")) == 2
    assert_legible(axes)


def test_a_meta_analysis_with_nothing_to_pool_is_drawn():
    trials = mp.TwoByTwo(events_e=[0, 0], n_e=[9, 9], events_c=[0, 0], n_c=[9, 9])
    axes = mp.plots.forest(mp.meta_analysis(trials, "RR"))
    found = words(axes)
    assert found.count("Not estimable") == 3
    assert "Heterogeneity: Not applicable" in found
    assert "Test for overall effect: Not applicable" in found
    assert not marks(axes, "diamond")


def test_levels_of_studies_and_total_are_named_apart():
    found = words(mp.plots.forest(mp.meta_analysis(differences(), level=0.9, study_level=0.99)))
    assert "Effect\nDL, random, 99% CI" in found
    assert "Total (90% CI)" in found


def test_counts_and_means_have_their_columns():
    found = words(mp.plots.forest(mp.meta_analysis(tables(2), "RR")))
    assert (found.count("Events"), found.count("Total")) == (2, 2)
    found = words(mp.plots.forest(mp.meta_analysis(means(), "MD")))
    assert (found.count("Mean"), found.count("SD"), found.count("Total")) == (2, 2, 2)
    assert {"92.5", "0.004", "1000000"} <= set(found)
    found = words(mp.plots.forest(mp.meta_analysis(ratios())))
    assert not {"Events", "Mean", "SD", "Total", "Experimental"} & set(found)
    assert "Hazard ratio\nIV, common, 95% CI" in found


def test_ratios_have_a_logarithmic_axis_and_differences_a_linear_one():
    ratio = mp.plots.forest(mp.meta_analysis(tables(5), "OR"))
    difference = mp.plots.forest(mp.meta_analysis(tables(5), "RD"))
    assert (ratio.get_xscale(), difference.get_xscale()) == ("log", "linear")
    for axes, null in ((ratio, 1), (difference, 0)):
        (line,) = marks(axes, "null")
        assert set(line.get_xdata()) == {null}


def test_favours_labels_lie_on_either_side_of_no_effect():
    ma = mp.meta_analysis(tables(5), "RR")
    axes = mp.plots.forest(ma, favours=("Favours left", "Favours right"))
    null = axes.transData.transform((1, 0))[0]
    boxes = {t.get_text(): extent(t) for t in texts(axes.get_figure(root=True))}
    assert boxes["Favours left"].x1 < null < boxes["Favours right"].x0
    for axes in (mp.plots.forest(ma, favours=None), mp.plots.forest(ma, xlim=(2, 9))):
        assert not [text for text in words(axes) if text.startswith("Favours")]


def test_labels_are_text_and_no_formulae():
    label = r"Costs $5 or $\nonsense 100% {2 lines}"
    studies = mp.Effects(
        y=[1, 2, 3], se=[1, 1, 2], study=[label, "B", "a\nb"], subgroup=[label] * 3
    )
    ma = mp.meta_analysis(studies)
    for axes in (
        mp.plots.forest(ma, title=label, favours=(label, label)),
        mp.plots.galbraith(ma, title=label),
    ):
        assert label in words(axes)
        assert_legible(axes)


def test_the_figure_grows_with_the_rows():
    heights = [
        mp.plots.forest(mp.meta_analysis(tables(k), "RR")).figure.get_size_inches()[1]
        for k in (2, 20, 60)
    ]
    assert heights[1] - heights[0] == pytest.approx((heights[2] - heights[1]) * 18 / 40)


@pytest.mark.parametrize("fmt", ["png", "pdf", "svg"])
def test_the_figure_can_be_saved(fmt):
    axes = mp.plots.forest(mp.meta_analysis(mp.examples.bcg(), "RR"))
    buffer = io.BytesIO()
    axes.figure.savefig(buffer, format=fmt)
    assert len(buffer.getvalue()) > 10_000


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


@pytest.mark.parametrize("draw", [mp.plots.forest, mp.plots.galbraith])
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"xlim": (2, 1)}, "smaller first"),
        ({"xlim": (0.5, math.inf)}, "finite"),
        ({"xlim": (0, 2)}, "above 0"),
        ({"labels": "AB"}, "labels must be two texts"),
        ({"favours": ("A",)}, "favours must be two texts"),
        ({"digits": -1}, "digits must be a whole number"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(mp.InputError, match=message):
        mp.plots.forest(mp.meta_analysis(tables(2), "RR"), **options)


def test_other_results_are_refused():
    pooled = mp.pool(tables(2), "RR")
    with pytest.raises(mp.InputError, match="result of meta_analysis, not Pooled"):
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

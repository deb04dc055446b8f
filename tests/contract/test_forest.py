"""Forest plots: they show what the result holds, and nothing overlaps."""

import io
import math

import numpy as np
import pytest
from figures import (
    assert_beside_plot,
    assert_legible,
    differences,
    extent,
    marks,
    means,
    ratios,
    tables,
    texts,
    words,
)

import metapool as mp

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
    "prediction intervals": lambda: mp.meta_analysis(
        tables(6, subgroups=2),
        "OR",
        model="random",
        random="REML",
        interval="hk",
        prediction="hts",
    ),
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


def test_a_prediction_interval_has_a_row_and_a_bar():
    ma = mp.meta_analysis(
        mp.examples.bcg(), "RR", model="random", random="REML", interval="hk", prediction="hts"
    )
    axes = mp.plots.forest(ma)
    found = words(axes)
    assert {"Prediction interval (95%)", "[0.13, 1.78]"} <= set(found)
    assert "Test for overall effect: t = 3.95, df = 12 (P = 0.002), Hartung-Knapp" in found
    (bar,) = marks(axes, "prediction")
    assert bar.get_xdata().tolist() == [ma.pooled.display.pi_low, ma.pooled.display.pi_high]
    (pooled,) = marks(axes, "pooled")
    assert pooled.get_ydata()[1] == len(ma.studies)  # down to the diamond, not beyond
    assert len(marks(axes, "diamond")) == 1


def test_a_prediction_interval_that_the_axis_cuts_ends_in_arrows():
    ma = mp.meta_analysis(mp.examples.bcg(), "RR", model="random", prediction="hts")
    axes = mp.plots.forest(ma, xlim=(0.3, 1.2))
    (bar,) = marks(axes, "prediction")
    assert bar.get_xdata().tolist() == [0.3, 1.2]
    row = len(ma.studies) + 1
    assert [a.get_xdata()[0] for a in marks(axes, "arrow") if a.get_ydata()[0] == row] == [0.3, 1.2]


def test_a_common_effect_has_no_prediction_interval():
    ma = mp.meta_analysis(mp.examples.bcg(), "RR", model="common", prediction="hts")
    assert not marks(mp.plots.forest(ma), "prediction")

"""Plots of bootstraps: they show what the result holds, and nothing overlaps."""

import math
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from figures import assert_legible, differences, marks, means, tables
from matplotlib import pyplot as plt

import metapool as mp


def key(axes):
    """What the key says: of the resamples, and of each line."""
    legend = axes.get_legend()
    found = [legend.get_title(), *legend.get_texts()]
    return [text.get_text().replace("\n", " ") for text in found]


def drawn(studies, statistic="estimate", n=2_000, **choices):
    return mp.bootstrap(
        studies, statistic, n_resamples=n, seed=1, distribution=True, threads=1, **choices
    )


def effects(k, spread=1.0):
    y = [spread * (i % 3) for i in range(k)]
    return mp.Effects(y=y, v=[0.1 + 0.02 * i for i in range(k)])


BOOTSTRAPS = {
    **{
        f"k={k}, {measure}": lambda k=k, m=measure: drawn(tables(k), measure=m, method="DL")
        for k in (1, 2, 3, 5, 20)
        for measure in ("RR", "RD")
    },
    **{
        name: lambda name=name: drawn(
            mp.examples.bcg(),
            name,
            measure="RR",
            method=None if name in ("harbord", "egger") else "REML",
            prediction="hts" if name.startswith("pi") else None,
        )
        for name in ("tau2", "i2", "h2", "q", "pi_low", "pi_high", "harbord", "egger")
    },
    "a spike": lambda: drawn(effects(11, 0.5), "tau2", method="DL"),
    "nothing but a spike": lambda: drawn(effects(11, 0.0), "tau2", method="DL"),
    "extreme": lambda: drawn(tables(20, extreme=True), measure="OR", method="DL"),
    "MD": lambda: drawn(means(), measure="MD", method="DL"),
    "huge differences": lambda: drawn(differences(1e7), method="DL"),
    "tiny differences": lambda: drawn(differences(1e-7), method="DL"),
    "beyond floating point": lambda: drawn(
        mp.Effects(y=[-900, 900, 0, 5], se=[1, 1, 9, 2], measure="HR"), method="IV"
    ),
    "infinite limits": lambda: drawn(effects(4), "egger", degenerate="worst"),
    "no limits": lambda: drawn(effects(8, 0.0), "q", method="DL", ci="BCa"),
    "nothing": lambda: drawn(effects(2), "egger"),
    "subgroups": lambda: drawn(
        tables(20, subgroups=2), "subgroup_difference", measure="RR", ci="basic"
    ),
}


@pytest.mark.parametrize("build", BOOTSTRAPS.values(), ids=BOOTSTRAPS)
def test_a_bootstrap_plot_is_legible_whatever_its_content(build):
    axes = mp.plots.bootstrap(build(), title="A title")
    for dpi in (100, 200):
        assert_legible(axes, dpi)


def test_a_ratio_has_a_log_axis_with_its_interval_and_that_of_hartung_and_knapp():
    found = drawn(mp.examples.bcg(), measure="RR", method="DL", n=5_000)
    axes = mp.plots.bootstrap(found)
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "Risk ratio"
    labels = [float(label.get_text()) for label in axes.get_xticklabels()]
    assert labels == pytest.approx(axes.get_xticks().tolist())
    (estimate,) = marks(axes, "estimate")
    assert estimate.get_xdata() == pytest.approx([found.display.estimate] * 2)
    for gid, shown in (("interval", found), ("hartung-knapp", found.hartung_knapp)):
        (bar,) = marks(axes, gid)
        assert bar.get_xdata() == pytest.approx([shown.display.ci_low, shown.display.ci_high])
    limits = [line.get_xdata()[0] for line in marks(axes, "limit")]
    assert limits == pytest.approx([found.display.ci_low, found.display.ci_high])
    assert key(axes) == [
        "5,000 resamples, seed 1",
        "Estimate 0.49",
        "Bootstrap 95% CI, percentile [0.34, 0.71]",
        "Hartung-Knapp (DL) 95% CI [0.33, 0.73]",
    ]


def heights(axes):
    """Bars of ranges, and single values, in percent."""
    ranges = [patch.get_height() for patch in axes.patches]
    singles = [segment for lines in marks(axes, "values") for segment in lines.get_segments()]
    return ranges, {x: top for (x, _), (_, top) in singles}


def test_bars_add_up_to_all_that_is_on_the_axis():
    found = drawn(mp.examples.bcg(), "harbord", n=5_000)
    axes = mp.plots.bootstrap(found)
    low, high = axes.get_xlim()
    shown = ((found.distribution >= low) & (found.distribution <= high)).mean()
    ranges, singles = heights(axes)
    assert sum(ranges) == pytest.approx(100 * shown)
    assert singles == {}
    beyond = round(5_000 * (1 - shown))
    assert (f"{beyond} beyond the axis" in key(axes)[0]) == (beyond > 0)


@pytest.mark.parametrize("k", [2, 3])
def test_each_value_of_few_studies_has_a_bar(k):
    found = drawn(effects(k), method="IV")
    ranges, singles = heights(mp.plots.bootstrap(found))
    values, counts = np.unique(found.distribution, return_counts=True)
    assert ranges == []
    assert list(singles) == pytest.approx(values.tolist())
    assert list(singles.values()) == pytest.approx((counts / 20).tolist())


def test_a_value_that_occurs_often_is_cut_and_its_share_told():
    found = drawn(effects(11, 0.5), "tau2", method="DL")
    axes = mp.plots.bootstrap(found)
    _, singles = heights(axes)
    share = 100 * (found.distribution == 0).mean()
    assert list(singles) == [0]
    assert singles[0] < share
    assert len(marks(axes, "cut")[0].get_xdata()) == 1
    assert f"{share:.1f}% at 0, cut" in key(axes)[0]


def test_resamples_without_the_statistic_are_mentioned_with_the_rule():
    for rule, words in (("drop", "left out"), ("worst", "counted as the worst")):
        found = drawn(effects(4), "egger", degenerate=rule)
        axes = mp.plots.bootstrap(found)
        text = f"{found.n_degenerate} without the statistic, {words}"
        assert text in key(axes)[0]
        assert len(marks(axes, "arrow")) == (2 if math.isinf(found.ci_low) else 0)


def test_only_a_pooled_effect_has_hartung_and_knapps_interval():
    axes = mp.plots.bootstrap(drawn(mp.examples.bcg(), "q", measure="RR"))
    assert not marks(axes, "hartung-knapp")
    assert "Hartung" not in " ".join(key(axes))
    assert axes.get_xlabel() == "Q"


def test_one_study_has_no_interval_beside():
    axes = mp.plots.bootstrap(drawn(mp.examples.bcg().rows(range(1)), measure="RR"))
    assert not marks(axes, "hartung-knapp")
    assert "Hartung" not in " ".join(key(axes))


def test_the_axis_of_a_difference_names_the_subgroups():
    labels = ["Intensive treatment of high risk", "Standard treatment, or nothing"]
    found = drawn(
        mp.Effects(y=[0.1, 0.5, 0.3, 0.9] * 3, v=[0.1] * 12, subgroup=labels * 6, measure="HR"),
        "subgroup_difference",
    )
    axes = mp.plots.bootstrap(found, title="A title")
    assert axes.get_xlabel() == f"Hazard ratio, {labels[0]} over {labels[1]}"
    assert_legible(axes)
    figure = mpl.figure.Figure((6.4, 4.8), layout="constrained")
    for each in figure.subplots(2, 2).ravel():
        mp.plots.bootstrap(found, ax=each)
    assert_legible(axes)


@pytest.mark.parametrize(("method", "differs"), [("MH", True), ("IV", True), ("IVhet", False)])
def test_an_interval_of_another_model_says_so(method, differs):
    axes = mp.plots.bootstrap(drawn(mp.examples.bcg(), measure="RR", method=method))
    assert key(axes)[-1].startswith("Hartung-Knapp (DL) 95% CI")
    assert (f"of random effects, not {method}" in key(axes)[-1]) == differs


def test_values_that_lie_far_out_do_not_squeeze_the_rest():
    """Tails of Cauchy's distribution, and a limit among them."""
    tails = np.tan(np.pi * ((np.arange(2_000) + 0.5) / 2_000 - 0.5))
    found = replace(
        drawn(mp.examples.bcg(), "harbord"), distribution=tails, estimate=0.0, ci_low=-200.0,
        ci_high=12.7,
    )  # fmt: skip
    axes = mp.plots.bootstrap(found)
    low, high = axes.get_xlim()
    middle = np.quantile(tails, [0.05, 0.95])
    assert np.diff(middle)[0] > 0.25 * (high - low)
    assert low < middle[0]
    assert high > 12.7
    beyond = int(((tails < low) | (tails > high)).sum())
    assert beyond > 50
    assert f"; {beyond} beyond the axis" in key(axes)[0]
    assert len(marks(axes, "arrow")) == 1
    ranges, _ = heights(axes)
    assert sum(ranges) == pytest.approx(100 * (1 - beyond / 2_000))


def test_a_wide_interval_beside_does_not_squeeze_the_bootstrap():
    axes = mp.plots.bootstrap(drawn(effects(2), method="DL"))
    low, high = axes.get_xlim()
    assert (high - low) < 5
    assert len(marks(axes, "arrow")) == 2


def test_a_distribution_without_values_says_so():
    axes = mp.plots.bootstrap(drawn(effects(2), "egger"))
    (text,) = marks(axes, "nothing")
    assert text.get_text() == "No resample has the statistic"
    assert "2,000 without the statistic" in key(axes)[0]
    assert key(axes)[-1] == "Bootstrap 95% CI, percentile not estimable"
    assert not axes.patches
    assert not axes.get_xticks().size
    assert not marks(mp.plots.bootstrap(drawn(effects(4), "egger")), "nothing")


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_a_small_grid_is_legible_and_the_keys_cover_nothing(layout):
    figure = mpl.figure.Figure((6.4, 4.8), layout=layout)
    builds = (
        lambda: drawn(effects(4), method="DL"),
        lambda: drawn(mp.examples.bcg(), measure="RR", method="MH"),
        lambda: drawn(effects(6), "egger", degenerate="worst"),
        lambda: drawn(mp.examples.bcg(), "tau2", measure="RR", method="DL"),
    )
    axes = figure.subplots(2, 2).ravel()
    for each, build in zip(axes, builds, strict=True):
        mp.plots.bootstrap(build(), ax=each)
    assert_legible(axes[0])
    for each in axes:
        box = each.get_legend().get_window_extent()
        window = each.get_window_extent()
        assert window.x0 <= box.x0
        assert box.x1 <= window.x1 + 1
        assert box.y1 <= window.y1
        tops = [patch.get_window_extent().y1 for patch in each.patches]
        lines = [mark for gid in ("interval", "hartung-knapp") for mark in marks(each, gid)]
        tops += [line.get_window_extent().y1 for line in lines]
        assert max(tops) < box.y0


def test_what_cannot_be_drawn_is_refused():
    bcg = mp.examples.bcg()
    with pytest.raises(mp.InputError, match="needs a bootstrap with distribution=True"):
        mp.plots.bootstrap(replace(drawn(bcg, measure="RR"), distribution=None))
    batch = mp.Effects(y=[1, 2, 3, 4], v=[1] * 4, offsets=[0, 2, 4])
    with pytest.raises(mp.InputError, match="one meta-analysis; this is a batch"):
        mp.plots.bootstrap(drawn(batch))
    for other in (drawn(bcg, ["estimate", "q"], measure="RR"), mp.pool(bcg, "RR")):
        with pytest.raises(mp.InputError, match=r"one result of metapool\.bootstrap, not"):
            mp.plots.bootstrap(other)


def test_a_bootstrap_plot_can_be_drawn_into_given_axes():
    figure = mpl.figure.Figure((12, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    found = drawn(mp.examples.bcg(), ["estimate", "tau2"], measure="RR", method="DL")
    assert mp.plots.bootstrap(found["estimate"], ax=left, title="A") is left
    assert mp.plots.bootstrap(found["tau2"], ax=right) is right
    assert_legible(left)


def test_drawing_leaves_matplotlib_as_it_was():
    found = drawn(mp.examples.bcg(), measure="RR")
    with mpl.rc_context({"figure.constrained_layout.use": True, "axes.grid": False}):
        before = dict(mpl.rcParams)
        assert_legible(mp.plots.bootstrap(found))
        assert dict(mpl.rcParams) == before
        assert plt.get_fignums() == []

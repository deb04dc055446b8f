"""Plots of bootstraps: they show what the result holds, and nothing overlaps."""

import math
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from figures import assert_legible, differences, marks, means, tables
from matplotlib import pyplot as plt

import metapool as mp


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
            mp.examples.bcg(), name, measure="RR", method="REML", prediction="hts"
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
    (note,) = marks(axes, "note")
    assert note.get_text() == (
        "0.49 [0.34, 0.71]; Hartung-Knapp [0.33, 0.73]\n5,000 resamples, seed 1"
    )


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
    assert (f"{beyond} beyond the axis" in marks(axes, "note")[0].get_text()) == (beyond > 0)


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
    assert f"{share:.1f}% at 0, cut" in marks(axes, "note")[0].get_text()


def test_resamples_without_the_statistic_are_mentioned_with_the_rule():
    for rule, words in (("drop", "left out"), ("worst", "counted as the worst")):
        found = drawn(effects(4), "egger", degenerate=rule)
        axes = mp.plots.bootstrap(found)
        text = f"{found.n_degenerate} without the statistic, {words}"
        assert text in marks(axes, "note")[0].get_text()
        assert len(marks(axes, "arrow")) == (2 if math.isinf(found.ci_low) else 0)


def test_only_a_pooled_effect_has_hartung_and_knapps_interval():
    axes = mp.plots.bootstrap(drawn(mp.examples.bcg(), "q", measure="RR"))
    assert not marks(axes, "hartung-knapp")
    assert axes.get_xlabel() == "Q"


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

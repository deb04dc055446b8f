"""Figures of simulation studies."""

import math
from itertools import combinations

import pytest
from figures import texts

import metapool as mp
from metapool import simulate as sim


@pytest.fixture(scope="module")
def result():
    return mp.Simulation(
        data=sim.Normal(mu=0.5, v=0.1, tau=[0.0, 0.3], k=[3, 5, 20]),
        analyses=[mp.Analysis(method="DL"), mp.Analysis(method="DL", interval="hk")],
        replicates=200,
        seed=1,
    ).run(progress=False)


def test_lines_are_the_numbers_of_the_table(result):
    panels = result.plot("coverage", x="k")
    assert [axes.get_title(loc="left") for axes in panels] == ["tau = 0", "tau = 0.3"]
    for axes, tau in zip(panels, (0.0, 0.3), strict=True):
        assert [text.get_text() for text in axes.get_xticklabels()] == ["3", "5", "20"]
        lines = [container.lines[0] for container in axes.containers]
        for line, analysis in zip(lines, ("DL", "DL hk"), strict=True):
            want = [result.value("coverage", analysis, tau=tau, k=k) for k in (3, 5, 20)]
            assert line.get_ydata().tolist() == want
        level = [line for line in axes.lines if line.get_linestyle() == "--"]
        assert [line.get_ydata()[0] for line in level] == [0.95]


def test_other_arguments_across_and_apart(result):
    (dl, hk) = result.plot("bias", x="tau", by="k")
    assert [axes.get_title(loc="left") for axes in (dl, hk)] == [
        "analysis = DL",
        "analysis = DL hk",
    ]
    legend = dl.figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["3", "5", "20"]


@pytest.mark.parametrize("measure", ["coverage", "tau2_mse", "failed"])
def test_no_texts_overlap(result, measure):
    (axes, *_) = result.plot(measure)
    figure = axes.figure
    boxes = [text.get_window_extent() for text in texts(figure)]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_refusals(result):
    with pytest.raises(mp.InputError, match="measure must be one of mean_estimate, bias"):
        result.plot("covrage")
    with pytest.raises(mp.InputError, match="x must be an argument that varies"):
        result.plot("coverage", x="mu")
    with pytest.raises(mp.InputError, match="by must be 'analysis' or an argument"):
        result.plot("coverage", by="method")
    one = mp.Simulation(data=sim.Normal(mu=0, v=1, k=3), analyses=[mp.Analysis()], replicates=2)
    with pytest.raises(mp.InputError, match="x must be an argument that varies"):
        one.run(progress=False).plot("coverage")
    assert math.isnan(one.run(progress=False).value("relative_bias", "default"))

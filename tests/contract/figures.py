"""Data to draw, and what figures say and show."""

from itertools import combinations

import numpy as np
from matplotlib.axis import Axis
from matplotlib.text import Text

import metapool as mp

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

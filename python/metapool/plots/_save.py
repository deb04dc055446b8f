"""Figures to files."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metapool._errors import InputError


def save(axes: Axes, path: str | Path) -> None:
    """Write the whole figure of `axes`; the ending of `path` says the format (png, pdf, svg).

    Raises
    ------
    InputError
        For a format that matplotlib does not write.

    Examples
    --------
    >>> import metapool as mp
    >>> ma = mp.meta_analysis(mp.examples.nephrotoxicity(), "OR")
    >>> mp.plots.save(mp.plots.forest(ma), getfixture("tmp_path") / "forest.pdf")
    """
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    suffix = Path(path).suffix.removeprefix(".")
    if suffix not in figure.canvas.get_supported_filetypes():
        raise InputError(f"{path}: figures are written as png, pdf, svg")
    figure.savefig(path, dpi=200)

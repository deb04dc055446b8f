"""How large a text is when drawn, so that nothing overlaps."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

TITLE_SIZE = 11.0
FONT_SIZE = 9.0
SMALL_FONT_SIZE = 8.0
LINE_SPACING = 1.2
_RESOLUTIONS = (72, 100, 150, 200, 300)


def one_line(text: str) -> str:
    """`text` without line breaks."""
    return " ".join(text.split())


class Ruler:
    """Measures text in inches, by the renderer that draws it.

    Hinting makes the width depend on the resolution, by up to 5 %; the largest counts, so that a
    figure can be saved at any.
    """

    def __init__(self) -> None:
        figures = [Figure((1, 1), dpi=dpi) for dpi in _RESOLUTIONS]
        self._renderers = [
            FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
            for figure in figures
        ]
        self._known: dict[tuple[str, float, bool], float] = {}

    def width(self, text: str, *, bold: bool = False, size: float = FONT_SIZE) -> float:
        """Width of the widest line."""
        return max(self._line(line, size, bold) for line in text.split("\n"))

    def widest(self, texts: Iterable[str], *, bold: bool = False) -> float:
        """Width of the widest of some texts."""
        return max((self.width(text, bold=bold) for text in texts), default=0.0)

    def wrap(self, text: str, width: float, *, bold: bool = False, size: float = FONT_SIZE) -> str:
        """`text` in lines no wider than `width`; a single word may be wider."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer, bold=bold, size=size) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return "\n".join(lines)

    def _line(self, line: str, size: float, bold: bool) -> float:
        key = (line, size, bold)
        if key not in self._known:
            font = FontProperties(size=size, weight="bold" if bold else "normal")
            self._known[key] = max(
                float(renderer.get_text_width_height_descent(line, font, ismath=False)[0]) / dpi
                for renderer, dpi in zip(self._renderers, _RESOLUTIONS, strict=True)
            )
        return self._known[key]


def height(text: str, size: float = FONT_SIZE) -> float:
    """Height of the lines of `text`, in inches."""
    return (text.count("\n") + 1) * size * LINE_SPACING / 72

"""Figures of results, drawn by matplotlib (``pip install "metapool[plots]"``).

A figure shows the numbers of a result and computes none. Each function returns the Axes it drew
in; ``axes.figure.savefig("forest.pdf")`` writes the whole figure. Neither pyplot's state nor
``rcParams`` is touched; the font is the one that ``rcParams["font.family"]`` names.
"""

from metapool.plots._baujat import baujat
from metapool.plots._bootstrap import bootstrap
from metapool.plots._forest import forest
from metapool.plots._funnel import funnel
from metapool.plots._galbraith import galbraith
from metapool.plots._gosh import gosh
from metapool.plots._influence import influence
from metapool.plots._labbe import labbe
from metapool.plots._save import save
from metapool.plots._simulation import simulation

__all__ = [
    "baujat",
    "bootstrap",
    "forest",
    "funnel",
    "galbraith",
    "gosh",
    "influence",
    "labbe",
    "save",
    "simulation",
]

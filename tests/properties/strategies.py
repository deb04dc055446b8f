"""Generated study data, with every hard corner; each corner that was drawn is counted."""

import math
from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, get_args, get_type_hints

import numpy as np
from hypothesis import event
from hypothesis import strategies as st

import metapool as mp

CORNERS = (
    "zero cell",
    "double zero",
    "all-event",
    "k = 1",
    "k = 2",
    "k = 3",
    "counts of 1e9",
    "one dominating study",
    "equal effects",
)

#: How often each corner was drawn in this session.
SEEN: Counter[str] = Counter()

BILLION = 10**9

CLASSES: dict[str, Any] = {
    "two-by-two": mp.TwoByTwo,
    "two-means": mp.TwoMeans,
    "effects": mp.Effects,
}
MEASURES = {"two-by-two": ("RR", "OR", "RD", "AS", "PETO"), "two-means": ("MD", "SMD", "ROM")}

Study = tuple[float, ...]


def kind_of(measure: str) -> str:
    """The kind of data a measure is taken from."""
    return next((kind for kind, names in MEASURES.items() if measure in names), "effects")


def corner(name: str) -> None:
    assert name in CORNERS
    event(name)
    SEEN[name] += 1


@dataclass(frozen=True)
class Batch:
    """Meta-analyses of one kind of data, each a list of studies."""

    kind: str
    analyses: list[list[Study]]

    @cached_property
    def offsets(self) -> list[int]:
        return np.cumsum([0, *map(len, self.analyses)]).tolist()

    @property
    def columns(self) -> dict[str, np.ndarray]:
        names = CLASSES[self.kind].names
        rows = [study for studies in self.analyses for study in studies]
        table = np.array(rows, dtype=float).reshape(-1, len(names))
        return {name: table[:, i].copy() for i, name in enumerate(names)}

    def studies(self, **options: Any) -> Any:
        """As metapool's batch."""
        given = {"missing": "exclude", "offsets": self.offsets, **options}
        return CLASSES[self.kind](**self.columns, **given)

    def one(self, i: int) -> Any:
        """Meta-analysis i alone."""
        alone = replace(self, analyses=[self.analyses[i]])
        return alone.studies(offsets=None)


@st.composite
def tables(draw: st.DrawFn) -> Study:
    """Events and totals, experimental then control."""
    shape = draw(
        st.sampled_from(
            ["plain", "plain", "rare", "nobody", "everybody", "huge", "huge", "fractional"]
        )
    )
    least, most = {"rare": (5, 60), "huge": (BILLION // 3, BILLION)}.get(shape, (1, 200))
    n1, n2 = draw(st.integers(least, most)), draw(st.integers(least, most))
    if shape == "huge":
        n1, n2 = draw(st.sampled_from([(n1, n2), (n1, BILLION), (BILLION, draw(plain_size))]))
    if shape == "nobody":
        return 0.0, n1, 0.0, n2
    if shape == "everybody":
        return n1, n1, n2, n2
    if shape == "rare":
        return draw(st.integers(0, 2)), n1, draw(st.integers(0, 2)), n2
    a, c = draw(events(n1)), draw(events(n2))
    if shape == "fractional":
        a, c = a * draw(shares), c * draw(shares)
    return a, n1, c, n2


def events(n: int) -> st.SearchStrategy[int]:
    """Any number, or a few short of none or of all, where differences cancel."""
    few = st.integers(0, min(n, 3))
    return st.integers(0, n) | few | few.map(lambda i: n - i)


plain_size = st.integers(1, 200)
shares = st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.99])


def hundredths(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(100 * low, 100 * high).map(lambda i: i / 100)


@st.composite
def means(draw: st.DrawFn) -> Study:
    """Mean, standard deviation and size, experimental then control."""
    size = draw(st.sampled_from([plain_size, plain_size, st.integers(BILLION // 3, BILLION)]))
    low = draw(st.sampled_from([1, 1, -50]))
    sd = draw(st.sampled_from([hundredths(1, 20), hundredths(1, 20), hundredths(0, 1)]))
    arm = st.tuples(hundredths(low, 50), sd, size)
    return (*draw(arm), *draw(arm))


@st.composite
def given_effects(draw: st.DrawFn) -> Study:
    """Effect and variance."""
    return draw(hundredths(-3, 3)), draw(st.integers(1, 4000)) / draw(
        st.sampled_from([1000, 1000, 10**9])
    )


@st.composite
def intervals(draw: st.DrawFn) -> Study:
    """A ratio or difference above 0 and its interval, sometimes missing."""
    low = draw(hundredths(0, 5)) + 0.01
    middle = low + draw(hundredths(0, 5)) + 0.01
    high = middle + draw(hundredths(0, 5)) + 0.01
    return draw(st.sampled_from([middle] * 9 + [math.nan])), low, high


STUDIES = {"two-by-two": tables(), "two-means": means(), "effects": given_effects()}


@st.composite
def same_effects(draw: st.DrawFn, kind: str) -> list[Study]:
    """Studies of different size with the very same effect, not an exact binary number."""
    factors = draw(st.lists(st.integers(1, 12), min_size=2, max_size=8))
    corner("equal effects")
    if kind == "two-by-two":
        a, b, c, d = (draw(st.integers(1, 30)) for _ in range(4))
        return [(f * a, f * (a + b), f * c, f * (c + d)) for f in factors]
    if kind == "two-means":
        m1, m2 = draw(hundredths(1, 50)), draw(hundredths(1, 50))
        s, n = draw(hundredths(1, 20)), draw(st.integers(2, 50))
        return [(m1, s, f * n, m2, s, f * n) for f in factors]
    y, v = draw(given_effects())
    return [(y, f * v) for f in factors]


@st.composite
def dominated(draw: st.DrawFn, kind: str) -> list[Study]:
    """Small studies, and one a million times their size."""
    corner("one dominating study")
    if kind == "two-by-two":
        small = [
            (draw(st.integers(1, 9)), 10, draw(st.integers(1, 9)), 10)
            for _ in range(draw(st.integers(1, 6)))
        ]
        n = BILLION
        giant: Study = (
            draw(st.integers(n // 10, n // 2)),
            n,
            draw(st.integers(n // 10, n // 2)),
            n,
        )
    elif kind == "two-means":
        arm = st.tuples(hundredths(1, 50), hundredths(1, 20), st.integers(2, 20))
        small = draw(st.lists(st.tuples(arm, arm).map(lambda x: (*x[0], *x[1])), min_size=1))
        big = st.tuples(hundredths(1, 50), hundredths(1, 20), st.just(BILLION))
        giant = (*draw(big), *draw(big))
    else:
        small = draw(st.lists(st.tuples(hundredths(-3, 3), hundredths(1, 4)), min_size=1))
        giant = (draw(hundredths(-3, 3)), draw(hundredths(1, 4)) * 1e-9)
    small = small[:6]
    small.insert(draw(st.integers(0, len(small))), giant)
    return small


@st.composite
def analyses(draw: st.DrawFn, kind: str) -> list[Study]:
    """One meta-analysis."""
    shape = draw(st.sampled_from(["few", "free", "free", "holes", "equal", "dominated"]))
    if shape == "equal":
        studies = draw(same_effects(kind))
    elif shape == "dominated":
        studies = draw(dominated(kind))
    else:
        most = 3 if shape == "few" else 9
        studies = draw(
            st.lists(STUDIES[kind], min_size=0 if shape == "holes" else 1, max_size=most)
        )
    if shape == "holes":
        holes = draw(st.lists(st.booleans(), min_size=len(studies), max_size=len(studies)))
        studies = [
            (math.nan, *s[1:]) if hole else s for s, hole in zip(studies, holes, strict=True)
        ]
    count_corners(kind, studies)
    return studies


def count_corners(kind: str, studies: list[Study]) -> None:
    if len(studies) in (1, 2, 3):
        corner(f"k = {len(studies)}")
    if kind != "two-by-two":
        if kind == "two-means" and any(max(s[2], s[5]) > BILLION / 4 for s in studies):
            corner("counts of 1e9")
        return
    for a, n1, c, n2 in studies:
        if 0 in (a, n1 - a, c, n2 - c):
            corner("zero cell")
        if a == c == 0:
            corner("double zero")
        if a == n1 and c == n2:
            corner("all-event")
        if max(n1, n2) > BILLION / 4:
            corner("counts of 1e9")


def batches(kind: str, max_size: int = 4) -> st.SearchStrategy[Batch]:
    """A ragged batch; a meta-analysis in it may be empty."""
    return st.lists(analyses(kind), min_size=1, max_size=max_size).map(lambda a: Batch(kind, a))


def rule_values() -> dict[str, tuple[Any, ...]]:
    """The values of each rule, as its annotation lists them; a few for a number."""
    hints = get_type_hints(mp.Conventions)
    return {f.name: get_args(hints[f.name]) or (0.0, 0.1, 0.5, 1.0) for f in fields(mp.Conventions)}


def conventions() -> st.SearchStrategy[mp.Conventions]:
    """Any combination of rules."""
    # the oracle's random effects; intervals have their own tests
    defaults = {
        "default_random": ("DL", "PM"),
        "default_interval": ("wald",),
        "default_prediction": ("none",),
    }
    values = {
        name: st.sampled_from(choices) for name, choices in (rule_values() | defaults).items()
    }
    return st.builds(mp.Conventions, **values)


levels = st.sampled_from([0.95, 0.9, 0.99, 0.5])

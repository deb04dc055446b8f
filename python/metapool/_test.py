"""A small-study test as it is asked for, for simulation studies."""

from __future__ import annotations

from dataclasses import dataclass

from metapool import _types as t
from metapool._checks import share, text_or_none
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import choose


@dataclass(frozen=True)
class Test:
    """What :func:`small_study_test` is to do: its arguments, without the studies.

    Parameters
    ----------
    method, measure, score, conventions
        As for :func:`small_study_test`.
    alpha : float
        P below it rejects.
    name : str, optional
        What tables call it; by default the method, and what it asks for that is not the default.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.Test("harbord").label, mp.Test("egger", measure="SMD", alpha=0.1).label
    ('harbord', 'egger 10 %')
    """

    __test__ = False  # pytest: not a test of its own

    method: t.RadialTest = "harbord"
    measure: str | None = None
    score: t.Score = "or"
    conventions: Conventions = REVMAN5
    alpha: float = 0.05
    name: str | None = None

    def __post_init__(self) -> None:
        choose("method", self.method, t.RadialTest)
        choose("score", self.score, t.Score)
        share("alpha", self.alpha)
        for name in ("measure", "name"):
            text_or_none(name, getattr(self, name))

    @property
    def label(self) -> str:
        """The name, or what is asked for that is not the default."""
        if self.name is not None:
            return self.name
        parts = (
            self.method,
            None if self.score == "or" else self.score.upper(),
            None if self.alpha == 0.05 else f"{100 * self.alpha:g} %",
            None if self.conventions == REVMAN5 else repr(self.conventions),
        )
        return " ".join(part for part in parts if part is not None)

"""An analysis as it is asked for, so that several can be run on the same studies."""

from __future__ import annotations

from dataclasses import dataclass

from metapool import _types as t
from metapool._checks import not_negative, share, text_or_none
from metapool._conventions import REVMAN5, Conventions
from metapool._pooling import pool
from metapool._results import Pooled
from metapool._studies import Studies
from metapool._types import T


@dataclass(frozen=True)
class Analysis:
    """What :func:`pool` is to do: its arguments, without the studies.

    Parameters
    ----------
    measure, method, conventions, interval, level, prediction, tau2
        As for :func:`pool`.
    name : str, optional
        What tables call it; by default what it asks for that is not the default.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.Analysis("RR", "REML", interval="hk").label
    'RR REML hk'
    >>> mp.Analysis("RR", "DL", mp.METAFOR).label
    'RR DL METAFOR'
    """

    measure: str | None = None
    method: t.Method | None = None
    conventions: Conventions = REVMAN5
    interval: t.Interval | None = None
    level: float = 0.95
    prediction: t.Prediction | None = None
    tau2: float | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        for name in ("measure", "method", "interval", "prediction", "name"):
            text_or_none(name, getattr(self, name))
        share("level", self.level)
        if self.tau2 is not None:
            not_negative("tau2", self.tau2)

    @property
    def label(self) -> str:
        """The name, or what is asked for that is not the default."""
        if self.name is not None:
            return self.name
        parts = (
            self.measure,
            self.method,
            self.interval,
            None if self.prediction is None else f"prediction {self.prediction}",
            None if self.tau2 is None else f"tau2 {self.tau2:g}",
            None if self.level == 0.95 else f"{100 * self.level:g} %",
            None if self.conventions == REVMAN5 else repr(self.conventions),
        )
        return " ".join(part for part in parts if part is not None) or "default"

    def pool(self, studies: Studies[T], threads: int | None = None) -> Pooled[T]:
        """Pool studies by it.

        Raises
        ------
        InputError
            As :func:`pool`.
        """
        return pool(
            studies,
            self.measure,
            self.method,
            self.conventions,
            self.interval,
            self.level,
            threads,
            prediction=self.prediction,
            tau2=self.tau2,
        )

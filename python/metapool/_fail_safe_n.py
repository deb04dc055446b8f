"""Fail-safe N."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

import numpy as np

from metapool import _bridge, _frames
from metapool._checks import share
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import InputError
from metapool._frames import Exported, plain
from metapool._notes import Note, notes, plain_notes
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import IntArray, NoteCode, T


@dataclass(frozen=True, eq=False, repr=False)
class FailSafeN(Exported, Generic[T]):
    """How many studies without an effect would undo a finding; an obsolete statistic.

    Attributes
    ----------
    rosenthal : float
        Studies with z = 0 until Stouffer's one-sided P rises to ``alpha`` (Rosenthal 1979).
    orwin : float
        Studies without an effect until the unweighted mean shrinks to ``target`` (Orwin 1983).
    rosenberg : float
        Studies of the average weight and no effect until the two-sided P of the common effect
        rises to ``alpha`` (Rosenberg 2005).
    alpha, target : float
    measure : str
    notes : tuple of Note
        Why it is obsolete.
    """

    rosenthal: T
    orwin: T
    rosenberg: T
    alpha: float
    target: float | None
    measure: str
    _studies: Studies[T]

    @property
    def key(self) -> tuple[Any, ...] | None:
        return self._studies.key

    @cached_property
    def notes(self) -> tuple[Note, ...] | IntArray:
        """Why it is obsolete."""
        flags = np.full(self._studies.n_analyses, np.int64(NoteCode.FAIL_SAFE_N_OBSOLETE))
        return flags if self._studies.is_batch else notes(flags.tolist())

    def __repr__(self) -> str:
        if self._studies.is_batch:
            return f"<FailSafeN: {self.measure}, {self._studies.n_analyses} meta-analyses>"
        return (
            f"<FailSafeN: {self.measure}, Rosenthal {self.rosenthal:.0f}, "
            f"Orwin {self.orwin:.0f}, Rosenberg {self.rosenberg:.0f}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        own = {name: plain(getattr(self, name)) for name in ("rosenthal", "orwin", "rosenberg")}
        head = {"measure": self.measure, "alpha": self.alpha, "target": self.target}
        keyed = _frames.beside(self._studies.keys(), own)
        return {**head, **keyed, "notes": plain_notes(self.notes)}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        own = {name: plain(getattr(self, name)) for name in ("rosenthal", "orwin", "rosenberg")}
        return _frames.frame(_frames.beside(self._studies.keys(), own), backend)


def fail_safe_n(
    studies: Studies[T],
    measure: str | None = None,
    conventions: Conventions = REVMAN5,
    threads: int | None = None,
    *,
    alpha: float = 0.05,
    target: float | None = None,
) -> FailSafeN[T]:
    """Count the studies without an effect that would undo a finding. Obsolete: see its note.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    measure, conventions, threads
        As for :func:`metapool.effect_sizes`.
    alpha : float
        One-sided for Rosenthal's, two-sided for Rosenberg's.
    target : float, optional
        Orwin's mean effect that would no longer matter, analysis scale, not 0; its sign does not
        matter. By default half of the observed mean.

    Returns
    -------
    FailSafeN
        Whole numbers, rounded up, 0 at least.

    Raises
    ------
    InputError
        For an alpha that is no probability, or a target of 0.

    Notes
    -----
    Rosenthal (sum z / z_alpha)**2 - k; Orwin k (|mean| - |target|)/|target|; Rosenberg
    (k/sum w) ((sum w y / z_(alpha/2))**2 - sum w), with weights w = 1/v.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.fail_safe_n(mp.examples.bcg(), "RR")
    <FailSafeN: RR, Rosenthal 598, Orwin 13, Rosenberg 370>
    """
    label = as_studies(studies).resolve_measure(measure)
    share("alpha", alpha)
    if target is not None and not (np.isfinite(target) and target != 0):
        raise InputError(f"target must be a finite number that is not 0, not {target!r}")
    found = _bridge.fail_safe_n(
        alpha,
        np.nan if target is None else float(target),
        studies.core_measure(label),
        conventions,
        studies.columns,
        studies.offsets,
        threads_to_use(threads, studies.offsets),
    )
    rosenthal, orwin, rosenberg = studies.numbers(found)
    return FailSafeN(rosenthal, orwin, rosenberg, alpha, target, label, studies)

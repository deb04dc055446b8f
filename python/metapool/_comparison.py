"""Several analyses of the same studies, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic

from metapool import _frames
from metapool._analysis import Analysis
from metapool._errors import InputError
from metapool._frames import Exported
from metapool._results import Pooled
from metapool._studies import Studies, as_studies
from metapool._types import T


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Exported, Generic[T]):
    """Analyses of the same studies and their results, in the order given.

    Attributes
    ----------
    analyses : tuple of Analysis
    pooled : tuple of Pooled
    """

    analyses: tuple[Analysis, ...]
    pooled: tuple[Pooled[T], ...]

    def __len__(self) -> int:
        return len(self.analyses)

    def __getitem__(self, label: str) -> Pooled[T]:
        """The result of the analysis of this label."""
        found = dict(zip((a.label for a in self.analyses), self.pooled, strict=True))
        if label not in found:
            raise KeyError(f"no analysis is called {label!r}; there are {', '.join(found)}")
        return found[label]

    def __repr__(self) -> str:
        return f"<Comparison: {', '.join(analysis.label for analysis in self.analyses)}>"

    def to_dict(self) -> dict[str, Any]:
        """One list per column: an element per analysis, in a batch per analysis and meta-analysis,
        which its keys tell, or its number ``meta_analysis``.

        Estimates are on the analysis scale, those called ``display_...`` on the natural scale.
        """
        columns: dict[str, list[Any]] = {}
        for analysis, pooled in zip(self.analyses, self.pooled, strict=True):
            found = pooled.to_dict()
            del found["notes"]
            if pooled.is_batch and pooled.key is None:
                found = {"meta_analysis": list(range(len(found["k"]))), **found}
            shown = {f"display_{name}": value for name, value in found.pop("display").items()}
            rows = max(len(x) if isinstance(x, list) else 1 for x in found.values())
            for name, value in {"analysis": analysis.label, **found, **shown}.items():
                column = value if isinstance(value, list) else [value] * rows
                columns.setdefault(name, []).extend(column)
        return columns

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow with the columns of :meth:`to_dict`."""
        return _frames.frame(self.to_dict(), backend)


def compare(
    studies: Studies[T], analyses: Iterable[Analysis], threads: int | None = None
) -> Comparison[T]:
    """Analyse the same studies in several ways.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    analyses : iterable of Analysis
        Each with a label of its own.
    threads : int, optional
        As for :func:`pool`.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For an analysis that cannot be, which it names, or two of the same label.

    Examples
    --------
    >>> import metapool as mp
    >>> both = mp.compare(
    ...     mp.examples.bcg(),
    ...     [mp.Analysis("RR", "DL"), mp.Analysis("RR", "REML", mp.METAFOR, "hk")],
    ... )
    >>> [f"{p.display.estimate:.3f}" for p in both.pooled]
    ['0.490', '0.489']
    >>> both["RR REML hk METAFOR"].df
    12.0
    """
    if isinstance(analyses, Analysis):
        raise InputError("analyses must be a list of Analysis, not one of them")
    asked = tuple(analyses)
    if not asked:
        raise InputError("analyses must name one analysis at least")
    found = []
    for i, analysis in enumerate(asked):
        if not isinstance(analysis, Analysis):
            raise InputError(f"analyses[{i}] must be an Analysis, not {analysis!r}")
        if analysis.label in (other.label for other in asked[:i]):
            raise InputError(f"two analyses are called {analysis.label!r}; give them a name=")
        try:
            found.append(analysis.pool(as_studies(studies), threads))
        except InputError as error:
            raise InputError(f"analysis {analysis.label!r}: {error}") from None
    return Comparison(asked, tuple(found))

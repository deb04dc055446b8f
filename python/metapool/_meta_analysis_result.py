"""The result of one meta-analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._columns import read_only
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._frames import Exported, plain
from metapool._funnel import Funnel, funnel
from metapool._labbe import Labbe, labbe
from metapool._notes import Note, notes, plain_notes
from metapool._results import EffectSizes, Pooled
from metapool._small_study_result import Radial, radial
from metapool._studies import Studies
from metapool._two_by_two import TwoByTwo
from metapool._types import FloatArray, IntArray


@dataclass(frozen=True)
class SubgroupTest(Exported):
    """Test for differences between subgroups.

    Attributes
    ----------
    q, df, p_value : float, int, float
        Dispersion of the subgroup estimates, groups with an estimate less 1, and P.
    i2 : float
        Share of that dispersion beyond chance, percent.
    """

    q: float
    df: int
    p_value: float
    i2: float

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold."""
        return vars(self).copy()


@dataclass(frozen=True, eq=False)
class Total:
    """The pooled effects of one set of studies under both models, and which one was chosen."""

    common: Pooled[float]
    random: Pooled[float]
    model: t.Model
    model_reason: str

    @property
    def pooled(self) -> Pooled[float]:
        """The chosen one."""
        return self.common if self.model == "common" else self.random


@dataclass(frozen=True, eq=False, repr=False)
class MetaAnalysis(Exported):
    """One meta-analysis: study effects, both models, the chosen one, subgroups.

    Attributes
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        The data, in the order given.
    effects : EffectSizes
        Study effects with intervals at ``study_level``.
    weights : float64 array
        Percent, one per study: in the overall total, or in its own subgroup if there is none.
    common, random, pooled : Pooled
        Both models, and the one of ``model``. AttributeError if ``totals`` is not "all".
    model : {"common", "random"}
    model_reason : str
        Why that model, with the numbers that decided.
    subgroups : mapping of str to MetaAnalysis
        In order of first appearance; empty without subgroups.
    notes : tuple of Note
        What to know of the result.
    subgroup_test : SubgroupTest or None
        Test between subgroups (docs/methods.md); None unless two subgroups have an estimate.
    """

    studies: Studies[float]
    effects: EffectSizes
    measure: str
    totals: t.Totals
    level: float
    study_level: float
    conventions: Conventions
    subgroup_test: SubgroupTest | None
    _subgroups: dict[str, MetaAnalysis] = field(default_factory=dict)
    _total: Total | None = None

    def __repr__(self) -> str:
        what = f"{self.measure} of {len(self.effects)} studies"
        if self.subgroups:
            what += f" in {len(self.subgroups)} subgroups"
        if self._total is None:
            return f"<MetaAnalysis: {what}, totals={self.totals!r}>"
        pooled, shown = self.pooled, self.pooled.display
        return (
            f"<MetaAnalysis: {what}, {self.model} ({pooled.method}) {shown.estimate:.2f} "
            f"[{shown.ci_low:.2f}, {shown.ci_high:.2f}], I2 {pooled.i2:.1f} %>"
        )

    @cached_property
    def weights(self) -> FloatArray:
        """Weight of each study in percent: in the overall total, or in its own subgroup."""
        if self._total is not None:
            return self.pooled.weights
        weights = np.full(len(self.studies), np.nan)
        for name, rows in rows_by_subgroup(self.studies).items() if self._subgroups else ():
            weights[rows] = self._subgroups[name].weights
        return read_only(weights)

    @property
    def subgroups(self) -> Mapping[str, MetaAnalysis]:
        """Each subgroup's own meta-analysis, in order of first appearance."""
        return MappingProxyType(self._subgroups)

    @property
    def total(self) -> Total:
        """Both pooled models and the choice between them."""
        if self._total is None:
            raise AttributeError(
                f"totals={self.totals!r}: this meta-analysis has no overall total"
                + ("; each subgroup has its own in .subgroups" if self.subgroups else "")
            )
        return self._total

    @property
    def has_total(self) -> bool:
        """Whether there is an overall total."""
        return self._total is not None

    @property
    def common(self) -> Pooled[float]:
        return self.total.common

    @property
    def random(self) -> Pooled[float]:
        return self.total.random

    @property
    def pooled(self) -> Pooled[float]:
        return self.total.pooled

    @property
    def model(self) -> t.Model:
        return self.total.model

    @property
    def model_reason(self) -> str:
        return self.total.model_reason

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What to know of the reported total, or of those of the subgroups where there is none."""
        totals = [self] if self._total is not None else list(self._subgroups.values())
        codes = [note.code for ma in totals for note in cast("tuple[Note, ...]", ma.pooled.notes)]
        if any(ma.model_reason != "asked for" and ma.pooled.k > 1 for ma in totals):
            codes.append(t.NoteCode.AUTO_MODEL)
        return notes(codes)

    @cached_property
    def radial(self) -> Radial:
        """The points of the Galbraith plot of the study effects."""
        points = _bridge.radial(self.effects.y, self.effects.v)
        return radial(points, self.studies)

    @cached_property
    def funnel(self) -> Funnel:
        """The data of a funnel plot, about the pooled effect that is reported."""
        if not self.has_total:
            raise InputError('a funnel plot needs an overall total: totals="all"')
        effects = self.effects
        unfilled = np.zeros(len(effects), dtype=bool)
        estimate = float(self.pooled.estimate)
        return funnel(
            effects.y, effects.se, effects.study, unfilled, estimate, self.measure,
            effects.is_ratio,
        )  # fmt: skip

    @cached_property
    def labbe(self) -> Labbe:
        """The data of a L'Abbé plot, of two-by-two tables."""
        if not isinstance(self.studies, TwoByTwo):
            raise InputError(
                f"a L'Abbé plot needs TwoByTwo data, not {type(self.studies).__name__}"
            )
        if not self.has_total:
            raise InputError('a L\'Abbé plot needs an overall total: totals="all"')
        return labbe(self.studies, self.pooled, self.weights)

    def summary(self) -> str:
        """The meta-analysis as text: studies, both models, heterogeneity, subgroups."""
        from metapool.report import summary  # a report reads results; results do not need reports

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None.

        Estimates are on the analysis scale, those of ``display`` on the natural scale.
        """
        total: dict[str, Any] = {}
        if self._total is not None:
            total = {
                "model": self.model,
                "model_reason": self.model_reason,
                "common": self.common.to_dict(),
                "random": self.random.to_dict(),
            }
        return {
            "measure": self.measure,
            "log_scale": self.effects.is_ratio,
            "level": self.level,
            "study_level": self.study_level,
            "totals": self.totals,
            "conventions": asdict(self.conventions),
            "studies": {
                **self._study_columns(),
                "display": {n: plain(x) for n, x in vars(self.effects.display).items()},
            },
            **total,
            "notes": plain_notes(self.notes),
            "subgroups": {name: ma.to_dict() for name, ma in self.subgroups.items()},
            "subgroup_test": None if self.subgroup_test is None else self.subgroup_test.to_dict(),
        }

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per study, with weights."""
        return _frames.frame(self._study_columns(), backend)

    def _study_columns(self) -> dict[str, Any]:
        return {**self.effects.to_dict(), "weight": plain(self.weights)}


def rows_by_subgroup(studies: Studies[float]) -> dict[str, IntArray]:
    """Rows of each subgroup, in order of first appearance."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(studies.subgroup or ()):
        rows.setdefault(name, []).append(row)
    return {name: np.array(found, dtype=np.int64) for name, found in rows.items()}

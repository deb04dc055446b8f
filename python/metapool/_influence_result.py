"""Influence of studies on a pooled effect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic

import numpy as np

from metapool import _bridge, _frames
from metapool import _types as t
from metapool._format import studies_counted
from metapool._frames import Exported, plain
from metapool._pooling import pooled
from metapool._results import Pooled
from metapool._statuses import status_name
from metapool._studies import Studies
from metapool._types import BoolArray, FloatArray, IntArray, T


@dataclass(frozen=True, eq=False)
class Baujat:
    """Coordinates of a Baujat plot (Baujat et al. 2002).

    Attributes
    ----------
    x : float64 array, one element per study
        Contribution to heterogeneity: squared distance from the pooled effect over v + tau2.
    y : float64 array
        Influence on the pooled effect: squared change without the study over its variance there.
    study : tuple of str
    """

    x: FloatArray
    y: FloatArray
    study: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Influence(Exported, Generic[T]):
    """How much each study sways a meta-analysis, one element per study.

    "Without" a study everything is estimated anew. A study that does not contribute has NaN, but
    for ``hat`` and ``weight``, which are 0, and what the others give without it; ``status`` is that
    of the analysis without the study.

    Attributes
    ----------
    rstudent : float64 array
        Studentised residual: distance from the pooled effect without the study, over its standard
        error.
    dffits : float64 array
        Change of the pooled effect without the study, in standard deviations of the fitted value.
    cook_d : float64 array
        Cook's distance: squared change over the variance of the pooled effect.
    cov_ratio : float64 array
        Variance of the pooled effect without the study over that with it.
    tau2_deleted, q_deleted : float64 array
        tau2 and Q without the study.
    hat : float64 array
        Leverage: its share of the weights.
    weight : float64 array
        The same in percent.
    dfbetas : float64 array
        Change in standard errors of the pooled effect, with tau2 estimated without the study.
    is_influential : bool array
        Whether ``|dffits| > 3/sqrt(k - 1)``, the chi-square probability below ``cook_d`` exceeds
        one half, ``hat > 3/k`` or ``|dfbetas| > 1``.
    status : int array
        Codes of :class:`Status`.
    overall : Pooled
        The analysis of all studies.
    study : tuple of str
    baujat : Baujat
    key : dict of list
        In a batch, what tells a study's meta-analysis; otherwise empty.
    """

    rstudent: FloatArray
    dffits: FloatArray
    cook_d: FloatArray
    cov_ratio: FloatArray
    tau2_deleted: FloatArray
    q_deleted: FloatArray
    hat: FloatArray
    weight: FloatArray
    dfbetas: FloatArray
    is_influential: BoolArray
    status: IntArray
    measure: str
    method: t.Method
    _baujat: FloatArray
    _studies: Studies[T]
    _plan: _bridge.Plan
    _threads: int | None

    @property
    def study(self) -> tuple[str, ...]:
        return self._studies.study

    @cached_property
    def overall(self) -> Pooled[T]:
        """The analysis of all studies."""
        return pooled(self._studies, self.measure, self.method, self._plan, self._threads)

    @cached_property
    def key(self) -> dict[str, list[Any]]:
        return self._studies.keys_of_studies()

    @property
    def baujat(self) -> Baujat:
        return Baujat(self._baujat[0], self._baujat[1], self.study)

    def __len__(self) -> int:
        return len(self.hat)

    def __repr__(self) -> str:
        swaying = np.flatnonzero(self.is_influential)
        names = ", ".join(self.study[i] for i in swaying[:3]) or "none"
        more = f" and {len(swaying) - 3} more" if len(swaying) > 3 else ""
        what = f"{self.measure}, {self.method}, {studies_counted(len(self))}"
        return f"<Influence: {what}, influential: {names}{more}>"

    def to_dict(self) -> dict[str, Any]:
        """One list per column, one element per study; NaN and infinity become None."""
        own: dict[str, Any] = {"study": list(self.study)}
        own |= {name: plain(getattr(self, name)) for name in _COLUMNS}
        own |= {"baujat_x": plain(self._baujat[0]), "baujat_y": plain(self._baujat[1])}
        own["status"] = status_name(self.status)
        return _frames.beside(self.key, own)


_COLUMNS = (
    "rstudent", "dffits", "cook_d", "cov_ratio", "tau2_deleted", "q_deleted", "hat", "weight",
    "dfbetas", "is_influential",
)  # fmt: skip

"""PET, PEESE and PET-PEESE."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, cast

import numpy as np
from numpy.typing import NDArray

from metapool import _bridge, _frames
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import check_level
from metapool._frames import Exported, plain
from metapool._notes import Note, plain_notes
from metapool._pooling import pool
from metapool._results import Display
from metapool._small_study import small_study_test
from metapool._small_study_result import SmallStudyTest
from metapool._statuses import status_name
from metapool._studies import Studies
from metapool._types import IntArray, Status, T


@dataclass(frozen=True, eq=False, repr=False)
class PetPeese(Exported, Generic[T]):
    """The effect that an infinitely precise study would show, by a line through the effects.

    Every field is a number for one meta-analysis and an array for a batch, on the analysis scale;
    ``display`` has the natural scale.

    Attributes
    ----------
    estimate, se, ci_low, ci_high, statistic, p_value : float
        Of the model that was chosen; t with ``df`` degrees of freedom.
    model : {"PET", "PEESE"}
    pet, peese : Adjusted
        Both models, with the same fields.
    df, k, status
    notes : tuple of Note
    """

    pet: Adjusted[T]
    peese: Adjusted[T]
    model: str | NDArray[np.str_]
    measure: str
    level: float
    _studies: Studies[T]

    @property
    def key(self) -> tuple[Any, ...] | None:
        return self._studies.key

    def _chosen(self, name: str) -> T:
        first, second = getattr(self.pet, name), getattr(self.peese, name)
        if self._studies.is_batch:
            return cast(T, np.where(np.asarray(self.model) == "PEESE", second, first))
        return cast(T, second if self.model == "PEESE" else first)

    @property
    def estimate(self) -> T:
        return self._chosen("estimate")

    @property
    def se(self) -> T:
        return self._chosen("se")

    @property
    def ci_low(self) -> T:
        return self._chosen("ci_low")

    @property
    def ci_high(self) -> T:
        return self._chosen("ci_high")

    @property
    def statistic(self) -> T:
        return self._chosen("statistic")

    @property
    def p_value(self) -> T:
        return self._chosen("p_value")

    @property
    def df(self) -> int | IntArray:
        return self.pet.test.df

    @property
    def k(self) -> int | IntArray:
        return self.pet.test.k

    @property
    def status(self) -> Status | IntArray:
        return cast("Status | IntArray", self._chosen("status"))

    @property
    def notes(self) -> tuple[Note, ...] | IntArray:
        return self.pet.test.notes

    @cached_property
    def display(self) -> Display[T]:
        """Estimate and interval on the natural scale."""
        names = ("estimate", "ci_low", "ci_high")
        return Display(*(self._studies.natural(self.measure, getattr(self, n)) for n in names))

    def __repr__(self) -> str:
        if self._studies.is_batch:
            return f"<PetPeese: {self.measure}, {self._studies.n_analyses} meta-analyses>"
        status = Status(int(self.status)).name
        return (
            f"<PetPeese: {self.measure}, {self.model}, estimate {self.estimate:.4g} "
            f"[{self.ci_low:.4g}, {self.ci_high:.4g}], P {self.p_value:.4g}, {status}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        own: dict[str, Any] = {"model": plain(self.model)}
        own |= {name: plain(getattr(self, name)) for name in (*_COLUMNS, "df", "k")}
        own["status"] = status_name(self.status)
        own |= {f"display_{name}": plain(value) for name, value in vars(self.display).items()}
        for name in ("pet", "peese"):
            adjusted = getattr(self, name)
            own |= {f"{name}_{column}": plain(getattr(adjusted, column)) for column in _COLUMNS}
        keyed = _frames.beside(self._studies.keys(), own)
        head = {"measure": self.measure, "level": self.level}
        return {**head, **keyed, "notes": plain_notes(self.notes)}

    def to_frame(self, backend: _frames.Backend | None = None) -> Any:
        """A data frame of pandas, polars or pyarrow, one row per meta-analysis."""
        left_out = ("measure", "level", "notes")
        columns = {key: value for key, value in self.to_dict().items() if key not in left_out}
        return _frames.frame(columns, backend)


@dataclass(frozen=True, eq=False)
class Adjusted(Generic[T]):
    """An effect adjusted by a line: where it meets a standard error, or a variance, of 0.

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_low, ci_high : float
    test : SmallStudyTest
        The line, whose ``bias`` is its slope.
    """

    estimate: T
    se: T
    statistic: T
    p_value: T
    ci_low: T
    ci_high: T
    test: SmallStudyTest[T]

    @property
    def status(self) -> Status | IntArray:
        return self.test.status

    @cached_property
    def display(self) -> Display[T]:
        """Estimate and interval on the natural scale."""
        natural, measure = self.test._studies.natural, self.test.measure
        low, high = natural(measure, self.ci_low), natural(measure, self.ci_high)
        return Display(natural(measure, self.estimate), low, high)


_COLUMNS = ("estimate", "se", "statistic", "p_value", "ci_low", "ci_high")


def pet_peese(
    studies: Studies[T],
    measure: str | None = None,
    conventions: Conventions = REVMAN5,
    level: float = 0.95,
    threads: int | None = None,
) -> PetPeese[T]:
    """Adjust the pooled effect for small-study effects (Stanley & Doucouliagos 2014).

    PET is the effect at a standard error of 0 on the line of the effects on their standard errors,
    PEESE that at a variance of 0 on the line on their variances; both with weights 1/v and
    multiplicative dispersion. PEESE is taken if PET's effect differs from 0, one-sided P < 0.05, in
    the direction of the common effect; else PET.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    measure, conventions, threads
        As for :func:`metapool.effect_sizes`.
    level : float
        Confidence level.

    Returns
    -------
    PetPeese

    Examples
    --------
    >>> import metapool as mp
    >>> mp.pet_peese(mp.examples.bcg(), "RR")
    <PetPeese: RR, PET, estimate -0.1909 [-0.6753, 0.2935], P 0.4042, OK>
    """
    check_level("level", level)
    lines = (
        small_study_test(studies, "egger", measure, "or", conventions, threads),
        small_study_test(studies, "peese", measure, "or", conventions, threads),
    )
    pet, peese = (_adjusted(line, level) for line in lines)
    whole = pool(studies, measure, "IV", conventions, threads=threads)
    direction = np.sign(np.atleast_1d(whole.estimate)) == np.sign(np.atleast_1d(pet.estimate))
    differs = direction & (np.atleast_1d(pet.p_value) < 0.10)
    model = np.where(differs, "PEESE", "PET")
    chosen = model if studies.is_batch else model.item()
    return PetPeese(pet, peese, chosen, pet.test.measure, level, studies)


def _adjusted(test: SmallStudyTest[T], level: float) -> Adjusted[T]:
    estimate, se, df = (
        np.atleast_1d(np.asarray(x, float)) for x in (test.slope, test.slope_se, test.df)
    )
    found = np.stack(_bridge.t_tests(estimate, se, df, level))
    statistic, p_value, low, high = test._studies.numbers(found)
    return Adjusted(test.slope, test.slope_se, statistic, p_value, low, high, test)

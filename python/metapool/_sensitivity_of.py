"""The sensitivity analyses of a meta-analysis, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from metapool import _types as t
from metapool._conventions import Conventions
from metapool._errors import InputError
from metapool._influence_result import Influence
from metapool._meta_analysis_result import MetaAnalysis
from metapool._pet_peese import PetPeese, pet_peese
from metapool._sensitivity import influence, leave_one_out
from metapool._sensitivity_result import LeaveOneOut
from metapool._small_study import small_study_test
from metapool._small_study_result import SmallStudyTest
from metapool._studies import Studies
from metapool._trim_and_fill import TrimAndFill, trim_and_fill
from metapool._two_by_two import TwoByTwo
from metapool._two_means import TwoMeans


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity:
    """What a careful reviewer looks at after the pooled effect.

    Attributes
    ----------
    leave_one_out : LeaveOneOut
    influence : Influence
    small_study_tests : dict of str to SmallStudyTest
        All tests that are for these data, by name.
    trim_and_fill : TrimAndFill
    pet_peese : PetPeese
    """

    leave_one_out: LeaveOneOut[float]
    influence: Influence[float]
    small_study_tests: dict[str, SmallStudyTest[float]]
    trim_and_fill: TrimAndFill[float]
    pet_peese: PetPeese[float]

    def __repr__(self) -> str:
        return f"<Sensitivity: {self.leave_one_out.overall!r}>"

    def summary(self) -> str:
        """All of it as text."""
        from metapool.report import sensitivity as text  # a report reads results

        return text(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold."""
        tests = {name: test.to_dict() for name, test in self.small_study_tests.items()}
        return {
            "leave_one_out": self.leave_one_out.to_dict(),
            "influence": self.influence.to_dict(),
            "small_study_tests": tests,
            "trim_and_fill": self.trim_and_fill.to_dict(),
            "pet_peese": self.pet_peese.to_dict(),
        }


def sensitivity(ma: MetaAnalysis) -> Sensitivity:
    """Take the sensitivity analyses of the model that a meta-analysis reports.

    Leave-one-out and influence are of that model; trim and fill ranks effects about the
    inverse-variance mean of a common effect, or about the mean of random effects.

    Parameters
    ----------
    ma : MetaAnalysis
        With an overall total.

    Returns
    -------
    Sensitivity

    Raises
    ------
    InputError
        Without an overall total, or for another result.

    Examples
    --------
    >>> import metapool as mp
    >>> ma = mp.meta_analysis(mp.examples.bcg(), "RR", model="random")
    >>> print(mp.sensitivity(ma).summary())
    Leave-one-out (RR, DL):
    without                    estimate  95 % interval          P  I2 %    tau2
    Aronson 1948                   0.49   [0.34, 0.71]     0.0001  92.8  0.3129
    ...
    """
    if not isinstance(ma, MetaAnalysis):
        raise InputError(f"sensitivity takes the result of meta_analysis, not {type(ma).__name__}")
    if not ma.has_total:
        raise InputError('sensitivity analyses need an overall total: totals="all"')
    pooled, conventions = ma.pooled, ma.conventions
    measure = ma.measure
    preset = pooled.tau2 if pooled.method == "preset" else None
    asked = (ma.studies, measure, pooled.method, conventions, pooled.interval)
    inner = "IV" if ma.model == "common" else pooled.method
    return Sensitivity(
        leave_one_out(*asked, ma.level, tau2=preset),
        influence(*asked, tau2=preset),
        every_test(ma.studies, measure, conventions),
        trim_and_fill(
            ma.studies, measure, inner, conventions, pooled.interval, ma.level, tau2=preset
        ),
        pet_peese(ma.studies, measure, conventions, ma.level),
    )


def every_test(
    studies: Studies[Any], measure: str | None, conventions: Conventions
) -> dict[str, SmallStudyTest[Any]]:
    """All small-study tests that are for these data, by name; of tables without a measure of odds
    ratios."""
    is_tables = isinstance(studies, TwoByTwo)
    if measure is None and is_tables:
        measure = "OR"
    found = {}
    for name in t.choices(t.SmallStudyMethod):
        of_tables = name in ("harbord", "peters", "macaskill", "macaskill-iv", "deeks")
        sized = name == "pustejovsky-rodgers"
        if (of_tables and not is_tables) or (
            sized and not isinstance(studies, (TwoByTwo, TwoMeans))
        ):
            continue
        # Peters's, Macaskill's and Deeks's tests are made for odds ratios
        label = None if of_tables else measure
        found[name] = small_study_test(studies, name, label, conventions=conventions)  # type: ignore[arg-type]
    return found

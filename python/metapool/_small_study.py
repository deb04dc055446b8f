"""Tests for small-study effects."""

from __future__ import annotations

from typing import Any

from metapool import _bridge
from metapool import _types as t
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import InputError, choose
from metapool._small_study_result import SmallStudyTest
from metapool._statuses import as_status
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._two_by_two import TwoByTwo
from metapool._types import T


def small_study_test(
    studies: Studies[T],
    method: t.SmallStudyMethod = "harbord",
    measure: str | None = None,
    score: t.Score = "or",
    conventions: Conventions = REVMAN5,
    threads: int | None = None,
) -> SmallStudyTest[T]:
    """Test whether small studies show other effects than large ones.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    method : {"harbord", "egger"}
        Harbord, Egger & Sterne's (2006) modified test: two-by-two tables, raw counts, no
        continuity correction; a study with no events, or only events, drops out. Egger's (1997)
        regression of y/se on 1/se.
    measure : str, optional
        Egger's test of counts and means needs one. Harbord's score is that of the odds ratio
        whatever the measure of the analysis, unless ``score`` says otherwise.
    score : {"or", "rr"}
        Harbord's score: of the odds ratio, or of the risk ratio (Harbord, Harris & Sterne 2009).
    conventions : Conventions
        For the effects that Egger's test takes.
    threads : int, optional
        Default: the environment variable METAPOOL_NUM_THREADS, else the processors that the process
        may use. Results do not depend on it.

    Returns
    -------
    SmallStudyTest
        The intercept ("bias") with its t test, k - 2 degrees of freedom, two-sided.

    Raises
    ------
    InputError
        For Harbord's test of anything but two-by-two tables.

    Examples
    --------
    >>> import metapool as mp
    >>> test = mp.small_study_test(mp.examples.bcg(), "harbord")
    >>> f"bias {test.bias:.3f}, t {test.statistic:.3f}, P {test.p_value:.3f}"
    'bias -2.093, t -1.256, P 0.235'
    """
    label, plan = asked_test(studies, method, measure, score, conventions)
    workers = threads_to_use(threads, studies.offsets)
    lines = _bridge.small_study(plan, studies.columns, studies.offsets, workers)
    bias, se, statistic, p_value, slope = studies.numbers(lines.numbers)
    df, k, status = studies.numbers(lines.counts)
    return SmallStudyTest(
        bias=bias,
        se=se,
        statistic=statistic,
        df=df,
        p_value=p_value,
        slope=slope,
        k=k,
        status=as_status(status),
        method=method,
        measure=label,
        _studies=studies,
        _plan=plan,
    )


def asked_test(
    studies: Studies[Any],
    method: t.SmallStudyMethod,
    measure: str | None,
    score: t.Score,
    conventions: Conventions,
) -> tuple[str, _bridge.SmallStudyPlan]:
    """The measure of the test, and the test that is asked for, checked."""
    as_studies(studies)
    choose("method", method, t.SmallStudyMethod)
    choose("score", score, t.Score)
    if method == "egger":
        if score != "or":
            raise InputError("score is for Harbord's test, not for Egger's")
        label = studies.resolve_measure(measure)
        return label, _bridge.SmallStudyPlan(method, studies.core_measure(label), conventions)
    if not isinstance(studies, TwoByTwo):
        raise InputError(f"Harbord's test needs TwoByTwo data, not {type(studies).__name__}")
    if measure is not None:
        studies.resolve_measure(measure)
    return score.upper(), _bridge.SmallStudyPlan(method, score, conventions)

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
from metapool._two_means import TwoMeans
from metapool._types import T

#: Tests of odds ratios unless told otherwise.
_OF_TABLES = ("peters", "macaskill", "macaskill-iv", "deeks")


def small_study_test(
    studies: Studies[T],
    method: t.SmallStudyMethod = "harbord",
    measure: str | None = None,
    score: t.Score = "or",
    conventions: Conventions = REVMAN5,
    threads: int | None = None,
    *,
    p: t.RankP = "exact",
    tau2: t.ResidualTau2 = "REML",
    distribution: t.TestDistribution = "z",
) -> SmallStudyTest[T]:
    """Test whether small studies show other effects than large ones.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    method : str
        Two-by-two tables, raw counts: "harbord" (Harbord, Egger & Sterne 2006), the regression of
        Z/sqrt(V) on sqrt(V) of the score Z and its variance V; a study with no events, or only
        events, drops out.

        Any effects: "egger" (1997), y/se on 1/se, the same as y on se with weights 1/v and
        multiplicative dispersion; "thompson-sharp" (1999), the same with weights 1/(v + tau2);
        "begg" (Begg & Mazumdar 1994), the rank correlation of standardised effects and variances;
        "peese" (Stanley & Doucouliagos 2014), y on v with weights 1/v.

        Effects of two-by-two tables with m1 events and m0 non-events of N people, by default log
        odds ratios: "peters" (2006), y on 1/N with weights m1 m0/N; "macaskill" (2001), y on N with
        the same weights; "macaskill-iv", y on N with weights 1/v, as R's package meta has it;
        "deeks" (2005), y on 1/sqrt(ESS) with weights ESS = 4 n1 n2/N.

        Tables and means: "pustejovsky-rodgers" (2019), y on sqrt(1/n1 + 1/n2) with weights 1/v.
    measure : str, optional
        The effects that a test takes; "peters", "macaskill" and "deeks" take OR unless told
        otherwise. Harbord's score is that of the odds ratio whatever the measure of the analysis,
        unless ``score`` says otherwise.
    score : {"or", "rr", "rr-meta", "or-cochran"}
        Harbord's score: of the odds ratio, or of the risk ratio (Harbord, Harris & Sterne 2009).
        "rr-meta" has the variance that R's package meta takes, right for arms of equal size;
        "or-cochran" N**3 for N**2 (N - 1) in the variance.
    conventions : Conventions
        For the effects that a test takes.
    threads : int, optional
        Default: the environment variable METAPOOL_NUM_THREADS, else the processors that the process
        may use. Results do not depend on it.
    p : {"exact", "normal", "corrected"}
        Begg's P: from all orders of the studies where no two are equal (up to 1000 studies), else
        normal; normal, with the variance for ties; the same with a continuity correction.
    tau2 : {"REML", "DL", "common"}
        How Thompson and Sharp's tau2 about the line is estimated; "common" takes 0.
    distribution : {"z", "t"}
        Of Thompson and Sharp's test.

    Returns
    -------
    SmallStudyTest
        The bias with its two-sided test: t of k - 2 degrees of freedom, but for "begg" and
        ``distribution="z"``.

    Raises
    ------
    InputError
        For a test that is not for these data, or an option of another test.

    Examples
    --------
    >>> import metapool as mp
    >>> test = mp.small_study_test(mp.examples.bcg(), "harbord")
    >>> f"bias {test.bias:.3f}, t {test.statistic:.3f}, P {test.p_value:.3f}"
    'bias -2.093, t -1.256, P 0.235'
    >>> mp.small_study_test(mp.examples.bcg(), "peters")
    <SmallStudyTest: peters, OR, bias -563.7, t -1.362, df 11, P 0.2003, k 13, OK>
    """
    label, plan = _asked(studies, method, measure, score, conventions, p, tau2, distribution)
    workers = threads_to_use(threads, studies.offsets)
    lines = _bridge.small_study(plan, studies.columns, studies.offsets, workers)
    bias, se, statistic, p_value, slope, slope_se, dispersion = studies.numbers(lines.numbers)
    df, k, status = studies.numbers(lines.counts)
    return SmallStudyTest(
        bias=bias,
        se=se,
        statistic=statistic,
        df=df,
        p_value=p_value,
        slope=slope,
        slope_se=slope_se,
        dispersion=dispersion,
        k=k,
        status=as_status(status),
        method=method,
        measure=label,
        _studies=studies,
        _plan=plan,
    )


def asked_test(
    studies: Studies[Any],
    method: t.RadialTest,
    measure: str | None,
    score: t.Score,
    conventions: Conventions,
) -> tuple[str, _bridge.SmallStudyPlan]:
    """The measure of a test by a radial plot, and the test that is asked for, checked."""
    as_studies(studies)
    choose("method", method, t.RadialTest)
    choose("score", score, t.Score)
    if method == "egger":
        if score != "or":
            raise InputError("score is for Harbord's test, not for Egger's")
        label = studies.resolve_measure(measure)
        return label, _bridge.SmallStudyPlan(method, studies.core_measure(label), conventions)
    if not isinstance(studies, TwoByTwo):
        raise InputError(
            f"Harbord's test needs TwoByTwo data, not {type(studies).__name__}; "
            'method="egger" is for any effects'
        )
    if measure is not None:
        studies.resolve_measure(measure)
    return score.upper(), _bridge.SmallStudyPlan(method, score, conventions)


def _asked(
    studies: Studies[Any],
    method: t.SmallStudyMethod,
    measure: str | None,
    score: t.Score,
    conventions: Conventions,
    p: t.RankP,
    tau2: t.ResidualTau2,
    distribution: t.TestDistribution,
) -> tuple[str, _bridge.SmallStudyPlan | _bridge.LinePlan | _bridge.RankPlan]:
    """The measure of any test, and what is asked for, checked."""
    as_studies(studies)
    choose("method", method, t.SmallStudyMethod)
    owners = {
        "p": ("begg", choose("p", p, t.RankP) != "exact"),
        "tau2": ("thompson-sharp", choose("tau2", tau2, t.ResidualTau2) != "REML"),
        "distribution": (
            "thompson-sharp",
            choose("distribution", distribution, t.TestDistribution) != "z",
        ),
        "score": ("harbord", choose("score", score, t.Score) != "or" and method != "egger"),
    }
    for option, (owner, given) in owners.items():
        if given and method != owner:
            raise InputError(f"{option} is for method {owner!r}, not {method!r}")
    if method == "harbord" or method == "egger":
        return asked_test(studies, method, measure, score, conventions)
    if method in _OF_TABLES and not isinstance(studies, TwoByTwo):
        raise InputError(f"method {method!r} needs TwoByTwo data, not {type(studies).__name__}")
    if method == "pustejovsky-rodgers" and not isinstance(studies, (TwoByTwo, TwoMeans)):
        raise InputError(
            f"method {method!r} needs the sizes of arms, TwoByTwo or TwoMeans data, "
            f"not {type(studies).__name__}"
        )
    if measure is None and method in _OF_TABLES:
        measure = "OR"
    label = studies.resolve_measure(measure)
    core = studies.core_measure(label)
    if method == "begg":
        return label, _bridge.RankPlan(p, core, conventions)
    return label, _bridge.LinePlan(method, tau2, distribution, core, conventions)

"""Bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict, Unpack, overload

import numpy as np

from metapool import _bridge
from metapool import _resampling_checks as checks
from metapool import _types as t
from metapool._bootstrap_result import Asked, Bootstrap, results
from metapool._checks import draw_seed, whole
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import InputError, check_level, choose
from metapool._pooling import asked_plan
from metapool._small_study import asked_test
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import T

_LARGEST = 2**63 - 1


class _Choices(TypedDict, total=False):
    scheme: t.Scheme
    n_resamples: int
    first_replicate: int
    ci: t.BootstrapInterval
    level: float
    seed: int | None
    threads: int | None
    conventions: Conventions
    interval: t.Interval | None
    prediction: t.Prediction | None
    tau2: float | None
    score: t.Score
    h: float | None
    degenerate: t.Degenerate
    distribution: bool
    progress: Callable[[float], object] | None


@overload
def bootstrap(
    studies: Studies[T],
    statistic: t.Statistic = ...,
    measure: str | None = ...,
    method: t.Method | None = ...,
    **choices: Unpack[_Choices],
) -> Bootstrap[T]: ...
@overload
def bootstrap(
    studies: Studies[T],
    statistic: list[t.Statistic],
    measure: str | None = ...,
    method: t.Method | None = ...,
    **choices: Unpack[_Choices],
) -> dict[t.Statistic, Bootstrap[T]]: ...
def bootstrap(
    studies: Studies[T],
    statistic: t.Statistic | list[t.Statistic] = "estimate",
    measure: str | None = None,
    method: t.Method | None = None,
    scheme: t.Scheme = "studies",
    n_resamples: int = 10_000,
    first_replicate: int = 0,
    ci: t.BootstrapInterval = "percentile",
    level: float = 0.95,
    seed: int | None = None,
    threads: int | None = None,
    *,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    prediction: t.Prediction | None = None,
    tau2: float | None = None,
    score: t.Score = "or",
    h: float | None = None,
    degenerate: t.Degenerate = "drop",
    distribution: bool = False,
    progress: Callable[[float], object] | None = None,
) -> Bootstrap[T] | dict[t.Statistic, Bootstrap[T]]:
    """Resample a meta-analysis many times and see how far a statistic spreads.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis, or a batch: each is resampled by itself.
    statistic : str or list of str
        "estimate", "tau2", "i2", "h2", "q", "pi_low", "pi_high" (of :func:`metapool.pool`),
        "harbord", "egger" (the bias that the test finds), "subgroup_difference" (of the two
        subgroups' estimates, first less second; the first is the one that appears first, see
        :attr:`Bootstrap.subgroups`). A list shares the resamples.
    measure, method, conventions, interval, prediction, tau2
        As in :func:`metapool.pool`; `method` may be any, "auto" included. tau2 is resampled of
        random effects only, and not of "preset"; `interval` and `prediction` are of "pi_low" and
        "pi_high". Small-study tests alone pool nothing, but for the model of "parametric".
    scheme : {"studies", "within", "parametric", "wild"}
        What is drawn anew. "studies": as many studies as there are, with replacement; those with a
        missing value are not drawn. "within": the people of each study, about what it observed
        (tables: binomial events with risk (events + h)/(n + 2h); means: normal mean, chi-square
        variance), for counts and means. "parametric": everything, from the fitted model: study
        effects ~ N(estimate, tau2), then the people of each study; given effects ~ N(estimate, v +
        tau2). That model has no small-study effect. "wild", for small-study tests: the signs of the
        residuals of the line without bias; what bias that gives is added to that of the data, and
        ``p_value`` is that of no bias. For "subgroup_difference" each subgroup is drawn by itself.
    n_resamples : int
    first_replicate : int
        Number of the first resample: a call of 10,000 is the same as one of 5,000 and one of 5,000
        with ``first_replicate=5000``, see :meth:`Bootstrap.join`.
    ci : {"percentile", "basic", "normal", "BCa"}
        How the interval is formed: quantiles of the distribution (type 7, NumPy's default); these
        mirrored at the estimate; estimate - bias +- z SE; quantiles corrected for bias and
        acceleration (Efron 1987).
    level : float
        Confidence level.
    seed : int, optional
        0 to 2**64 - 1; drawn and kept in the result if not given.
    threads : int, optional
        As in :func:`metapool.pool`. Results do not depend on it.
    score : {"or", "rr"}
        Of Harbord's test.
    h : float, optional
        Of scheme "within" of tables: what is added to events and to non-events for the risk, so
        that an arm without events can have some; 0.5 if not given.
    degenerate : {"drop", "worst"}
        Resamples that do not have the statistic (a test needs three different studies) are left
        out, or count as -inf for the lower and as +inf for the upper limit. Their number is in the
        result.
    distribution : bool
        Keep the statistic of every resample.
    progress : callable, optional
        Called now and then with the share that is done.

    Returns
    -------
    Bootstrap, or a dict of them by statistic for a list

    Raises
    ------
    InputError
        For a choice that does not fit the data or another choice.

    Notes
    -----
    The interval of a mean of few studies is too narrow: with tau2 by DerSimonian-Laird, a 95 %
    percentile interval holds the mean in about 75 % of meta-analyses of 3 studies, 84 % of 5, 90 %
    of 10 (docs/bootstrap.md); ``notes`` says so, and ``hartung_knapp`` has an interval that is
    wide enough.

    Resample r depends on the seed, r and the number of the meta-analysis only. docs/bootstrap.md
    has the few lines of NumPy that draw it again.

    Examples
    --------
    >>> import metapool as mp
    >>> found = mp.bootstrap(mp.examples.bcg(), measure="RR", method="REML", seed=1)
    >>> f"{found.display.estimate:.2f} ({found.display.ci_low:.2f}, {found.display.ci_high:.2f})"
    '0.49 (0.34, 0.69)'
    """
    as_studies(studies)
    wanted = checks.statistics(statistic)
    choose("scheme", scheme, t.Scheme)
    checks.check_applies(wanted, interval, prediction, score)
    checks.check_progress(progress)
    label = _measure(studies, measure, wanted)
    core_measure = studies.core_measure(label)
    pools = scheme == "parametric" or not checks.only_tests(wanted)
    if not pools:
        checks.check_pools_nothing(wanted, scheme, method=method, tau2=tau2)
        method = "IV"  # of a plan that pools nothing
    asked, plan = asked_plan(core_measure, method, conventions, interval, prediction, level, tau2)
    pooled = tuple(name for name in wanted if name in t.choices(t.PooledStatistic))
    tests = tuple(name for name in wanted if name in ("harbord", "egger"))
    difference = "subgroup_difference" in wanted
    checks.check_pooled(wanted, plan)
    checks.check_scheme(studies, scheme, ci, wanted)
    resamples = _bridge.BootstrapPlan(
        plan,
        ("estimate",) if difference else pooled,
        tuple(_test(studies, name, label, score, conventions) for name in tests),
        scheme,
        checks.h_of(h, studies, scheme),
        draw_seed(seed),
        whole("first_replicate", first_replicate, 0, _LARGEST),
        whole("n_resamples", n_resamples, 1, 10**12),
        difference,
        choose("ci", ci, t.BootstrapInterval),
        check_level("level", level),
        choose("degenerate", degenerate, t.Degenerate),
    )
    request = Asked(
        wanted if difference else pooled + tests,
        resamples,
        label,
        asked if pools else None,
        conventions,
        studies,
        _subgroups(studies) if difference else studies,
    )
    resampled = request.resampled
    workers = threads_to_use(threads, np.empty(3, np.int64))
    found = results(
        request,
        _bridge.bootstrap(
            resamples,
            resampled.columns,
            resampled.offsets,
            workers,
            keep=distribution,
            progress=progress,
        ),
    )
    if isinstance(statistic, str):
        return found[statistic]
    return {name: found[name] for name in wanted}


def _measure(studies: Studies[Any], measure: str | None, wanted: tuple[t.Statistic, ...]) -> str:
    """The measure; Harbord's test alone needs none."""
    if measure is None and set(wanted) == {"harbord"} and "RR" in studies.measures:
        return "OR"
    return studies.resolve_measure(measure)


def _test(
    studies: Studies[Any], name: str, measure: str, score: t.Score, conventions: Conventions
) -> _bridge.SmallStudyPlan:
    if name == "egger":
        return asked_test(studies, "egger", measure, "or", conventions)[1]
    return asked_test(studies, "harbord", None, score, conventions)[1]


def _subgroups(studies: Studies[Any]) -> Studies[Any]:
    """The two subgroups, as a batch."""
    studies.require_one("'subgroup_difference'")
    labels = studies.subgroup
    names = list(dict.fromkeys(labels or ()))
    if labels is None or len(names) != 2:
        raise InputError(
            f"'subgroup_difference' needs subgroup= with two subgroups, not {len(names)}"
        )
    return studies.in_groups([np.flatnonzero(np.array(labels) == name) for name in names])

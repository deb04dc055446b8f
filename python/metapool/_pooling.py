"""Pooling studies."""

from __future__ import annotations

from typing import cast

from metapool import _bridge
from metapool import _types as t
from metapool._checks import not_negative
from metapool._conventions import REVMAN5, Conventions, as_conventions
from metapool._errors import InputError, check_level, choose
from metapool._remembered import remembered
from metapool._results import Pooled
from metapool._statuses import as_status
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import T

_MANTEL_HAENSZEL = ("RR", "OR", "RD")


def default_common(conventions: Conventions, measure: str) -> t.CommonMethod:
    """The common-effect method for a measure: IV where Mantel-Haenszel cannot be, Peto for PETO."""
    as_conventions(conventions)
    if measure == "PETO":
        return "Peto"
    if conventions.default_common == "MH" and measure not in _MANTEL_HAENSZEL:
        return "IV"
    return conventions.default_common


def pool(
    studies: Studies[T],
    measure: str | None = None,
    method: t.Method | None = None,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    level: float = 0.95,
    threads: int | None = None,
    *,
    prediction: t.Prediction | None = None,
    tau2: float | None = None,
) -> Pooled[T]:
    """Pool studies, as Review Manager 5 does unless told otherwise.

    The default conventions are RevMan 5's. They differ from metafor's: Mantel-Haenszel sums take
    0.5 in studies with a zero cell, DerSimonian-Laird's Q for OR, RR and RD is taken about the
    Mantel-Haenszel mean, I2 always comes from Q, and the SMD has RevMan's bias factor and
    variance. ``conventions=mp.METAFOR`` gives metafor's numbers.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis, or a batch of them (``offsets=`` or ``by=``).
    measure : {"RR", "OR", "RD", "AS", "PETO", "MD", "SMD", "ROM"}
        Required for counts and means.
    method : str, optional
        Common effect: "MH" (Mantel-Haenszel: RR, OR, RD), "IV" (inverse variance), "Peto" (measure
        PETO). Random effects, by the estimator of tau2: "DL" (DerSimonian-Laird), "DL2", "HE"
        (Hedges), "HE2", "HS" (Hunter-Schmidt), "HSk", "SJ" (Sidik-Jonkman), "PM" (Paule-Mandel),
        "PMM", "ML", "REML", "EB" (empirical Bayes); "IVhet", which keeps the common-effect mean;
        "preset", with the tau2 that is given. "auto" takes random effects if P of Q < 0.1 or
        I2 > 50 %, strictly, for each meta-analysis by itself. Default: the conventions'
        common-effect method, which for means and given effects is IV.
    conventions : Conventions
    interval : str, optional
        How the confidence interval is formed (docs/methods.md): "wald" (normal), "t" (k - 1 degrees
        of freedom), "hk" (Hartung-Knapp) and its rules "hk-adhoc", "hk-zovert", "hk-ci",
        "hk-iqwig6", "kr" (Kenward-Roger, for REML), "sj" (Sidik-Jonkman's robust one), "pl"
        (profile likelihood, for ML and REML). For MH, Peto and IVhet "wald" only; with "auto" it is
        the interval of random effects. Default: the conventions' for random effects, "wald" for a
        common effect.
    level : float
        Confidence level.
    threads : int, optional
        Default: the environment variable METAPOOL_NUM_THREADS, else the processors that the process
        may use. Results do not depend on it.
    prediction : {"none", "z", "v", "hts", "hk", "hk-pr", "kr", "kr-pr", "same-as-ci"}, optional
        How the prediction interval of random effects is formed (docs/methods.md); a common effect
        has none.
    tau2 : float, optional
        A between-study variance that is given, not estimated (squared units of the analysis
        scale): method "preset", which it stands for.

    Returns
    -------
    Pooled
        Numbers for one meta-analysis, arrays for a batch; the analysis scale is the log for
        ratios, ``display`` has the natural one.

    Raises
    ------
    InputError
        For a method that does not pool the measure, a measure that is not taken from the data, or
        an interval that is not made for the method.

    Examples
    --------
    >>> import metapool as mp
    >>> bcg = mp.examples.bcg()
    >>> fit = mp.pool(bcg, "RR", "DL")
    >>> f"{fit.display.estimate:.2f} ({fit.display.ci_low:.2f}, {fit.display.ci_high:.2f})"
    '0.49 (0.34, 0.70)'

    A batch of two meta-analyses, five and eight studies:

    >>> batch = mp.TwoByTwo(
    ...     events_e=bcg.events_e, n_e=bcg.n_e, events_c=bcg.events_c, n_c=bcg.n_c,
    ...     offsets=[0, 5, 13],
    ... )
    >>> mp.pool(batch, "OR", "MH").k
    array([5, 8])
    """
    label = as_studies(studies).resolve_measure(measure)
    core_measure = studies.core_measure(label)
    asked, plan = asked_plan(core_measure, method, conventions, interval, prediction, level, tau2)
    return pooled(studies, label, asked, plan, threads)


def pooled(
    studies: Studies[T], label: str, asked: t.Method, plan: _bridge.Plan, threads: int | None
) -> Pooled[T]:
    """Pool by a plan."""
    workers = threads_to_use(threads, studies.offsets)
    fits = _bridge.pool(plan, studies.columns, studies.offsets, workers)
    estimate, se, ci_low, ci_high, statistic, p, q, q_p, i2, tau2 = studies.numbers(fits.numbers)
    q_df, k, status = studies.numbers(fits.counts)
    return Pooled(
        estimate=estimate,
        se=se,
        ci_low=ci_low,
        ci_high=ci_high,
        statistic=statistic,
        p_value=p,
        q=q,
        q_df=q_df,
        q_p=q_p,
        i2=i2,
        tau2=tau2,
        k=k,
        status=as_status(status),
        measure=label,
        method=asked,
        _studies=studies,
        _plan=plan,
        _random=fits.random,
    )


@remembered
def asked_plan(
    measure: str,
    method: t.Method | None,
    conventions: Conventions,
    interval: t.Interval | None,
    prediction: t.Prediction | None,
    level: float,
    tau2: float | None,
) -> tuple[t.Method, _bridge.Plan]:
    """The method and the plan that the arguments of :func:`pool` ask for, checked."""
    common = default_common(conventions, measure)
    random = conventions.default_random
    if method is None:
        method = common if tau2 is None else "preset"
    asked: t.Method = choose("method", method, t.Method)
    if (asked == "preset") != (tau2 is not None):
        raise InputError(
            "method 'preset' needs tau2=, the between-study variance to take"
            if tau2 is None
            else f"tau2={tau2!r} is for method 'preset', not {asked!r}"
        )
    model: t.ModelRule = "auto"
    if asked in t.choices(t.CommonMethod):
        model, common = "common", cast(t.CommonMethod, asked)
    elif asked != "auto":
        model, random = "random", cast(t.RandomMethod, asked)
    if interval is None:
        interval = "wald" if model == "common" else conventions.default_interval
    if prediction is None:
        prediction = conventions.default_prediction
    elif model == "common" and prediction != "none":
        choose("prediction", prediction, t.Prediction)
        raise InputError(
            f"prediction {prediction!r} is not made for method {asked!r}; it needs random effects"
        )
    plan = _bridge.Plan(
        measure,
        model,
        common,
        random,
        choose("interval", interval, t.Interval),
        choose("prediction", prediction, t.Prediction),
        check_level("level", level),
        0.0 if tau2 is None else not_negative("tau2", tau2),
        conventions,
    )
    return asked, plan

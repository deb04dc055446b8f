"""Effects of studies."""

from __future__ import annotations

from typing import Any

from metapool import _bridge
from metapool._conventions import REVMAN5, Conventions
from metapool._errors import check_level
from metapool._results import EffectSizes
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use


def effect_sizes(
    studies: Studies[Any],
    measure: str | None = None,
    conventions: Conventions = REVMAN5,
    level: float = 0.95,
    threads: int | None = None,
) -> EffectSizes:
    """Take the effect of each study.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch; the result has one row per study in either case.
    measure : {"RR", "OR", "RD", "AS", "PETO", "MD", "SMD", "ROM"}
        Required for counts and means. docs/methods.md has the formulae.
    conventions : Conventions
        Continuity corrections, the SMD's bias factor and variance.
    level : float
        Confidence level of the Wald intervals.
    threads : int, optional
        Default: the environment variable METAPOOL_NUM_THREADS, else the processors that the process
        may use. Results do not depend on it.

    Returns
    -------
    EffectSizes
        A study without an effect stays as a row with ``included=False`` and a reason.

    Raises
    ------
    InputError
        If the measure is not taken from this kind of data.

    Examples
    --------
    >>> import metapool as mp
    >>> tables = mp.TwoByTwo(events_e=[4, 0], n_e=[123, 10], events_c=[11, 0], n_c=[139, 12])
    >>> effects = mp.effect_sizes(tables, "RR")
    >>> effects.display.estimate.round(3)
    array([0.411,   nan])
    >>> effects.reason
    (None, 'no events in either arm')
    """
    label = as_studies(studies).resolve_measure(measure)
    level = check_level("level", level)
    found = _bridge.effect_sizes(
        studies.core_measure(label),
        conventions,
        level,
        studies.columns,
        studies.offsets,
        threads_to_use(threads, studies.offsets),
    )
    y, v, se, ci_low, ci_high = studies.in_row_order(found.numbers)
    exclusion = studies.in_row_order(found.exclusion)
    return EffectSizes(
        y=y,
        v=v,
        se=se,
        ci_low=ci_low,
        ci_high=ci_high,
        included=exclusion == 0,
        measure=label,
        level=level,
        _studies=studies,
        _exclusion=exclusion,
    )

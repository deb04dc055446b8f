"""Sensitivity analyses: leave-one-out, cumulative, influence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import numpy as np

from metapool import _bridge
from metapool import _types as t
from metapool._columns import floats
from metapool._conventions import REVMAN5, Conventions
from metapool._effect_sizes import effect_sizes
from metapool._errors import InputError
from metapool._influence_result import Influence
from metapool._pooling import asked_plan
from metapool._sensitivity_result import Cumulative, LeaveOneOut, Refits, fitted
from metapool._studies import Studies, as_studies
from metapool._threads import threads_to_use
from metapool._types import FloatArray, T

R = TypeVar("R", bound=Refits[Any])


def leave_one_out(
    studies: Studies[T],
    measure: str | None = None,
    method: t.Method | None = None,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    level: float = 0.95,
    threads: int | None = None,
    *,
    tau2: float | None = None,
) -> LeaveOneOut[T]:
    """Pool all studies but one, for each study.

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    measure, method, conventions, interval, level, threads, tau2
        As for :func:`metapool.pool`. Everything is estimated anew, "auto" chooses anew.

    Returns
    -------
    LeaveOneOut
        Arrays, one element per study, in the order in which the studies were given.

    Examples
    --------
    >>> import metapool as mp
    >>> without = mp.leave_one_out(mp.examples.bcg(), "RR", "DL")
    >>> without
    <LeaveOneOut: RR, DL, 13 studies, estimates -0.7902 to -0.6187>
    >>> without.study[without.estimate.argmax()]
    'Hart & Sutherland 1977'
    """
    as_studies(studies)
    return _refit(
        LeaveOneOut, "leave-one-out", studies, measure, method, conventions, interval, level,
        threads, tau2,
    )  # fmt: skip


def cumulative(
    studies: Studies[T],
    measure: str | None = None,
    method: t.Method | None = None,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    level: float = 0.95,
    threads: int | None = None,
    *,
    tau2: float | None = None,
    order: Literal["given", "precision"] | Sequence[float] | FloatArray = "given",
) -> Cumulative[T]:
    """Pool the first study, the first two, and so on (Lau et al. 1992).

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    measure, method, conventions, interval, level, threads, tau2
        As for :func:`metapool.pool`.
    order : {"given", "precision"} or array of numbers, one per study
        The order of the studies: as given, the most precise effect first, or by numbers such as
        years, the least first; equal ones stay as given, NaN come last.

    Returns
    -------
    Cumulative
        Arrays, one element per study, in the order of the accumulation; in a batch one
        meta-analysis after the other.

    Raises
    ------
    InputError
        For an order of another length.

    Examples
    --------
    >>> import metapool as mp
    >>> years = [int(name[-4:]) for name in mp.examples.bcg().study]
    >>> grown = mp.cumulative(mp.examples.bcg(), "RR", "DL", order=years)
    >>> grown.study[0], f"{grown.display.estimate[-1]:.2f}"
    ('Aronson 1948', '0.49')
    """
    as_studies(studies)
    if order is None or isinstance(order, str):
        if order not in ("given", "precision"):
            raise InputError(f"order must be 'given', 'precision' or numbers, not {order!r}")
        by = np.zeros(len(studies))
        if order == "precision":
            by = effect_sizes(studies, measure, conventions, level, threads).v
    else:
        by = floats("order", order)
        if len(by) != len(studies):
            raise InputError(f"order has {len(by)} numbers for {len(studies)} studies")
    return _refit(
        Cumulative, "cumulative", studies.sorted_by(by), measure, method, conventions, interval,
        level, threads, tau2,
    )  # fmt: skip


def influence(
    studies: Studies[T],
    measure: str | None = None,
    method: t.Method | None = None,
    conventions: Conventions = REVMAN5,
    interval: t.Interval | None = None,
    threads: int | None = None,
    *,
    tau2: float | None = None,
) -> Influence[T]:
    """Measure how much each study sways the pooled effect (Viechtbauer & Cheung 2010).

    Parameters
    ----------
    studies : TwoByTwo, TwoMeans or Effects
        One meta-analysis or a batch.
    measure, method, conventions, interval, threads, tau2
        As for :func:`metapool.pool`.

    Returns
    -------
    Influence
        Arrays, one element per study, in the order in which the studies were given.

    Examples
    --------
    >>> import metapool as mp
    >>> sway = mp.influence(mp.examples.bcg(), "RR", "DL")
    >>> f"{sway.cook_d.max():.3f}", sway.study[sway.cook_d.argmax()]
    ('0.285', 'Hart & Sutherland 1977')
    """
    label = as_studies(studies).resolve_measure(measure)
    core = studies.core_measure(label)
    asked, plan = asked_plan(core, method, conventions, interval, None, 0.95, tau2)
    workers = threads_to_use(threads, studies.offsets)
    found = _bridge.influence(plan, studies.columns, studies.offsets, workers)
    rstudent, dffits, cook_d, cov_ratio, tau2_deleted, q_deleted, hat, weight, dfbetas, *points = (
        studies.in_row_order(found.numbers)
    )
    return Influence(
        rstudent=rstudent,
        dffits=dffits,
        cook_d=cook_d,
        cov_ratio=cov_ratio,
        tau2_deleted=tau2_deleted,
        q_deleted=q_deleted,
        hat=hat,
        weight=weight,
        dfbetas=dfbetas,
        is_influential=studies.in_row_order(found.influential),
        status=studies.in_row_order(found.counts[0]),
        measure=label,
        method=asked,
        _baujat=np.stack(points),
        _studies=studies,
        _plan=plan,
        _threads=threads,
    )


def _refit(
    result: type[R],
    part: t.Part,
    studies: Studies[T],
    measure: str | None,
    method: t.Method | None,
    conventions: Conventions,
    interval: t.Interval | None,
    level: float,
    threads: int | None,
    tau2: float | None,
) -> R:
    label = studies.resolve_measure(measure)
    core = studies.core_measure(label)
    asked, plan = asked_plan(core, method, conventions, interval, None, level, tau2)
    found = fitted(part, plan, studies, threads, every=False)
    estimate, se, between = studies.in_row_order(found.numbers)
    return result(estimate, se, between, label, asked, studies, plan, part, threads)

"""What a bootstrap refuses: choices that do not fit the data or another choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metapool import _bridge
from metapool import _types as t
from metapool._checks import not_negative
from metapool._errors import InputError, choose
from metapool._studies import Studies
from metapool._two_by_two import TwoByTwo
from metapool._two_means import TwoMeans

#: Of the risks of scheme "within".
_H = 0.5


def statistics(asked: object) -> tuple[t.Statistic, ...]:
    """The statistics of a name or a list of names."""
    if not isinstance(asked, str | list | tuple):
        raise InputError(f"statistic must be a name or a list of names, not {asked!r}")
    names = (asked,) if isinstance(asked, str) else tuple(asked)
    if not names:
        raise InputError("statistic must name one or more statistics; the list is empty")
    for name in names:
        choose("statistic", name, t.Statistic)
        if names.count(name) > 1:
            raise InputError(f"statistic must name each once; {name!r} is repeated")
    if "subgroup_difference" in names and len(names) > 1:
        others = ", ".join(repr(name) for name in names if name != "subgroup_difference")
        raise InputError(
            "'subgroup_difference' draws the subgroups by themselves: it cannot share resamples "
            f"with {others}"
        )
    return names


def only_tests(wanted: tuple[t.Statistic, ...]) -> bool:
    """Whether nothing is pooled."""
    return set(wanted) <= set(t.choices(t.RadialTest))


def check_applies(
    wanted: tuple[t.Statistic, ...],
    interval: t.Interval | None,
    prediction: t.Prediction | None,
    score: t.Score,
) -> None:
    """Refuse options that nothing would take account of."""
    names = ", ".join(map(repr, wanted))
    if not {"pi_low", "pi_high"} & set(wanted):
        for option, chosen in (("interval", interval), ("prediction", prediction)):
            if chosen is not None:
                raise InputError(
                    f"{option} is for statistics 'pi_low' and 'pi_high', not for {names}"
                )
    if choose("score", score, t.Score) != "or" and "harbord" not in wanted:
        raise InputError(f"score is for Harbord's test, not for {names}")


def check_pools_nothing(
    wanted: tuple[t.Statistic, ...], scheme: t.Scheme, **options: object
) -> None:
    """Refuse options of pooling."""
    for option, chosen in options.items():
        if chosen is not None:
            names = ", ".join(map(repr, wanted))
            raise InputError(
                f"{option} is not for {names} by scheme {scheme!r}, which pools nothing"
            )


def check_pooled(wanted: tuple[t.Statistic, ...], plan: _bridge.Plan) -> None:
    """Refuse statistics that the model does not have."""
    if "tau2" in wanted and plan.model == "common":
        raise InputError(
            f"tau2 of a common effect (method {plan.common!r}) is 0 by definition: statistic "
            f"'tau2' needs a random-effects method, for example method=\"{plan.random}\""
        )
    if "tau2" in wanted and plan.random == "preset":
        raise InputError(
            "tau2 of method 'preset' is given: statistic 'tau2' needs a method that estimates it, "
            f'for example method="{plan.conventions.default_random}"'
        )
    for name in wanted:
        if name in ("pi_low", "pi_high") and (plan.model == "common" or plan.prediction == "none"):
            raise InputError(
                f"statistic {name!r} needs a random-effects method and prediction=, for example "
                'prediction="hts"'
            )


def check_scheme(
    studies: Studies[Any], scheme: t.Scheme, ci: str, wanted: tuple[t.Statistic, ...]
) -> None:
    """Refuse a scheme that does not fit data, interval or statistics."""
    if scheme == "studies":
        return
    for name in wanted:
        if scheme == "wild" and not only_tests((name,)):
            raise InputError(f"scheme 'wild' is for small-study tests, not for {name!r}")
    if scheme == "within" and not isinstance(studies, TwoByTwo | TwoMeans):
        kind = type(studies).__name__
        raise InputError(f"scheme 'within' draws the people of each study: {kind} data have none")
    if ci == "BCa":
        raise InputError(f"ci 'BCa' is made for scheme 'studies', not {scheme!r}")
    if scheme != "wild":
        _check_people(studies, scheme)


def _check_people(studies: Studies[Any], scheme: t.Scheme) -> None:
    counts = [name for name in studies.names if name.startswith(("events_", "n_"))]
    for column in counts:
        for study, count in zip(studies.study, getattr(studies, column), strict=True):
            if count % 1 > 0:
                what = f"study {study!r} has {column} = {count:g}"
                raise InputError(f"scheme {scheme!r} draws whole people: {what}")


def h_of(h: float | None, studies: Studies[Any], scheme: t.Scheme) -> float:
    """What is added to events and non-events, if that is done."""
    if h is None:
        return _H
    value = not_negative("h", h)
    if scheme != "within":
        raise InputError(f"h is for scheme 'within', not for {scheme!r}")
    if not isinstance(studies, TwoByTwo):
        raise InputError(f"h is for the risks of TwoByTwo data; {type(studies).__name__} have none")
    return value


def check_progress(progress: Callable[[float], object] | None) -> None:
    """Refuse what cannot be called."""
    if progress is not None and not callable(progress):
        raise InputError(f"progress must be a function of the share that is done, not {progress!r}")

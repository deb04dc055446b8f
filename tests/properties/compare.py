"""Core against oracle, number by number, within the tables of tolerances.py."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tolerances
from reference import effects, pooling

import metapool as mp


def close(
    got: float, want: float, errors: Any, name: str, table: Mapping[str, tolerances.Row]
) -> None:
    """NaN where the oracle has NaN, elsewhere within the row's bound."""
    got, want = float(got), float(want)
    if not math.isfinite(want):
        assert str(got) == str(want), f"{name}: {got!r}, should be {want!r}"
        return
    bound = table[name].bound(errors)
    assert abs(got - want) <= bound, f"{name}: {got!r}, should be {want!r} within {bound:.1e}"


def assert_effects(got: mp.EffectSizes, wanted: Sequence[effects.Effect], level: float) -> None:
    """The effect of every study, or why it has none."""
    names = tolerances.EFFECTS.keys()
    for i, want in enumerate(wanted):
        assert (got.included[i], got.reason[i]) == (want.included, want.reason)
        if not want.included:
            assert all(math.isnan(getattr(got, name)[i]) for name in names)
            continue
        errors = tolerances.Effects(want, level)
        low, high = effects.interval(want, level)
        values = {"y": want.y, "v": want.v, "se": errors.se, "ci_low": low, "ci_high": high}
        for name in names:
            close(getattr(got, name)[i], float(values[name]), errors, name, tolerances.EFFECTS)


def assert_pooled(got: mp.Pooled[Any], i: int, want: pooling.Pooled, start: int) -> None:
    """Every field of meta-analysis i of a batch, whose studies begin at row `start`."""
    assert mp.Status(int(got.status[i])).name == want.status
    assert got.k[i] == want.k
    assert got.model[i] == want.model
    if not math.isnan(want.q):
        assert got.q_df[i] == want.q_df
    errors = tolerances.Pooled(want, got.level)
    for name in tolerances.POOLED.keys() - {"weights"}:
        close(getattr(got, name)[i], getattr(want, name), errors, name, tolerances.POOLED)
    weights = got.weights[start : start + len(want.weights)]
    for weight, wanted in zip(weights, want.weights, strict=True):
        assert (weight == 0) == (wanted == 0)
        if wanted:
            close(weight, wanted, errors, "weights", tolerances.POOLED)


def at_the_threshold(common: pooling.Pooled, level: float) -> bool:
    """Whether roundings alone decide between the models."""
    errors = tolerances.Pooled(common, level)
    return common.k > 1 and (
        abs(common.q_p - 0.1) <= errors.q_p or abs(common.i2 - 50) <= errors.i2
    )


def bits(values: Any) -> list[int]:
    """Equal bits are equal numbers, NaN included."""
    return np.atleast_1d(np.asarray(values, dtype=np.float64)).view(np.int64).tolist()


def same_bits(one: Any, other: Any) -> None:
    assert bits(one) == bits(other)

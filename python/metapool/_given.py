"""Effects of studies as given effects, and with their mirror images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from metapool._columns import read_only
from metapool._effects import Effects
from metapool._results import EffectSizes
from metapool._studies import Studies
from metapool._types import BoolArray, FloatArray, IntArray, T


def as_given(studies: Studies[T], sizes: EffectSizes) -> Effects[T]:
    """The effects of studies, one meta-analysis after the other; those not included are missing."""
    elements = np.arange(len(studies)) if studies._order is None else studies._order
    study = studies.study
    names = [study[i] for i in elements]
    return _like(studies, sizes, sizes.y[elements], sizes.v[elements], names, studies.offsets)


def with_mirrors(
    studies: Effects[T], sizes: EffectSizes, mirrored: FloatArray
) -> tuple[Effects[T], BoolArray]:
    """The studies of each meta-analysis, then those that mirror one of them, and which these are;
    ``mirrored`` has their effect beside the study that they mirror, NaN beside the others."""
    has: IntArray = np.flatnonzero(~np.isnan(mirrored))
    analysis = studies.analysis_of_elements()
    order = np.argsort(np.concatenate([analysis, analysis[has]]), kind="stable")
    y, v = studies.columns
    labels: tuple[str, ...] = studies.study
    names = [*labels, *(f"Filled: {labels[i]}" for i in has)]
    everything = _like(
        studies,
        sizes,
        np.concatenate([y, mirrored[has]])[order],
        np.concatenate([v, v[has]])[order],
        [names[i] for i in order],
        studies.offsets + np.searchsorted(has, studies.offsets),
    )
    return everything, read_only(order >= len(studies))


def _like(
    studies: Studies[T],
    sizes: EffectSizes,
    y: FloatArray,
    v: FloatArray,
    names: Sequence[str],
    offsets: IntArray,
) -> Effects[T]:
    """Given effects of the meta-analyses of these studies."""
    cut = offsets if studies.is_batch else None
    label = None if sizes.measure == "GEN" else sizes.measure
    given: Any = Effects(
        y=y, v=v, measure=label, log=False, study=names, offsets=cut, missing="exclude"
    )
    given.log = sizes.is_ratio
    given.key, given._key_names = studies.key, studies._key_names
    result: Effects[T] = given
    return result

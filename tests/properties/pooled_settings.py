"""What pooling verbs are asked for, drawn."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from reference import pooling

import metapool as mp
from metapool import _types as t

from . import strategies
from .strategies import Batch, kind_of

MEASURES = t.choices(t.Measure)
#: What influence has for each study.
INFLUENCE = ("rstudent", "dffits", "cook_d", "cov_ratio", "tau2_deleted", "q_deleted", "hat",
             "weight", "dfbetas", "is_influential", "status")  # fmt: skip
INTERVALS: dict[str, tuple[str | None, ...]] = {
    **dict.fromkeys(("MH", "Peto", "IVhet"), (None, "wald")),
    "ML": (None, "wald", "t", "hk", "sj", "pl"),
    "REML": (None, "hk", "hk-iqwig6", "kr", "pl"),
}

rules = st.sampled_from([mp.REVMAN5, mp.METAFOR, mp.META, mp.REVMAN_WEB]) | strategies.conventions()
methods = pytest.mark.parametrize("method", t.choices(t.Method))
few = settings(max_examples=8)


@dataclass(frozen=True)
class Setting:
    """What a pooling verb is asked for."""

    batch: Batch
    measure: str
    conventions: mp.Conventions
    options: dict[str, Any]

    def pool(self, studies: Any, **more: Any) -> Any:
        return mp.pool(studies, self.measure, conventions=self.conventions, **self.options, **more)

    def call(self, verb: Any, studies: Any, **more: Any) -> Any:
        return verb(studies, self.measure, conventions=self.conventions, **self.options, **more)

    def pool_each(self, analyses: list[list[strategies.Study]], **more: Any) -> Any:
        """Of each of these lists of studies."""
        return self.pool(replace(self.batch, analyses=analyses).studies(), **more)


@st.composite
def settings_of(draw: st.DrawFn, method: str, max_size: int = 3) -> Setting:
    """A batch of a kind that the method can pool, with any rules and interval."""
    measure = draw(st.sampled_from([m for m in MEASURES if pooling.possible(m, method)]))
    conventions = draw(rules)
    if method == "auto":
        by = pooling.common_method(measure, {"default_common": conventions.default_common})
        assume(pooling.possible(measure, by))
    intervals = INTERVALS.get(method, (None, "wald", "t", "hk", "hk-adhoc", "hk-zovert", "sj"))
    if method == "auto":
        intervals = (None, "wald", "hk")
    options = {"method": method, "interval": draw(st.sampled_from(intervals))}
    if method == "preset":
        options["tau2"] = draw(st.sampled_from([0.0, 0.1, 30.0]))
    batch = draw(strategies.batches(kind_of(measure), max_size))
    return Setting(batch, measure, conventions, options)

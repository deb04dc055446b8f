"""Leave-one-out, cumulative and GOSH: fits of parts are pool's own, to the bit."""

import itertools
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import tolerances
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import (
    pooling,
    sensitivity,
)

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import bits, close, same_bits
from .pooled_settings import INFLUENCE, Setting, few, methods, settings_of
from .strategies import CLASSES

FITTED = ("estimate", "se", "ci_low", "ci_high", "statistic", "p_value", "q", "q_df", "q_p", "i2",
          "tau2", "k", "status")  # fmt: skip
OF_SUBSETS = ("estimate", "q", "i2", "tau2", "k", "status")

parts = pytest.mark.parametrize("part", t.choices(t.Part))


def parts_of(part: str, studies: list[Any]) -> list[list[Any]]:
    if part == "cumulative":
        return [studies[: n + 1] for n in range(len(studies))]
    return [sensitivity.without(studies, i) for i in range(len(studies))]


VERBS = {"leave-one-out": mp.leave_one_out, "cumulative": mp.cumulative}


@parts
@methods
@given(data=st.data(), level=strategies.levels)
@few
def test_parts_are_pooled_to_the_bit(method, part, data, level):
    setting = data.draw(settings_of(method))
    got = setting.call(VERBS[part], setting.batch.studies(), level=level)
    analyses = [p for studies in setting.batch.analyses for p in parts_of(part, studies)]
    assert len(got) == len(analyses)
    same_bits(got.overall.estimate, setting.pool(setting.batch.studies(), level=level).estimate)
    if not analyses:
        return
    if part == "leave-one-out" and has_closed_form(setting):
        check_by_the_oracle(got, setting, analyses, level)
        return
    want = setting.pool_each(analyses, level=level)
    for name in FITTED:
        assert bits(getattr(got, name)) == bits(getattr(want, name)), name


def has_closed_form(setting: Setting) -> bool:
    """Whether the core may leave a study out of sums that it has, which rounds otherwise."""
    closed = setting.options["method"] in ("IV", "Peto", "DL", "preset")
    return closed and setting.options["interval"] in (None, "wald")


def check_by_the_oracle(got, setting: Setting, analyses: Any, level: float) -> None:
    """Within the tolerances of pooled effects."""
    kind, measure, rules = setting.batch.kind, setting.measure, asdict(setting.conventions)
    method = setting.options["method"]
    for i, studies in enumerate(analyses):
        if method == "preset":
            effects = pooling.study_effects(kind, studies, measure, rules)
            tau2 = setting.options["tau2"]
            want = pooling.random_effects(effects, method, None, rules, level, given=tau2)
        else:
            want = pooling.pool(kind, studies, measure, method, rules, level)
        assert mp.Status(int(got.status[i])).name == want.status
        assert got.k[i] == want.k
        errors = tolerances.Pooled(want, level)
        for name in tolerances.POOLED.keys() - {"weights", "h2"}:
            close(getattr(got, name)[i], getattr(want, name), errors, name, tolerances.POOLED)


@methods
@given(data=st.data())
@few
def test_subsets_are_pooled_to_the_bit(method, data):
    """All of them, by bits of their number, or drawn: what ``contains`` says is what was pooled."""
    setting = data.draw(settings_of(method, max_size=1))
    studies = setting.batch.analyses[0][:5]
    setting = replace(setting, batch=replace(setting.batch, analyses=[studies]))
    setting.options.pop("interval")
    assume(studies)
    drawn = data.draw(st.sampled_from([{}, {}, {"n_subsets": 20, "seed": 4}]))
    got = setting.call(mp.gosh, setting.batch.one(0), **drawn)
    assert got.exact == (not drawn)
    has = np.stack([got.contains(j) for j in range(len(studies))], axis=1)
    assert has.any(axis=1).all()
    if not drawn:
        assert len(got) == len(np.unique(has, axis=0)) == 2 ** len(studies) - 1
    want = setting.pool_each([list(itertools.compress(studies, row)) for row in has])
    for name in OF_SUBSETS:
        assert bits(getattr(got, name)) == bits(getattr(want, name)), name


@parts
@given(data=st.data())
def test_batches_are_loops_on_any_threads(part, data):
    setting = data.draw(settings_of(data.draw(st.sampled_from(t.choices(t.Method)))))
    studies = setting.batch.studies()
    got = setting.call(VERBS[part], studies)
    sway = setting.call(mp.influence, studies)
    for name in FITTED:
        same_bits(getattr(got, name), getattr(setting.call(VERBS[part], studies, threads=3), name))
    for i, (start, stop) in enumerate(itertools.pairwise(setting.batch.offsets)):
        alone = setting.call(VERBS[part], setting.batch.one(i), threads=1)
        swayed = setting.call(mp.influence, setting.batch.one(i))
        for name in FITTED:
            same_bits(getattr(got, name)[start:stop], getattr(alone, name))
        for name in INFLUENCE:
            same_bits(getattr(sway, name)[start:stop], getattr(swayed, name))


def test_many_parts_are_the_same_on_any_threads():
    """More than a block, so that several threads have work."""
    rng = np.random.default_rng(7)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 30, 400))])
    n = rng.integers(5, 80, (2, offsets[-1]))
    events = rng.binomial(n, 0.1)
    columns = dict(
        zip(CLASSES["two-by-two"].names, (events[0], n[0], events[1], n[1]), strict=True)
    )
    studies = mp.TwoByTwo(**columns, offsets=offsets)
    verbs = (mp.leave_one_out, FITTED), (mp.cumulative, FITTED), (mp.influence, INFLUENCE)
    for (verb, names), method in itertools.product(verbs, ("MH", "DL")):
        one, three = (verb(studies, "RR", method, threads=threads) for threads in (1, 3))
        for name in names:
            same_bits(getattr(one, name), getattr(three, name))
    first = mp.TwoByTwo(**{name: column[:12] for name, column in columns.items()})
    one, three = (mp.gosh(first, "RR", "DL", threads=threads) for threads in (1, 3))
    for name in OF_SUBSETS:
        same_bits(getattr(one, name), getattr(three, name))


@given(data=st.data())
def test_rows_keep_their_order(data):
    """``by=`` groups rows wherever they stand; results per study keep the order of the rows."""
    setting = data.draw(settings_of(data.draw(st.sampled_from(t.choices(t.Method)))))
    batch = setting.batch
    keys = [i for i, studies in enumerate(batch.analyses) for _ in studies]
    assume(keys)
    order = np.array(data.draw(st.permutations(range(len(keys)))))
    frame = {name: column[order] for name, column in batch.columns.items()}
    frame["review"] = [keys[i] for i in order]
    names = {name: name for name in batch.columns}
    mixed = CLASSES[batch.kind].from_frame(frame, **names, by="review", missing="exclude")
    left, sway = setting.call(mp.leave_one_out, mixed), setting.call(mp.influence, mixed)
    assert left.key["review"] == frame["review"]
    for i in set(frame["review"]):
        places = np.flatnonzero(np.array(frame["review"]) == i)
        rows = [tuple(column[row] for column in batch.columns.values()) for row in order[places]]
        alone = replace(batch, analyses=[rows]).one(0)
        for name in FITTED:
            want = getattr(setting.call(mp.leave_one_out, alone), name)
            same_bits(getattr(left, name)[places], want)
        for name in INFLUENCE:
            want = getattr(setting.call(mp.influence, alone), name)
            same_bits(getattr(sway, name)[places], want)


years = st.sampled_from([1990.0, 1991.0, 2000.5, math.nan])


@pytest.mark.parametrize("order", ["precision", "numbers"])
@given(data=st.data())
def test_orders_of_accumulation(order, data):
    """Equal ones stay as given, NaN come last; the order is that of sorting the studies first."""
    setting = data.draw(settings_of(data.draw(st.sampled_from(["MH", "IV", "DL", "auto"]))))
    batch = setting.batch
    n = batch.offsets[-1]
    if order == "precision":
        asked: Any = order
        by = mp.effect_sizes(batch.studies(), setting.measure, setting.conventions).v.tolist()
    else:
        asked = by = data.draw(st.lists(years, min_size=n, max_size=n))
    got = setting.call(mp.cumulative, batch.studies(), order=asked)
    ranked = []
    for studies, (start, stop) in zip(
        batch.analyses, itertools.pairwise(batch.offsets), strict=True
    ):
        own = by[start:stop]
        places = sorted(range(len(own)), key=lambda i: (math.isnan(own[i]), own[i], i))
        assert got.study[start:stop] == tuple(f"Study {start + i + 1}" for i in places)
        ranked.append([studies[i] for i in places])
    want = setting.call(mp.cumulative, replace(batch, analyses=ranked).studies())
    for name in FITTED:
        same_bits(getattr(got, name), getattr(want, name))

"""Leave-one-out, cumulative, GOSH and influence: fits of parts are pool's own, to the bit; what is
made of them is the oracle's, as are fail-safe N and PET-PEESE."""

import itertools
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pytest
import tolerances
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from reference import (
    fail_safe_n,
    mantel_haenszel,
    pooling,
    sensitivity,
    small_study,
    small_study_lines,
)
from reference.effects import included
from scipy import stats
from tolerances import EPS, ROUNDINGS, TAIL

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import bits, close, same_bits
from .strategies import CLASSES, Batch, kind_of

MEASURES = t.choices(t.Measure)
FITTED = ("estimate", "se", "ci_low", "ci_high", "statistic", "p_value", "q", "q_df", "q_p", "i2",
          "tau2", "k", "status")  # fmt: skip
OF_SUBSETS = ("estimate", "q", "i2", "tau2", "k", "status")
INFLUENCE = ("rstudent", "dffits", "cook_d", "cov_ratio", "tau2_deleted", "q_deleted", "hat",
             "weight", "dfbetas", "is_influential", "status")  # fmt: skip
INTERVALS: dict[str, tuple[str | None, ...]] = {
    **dict.fromkeys(("MH", "Peto", "IVhet"), (None, "wald")),
    "ML": (None, "wald", "t", "hk", "sj", "pl"),
    "REML": (None, "hk", "hk-iqwig6", "kr", "pl"),
}

rules = st.sampled_from([mp.REVMAN5, mp.METAFOR, mp.META, mp.REVMAN_WEB]) | strategies.conventions()
methods = pytest.mark.parametrize("method", t.choices(t.Method))
parts = pytest.mark.parametrize("part", t.choices(t.Part))
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


@methods
@given(data=st.data())
@few
def test_influence_is_made_of_the_fits(method, data):
    """The oracle's formulae, of the very fits with and without each study."""
    setting = data.draw(settings_of(method))
    setting.options["interval"] = "wald"
    # a choice between raw counts and corrected ones would be one between two effects of a study
    assume(method != "auto" or setting.conventions.peto_cc == "none")
    studies = setting.batch.studies()
    whole, got = setting.pool(studies), setting.call(mp.influence, studies)
    left = setting.call(mp.leave_one_out, studies)
    same_bits(got.tau2_deleted, left.tau2)
    same_bits(got.q_deleted, left.q)
    same_bits(got.status, left.status)
    same_bits(got.overall.estimate, whole.estimate)
    effects = effects_of(setting, studies)
    # Mantel and Haenszel's and IVhet's variance is not 1/sum w, of which dfbetas is made; and some
    # corrections of a study depend on the others, so that they move its effect
    is_whole = method not in ("MH", "IVhet", "auto") and not (
        setting.conventions.study_cc_kind == "empirical"
        or setting.conventions.study_cc_when == "if0all"
    )
    for i, (start, stop) in enumerate(itertools.pairwise(setting.batch.offsets)):
        rows = range(start, stop)
        used = [row for row in rows if effects.included[row] and whole.weights[row] > 0]
        if by_mantel_haenszel(setting) and whole.model[i] == "common":
            studies, rules = setting.batch.analyses[i], asdict(setting.conventions)
            heard = mantel_haenszel.in_q(studies, setting.measure, rules)
            used = [row for row in used if row - start in heard]
        y, v = effects.y[used], effects.v[used]
        fit = fit_of(whole, i, [whole.weights[row] for row in used])
        for place, row in enumerate(used):
            if len(used) > 1:
                check_influence(got, row, y, v, place, fit, fit_of(left, row, []), is_whole)


def by_mantel_haenszel(setting: Setting) -> bool:
    method = setting.options["method"]
    if method == "auto":
        method = pooling.common_method(setting.measure, asdict(setting.conventions))
    return method == "MH"


def effects_of(setting: Setting, studies: Any) -> mp.EffectSizes:
    """As the method takes them: Peto's of the raw counts."""
    conventions = setting.conventions
    if setting.options["method"] == "Peto":
        conventions = conventions.replace(peto_cc="none")
    return mp.effect_sizes(studies, setting.measure, conventions)


@dataclass(frozen=True)
class Fitted:
    """What the oracle's formulae need of a fit."""

    estimate: float
    se: float
    tau2: float
    q: float
    weights: list[float]


def fit_of(found: Any, i: int, weights: list[float]) -> Fitted:
    return Fitted(*(float(getattr(found, n)[i]) for n in ("estimate", "se", "tau2", "q")), weights)


def check_influence(got, row, y, v, place, whole, left, is_whole) -> None:
    if math.isnan(left.estimate) or math.isnan(whole.estimate):
        assert math.isnan(got.cook_d[row])
        return
    want = sensitivity.one(y.tolist(), v.tolist(), place, whole, left)
    unit = (ROUNDINGS + len(y)) * EPS
    for name in INFLUENCE[:-2]:
        if name != "dfbetas" or is_whole:
            value = getattr(want, name)
            assert getattr(got, name)[row] == pytest.approx(value, rel=unit, abs=1e-300), name
    x = (y[place] - whole.estimate) ** 2 / (v[place] + whole.tau2)
    assert got.baujat.x[row] == pytest.approx(x, rel=unit, abs=1e-300)
    if is_whole and not hangs(want, len(y)):
        assert got.is_influential[row] == want.is_influential


def hangs(found: sensitivity.Influence, k: int, unit: float = 1e-12) -> bool:
    """Whether roundings alone decide if a study is influential."""
    pairs = [
        (abs(found.dffits), 3 * math.sqrt(1 / (k - 1))),
        (found.cook_d, 0.454936423119572),
        (found.hat, 3 / k),
        (abs(found.dfbetas), 1.0),
    ]
    return any(abs(a - b) <= unit * b for a, b in pairs)


plain = st.lists(
    st.tuples(strategies.hundredths(-3, 3), strategies.hundredths(1, 3)), min_size=2, max_size=9
)


@pytest.mark.parametrize("method", ["IV", "DL", "REML"])
@given(rows=plain)
def test_influence(method, rows):
    """End to end, of studies of like size, where no rounding is magnified by 1e4."""
    y, v = (list(column) for column in zip(*rows, strict=True))
    got = mp.influence(Batch("effects", [rows]).one(0), method=method)
    for i, want in enumerate(sensitivity.influence(y, v, method)):
        for name in INFLUENCE[:-2]:
            value = getattr(want, name)
            assert getattr(got, name)[i] == pytest.approx(value, rel=1e-8, abs=1e-9), name
        assert got.is_influential[i] == want.is_influential or hangs(want, len(y), 1e-8)


@given(rows=plain)
def test_baujat(rows):
    """(mu_ - mu)^2 over the variance of mu_ (Baujat et al. 2002)."""
    y, v = (list(column) for column in zip(*rows, strict=True))
    got = mp.influence(Batch("effects", [rows]).one(0), method="DL").baujat
    for *found, want in zip(got.x, got.y, sensitivity.baujat(y, v, "DL"), strict=True):
        assert found == pytest.approx(want, rel=1e-8, abs=1e-9)


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


def whole_errors(exact: float, moved: float) -> bool:
    """Whether roundings alone decide to which whole number this is rounded up."""
    return math.ceil(max(0.0, exact - moved)) != math.ceil(max(0.0, exact + moved))


@given(
    data=st.data(),
    alpha=st.sampled_from([0.05, 0.01, 0.2]),
    target=st.sampled_from([None, 0.05, -0.1, 1.0]),
)
def test_fail_safe_n(data, alpha, target):
    measure = data.draw(st.sampled_from(MEASURES))
    conventions = data.draw(st.sampled_from([mp.REVMAN5, mp.METAFOR]))
    batch = data.draw(strategies.batches(kind_of(measure)))
    got = mp.fail_safe_n(batch.studies(), measure, conventions, alpha=alpha, target=target)
    for i, studies in enumerate(batch.analyses):
        effects = pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
        used = included(effects)
        if not used:
            assert np.isnan([got.rosenthal[i], got.orwin[i], got.rosenberg[i]]).all()
            continue
        wanted = {
            "rosenthal": fail_safe_n.rosenthal(effects, alpha),
            "orwin": fail_safe_n.orwin(effects, target),
            "rosenberg": fail_safe_n.rosenberg(effects, alpha),
        }
        for name, moved in fail_safe_errors(used, wanted, alpha).items():
            want = wanted[name]
            if math.isfinite(want.exact) and whole_errors(want.exact, moved):
                event(f"{name} hangs on roundings")
            elif not math.isnan(moved):
                found = getattr(got, name)[i]
                assert abs(found - want.n) <= (moved if want.n > 1e9 else 0), name


def fail_safe_errors(used, wanted, alpha) -> dict[str, float]:
    """How far roundings may move each before it is rounded up; NaN where they decide if it is."""
    k, unit = len(used), (ROUNDINGS + len(used)) * EPS
    sd = [math.sqrt(e.v) for e in used]
    # sums of z, of y, and of w y move by units of their terms
    sizes = [e.size + abs(float(e.y)) * e.v_size / float(e.v) for e in used]
    z = sum(size / s for size, s in zip(sizes, sd, strict=True)) * unit
    wy = sum(size / float(e.v) for size, e in zip(sizes, used, strict=True)) * unit
    w = sum(1 / float(e.v) for e in used)

    def squared(exact: float, added: float, relative: float) -> float:
        root = math.sqrt(max(0.0, exact + k))
        return 2 * root * added + added**2 + (relative + TAIL) * (abs(exact) + k)

    rosenthal = squared(wanted["rosenthal"].exact, z / float(stats.norm.isf(alpha)), unit)
    of_w = max(e.v_size / float(e.v) for e in used) * ROUNDINGS * EPS + 4 * unit
    scale = math.sqrt(k / w) / float(stats.norm.isf(alpha / 2))
    rosenberg = squared(wanted["rosenberg"].exact, wy * scale, of_w)
    mean, target = abs(wanted["orwin"].mean), abs(wanted["orwin"].target)
    dy = unit * sum(e.size for e in used) / k
    if mean <= dy:
        orwin = math.nan
    elif target == mean / 2:
        orwin = 4 * unit * k
    else:
        orwin = k * (dy + unit * (mean + target)) / target
    return {"rosenthal": rosenthal, "orwin": orwin, "rosenberg": rosenberg}


@given(data=st.data(), level=strategies.levels)
def test_pet_peese(data, level):
    """Both lines, within the tolerances of Egger's test, and the choice between them."""
    measure = data.draw(st.sampled_from(MEASURES))
    conventions = data.draw(st.sampled_from([mp.REVMAN5, mp.METAFOR]))
    batch = data.draw(strategies.batches(kind_of(measure)))
    got = mp.pet_peese(batch.studies(), measure, conventions, level)
    peese = mp.small_study_test(batch.studies(), "peese", measure, conventions=conventions)
    same_bits(got.peese.estimate, peese.slope)  # with its own tests, as the next
    same_bits(got.peese.se, peese.slope_se)
    for i, studies in enumerate(batch.analyses):
        effects = pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
        radial = small_study.egger(effects)
        assert got.k[i] == radial.k
        chosen = got.peese if got.model[i] == "PEESE" else got.pet
        for name in ("estimate", "se", "statistic", "p_value", "ci_low", "ci_high", "status"):
            same_bits(getattr(got, name)[i], getattr(chosen, name)[i])
        check_limits(got, i, level)
        model, line = small_study_lines.pet_peese(effects)
        if line.status in ("TOO_FEW_STUDIES", "ZERO_SPREAD"):
            assert got.model[i] == "PET"
            assert mp.Status(int(got.status[i])).name == line.status
            assert math.isnan(got.estimate[i])
            continue
        errors = tolerances.Line(radial)
        pet = small_study_lines.pet(effects)
        for name, want in (("slope", pet.bias), ("slope_se", pet.se)):
            found = got.pet.estimate[i] if name == "slope" else got.pet.se[i]
            close(found, want, errors, name, tolerances.LINE)
        if errors.slope_se < radial.slope_se / 2 and not near_choice(pet, errors, effects):
            event(model)
            assert got.model[i] == model


def near_choice(pet, errors, effects) -> bool:
    """Whether roundings alone decide between PET and PEESE."""
    used = included(effects)
    weighed = [(float(e.y) / float(e.v), e.size / float(e.v)) for e in used]
    unit = (ROUNDINGS + len(used)) * EPS
    if abs(sum(a for a, _ in weighed)) <= unit * sum(b for _, b in weighed):
        return True
    t = abs(pet.statistic)
    moved = (errors.slope + t * errors.slope_se) / (pet.se - errors.slope_se)
    return abs(2 * stats.t.sf(t, pet.df) - 0.1) <= tolerances.t_tail(t, pet.df, moved)


def check_limits(got, i, level) -> None:
    """Of t with k - 2 degrees of freedom."""
    df = got.df[i]
    for model in (got.pet, got.peese):
        if model.status[i] != mp.Status.OK:
            assert math.isnan(model.p_value[i])
            continue
        estimate, se = model.estimate[i], model.se[i]
        half = float(stats.t.isf((1 - level) / 2, df)) * se
        size = 1e-12 * (abs(estimate) + half)
        assert abs(model.ci_low[i] - (estimate - half)) <= size
        assert abs(model.ci_high[i] - (estimate + half)) <= size
        statistic = float(estimate / se)
        assert model.statistic[i] == pytest.approx(statistic, rel=4 * EPS)
        p_value = small_study_lines.two_sided_t(statistic, int(df))
        assert abs(model.p_value[i] - p_value) <= tolerances.t_tail(
            abs(statistic), df, 4 * EPS * abs(statistic)
        )

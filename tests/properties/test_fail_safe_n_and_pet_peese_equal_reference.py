"""Fail-safe N and PET-PEESE equal the oracle's."""

import math
from dataclasses import asdict

import numpy as np
import pytest
import tolerances
from hypothesis import event, given
from hypothesis import strategies as st
from reference import (
    fail_safe_n,
    pooling,
    small_study,
    small_study_lines,
)
from reference.effects import included
from scipy import stats
from tolerances import EPS, ROUNDINGS, TAIL

import metapool as mp

from . import strategies
from .compare import close, same_bits
from .pooled_settings import MEASURES
from .strategies import kind_of


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

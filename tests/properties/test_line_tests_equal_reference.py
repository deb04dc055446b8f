"""Tests of small-study effects by weighted lines equal the oracle's."""

import math
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from line_tolerances import LINE, WeightedLine
from reference import line_heterogeneity, line_tau2, pooling
from reference import small_study_lines as lines
from reference.effects import Effect, included
from tolerances import EPS, ROUNDINGS

import metapool as mp
from metapool import _types as t

from . import strategies
from .compare import close
from .strategies import Study, kind_of

MEASURES = t.choices(t.Measure)
OF_TABLES = ("peters", "macaskill", "macaskill-iv", "deeks")
FIELDS = {
    "bias": "bias", "se": "se", "slope": "other", "slope_se": "se_other", "dispersion": "sigma2",
    "statistic": "statistic", "p_value": "p_value",
}  # fmt: skip
systems = st.sampled_from([mp.REVMAN5, mp.METAFOR])


def reference(method: str, kind: str, studies: list[Study], effects: list[Effect]) -> Any:
    match method:
        case "peters":
            return lines.peters(studies, effects)
        case "macaskill":
            return lines.macaskill(studies, effects, "pooled")
        case "macaskill-iv":
            return lines.macaskill(studies, effects, "inverse-variance")
        case "deeks":
            return lines.deeks(studies, effects)
        case "pustejovsky-rodgers":
            sizes = (1, 3) if kind == "two-by-two" else (2, 5)
            return lines.pustejovsky_rodgers(
                [tuple(study[i] for i in sizes) for study in studies], effects
            )
        case "peese":
            return lines.line_test(lines.of_effects(lambda effect: effect.v, effects))
    raise ValueError(method)


def used_by(method: str, studies: list[Study], effects: list[Effect]) -> list[Effect]:
    """The effects of the points of the line."""
    if method not in ("peters", "macaskill"):
        return included(effects)
    return [e for table, e in lines.of_tables(studies, effects) if lines.margins(table) > 0]


def errors_of(want: lines.LineTest, method: str, used: list[Effect], kind: str) -> WeightedLine:
    """Effects and variances have their own errors, sizes and counts are rounded where they meet."""
    unit = ROUNDINGS * EPS
    relative = [unit * e.v_size / float(e.v) for e in used]
    sizes = [unit] * len(used)
    dx = relative if method in ("peese", "thompson-sharp") else sizes
    dw = sizes if method in ("peters", "macaskill", "deeks") else relative
    tau2 = want.tau2
    dw = [d * float(e.v) / (float(e.v) + tau2) + EPS for d, e in zip(dw, used, strict=True)]
    return WeightedLine(want, [unit * e.size for e in used], dx, dw, kind)


def check(
    got: mp.SmallStudyTest, i: int, want: lines.LineTest, errors: WeightedLine | None
) -> None:
    assert got.k[i] == want.k
    status = mp.Status(int(got.status[i])).name
    if errors is None:
        assert status == want.status
        for name in FIELDS:
            close(getattr(got, name)[i], math.nan, None, name, LINE)
        return
    assert got.df[i] == (0 if errors.kind == "normal" else want.df)
    undetermined = {"statistic", "p_value"} if errors.is_perfect else set()
    event("perfect line" if errors.is_perfect else "line")
    assert status == want.status or (errors.is_perfect and status in ("OK", "PERFECT_LINE"))
    for name, field in FIELDS.items():
        if name not in undetermined and not (name == "dispersion" and errors.kind != "multiplied"):
            close(getattr(got, name)[i], getattr(want, field), errors, name, LINE)


def has_line(want: lines.LineTest) -> bool:
    return want.status not in ("TOO_FEW_STUDIES", "ZERO_SPREAD")


def measures_of(method: str) -> list[str]:
    if method in OF_TABLES:
        return [m for m in MEASURES if kind_of(m) == "two-by-two"]
    without = ("effects",) if method == "pustejovsky-rodgers" else ()
    return [m for m in MEASURES if kind_of(m) not in without]


@pytest.mark.parametrize("method", [m for m in t.choices(t.LineTest) if m != "thompson-sharp"])
@given(data=st.data(), conventions=systems)
def test_line(method, data, conventions):
    measure = data.draw(st.sampled_from(measures_of(method)))
    batch = data.draw(strategies.batches(kind_of(measure)))
    got = mp.small_study_test(batch.studies(), method, measure, conventions=conventions)
    for i, studies in enumerate(batch.analyses):
        effects = pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
        want = reference(method, batch.kind, studies, effects)
        used = used_by(method, studies, effects)
        errors = errors_of(want, method, used, "multiplied") if has_line(want) else None
        check(got, i, want, errors)


@pytest.mark.parametrize("tau2", t.choices(t.ResidualTau2))
@pytest.mark.parametrize("distribution", t.choices(t.TestDistribution))
@given(data=st.data(), conventions=systems)
def test_thompson_sharp(distribution, tau2, data, conventions):
    """tau2 about the line is what its estimator makes of it, and the line is that of this tau2."""
    measure = data.draw(st.sampled_from(MEASURES))
    batch = data.draw(strategies.batches(kind_of(measure)))
    got = mp.small_study_test(
        batch.studies(), "thompson-sharp", measure, conventions=conventions,
        tau2=tau2, distribution=distribution,
    )  # fmt: skip
    for i, studies in enumerate(batch.analyses):
        effects = pooling.study_effects(batch.kind, studies, measure, asdict(conventions))
        used = included(effects)
        want = lines.egger(effects)
        if not has_line(want):
            check(got, i, want, None)
            continue
        found = float(got.dispersion[i])
        if tau2 == "REML" and loses_the_traces(used):
            event("a study of next to no variance")
            continue
        errors = errors_of(want, "thompson-sharp", used, "multiplied")
        check_tau2(tau2, found, used, errors)
        points = [(lines.standard_error(e), e.y, 1 / (e.v + Fraction(found))) for e in used]
        kind = "normal" if distribution == "z" else "added"
        want = lines.line_test(points, tau2=found, normal=distribution == "z")
        check(got, i, want, errors_of(want, "thompson-sharp", used, kind))


def loses_the_traces(used: list[Effect]) -> bool:
    """Whether tr PP, as the core forms it, may be all rounding: that of (sum w)^2."""
    _, _, trace = line_heterogeneity.moments(points_of(used))
    total = float(sum(1 / e.v for e in used))
    return (ROUNDINGS + len(used)) * EPS * total**2 > 1e-3 * trace**2


def points_of(used: list[Effect]) -> Any:
    return [(lines.standard_error(e), e.y, e.v) for e in used]


def test_tau2_about_a_line_with_a_study_of_next_to_no_variance():
    effects = [(0.0, 1e-9), (1.62, 3.81), (2.34, 2.36), (-0.12, 3.48), (2.58, 1.62), (-0.46, 2.71)]
    y, v = (list(column) for column in zip(*effects, effects[-1], strict=True))
    want = line_tau2.tau2([math.sqrt(x) for x in v], y, v, "REML")
    got = mp.small_study_test(mp.Effects(y=y, v=v), "thompson-sharp").dispersion
    assert got == pytest.approx(want, rel=1e-9)


def check_tau2(method: str, found: float, used: list[Effect], errors: WeightedLine) -> None:
    if method == "common":
        assert found == 0
        return
    points = points_of(used)
    if method == "DL":
        want, q, trace = line_heterogeneity.moments(points)
        moved = 2 * math.sqrt(q) * errors.norm + errors.norm**2
        # tr P is a difference of sums of weights, of which one dominating study leaves few digits
        worst = errors.unit * (1 + errors.weight / trace) + float(errors.dw.max())
        worst += 2 * errors.spread_error
        bound = (moved + worst * (q + len(used) - 2)) / trace
        assert abs(found - want) <= bound, (found, want, bound)
        return
    check_likelihood(found, points, errors)


def check_likelihood(found: float, points: Any, errors: WeightedLine) -> None:
    """The slope is 0 at tau2, or falls at 0; no likelihood is greater at 0. It may be a lower
    summit."""
    up, down = line_heterogeneity.restricted_slopes(points, found)
    ys = [abs(float(y)) for _, y, _ in points]
    a = [1 / (float(v) + found) for *_, v in points]
    squares = sum(b**2 for b in a)
    moved = 4 * errors.unit * (max(ys) + abs(errors.ref.bias) * max(float(x) for x, *_ in points))
    shift = 2 * moved * math.sqrt(2 * up * squares) + moved**2 * squares
    # the last step is below 1e-13 of tau2 and 1e-14 of 1/sum w
    step = 1e-13 * found + 1e-14 / sum(1 / float(v) for *_, v in points)
    # the core's tr P is a difference of sums of weights
    noise = 8 * errors.unit * (up + down + sum(a)) + shift + 4 * (up + down) * max(a) * step
    fall = abs(up - down) if found > 0 else up - down
    assert fall <= noise, (up, down)
    x, y, v = (list(map(float, column)) for column in zip(*points, strict=True))
    highest = line_tau2.tau2(x, y, v, "REML")
    here, at_0, there = (
        line_heterogeneity.restricted_log_likelihood(points, tau2) for tau2 in (found, 0.0, highest)
    )
    assert here - at_0 >= -noise * found - 1e-9
    if there - here > noise * max(found, highest) + 1e-9:
        event("a lower summit")


def test_the_highest_summit_is_found():
    y, v = [2.4, 1.7, 2.4, -0.7, -2.0], [0.001, 0.1, 0.0002, 1.0, 0.4]
    want = line_tau2.tau2([math.sqrt(x) for x in v], y, v, "REML")
    got = mp.small_study_test(mp.Effects(y=y, v=v), "thompson-sharp").dispersion
    assert got == pytest.approx(want, rel=1e-9)

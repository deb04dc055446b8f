"""Special functions against mpmath, to 40 digits; P values from 1 to 1e-300."""

import math
import random
from collections.abc import Callable, Iterator

import mpmath
import pytest

from metapool import _core

BOUND = 1e-13  # relative
LEAST = 1e-300
DF = (1, 2, 3, 4, 5, 7, 9, 10, 18, 19, 30, 59, 60, 99, 100, 199, 200, 201, 999, 2_000, 12_345,
      99_999, 232_753, 852_251, 1_000_000)  # fmt: skip
#: Standard deviations from the middle: dense where P is near 1, then out to P = 1e-300.
STEPS = (-9, -5, -3, -2, -1, -0.5, -0.1, 0, 0.01, 0.1, 0.5, 0.9, 1, 1.1, 1.5, 1.734, 2, 2.5, 3, 4,
         5, 6, 8, 10, 13, 17, 22, 27, 32, 37)  # fmt: skip


@pytest.fixture(autouse=True)
def forty_digits() -> Iterator[None]:
    with mpmath.workdps(40):
        yield


def worst(ours: Callable[[float], float], truth: Callable[[float], mpmath.mpf], at: list[float]):
    """The largest relative error over the points whose P is at least 1e-300, and their number.

    A few points of many degrees of freedom are beyond mpmath's series and do not count.
    """
    errors = []
    for x in at:
        try:
            wanted = truth(x)
        except (mpmath.libmp.NoConvergence, ValueError):
            continue
        if wanted >= LEAST:
            errors.append((float(abs(ours(x) - wanted) / wanted), x))
    return max(errors), len(errors)


def test_normal() -> None:
    at = [step / 16 for step in range(-160, 16 * 37)]
    (error, x), n = worst(_core.normal_sf, lambda z: mpmath.erfc(z / mpmath.sqrt(2)) / 2, at)
    assert n > 700
    assert error <= BOUND, x


@pytest.mark.parametrize("df", DF)
def test_chi_square(df: int) -> None:
    def truth(x: float) -> mpmath.mpf:
        a, h = mpmath.mpf(df) / 2, mpmath.mpf(x) / 2
        return mpmath.gammainc(a, h, mpmath.inf, regularized=True)

    spread = (2 * df) ** 0.5
    near = [df + step * spread for step in STEPS]
    far = [
        df * q for q in (0.1, 0.39, 0.41, 1.59, 1.61, 2, 5, 20, 90, 99, 101, 150, 300, 700, 1300)
    ]
    at = [x for x in (1e-9, 1e-3, *near, *far) if x > 0]
    (error, x), n = worst(lambda x: _core.chi_square_sf(x, df), truth, at)
    assert n > 20
    assert error <= BOUND, x


@pytest.mark.parametrize("df", DF)
def test_student_t(df: int) -> None:
    def truth(t: float) -> mpmath.mpf:
        t2 = mpmath.mpf(t) ** 2
        x = df / (df + t2)
        return mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, x, regularized=True)

    far = [float(10**step) for step in range(1, 40)] if df < 60 else [45, 60, 80]
    at = [1e-9, 1e-3, *(step for step in STEPS if step > 0), *far]
    (error, t), n = worst(lambda t: _core.t_p_value(t, df), truth, at)
    assert n > 20
    assert error <= BOUND, t


def ulps(found: float, truth: mpmath.mpf) -> float:
    """Error in units in the last place of the truth."""
    return float(abs(found - truth) / math.ulp(float(truth)))


def spread(n: int) -> list[float]:
    """Positive numbers of every size, and many near 1."""
    draws = random.Random(1)
    wide = [math.exp(draws.uniform(-700, 700)) for _ in range(n)]
    return [
        *wide,
        *(draws.uniform(0.3, 3) for _ in range(n)),
        *(1 + draws.gauss(0, 1e-6) for _ in range(n)),
    ]


def test_ln_is_right_to_one_unit_in_the_last_place() -> None:
    ends = [5e-324, 2.0**-1022, 1e308, 0.5, 2.0, math.nextafter(1, 0), math.nextafter(1, 2)]
    worst_error = max(ulps(_core.ln(x), mpmath.log(x)) for x in [*spread(4_000), *ends])
    assert worst_error <= 1, worst_error


def test_exp_is_right_to_one_unit_in_the_last_place() -> None:
    draws = random.Random(2)
    at = [draws.uniform(-700, 700) for _ in range(6_000)] + [
        draws.gauss(0, 1) for _ in range(6_000)
    ]
    worst_error = max(ulps(_core.exp(x), mpmath.exp(x)) for x in at)
    assert worst_error <= 1, worst_error


def test_ln_ratio_is_right_to_two_units_in_the_last_place() -> None:
    draws = random.Random(3)
    pairs = [(x, y) for x, y in zip(spread(4_000), spread(4_000)[::-1], strict=True) if x != y]
    counts = [(draws.randint(1, 10**6), draws.randint(1, 10**6)) for _ in range(8_000)]
    errors = []
    for r, s in [*pairs, *((float(r), float(s)) for r, s in counts if r != s)]:
        if max(r, s) < 1e307 and min(r, s) > 1e-307:
            errors.append(ulps(_core.ln_ratio(r, s, r - s), mpmath.log(mpmath.mpf(r) / s)))
    assert max(errors) <= 2, max(errors)

"""P values against mpmath, to 40 digits, from 1 to 1e-300."""

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

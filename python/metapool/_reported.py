"""Checking printed results."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from metapool import _bridge
from metapool._errors import InputError, check_level
from metapool._frames import Exported, plain

Printed = str | float


@dataclass(frozen=True)
class ReportedCheck(Exported):
    """Whether a printed estimate, interval and P fit together, rounding considered.

    Attributes
    ----------
    se, statistic, p_value : float
        What the printed estimate and interval imply (log scale for ratios).
    p_low, p_high : float
        The range of P over the unrounded limits behind the printed ones whose middle rounds to the
        printed estimate; over all such limits where the estimate fits none.
    estimate_consistent : bool
        The estimate can be the centre of the interval.
    p_consistent : bool
        The printed P lies between ``p_low`` and ``p_high``; True if none was printed.
    """

    se: float
    statistic: float
    p_value: float
    p_low: float
    p_high: float
    estimate_consistent: bool
    p_consistent: bool

    @property
    def consistent(self) -> bool:
        """Estimate, interval and P fit together."""
        return self.estimate_consistent and self.p_consistent

    def to_dict(self) -> dict[str, Any]:
        """Everything that JSON can hold; NaN and infinity become None."""
        own = {name: plain(value) for name, value in vars(self).items()}
        return {**own, "consistent": self.consistent}


def check_reported(
    *,
    estimate: Printed,
    ci: tuple[Printed, Printed],
    p: Printed | None = None,
    level: float = 0.95,
    log: bool = False,
) -> ReportedCheck:
    """Whether a printed estimate, Wald interval and P are consistent.

    Every printed number stands for all numbers that round to it. Give text ("-8.00") where
    trailing zeros matter; P may be an inequality ("<0.001").

    Parameters
    ----------
    estimate : str or float
    ci : (lower, upper)
    p : str or float, optional
    level : float
        Confidence level of the interval.
    log : bool
        True for ratios: the interval is symmetric on the log scale.

    Returns
    -------
    ReportedCheck

    Raises
    ------
    InputError
        For text that is not a number, an interval that is upside down, a ratio that is not
        positive.

    Examples
    --------
    >>> import metapool as mp
    >>> check = mp.check_reported(estimate="-5.78", ci=("-8.00", "-3.55"), p="<0.00001")
    >>> check.consistent
    True
    >>> f"{check.p_value:.1e}"
    '3.6e-07'
    """
    if len(ci) != 2:
        raise InputError(f"ci must be (lower, upper), not {ci!r}")
    centre, low, high = (_printed("estimate", estimate), *(_printed("ci", end) for end in ci))
    if not low[0] < high[0]:
        raise InputError(f"ci must rise: {ci[0]!r} is not below {ci[1]!r}")
    if log and (centre[0] < 0 or low[0] < 0):
        raise InputError("log=True is for ratios, which are positive")
    level = check_level("level", level)
    found = _bridge.check_reported(centre, low, high, _p_range(p), level, log=log)
    return ReportedCheck(*found)


def t_fits(t: Printed, p: Printed, df: int) -> bool:
    """Whether a printed t and the P printed beside it fit `df` degrees of freedom."""
    return _bridge.t_fits(_printed("t", t), _p_range(p), df)


def _printed(name: str, value: Printed) -> tuple[float, float]:
    """The number and half a unit of its last printed digit."""
    try:
        number = Decimal(str(value).strip().replace("−", "-"))
    except InvalidOperation:
        raise InputError(f"{name} must be a printed number, not {value!r}") from None
    exponent = number.as_tuple().exponent
    if not (isinstance(exponent, int) and -300 < exponent < 300 and isfinite(float(number))):
        raise InputError(f"{name} must be finite, not {value!r}")
    return float(number), 0.5 * 10.0**exponent


def _p_range(p: Printed | None) -> tuple[float, float]:
    """The P values that a printed P stands for."""
    if p is None:
        return 0.0, 1.0
    text = str(p).strip()
    sign = text[0] if text[:1] in ("<", ">", "=") else "="
    value, half = _printed("p", text.removeprefix(sign))
    if not 0 <= value <= 1:
        raise InputError(f"p must lie between 0 and 1, not {p!r}")
    ranges = {"<": (0.0, value), ">": (value, 1.0), "=": (value - half, value + half)}
    return ranges[sign]

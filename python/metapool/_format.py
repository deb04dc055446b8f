"""Numbers as readers of meta-analyses expect them."""

from __future__ import annotations

import math


def p_text(p: float) -> str:
    """P as RevMan prints it: two decimals, below 0.01 one significant figure, or a bound."""
    if math.isnan(p):
        return "undefined"
    for bound in ("0.00001", "0.0001"):
        if p < float(bound):
            return f"< {bound}"
    return f"{p:.2f}" if p >= 0.01 else f"{p:.1g}"


def p_value(p: float) -> str:
    """The same with its name: "P = 0.02", "P < 0.0001"."""
    text = p_text(p)
    return f"P {text}" if text[0] in "<u" else f"P = {text}"


def number(value: float) -> str:
    """Two decimals; scientific where they would be very long."""
    return f"{value:.3g}" if abs(value) >= 1e6 else f"{value:.2f}"


def interval(low: float, high: float) -> str:
    """The limits of an interval."""
    return f"[{number(low)}, {number(high)}]"


def counted(n: int, what: str) -> str:
    """How many of something there are: "1 resample", "2,000 resamples"."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def studies_counted(n: int) -> str:
    """ "1 study", "2,000 studies"."""
    return "1 study" if n == 1 else f"{n:,} studies"

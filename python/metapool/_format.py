"""Numbers as readers of meta-analyses expect them."""

from __future__ import annotations

import math


def p_text(p: float) -> str:
    """A P value: two significant digits, "< 0.0001" below that."""
    if math.isnan(p):
        return "undefined"
    if p < 0.0001:
        return "< 0.0001"
    return f"{p:.2f}" if p >= 0.095 else f"{p:.2g}" if p >= 0.001 else f"{p:.4f}"

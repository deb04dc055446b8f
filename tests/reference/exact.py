"""Rational arithmetic, so that no textbook formula loses digits however its terms cancel."""

import math
from fractions import Fraction


def ln(ratio: Fraction) -> Fraction:
    """Natural logarithm, correctly rounded but for one unit, also of a ratio near 1."""
    if Fraction(1, 2) < ratio < 2:
        return Fraction(math.log1p(float(ratio - 1)))
    return Fraction(math.log(float(ratio)))


def root(square: Fraction, bits: int = 120) -> Fraction:
    """Square root to at least ``bits`` significant binary digits, by integer square root."""
    scale = max(0, bits - (square.numerator * square.denominator).bit_length() // 2)
    product = square.numerator * square.denominator << 2 * scale
    return Fraction(math.isqrt(product), square.denominator << scale)

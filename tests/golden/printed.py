"""Figures as they are printed."""


def prints_as(value: float, text: str) -> bool:
    """Whether a number rounds to what was printed; the exact half may fall either way."""
    _, _, decimals = text.partition(".")
    half = 0.5 * 10.0 ** -len(decimals)
    return abs(value - float(text)) <= half * (1 + 1e-6)

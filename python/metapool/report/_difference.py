"""The difference between two analyses as text for a terminal."""

from __future__ import annotations

from math import isnan

from metapool._difference import NUMBERS, Difference
from metapool.report._text import table


def difference(found: Difference) -> str:
    """The numbers of both analyses, and between them what each setting moves.

    Examples
    --------
    >>> import metapool as mp
    >>> bcg = mp.examples.bcg()
    >>> why = mp.explain_difference(bcg, mp.Analysis("RR", "DL"), mp.Analysis("RR", "PM"))
    >>> print(mp.report.difference(why))
    setting   a   b   estimate        se    ci_low  ci_high    p_value      tau2       i2
    a                  -0.7142    0.1789    -1.065  -0.3635  6.557e-05    0.3095    92.13
    method   DL  PM  -0.000782  +0.00198  -0.00466  +0.0031  +1.18e-05  +0.00857  -0.0173
    b                   -0.715    0.1809     -1.07  -0.3604  7.735e-05    0.3181    92.12
    estimates are logs of ratios
    """
    numbers = {name: (getattr(found.a, name), getattr(found.b, name)) for name in NUMBERS}
    shown = [name for name, both in numbers.items() if not all(map(isnan, both))]
    rows = [
        ["setting", "a", "b", *shown],
        ["a", "", "", *(_text(numbers[name][0]) for name in shown)],
    ]
    for step in found.moving:
        changes = (_text(step.change[name], "+") for name in shown)
        rows.append([step.field, str(step.value_a), str(step.value_b), *changes])
    rows.append(["b", "", "", *(_text(numbers[name][1]) for name in shown)])
    lines = [table(rows)]
    if found.a.is_ratio:
        lines.append("estimates are logs of ratios")
    still = [step.field for step in found.steps if not step.moves]
    if still:
        lines.append(f"no influence here: {', '.join(still)}")
    return "\n".join(lines)


def _text(value: float, sign: str = "") -> str:
    return "" if isnan(value) else f"{value:{sign}.{3 if sign else 4}g}"

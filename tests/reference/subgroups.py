"""The test between subgroups."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from . import heterogeneity as het
from .effects import Effect
from .pooling import Pooled


@dataclass(frozen=True)
class SubgroupTest:
    q: float
    df: int
    p_value: float
    i2: float
    groups: list[Pooled]


def subgroup_test(groups: Sequence[Pooled]) -> SubgroupTest | None:
    """Dispersion of the subgroup estimates, weighted by 1/SE^2 (Borenstein & Higgins 2013).

    None unless two subgroups have an estimate.
    """
    found = [g for g in groups if g.se > 0]
    if len(found) < 2:
        return None
    effects = [Effect(Fraction(g.estimate), Fraction(g.se) ** 2) for g in found]
    q, df = het.cochran_q(effects, het.iv_mean(effects)), len(found) - 1
    return SubgroupTest(float(q), df, het.q_p(q, df), het.i2_from_q(q, df), found)

"""The oracle of tests for small-study effects, against R's lm() and metafor 3.8.1."""

import math

import pytest
from scipy import stats

from . import rank_correlation, trim_and_fill, two_by_two
from . import small_study_lines as lines
from .effects import given
from .fail_safe_n import orwin, rosenberg, rosenthal
from .golden_units import FOLDERS, METHODS, Series, Worst, number, rows, series, tables
from .test_reference_goldens import BCG, METAFOR

BOUND = 1e-8
ITERATED = 1e-7

#: metafor's effects, without studies with no events, or only events.
RULES = {**METAFOR, "double_zero": "drop", "all_events": "drop"}

COLUMNS = {
    "k": "k", "df": "df", "bias": "bias", "se": "se", "t": "statistic", "p": "p_value",
    "intercept": "other", "se_intercept": "se_other", "sigma2": "sigma2",
}  # fmt: skip

#: Series that metafor itself does not give a value for, in its REML line.
NO_CONVERGENCE = {
    "axfors2021 AS",
    "hartmannboyce2018.choiceofproduct PETO",
    "meta.Fleiss1993cont SMD",
}
#: Its standard errors are 1e-4 apart: metafor calls them a constant.
RANK_DEFICIENT = {"meta.lungcancer.irr IRD"}


def of_counts(studies):
    """The tests that small_study.csv has."""
    odds = two_by_two.study_effects(studies, "OR", RULES)
    return {
        "egger_OR": lines.egger(odds),
        "egger_RR": lines.egger(two_by_two.study_effects(studies, "RR", RULES)),
        "harbord_OR": lines.harbord(studies, "or"),
        "harbord_OR_N": lines.harbord(studies, "or-cochran"),
        "harbord_RR": lines.harbord(studies, "rr"),
        "peters_OR": lines.peters(studies, odds),
        "macaskill_OR": lines.macaskill(studies, odds, "pooled"),
        "deeks_OR": lines.deeks(studies, odds),
    }


def test_lines_of_counts():
    """R's lm(), of every data set of tables. Its one study with an empty arm has an effect."""
    goldens = {
        (row["unit"], row["test"]): row
        for folder in FOLDERS
        for row in rows(folder, "small_study.csv")
    }
    worst = Worst(BOUND)
    for name, studies in tables():
        somebody = [counts for counts in studies if counts[1] + counts[3] > 0]
        for test, ours in of_counts(somebody).items():
            golden = goldens.pop((name, test))
            for column, field in COLUMNS.items():
                worst.near(f"{name} {test} {column}", getattr(ours, field), golden[column])
            assert (ours.status == "TOO_FEW_STUDIES") == (number(golden["k"]) < 3)
    assert not goldens
    worst.conclude()


def near_regtest(worst: Worst, name: str, ours: lines.LineTest, golden) -> None:
    """metafor's regtest(): both coefficients, the test and the interval of the limit."""
    crit = stats.norm.isf(0.025) if ours.df == math.inf else stats.t.isf(0.025, ours.df)
    for i, (value, se) in enumerate([(ours.other, ours.se_other), (ours.bias, ours.se)]):
        worst.near(f"{name} coef {i}", value, golden["coef"][i])
        worst.near(f"{name} coef_se {i}", se, golden["coef_se"][i])
    worst.near(f"{name} stat", ours.statistic, golden["stat"])
    worst.near(f"{name} p", ours.p_value, golden["p"])
    worst.near(f"{name} low", ours.other - crit * ours.se_other, golden["est0_lb"])
    worst.near(f"{name} high", ours.other + crit * ours.se_other, golden["est0_ub"])


@pytest.mark.parametrize(
    ("key", "x"),
    [("regtest_lm_sei", lines.standard_error), ("regtest_lm_vi", lambda effect: effect.v)],
)
def test_weighted_line(key, x):
    """On the standard error (Egger, PET) and on the variance (PEESE)."""
    worst = Worst(BOUND)
    for one in series():
        ours = lines.line_test(lines.of_effects(x, one.effects))
        near_regtest(worst, one.name, ours, one.golden["EE"][key])
    worst.conclude()


@pytest.mark.parametrize("model", METHODS)
def test_additive_line(model):
    """metafor's regtest(model="rma"), whose slope gives the side of trim and fill."""
    worst = Worst(ITERATED if model == "REML" else BOUND)
    missing = set()
    for one in series():
        golden = one.golden[model]["regtest_rma_sei"]
        if "error" in golden:
            missing.add(one.name)
            continue
        ours = lines.thompson_sharp(one.effects, METHODS[model], normal=True)
        near_regtest(worst, one.name, ours, golden)
        filled = one.golden[model]["trimfill_L0"]
        if "error" not in filled:
            assert trim_and_fill.side_of_slope(ours.bias) == filled["side"], one.name
    assert missing == RANK_DEFICIENT | (NO_CONVERGENCE if model == "REML" else set())
    worst.conclude()


def bcg(measure: str):
    return two_by_two.study_effects(BCG, measure, METAFOR)


def test_additive_line_by_t():
    """metafor 3.8.1: regtest() of a model with test="t" keeps the standard error."""
    z, t = (lines.thompson_sharp(bcg("OR"), "REML", normal) for normal in (True, False))
    assert (z.se, z.statistic) == (t.se, t.statistic)
    assert t.statistic == pytest.approx(-0.774290904413906, abs=1e-10)
    assert z.p_value == pytest.approx(0.438758781226018, abs=1e-10)
    assert t.p_value == pytest.approx(0.455079344434811, abs=1e-10)
    assert t.tau2 == pytest.approx(0.335585588302158, abs=1e-10)


# R's lm() of the BCG trials: tested coefficient, SE, t, P, the other coefficient, its SE, sigma2.
@pytest.mark.parametrize(
    ("test", "golden"),
    [
        (lambda e: lines.pustejovsky_rodgers([(n1, n2) for _, n1, _, n2 in BCG], e),
         (-21.1693657409869, 7.35554582764422, -2.87801425441827, 0.0150245632288132,
          -0.112703305789587, 0.166568822030276, 8.46160879862939)),
        (lines.pet,
         (-0.157098862735564, 0.237172451270761, -0.662382422131383, 0.521362414332632,
          -2.34534124207976, 1.55634902138774, 12.2949393209915)),
        (lines.peese,
         (-0.378614455120768, 0.170251766837399, -2.2238503726212, 0.0480406634308174,
          -2.47707568087112, 2.80479212495664, 13.8510482413494)),
        (lambda e: lines.macaskill(BCG, e, "inverse-variance"),
         (5.72378268663232e-06, 1.21485727034077e-06, 4.7114857245961, 0.000638170187086762,
          -0.977801143944939, 0.148314029724655, 4.91488748821444)),
        (lambda e: lines.macaskill(BCG, e, "pooled"),
         (6.12987027417366e-06, 1.29828980142248e-06, 4.72149613087729, 0.000627925091964373,
          -1.04892288901923, 0.151608644080549, 24.5447828676788)),
        (lambda e: lines.peters(BCG, e),
         (-563.688203913343, 413.723340020776, -1.36247619939701, 0.200291792284135,
          -0.429308425801974, 0.171622830280521, 63.560681046496)),
    ],
    ids=["pustejovsky-rodgers", "pet", "peese", "macaskill-iv", "macaskill-pooled", "peters"],
)  # fmt: skip
def test_lines_of_bcg(test, golden):
    ours = test(bcg("OR"))
    fields = ("bias", "se", "statistic", "p_value", "other", "se_other", "sigma2")
    assert [getattr(ours, name) for name in fields] == pytest.approx(golden, rel=1e-11)


def test_harbord_as_meta_has_it():
    """R's meta 8.4-0 (METHODS, F5)."""
    ours = lines.harbord(BCG, "rr-meta")
    assert ours.bias == pytest.approx(-1.690017564, abs=1e-9)
    assert ours.se == pytest.approx(1.615098988, abs=1e-9)
    assert ours.p_value == pytest.approx(0.317832, abs=1e-6)


def test_pet_peese_chooses():
    """PET's intercept is far from zero for one large clear effect, and not for BCG."""
    assert lines.pet_peese(bcg("OR"))[0] == "PET"
    clear = [given(1 + 0.01 * (-1) ** i, 0.01 * i) for i in range(1, 7)]
    assert lines.pet_peese(clear) == ("PEESE", lines.peese(clear))
    mirrored = [given(-float(e.y), float(e.v)) for e in clear]
    assert lines.pet_peese(mirrored) == ("PEESE", lines.peese(mirrored))


def test_states_of_lines():
    two, flat, same = (
        [given(y, v) for y, v in pairs]
        for pairs in ([(1, 1), (2, 2)], [(1, 1), (2, 1), (4, 1)], [(1, 1), (1, 2), (1, 4)])
    )
    for test in (lines.egger, lines.pet, lambda e: lines.thompson_sharp(e, "DL", True)):
        assert test(two).status == "TOO_FEW_STUDIES"
        assert test(flat).status == "ZERO_SPREAD"
    perfect = lines.egger(same)
    assert (perfect.status, perfect.bias, perfect.se, perfect.other) == ("PERFECT_LINE", 0, 0, 1)


def test_rank_correlation():
    """metafor's ranktest(): exact at every k without ties, else normal; with exact=FALSE normal."""
    worst = Worst(BOUND)
    for one in series():
        ours = rank_correlation.rank_test(one.effects)
        golden, default = one.golden["EE"]["ranktest"], one.golden["EE"]["ranktest_default"]
        worst.near(f"{one.name} tau", ours.tau, golden["tau"])
        worst.near(f"{one.name} normal", ours.p_normal, golden["p"])
        worst.near(f"{one.name} default", ours.p_value, default["p"])
        for model in METHODS:
            assert one.golden[model]["ranktest"] == golden
    worst.conclude()


# metafor 3.8.1: tau, default P, P with exact=FALSE.
@pytest.mark.parametrize(
    ("studies", "golden"),
    [
        ([(0.1, 0.1), (0.5, 0.2)], (1, 1, None)),
        ([(0.1, 0.1), (0.5, 0.2), (-0.2, 0.3)], (-1 / 3, 1, 0.60150813444059)),
        ([(0.1, 0.1), (0.5, 0.1), (-0.2, 0.3)],
         (-0.816496580927726, 0.220671361919847, 0.220671361919847)),
    ],
)  # fmt: skip
def test_rank_correlation_of_few(studies, golden):
    ours = rank_correlation.rank_test([given(y, v) for y, v in studies])
    tau, default, normal = golden
    assert (ours.tau, ours.p_value) == pytest.approx((tau, default), abs=1e-13)
    if normal is not None:  # R divides 0 by k - 2 = 0
        assert ours.p_normal == pytest.approx(normal, abs=1e-13)


def test_states_of_the_rank_correlation():
    assert rank_correlation.rank_test([given(1, 1)]).status == "TOO_FEW_STUDIES"
    assert rank_correlation.rank_test([given(1, 1), given(2, 1)]).status == "ZERO_SPREAD"


def test_permutations_of_the_score():
    """Inversions of 4 objects (Kendall & Gibbons 1990), and the variance that they have."""
    assert rank_correlation.inversions(4) == (1, 3, 5, 6, 5, 3, 1)
    for k in (2, 3, 7, 12):
        counts = rank_correlation.inversions(k)
        assert sum(counts) == math.factorial(k)
        scores = [math.comb(k, 2) - 2 * i for i in range(len(counts))]
        spread = sum(n * s**2 for n, s in zip(counts, scores, strict=True)) / sum(counts)
        assert spread == pytest.approx(rank_correlation.variance_of_score(range(k), range(k)))


def test_rosenthal():
    for one in series():
        for model in METHODS:
            assert rosenthal(one.effects).n == one.golden[model]["fsn_rosenthal"], one.name


def test_fail_safe_n_of_bcg():
    """metafor 3.8.1."""
    effects = bcg("RR")
    assert [f(effects).n for f in (rosenthal, orwin, rosenberg)] == [598, 13, 370]
    assert rosenthal(effects).p_value == pytest.approx(8.81e-30, rel=1e-3)
    assert rosenberg(effects).p_value == pytest.approx(2.29e-26, rel=1e-3)


def hackshaw() -> Series:
    return next(one for one in series() if one.name == "hackshaw1998 GEN")


def test_fail_safe_n_of_hackshaw():
    """metafor 3.8.1: targets beyond the mean need no study, and have its sign."""
    effects = hackshaw().effects
    assert [f(effects).n for f in (rosenthal, orwin, rosenberg)] == [393, 37, 202]
    assert [f(effects, alpha=0.01).n for f in (rosenthal, rosenberg)] == [178, 102]
    assert [orwin(effects, target).n for target in (0.05, 1, -0.1)] == [182, 0, 73]
    assert orwin(effects, 0).n == math.inf
    assert trim_and_fill.side_of_slope(lines.egger(effects).bias) == "left"

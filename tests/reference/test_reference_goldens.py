"""The oracle itself, against published figures and R's and RevMan's own."""

import ast
import math
from pathlib import Path

import pytest

from . import pooling, small_study, two_by_two, two_means
from .subgroups import subgroup_test

REVMAN5 = {
    "study_cc": 0.5,
    "study_cc_when": "only0",
    "study_cc_kind": "constant",
    "rd_cc": "variance",
    "rr_cc": "all-cells",
    "peto_cc": "none",
    "double_zero": "drop",
    "all_events": "unit",
    "mh_cc": 0.5,
    "mh_cc_when": "only0",
    "mh_cc_kind": "constant",
    "mh_rd_variance": "greenland-robins",
    "dl_q_centre": "mh",
    "i2": "q",
    "smd_bias": "approx",
    "smd_variance": "revman",
    "zero_sd": "drop",
    "default_common": "MH",
}
METAFOR = {
    **REVMAN5,
    "rd_cc": "both",
    "peto_cc": "both",
    "double_zero": "keep",
    "all_events": "keep",
    "mh_cc": 0.0,
    "mh_cc_when": "none",
    "mh_rd_variance": "sato",
    "dl_q_centre": "iv",
    "i2": "tau2",
    "smd_bias": "exact",
    "smd_variance": "ls",
    "zero_sd": "keep",
    "default_common": "IV",
}

# BCG vaccine against tuberculosis (Colditz et al. 1994): cases, persons; vaccinated, control.
BCG = [
    (4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867),
    (33, 5069, 47, 5808), (180, 1541, 372, 1451), (8, 2545, 10, 629), (505, 88391, 499, 88391),
    (29, 7499, 45, 7277), (17, 1716, 65, 1665), (186, 50634, 141, 27338), (5, 2498, 3, 2341),
    (27, 16913, 29, 17854),
]  # fmt: skip

# Aspirin after myocardial infarction (Fleiss 1993): deaths, patients; aspirin, placebo.
FLEISS = [
    (49, 615, 67, 624), (44, 758, 64, 771), (102, 832, 126, 850), (32, 317, 38, 309),
    (85, 810, 52, 406), (246, 2267, 219, 2257), (1570, 8587, 1720, 8600),
]  # fmt: skip

# CLASP and other trials of aspirin in pre-eclampsia (DerSimonian & Kacker 2007).
CLASP = [
    (5, 156, 8, 74), (5, 303, 17, 303), (12, 565, 9, 477), (69, 1570, 94, 1565),
    (9, 103, 11, 105), (313, 4659, 352, 4650),
]  # fmt: skip

# Tacrolimus in children with refractory nephrotic syndrome: remission by comparator.
REMISSION = {
    "Mycophenolate mofetil": [(23, 31, 12, 29)],
    "Cyclophosphamide": [(38, 63, 12, 61)],
    "Ciclosporin A": [(10, 21, 11, 20), (22, 26, 3, 8)],
}
NEPHROTOXICITY = [(8, 21, 12, 20), (13, 26, 8, 8)]
HYPERTRICHOSIS = [(0, 21, 19, 20), (0, 26, 8, 8)]


def bcg(measure, method, rules):
    return pooling.pool("two-by-two", BCG, measure, method, rules, 0.95)


# metafor 3.8.1, for RD with Greenland-Robins variance R's meta and Stata's metan.
@pytest.mark.parametrize(
    ("measure", "method", "rules", "estimate", "se", "q"),
    [
        ("OR", "MH", METAFOR, -0.4734109884, 0.0410077784, 163.9425796),
        ("RR", "MH", METAFOR, -0.4537096047, 0.0393373669, 152.5675536),
        ("RD", "MH", METAFOR, -0.003288181833, 0.0002866567, None),
        ("RD", "MH", REVMAN5, -0.003288181833, 0.0002845159, None),
        ("PETO", "Peto", METAFOR, -0.4744463109, 0.0406590807, 167.7301675),
        ("RR", "IV", METAFOR, -0.4302851637, 0.0404987517, 152.2330081),
    ],
)
def test_common_effect(measure, method, rules, estimate, se, q):
    pooled = bcg(measure, method, rules)
    assert pooled.estimate == pytest.approx(estimate, abs=1e-10)
    assert pooled.se == pytest.approx(se, abs=1e-10)
    if q is not None:
        assert pooled.q == pytest.approx(q, abs=1e-7)


# metafor 3.8.1 (Q about the IV mean), R's meta 8.4-0 (about the MH mean).
@pytest.mark.parametrize(
    ("measure", "rules", "tau2", "estimate"),
    [
        ("OR", METAFOR, 0.3663434067, None),
        ("OR", REVMAN5, 0.3682280519, -0.7475280793),
        ("RR", METAFOR, 0.3087602629, -0.7141172221),
        ("RR", REVMAN5, 0.3094968538, -0.7141861196),
    ],
)
def test_der_simonian_laird(measure, rules, tau2, estimate):
    pooled = bcg(measure, "DL", rules)
    assert pooled.tau2 == pytest.approx(tau2, abs=1e-10)
    if estimate is not None:
        assert pooled.estimate == pytest.approx(estimate, abs=1e-10)


def test_interval_p_and_i2():
    """metafor 3.8.1: BCG, RR, DL."""
    pooled = bcg("RR", "DL", METAFOR)
    assert pooled.ci_low == pytest.approx(-1.0644452800840507, abs=1e-13)
    assert pooled.ci_high == pytest.approx(-0.3637891640624032, abs=1e-13)
    assert pooled.statistic == pytest.approx(-3.9952381888865807, abs=1e-13)
    assert pooled.p_value == pytest.approx(6.462924304703998e-05, rel=1e-12)
    assert pooled.q_p == pytest.approx(1.9967645908459738e-26, rel=1e-12)
    assert pooled.i2 == pytest.approx(92.11734685456206, abs=1e-11)
    assert pooled.h2 == pytest.approx(12.68608400686444, abs=1e-12)
    assert sum(pooled.weights) == pytest.approx(100)


def test_clasp():
    """DerSimonian & Kacker 2007, pp. 111-112 (they print tau)."""
    pooled = pooling.pool("two-by-two", CLASP, "OR", "DL", METAFOR, 0.95)
    printed = (math.sqrt(pooled.tau2), pooled.estimate, pooled.se)
    assert tuple(round(x, 4) for x in printed) == (0.2323, -0.3240, 0.1540)


def test_revman_fleiss():
    """As RevMan 5.0.23 stored it in Fleiss1993.rm5 of R's meta."""
    pooled = pooling.pool("two-by-two", FLEISS, "OR", "MH", REVMAN5, 0.95)
    assert math.exp(pooled.estimate) == pytest.approx(0.8968655609130709, abs=1e-14)
    assert math.exp(pooled.ci_low) == pytest.approx(0.8405144008917793, abs=1e-14)
    assert math.exp(pooled.ci_high) == pytest.approx(0.9569947088336491, abs=1e-14)
    assert pooled.q == pytest.approx(9.946055983220074, abs=1e-12)
    assert pooled.i2 == pytest.approx(39.67458, abs=1e-5)
    assert -pooled.statistic == pytest.approx(3.287633061, abs=1e-9)


# Bias, its standard error, P, slope: R's meta for the OR score, Stata's metabias for the RR score.
@pytest.mark.parametrize(
    ("score", "bias", "se", "p", "slope"),
    [
        ("or", -2.092991541, 1.665765442, 0.234972, -0.2308426232),
        ("rr", -1.837177841, 1.610959208, 0.278331, None),
    ],
)
def test_harbord(score, bias, se, p, slope):
    test = small_study.harbord(BCG, score)
    assert test.bias == pytest.approx(bias, abs=1e-9)
    assert test.se == pytest.approx(se, abs=1e-9)
    assert test.p_value == pytest.approx(p, abs=1e-6)
    if slope is not None:
        assert test.slope == pytest.approx(slope, abs=1e-10)


def test_egger():
    """metafor 3.8.1: regtest(model="lm") of the BCG arcsine differences."""
    test = small_study.egger(two_by_two.study_effects(BCG, "AS", METAFOR))
    assert test.statistic == pytest.approx(-2.711967066631911, abs=1e-11)
    assert test.p_value == pytest.approx(0.02021967797174278, abs=1e-12)
    assert test.bias == pytest.approx(-4.21271638338595, abs=1e-11)
    assert test.slope == pytest.approx(0.0068778205435524676, abs=1e-13)


# As the paper prints them: effect, interval, P.
@pytest.mark.parametrize(
    ("studies", "measure", "method", "printed"),
    [
        (REMISSION["Mycophenolate mofetil"], "RR", "auto", ("1.79", "1.11", "2.90", "0.02")),
        (REMISSION["Ciclosporin A"], "RR", "DL", ("1.31", "0.51", "3.40", "0.57")),
        (NEPHROTOXICITY, "OR", "MH", ("0.25", "0.08", "0.74", "0.01")),
    ],
)
def test_tacrolimus(studies, measure, method, printed):
    pooled = pooling.pool("two-by-two", studies, measure, method, REVMAN5, 0.95)
    natural = (math.exp(x) for x in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    assert tuple(f"{x:.2f}" for x in (*natural, pooled.p_value)) == printed


def test_the_paper_chose_by_heterogeneity():
    chosen = {
        name: pooling.pool("two-by-two", studies, "RR", "auto", REVMAN5, 0.95).model
        for name, studies in REMISSION.items()
    }
    assert chosen == {
        "Mycophenolate mofetil": "common",
        "Cyclophosphamide": "common",
        "Ciclosporin A": "random",
    }


def test_no_continuity_correction_no_hypertrichosis():
    rules = {**REVMAN5, "mh_cc_when": "none"}
    pooled = pooling.pool("two-by-two", HYPERTRICHOSIS, "OR", "MH", rules, 0.95)
    assert pooled.status == "NOT_ESTIMABLE"


@pytest.mark.parametrize(("method", "q", "p"), [("MH", 5.534, 0.0628), ("DL", 3.195, 0.2024)])
def test_subgroups(method, q, p):
    """Reproduced outside metapool from the tacrolimus remission tables."""
    groups = [
        pooling.pool("two-by-two", studies, "RR", method, REVMAN5, 0.95)
        for studies in REMISSION.values()
    ]
    test = subgroup_test(groups)
    assert (round(test.q, 3), test.df, round(test.p_value, 4)) == (q, 2, p)


def test_hedges_factor():
    """Against the textbook gamma functions, where lgamma still has its digits."""
    for m in (2, 3, 7, 40, 101):
        textbook = math.exp(math.lgamma(m / 2) - math.lgamma((m - 1) / 2)) / math.sqrt(m / 2)
        square = two_means.hedges_factor_squared(two_means.Fraction(m), "exact")
        assert math.sqrt(square) == pytest.approx(textbook, rel=1e-13)


def test_smd_variances_in_large_samples():
    """With N = 2e9 all variances tend to 1/n1 + 1/n2 + d^2/(2N) (Hedges 1981)."""
    n = 10**9
    arms = (1.0, 1.0, n, 0.0, 1.0, n)
    for variance in ("revman", "ls", "ub", "ls2"):
        rules = {**METAFOR, "smd_variance": variance}
        v = float(two_means.effect(arms, "SMD", rules).v)
        assert v == pytest.approx(2 / n + 1 / (4 * n), rel=1e-8)


def test_the_oracle_is_independent():
    for path in Path(__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text())
        imported = {
            name if name == "golden.shared" else name.split(".")[0]  # where the data are
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and node.level == 0
                else []
            )
        }
        allowed = {
            "ast",
            "collections",
            "csv",
            "dataclasses",
            "fractions",
            "functools",
            "itertools",
            "json",
            "math",
            "mpmath",
            "pathlib",
            "statistics",
            "typing",
        }
        assert imported <= allowed | {"golden.shared", "pytest", "scipy"}, path.name

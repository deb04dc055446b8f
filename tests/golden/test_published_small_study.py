"""Printed figures of small-study tests: the magnesium trials (Egger, Davey Smith & Altman 2001, by
metafor's tests), the BCG trials (R, Stata's metabias, meta)."""

import pytest

import metapool as mp

from .metafor import units

BCG = mp.examples.bcg()
METAFOR = mp.METAFOR


def magnesium() -> mp.TwoByTwo:
    return next(unit for unit in units() if unit.name == "egger2001").studies


@pytest.mark.parametrize(
    ("test", "field", "printed", "half"),
    [
        (lambda: mp.small_study_test(magnesium(), "thompson-sharp", "OR", conventions=METAFOR),
         "statistic", -4.6686, 5e-5),
        (lambda: mp.small_study_test(magnesium(), "begg", "OR", conventions=METAFOR),
         "slope", 0.15, 5e-3),
        (lambda: mp.small_study_test(magnesium(), "begg", "OR", conventions=METAFOR),
         "p_value", 0.4503, 5e-5),
        (lambda: mp.small_study_test(BCG), "bias", -2.092991541, 5e-10),
        (lambda: mp.small_study_test(BCG), "se", 1.665765442, 5e-10),
        (lambda: mp.small_study_test(BCG), "statistic", -1.256474, 5e-7),
        (lambda: mp.small_study_test(BCG), "p_value", 0.234972, 5e-7),
        (lambda: mp.small_study_test(BCG), "slope", -0.2308426232, 5e-11),
        (lambda: mp.small_study_test(BCG, score="rr"), "bias", -1.837177841, 5e-10),
        (lambda: mp.small_study_test(BCG, score="rr"), "se", 1.610959208, 5e-10),
        (lambda: mp.small_study_test(BCG, score="rr"), "p_value", 0.278331, 5e-7),
        (lambda: mp.small_study_test(BCG, score="rr-meta"), "bias", -1.690017564, 5e-10),
        (lambda: mp.small_study_test(BCG, score="rr-meta"), "se", 1.615098988, 5e-10),
        (lambda: mp.small_study_test(BCG, score="rr-meta"), "p_value", 0.317832, 5e-7),
        (lambda: mp.small_study_test(BCG, "peters"), "bias", -563.6882, 5e-5),
        (lambda: mp.small_study_test(BCG, "peters"), "se", 413.7233, 5e-5),
        (lambda: mp.small_study_test(BCG, "macaskill"), "bias", 6.12987e-6, 5e-12),
        (lambda: mp.small_study_test(BCG, "macaskill-iv"), "bias", 5.72378e-6, 5e-12),
        (lambda: mp.fail_safe_n(BCG, "RR"), "rosenthal", 598, 0),
        (lambda: mp.fail_safe_n(BCG, "RR"), "orwin", 13, 0),
        (lambda: mp.fail_safe_n(BCG, "RR"), "rosenberg", 370, 0),
    ],
)  # fmt: skip
def test_printed(test, field, printed, half):
    assert abs(getattr(test(), field) - printed) <= half * (1 + 1e-9)

"""What the tacrolimus paper prints (searches to August 2017; RevMan 5.3 and Stata 14)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Printed:
    """A printed pooled effect: outcome, measure, estimate, interval and P as text."""

    outcome: str
    measure: str
    estimate: str
    ci_low: str
    ci_high: str
    p: str


REMISSION = (
    Printed("Mycophenolate mofetil", "RR", "1.79", "1.11", "2.90", "0.02"),
    Printed("Cyclophosphamide", "RR", "3.07", "1.78", "5.29", "<0.0001"),
    Printed("Ciclosporin A", "RR", "1.31", "0.51", "3.40", "0.57"),
)
NEPHROTOXICITY = Printed("Nephrotoxicity", "OR", "0.25", "0.08", "0.74", "0.01")
HYPERTRICHOSIS = Printed("Hypertrichosis", "OR", "0.00", "0.00", "0.02", "<0.00001")

#: Harbord's test of remission (figure 6B): t and P.
HARBORD = ("-0.27", "0.809")

#: Means before and after treatment, whose raw data are published nowhere.
SELF_CONTROLLED = (
    Printed("Urine protein to creatinine ratio", "MD", "-5.78", "-8.00", "-3.55", "<0.00001"),
    Printed("Serum albumin", "MD", "0.96", "-0.14", "2.07", "0.09"),
    Printed("Glomerular filtration rate", "MD", "-8.95", "-29.92", "12.01", "0.40"),
)
#: The test of the self-controlled studies (figure 6A), of four studies: t and P.
SELF_CONTROLLED_TEST = ("0.37", "0.745")
#: Records found, duplicates, records screened out, studies included.
FLOW = ((49, 99, 16), 65, 91, 8)
#: The trials whose risk of bias figure 3 judges.
RISK_OF_BIAS_TRIALS = ("Sinha 2017", "Gulati 2012", "Choudhry 2009")

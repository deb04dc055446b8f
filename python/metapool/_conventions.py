"""The rules on which RevMan, metafor and the others differ, each by name."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from metapool import _types as t
from metapool._errors import InputError, choose


def as_conventions(conventions: Conventions) -> Conventions:
    """Return `conventions` if it is that; otherwise say what is."""
    if not isinstance(conventions, Conventions):
        raise InputError(f"conventions must be mp.REVMAN5 or its like, not {conventions!r}")
    return conventions


@dataclass(frozen=True, kw_only=True, repr=False)
class Conventions:
    """The rules on which meta-analysis systems differ.

    Constants carry the names of systems whose own stored results prove them: :data:`REVMAN5`, the
    default everywhere, :data:`REVMAN_WEB`, :data:`METAFOR` and :data:`META`.

    Parameters
    ----------
    study_cc : float
        Continuity correction added to the cells of a two-by-two table before its effect is taken.
    study_cc_when : {"only0", "if0all", "all", "none"}
        Correct the studies with a zero cell; all studies of an analysis in which any study has
        one; all studies; none.
    study_cc_kind : {"constant", "treatment-arm", "empirical"}
        ``study_cc`` in each cell; shares of ``2 * study_cc`` in proportion to the size of the
        cell's own arm; shares that bring the odds ratio of a study without events near that of the
        studies without a zero cell, by Mantel-Haenszel (Sweeting, Sutton & Lambert 2004).
        Empirical corrects nothing, and the study is not included, where every study has a zero
        cell.
    rd_cc : {"variance", "weights", "both", "none"}
        What a correction touches for the risk difference: its study variance only; also the weights
        and the variance of Mantel-Haenszel, not the estimates that it weighs; study estimate and
        all Mantel-Haenszel sums too; nothing.
    rr_cc : {"all-cells", "events"}
        What a study correction touches for a study's risk ratio: all four cells, so that an arm of
        n people becomes one of n + 2 ``study_cc``; events only, so that it becomes one of n +
        ``study_cc``.
    peto_cc : {"none", "both"}
        Whether the study correction touches a study's Peto estimate. Pooling by ``"Peto"``
        always uses the raw counts.
    double_zero : {"drop", "keep"}
        OR, RR: a study without events in either arm drops out, or stays (corrected).
    all_events : {"keep", "keep-rr", "drop", "unit"}
        OR, RR: a study in which everyone had an event stays (corrected); stays for RR and drops
        out for OR, as in R's meta; drops out; or counts as a risk ratio of exactly 1 (and no odds
        ratio), as in RevMan 5.
        The Q of method MH leaves out a study that is merely kept, by this rule or the one before,
        or for the risk difference with ``rd_cc="both"``.
    mh_cc, mh_cc_when, mh_cc_kind
        The same for the cells that enter Mantel-Haenszel sums of OR and RR, and of the risk
        difference if ``rd_cc`` is "both" or "weights"; otherwise it pools raw counts.
    mh_rd_variance : {"greenland-robins", "sato"}
        Variance of the Mantel-Haenszel risk difference.
    dl_q_centre : {"mh", "iv"}
        Two-by-two tables (OR, RR, RD): the mean about which DerSimonian and Laird's Q is taken.
    i2 : {"q", "tau2", "q-for-dl"}
        I2 of a random-effects analysis from Q, or from tau2 and the typical within-study variance;
        or from Q for DerSimonian-Laird and from tau2 for other estimators.
    smd_bias : {"approx", "exact"}
        Hedges' small-sample factor: 1 - 3/(4m - 1), or by gamma functions.
    smd_variance : {"revman", "ls", "ub", "ls2"}
        Variance of the standardised mean difference.
    zero_sd : {"drop", "keep"}
        A study with a standard deviation of 0 in either arm drops out, or stays if its variance is
        positive all the same.
    default_common, default_random, default_interval, default_prediction
        What verbs use when they are not told; the intervals are those of random effects.

    Examples
    --------
    >>> import metapool as mp
    >>> mp.REVMAN5.dl_q_centre
    'mh'
    >>> mp.REVMAN5.replace(dl_q_centre="iv").dl_q_centre
    'iv'
    """

    study_cc: float = 0.5
    study_cc_when: t.CorrectWhen = "only0"
    study_cc_kind: t.CorrectKind = "constant"
    rd_cc: t.RdCorrection = "variance"
    rr_cc: t.RrCorrection = "all-cells"
    peto_cc: t.PetoCorrection = "none"
    double_zero: t.DoubleZero = "drop"
    all_events: t.AllEvents = "unit"
    mh_cc: float = 0.5
    mh_cc_when: t.CorrectWhen = "only0"
    mh_cc_kind: t.CorrectKind = "constant"
    mh_rd_variance: t.MhRdVariance = "greenland-robins"
    dl_q_centre: t.QCentre = "mh"
    i2: t.I2Definition = "q"
    smd_bias: t.SmdBias = "approx"
    smd_variance: t.SmdVariance = "revman"
    zero_sd: t.ZeroSd = "drop"
    default_common: t.CommonMethod = "MH"
    default_random: t.RandomMethod = "DL"
    default_interval: t.Interval = "wald"
    default_prediction: t.Prediction = "none"

    def __post_init__(self) -> None:
        for name, literal in _CHOICES.items():
            choose(name, getattr(self, name), literal)
        if self.default_random == "preset":
            raise InputError('default_random cannot be "preset": its tau2 belongs to an analysis')
        for name in ("study_cc", "mh_cc"):
            value = getattr(self, name)
            if not (isinstance(value, (int, float)) and math.isfinite(value) and value >= 0):
                raise InputError(f"{name} must be a finite number >= 0, not {value!r}")

    def __repr__(self) -> str:
        """The nearer of the named constants, and what differs from it."""
        named = {"REVMAN5": REVMAN5, "REVMAN_WEB": REVMAN_WEB, "METAFOR": METAFOR, "META": META}
        changes = {name: self._changes(rules) for name, rules in named.items()}
        name = min(changes, key=lambda name: len(changes[name]))
        words = ", ".join(f"{field}={value!r}" for field, value in changes[name].items())
        return f"{name}.replace({words})" if words else name

    def _changes(self, base: Conventions) -> dict[str, Any]:
        mine, its = dataclasses.asdict(self), dataclasses.asdict(base)
        return {name: value for name, value in mine.items() if value != its[name]}

    def replace(self, **changes: Any) -> Conventions:
        """A copy with some rules changed.

        Raises
        ------
        InputError
            For an unknown rule or value.
        """
        unknown = changes.keys() - {f.name for f in dataclasses.fields(self)}
        if unknown:
            raise InputError(f"unknown convention {sorted(unknown)[0]!r}")
        return dataclasses.replace(self, **changes)


_CHOICES = {
    "study_cc_when": t.CorrectWhen,
    "study_cc_kind": t.CorrectKind,
    "rd_cc": t.RdCorrection,
    "rr_cc": t.RrCorrection,
    "peto_cc": t.PetoCorrection,
    "double_zero": t.DoubleZero,
    "all_events": t.AllEvents,
    "mh_cc_when": t.CorrectWhen,
    "mh_cc_kind": t.CorrectKind,
    "mh_rd_variance": t.MhRdVariance,
    "dl_q_centre": t.QCentre,
    "i2": t.I2Definition,
    "smd_bias": t.SmdBias,
    "smd_variance": t.SmdVariance,
    "zero_sd": t.ZeroSd,
    "default_common": t.CommonMethod,
    "default_random": t.RandomMethod,
    "default_interval": t.Interval,
    "default_prediction": t.Prediction,
}

#: Review Manager 5 (checked against RevMan 5.0 to 5.4 results stored in Cochrane reviews).
REVMAN5 = Conventions()

#: RevMan Web (checked against its results, with REML, stored in a Cochrane review of 2025).
REVMAN_WEB = REVMAN5.replace(i2="q-for-dl", default_random="REML")

#: R's metafor (checked against version 3.8.1).
METAFOR = Conventions(
    rd_cc="both",
    peto_cc="both",
    double_zero="keep",
    all_events="keep",
    mh_cc=0.0,
    mh_cc_when="none",
    mh_rd_variance="sato",
    dl_q_centre="iv",
    i2="tau2",
    smd_bias="exact",
    smd_variance="ls",
    zero_sd="keep",
    default_common="IV",
    default_random="REML",
    default_prediction="same-as-ci",
)

#: R's meta (checked against results of versions 4.11 to 8.5; ``zero_sd`` is not).
META = REVMAN5.replace(
    rd_cc="weights",
    rr_cc="events",
    all_events="keep-rr",
    smd_bias="exact",
    smd_variance="ub",
    default_random="REML",
)

"""Advice that comes with results: a code and a text; in a batch, sets of codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metapool._types import IntArray, NoteCode

_TEXTS = {
    NoteCode.WALD_FEW_STUDIES: "random effects with fewer than five studies: the normal interval "
    'is too narrow; from three studies on, interval="hk" is made for it',
    NoteCode.HK_NARROW: "the Hartung-Knapp interval is narrower than the normal one, as the "
    'effects vary less than chance would have them; "hk-adhoc" and "hk-zovert" cannot be',
    NoteCode.HK_TWO_STUDIES: "Hartung-Knapp with two studies has one degree of freedom: hardly "
    "anything is excluded by its interval, unless the two effects happen to agree",
    NoteCode.PREDICTION_FEW_STUDIES: "a prediction interval needs three studies: tau2 is as good "
    "as unknown",
    NoteCode.AUTO_MODEL: "the data chose the model; interval and P take no account of that",
    NoteCode.PETO_LARGE_EFFECT: "Peto's method is biased where the odds ratio is far from 1 "
    "(here |ln OR| > 1)",
    NoteCode.PETO_UNBALANCED: "Peto's method is biased where arms differ in size (here by more "
    "than 2 to 1)",
    NoteCode.MANY_ZERO_CELLS: "a third of the studies or more have a zero cell: try other "
    "continuity corrections",
    NoteCode.PREDICTION_NARROW: "the prediction interval is narrower than the confidence interval, "
    'which has another standard error; "hk" and "hk-pr" have that of interval="hk"',
    NoteCode.SAME_LABEL: "a study label occurs twice: see that nobody is counted twice",
    NoteCode.BOOTSTRAP_FEW_STUDIES: "fewer than ten studies, or in a subgroup: bootstrap intervals "
    "of means, their differences and prediction limits are too narrow",
    NoteCode.FEW_RESAMPLES: "fewer than 25 resamples lie beyond each limit: take more of them",
    NoteCode.DEGENERATE_RESAMPLES: "some resamples do not have the statistic; the rule degenerate= "
    "says what they count as",
    NoteCode.P_MIN_ABOVE_5_PERCENT: "no P of 0.05 or less is possible with so few arrangements, "
    "whatever the data show",
    NoteCode.BOOTSTRAP_HETEROGENEITY: "a study that is drawn twice agrees with itself: where "
    "studies differ, tau2, I2 and H2 of resamples of studies come out too small, and intervals of "
    'them too rarely hold the truth; scheme="parametric" and Q-profile intervals do more often',
    NoteCode.BOOTSTRAP_OF_NO_BIAS: "the fitted model has no small-study effect: this is what bias "
    "would be found if there were none, not how far the bias that was found may be from the truth",
    NoteCode.SMALL_STUDY_FEW_STUDIES: "fewer than ten studies: too few to tell small-study effects "
    "from chance (Sterne et al. 2011)",
    NoteCode.FAIL_SAFE_N_OBSOLETE: "fail-safe N is obsolete: it takes missing studies to show no "
    "effect on average, ignores heterogeneity, and its three forms answer different questions "
    "(Becker 2005); give a funnel plot and a test of small-study effects instead",
}


@dataclass(frozen=True)
class Note:
    """One piece of advice.

    Attributes
    ----------
    code : NoteCode
    text : str
    """

    code: NoteCode
    text: str


def notes(codes: Iterable[int]) -> tuple[Note, ...]:
    """The notes of any of these sets of codes, each once."""
    flags = NoteCode(0)
    for code in codes:
        flags |= NoteCode(code)
    return tuple(Note(code, _TEXTS[code]) for code in NoteCode if code in flags)


def plain_notes(found: tuple[Note, ...] | IntArray) -> list[dict[str, str]] | list[int]:
    """Notes, or the flags of a batch, as JSON can hold them."""
    if isinstance(found, tuple):
        return [{"code": str(note.code.name), "text": note.text} for note in found]
    return [int(flags) for flags in found]

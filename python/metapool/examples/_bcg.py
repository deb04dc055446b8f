"""BCG vaccine against tuberculosis."""

from __future__ import annotations

from metapool._two_by_two import TwoByTwo

_TRIALS = (
    # trial, tuberculosis and size of the vaccinated arm, then of the control arm
    ("Aronson 1948", 4, 123, 11, 139),
    ("Ferguson & Simes 1949", 6, 306, 29, 303),
    ("Rosenthal et al 1960", 3, 231, 11, 220),
    ("Hart & Sutherland 1977", 62, 13598, 248, 12867),
    ("Frimodt-Moller et al 1973", 33, 5069, 47, 5808),
    ("Stein & Aronson 1953", 180, 1541, 372, 1451),
    ("Vandiviere et al 1973", 8, 2545, 10, 629),
    ("TPT Madras 1980", 505, 88391, 499, 88391),
    ("Coetzee & Berjak 1968", 29, 7499, 45, 7277),
    ("Rosenthal et al 1961", 17, 1716, 65, 1665),
    ("Comstock et al 1974", 186, 50634, 141, 27338),
    ("Comstock & Webster 1969", 5, 2498, 3, 2341),
    ("Comstock et al 1976", 27, 16913, 29, 17854),
)


def bcg() -> TwoByTwo[float]:
    """Thirteen trials of BCG vaccine against tuberculosis (Colditz et al., JAMA 1994;271:698).

    Returns
    -------
    TwoByTwo
        Experimental arm: vaccinated.

    Examples
    --------
    >>> import metapool as mp
    >>> len(mp.examples.bcg())
    13
    """
    study, events_e, n_e, events_c, n_c = zip(*_TRIALS, strict=True)
    return TwoByTwo(events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c, study=study)

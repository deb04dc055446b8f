"""Tacrolimus in children with refractory nephrotic syndrome: the paper metapool began with.

The paper prints pooled results; its counts are images. Sinha 2017, and Choudhry 2009 in all three
outcomes, are printed in other reports of the trials; the others are the only whole numbers that
give the printed results (Wang 2012 in hypertrichosis: 1/26 prints the same).
"""

from __future__ import annotations

from metapool._two_by_two import TwoByTwo


def remission() -> TwoByTwo[float]:
    """Remission, by comparator (the paper's figure 4).

    Examples
    --------
    >>> import metapool as mp
    >>> mp.examples.remission().subgroup[0]
    'Mycophenolate mofetil'
    """
    return TwoByTwo(
        study=["Sinha 2017", "Gulati 2012", "Choudhry 2009", "Wang 2012"],
        subgroup=["Mycophenolate mofetil", "Cyclophosphamide", "Ciclosporin A", "Ciclosporin A"],
        events_e=[23, 38, 10, 22],
        n_e=[31, 63, 21, 26],
        events_c=[12, 12, 11, 3],
        n_c=[29, 61, 20, 8],
    )


def nephrotoxicity() -> TwoByTwo[float]:
    """Nephrotoxicity against ciclosporin A.

    Examples
    --------
    >>> import metapool as mp
    >>> len(mp.examples.nephrotoxicity())
    2
    """
    return TwoByTwo(
        study=["Choudhry 2009", "Wang 2012"],
        events_e=[8, 13],
        n_e=[21, 26],
        events_c=[12, 8],
        n_c=[20, 8],
    )


def hypertrichosis() -> TwoByTwo[float]:
    """Hypertrichosis against ciclosporin A.

    Examples
    --------
    >>> import metapool as mp
    >>> len(mp.examples.hypertrichosis())
    2
    """
    return TwoByTwo(
        study=["Choudhry 2009", "Wang 2012"],
        events_e=[0, 0],
        n_e=[21, 26],
        events_c=[19, 8],
        n_c=[20, 8],
    )

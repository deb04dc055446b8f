"""A million studies against what they should be distributed as.

The seed is fixed, so that a pass stays a pass; with another, a correct sampler would fail each
comparison once in 10,000.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

import metapool as mp
from metapool.simulate import DataModel

Array = np.ndarray[Any, np.dtype[Any]]

SEED = 20261126
K, REPLICATES = 10, 100_000
STUDIES = K * REPLICATES

#: P of a comparison, and the z that has it in two tails.
LEAST = 1e-4
Z = float(stats.norm.isf(LEAST / 2))


def drawn(data: DataModel, scenario: int = 0) -> Any:
    """The studies of a scenario; each scenario has its own stream."""
    analyses = [mp.Analysis(data.kind.measures[0], "IV")]
    study = mp.Simulation(data=data, analyses=analyses, replicates=1, seed=SEED)
    return study.generate(scenario, 0, REPLICATES)


def check_fit(sample: Array, cdf: Callable[[Any], Any]) -> None:
    """Kolmogorov-Smirnov."""
    p = stats.kstest(sample, cdf, method="asymp").pvalue
    assert p > LEAST, p


def check_moments(sample: Array, law: Any) -> None:
    """Mean and variance, in standard errors: sd/√N and √((kurtosis + 2)/N) variances."""
    mean, variance, kurtosis = (float(x) for x in law.stats("mvk"))
    off = (sample.mean() - mean) / np.sqrt(variance / sample.size)
    assert abs(off) < Z, off
    off = (sample.var() / variance - 1) / np.sqrt((kurtosis + 2) / sample.size)
    assert abs(off) < Z, off


def check_continuous(sample: Array, law: Any) -> None:
    check_fit(sample, law.cdf)
    check_moments(sample, law)


def check_whole(counts: Array, law: Any) -> None:
    """Chi-square, in bins as narrow as a whole number or a hundredth of the range, and moments.

    A tail has 10 or more of a million counts, the bins beside it about 4.
    """
    assert (counts % 1 == 0).all()
    low, high = law.ppf([1e-5, 1 - 1e-5])
    edges = np.arange(low, high, np.ceil((high - low) / 100))  # the upper ends of the bins
    observed = np.bincount(np.searchsorted(edges, counts), minlength=edges.size + 1)
    shares = np.diff(law.cdf(edges), prepend=0, append=1)
    p = stats.chisquare(observed, counts.size * shares).pvalue
    assert p > LEAST, p
    check_moments(counts, law)


def check_shares(sample: Array, values: list[float]) -> None:
    """All values of a list equally likely: one that it has twice, twice as much."""
    found, observed = np.unique(sample, return_counts=True)
    expected_values, times = np.unique(values, return_counts=True)
    assert found.tolist() == expected_values.tolist()
    p = stats.chisquare(observed, sample.size * times / len(values)).pvalue
    assert p > LEAST, p


def check_alike(sample: Array, other: Array) -> None:
    """Two samples from the same continuous distribution: Kolmogorov-Smirnov."""
    p = stats.ks_2samp(sample, other, method="asymp").pvalue
    assert p > LEAST, p


def check_whole_alike(counts: Array, other: Array) -> None:
    """Two samples of whole numbers from the same distribution: chi-square, the rarest together."""
    low, high = (int(np.quantile(other, share)) for share in (1e-5, 1 - 1e-5))
    both = [np.clip(sample, low, high).astype(int) for sample in (counts, other)]
    table = np.array([np.bincount(sample, minlength=high + 1) for sample in both])
    p = stats.chi2_contingency(table[:, table.sum(axis=0) > 0]).pvalue
    assert p > LEAST, p


def check_uncorrelated(*columns: Array) -> None:
    """No column with another; the P of one of so many pairs is less by their number."""
    correlations = np.corrcoef(columns)[np.triu_indices(len(columns), 1)]
    p = 2 * stats.norm.sf(np.abs(correlations) * np.sqrt(columns[0].size))
    assert p.min() > LEAST / p.size, p.min()

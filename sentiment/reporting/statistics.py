"""Which differences between counts can be told from chance, and how large one must be to be seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sentiment.measuring import Interval, wilson_interval

LEVEL: Final = 0.05
"""False alarms: at most this share of what is called a difference is none."""

LEAST_REVIEWS: Final = 30
"""Fewer reviews are too few to judge. Own choice: the interval of a share is then up to 34 points wide."""

POWER: Final = 0.8
"""How often `find_least_rise` promises that a difference is found (Cohen 1988)."""

_LEAST_EXPECTED: Final = 5
"""Below this, chi-square no longer is the law of the statistic (Cochran 1954)."""
_RESAMPLES: Final = 9999


@dataclass(frozen=True)
class Difference:
    """Two sets of reviews, one beside the other.

    Attributes:
        first: Reviews of each label in the first set.
        second: The same of the second.
        p_value: That their shares are the same, raised for all comparisons that are made at once.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    p_value: float

    @property
    def is_real(self) -> bool:
        """Whether it can be told from chance."""
        return self.p_value <= LEVEL

    def shares(self, label: int) -> tuple[float, float]:
        """Give the share of a label in each set."""
        return self.first[label] / sum(self.first), self.second[label] / sum(self.second)

    @property
    def most_moved(self) -> int:
        """Position of the label whose share differs most."""
        shares = map(self.shares, range(len(self.first)))
        moves = [round(abs(second - first), 9) for first, second in shares]  # equal moves: the first label
        return moves.index(max(moves))

    @property
    def largest_rise(self) -> tuple[float, Interval]:
        """Rise of the share that differs most, below 0 for a fall, and its 95 % interval.

        The interval is the hybrid score one (Newcombe 1998, method 10).
        """
        label = self.most_moved
        before, after = self.shares(label)
        first, second = (wilson_interval(counts[label], sum(counts)) for counts in (self.first, self.second))
        rise = after - before
        return rise, Interval(
            rise - math.hypot(after - second.low, first.high - before),
            rise + math.hypot(second.high - after, before - first.low),
        )


def find_differences(pairs: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> list[Difference]:
    """Compare the sets of each pair (neither empty), all pairs together under control."""
    p_values = adjust_for_many([compare_counts(*pair) for pair in pairs])
    return [Difference(*pair, p_value) for pair, p_value in zip(pairs, p_values, strict=True)]


def compare_counts(first: Sequence[int], second: Sequence[int]) -> float:
    """Give the p-value of Pearson's chi-square test that two sets of reviews have the same shares.

    Where fewer than five reviews are expected in a cell, the law of the statistic is that of 9,999 random
    tables with the same margins (scipy.stats.chi2_contingency with MonteCarloMethod), of a fixed seed.

    Args:
        first: Reviews of each label in one set.
        second: The same of the other.

    Returns:
        The probability of a difference at least as large, were there none; 1 where nothing can differ.
    """
    from scipy.stats import MonteCarloMethod, chi2_contingency
    from scipy.stats.contingency import expected_freq

    table = np.array([first, second])
    table = table[:, table.any(axis=0)]
    if table.shape[1] < 2 or not table.any(axis=1).all():
        return 1.0
    method = None
    if expected_freq(table).min() < _LEAST_EXPECTED:
        method = MonteCarloMethod(n_resamples=_RESAMPLES, rng=np.random.default_rng(0))
    return float(chi2_contingency(table, correction=False, method=method).pvalue)


def adjust_for_many(p_values: Sequence[float]) -> list[float]:
    """Raise p-values so that, of those that stay below a level, at most that share is false.

    Benjamini & Hochberg 1995, by scipy.stats.false_discovery_control.
    """
    from scipy.stats import false_discovery_control

    return [float(value) for value in false_discovery_control(p_values)] if p_values else []


def find_least_rise(counts: Sequence[int], reviews: int, tests: int) -> float | None:
    """Give the smallest rise of the first label's share that is found four times in five.

    The rise is from one set of `reviews` to another of as many, the other labels giving way in proportion,
    and is tested beside others in which nothing changes: the worst case, in which Benjamini and Hochberg ask
    for `LEVEL / tests`. The power is that of the noncentral chi-square law (Cohen 1988, chapter 7).

    Args:
        counts: Reviews of each label, which give the shares before the rise.
        reviews: Reviews in each set.
        tests: Comparisons that are made at once.

    Returns:
        The rise as a difference of shares; None where even the largest is not found that often.
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    before = np.array([count for count in counts if count], dtype=np.float64)
    if not counts or not counts[0] or len(before) < 2 or not reviews:
        return None
    before /= before.sum()
    freedom = len(before) - 1
    critical = chi2.isf(LEVEL / max(tests, 1), freedom)

    def power(rise: float) -> float:
        after = before * (1 - before[0] - rise) / (1 - before[0])
        after[0] = before[0] + rise
        distance = reviews * ((before - after) ** 2 / (before + after)).sum()
        return float(ncx2.sf(critical, freedom, distance))

    largest = 1 - before[0]
    if power(largest) < POWER:
        return None
    return float(brentq(lambda rise: power(rise) - POWER, 0.0, largest))

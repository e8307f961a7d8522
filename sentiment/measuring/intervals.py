"""How far a figure can be trusted: intervals around it."""

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Interval(NamedTuple):
    """The bounds of an interval, both included."""

    low: float
    high: float


def bootstrap_interval(
    statistic: Callable[..., float],
    *arrays: NDArray[Any],
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Give the percentile bootstrap interval of a statistic over rows (Efron & Tibshirani 1993, chapter 13).

    The same seed and number of rows draw the same rows again, so a difference between two models on the same
    reviews is a statistic of both their arrays. One resample is held at a time.

    Args:
        statistic: Turns resampled `arrays` into a number, as the functions of `metrics` do.
        arrays: (n, ...) each; row `i` of every array is the same review.
        resamples: How often n rows are drawn with replacement.
        level: Share of the resampled values between the bounds.
        seed: Of the draws.

    Returns:
        The bounds. Resamples whose statistic is nan are left out; where all are, both bounds are nan.

    Raises:
        ValueError: There are no rows, or not as many in every array.
    """
    sizes = {len(array) for array in arrays}
    if len(sizes) != 1 or sizes == {0}:
        raise ValueError(f"bootstrap_interval: needs arrays of one length above 0, not {sorted(sizes)}.")
    rows = sizes.pop()
    draws = np.random.default_rng(seed)
    values = np.empty(resamples)
    for i in range(resamples):
        drawn = draws.integers(rows, size=rows)
        values[i] = statistic(*(array[drawn] for array in arrays))
    return percentile_interval(values, level)


def percentile_interval(values: NDArray[np.float64], level: float = 0.95) -> Interval:
    """Give the bounds that hold the middle `level` of resampled values (resamples,), nan left out.

    Both bounds are nan where every value is.
    """
    decided = values[~np.isnan(values)]
    if not len(decided):
        return Interval(math.nan, math.nan)
    low, high = np.quantile(decided, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def wilson_interval(successes: int, total: int, level: float = 0.95) -> Interval:
    """Give the Wilson score interval of a share, which holds up near 0 and 1 and for few rows (Wilson 1927).

    Raises:
        ValueError: `total` is not above 0, or `successes` is not within it.
    """
    if not 0 <= successes <= total or total == 0:
        raise ValueError(f"wilson_interval: {successes} successes of {total} are no share.")
    share = successes / total
    z = NormalDist().inv_cdf((1 + level) / 2)
    stretch = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / stretch
    reach = z * math.sqrt(share * (1 - share) / total + (z / (2 * total)) ** 2) / stretch
    return Interval(max(0.0, centre - reach), min(1.0, centre + reach))

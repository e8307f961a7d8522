"""Exact bounds of a share: what so many right ones of some reviews say of all reviews like them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.measuring.intervals import Interval

Counts = NDArray[np.integer[Any]] | NDArray[np.floating[Any]]


def exact_lower_bounds(right: Counts, total: Counts, level: float) -> NDArray[np.float64]:
    """Give one-sided lower bounds of the shares `right` of `total` (Clopper & Pearson 1934), elementwise.

    Args:
        right: How many are right, at most `total`.
        total: How many there are, at least 1.
        level: The probability that a bound lies below the true share, at least.
    """
    # Only this room's exact bounds need scipy, whose import would triple the room's.
    from scipy.special import betaincinv

    bounds = betaincinv(np.maximum(right, 1), total - right + 1, 1 - level)
    return np.where(right > 0, bounds, 0.0)


def exact_upper_bounds(right: Counts, total: Counts, level: float) -> NDArray[np.float64]:
    """Give one-sided upper bounds of the shares `right` of `total`; see `exact_lower_bounds`."""
    return 1 - exact_lower_bounds(total - right, total, level)


def exact_interval(right: int, total: int, level: float = 0.95) -> Interval:
    """Give the two-sided interval of Clopper & Pearson 1934, which covers the true share at least so often.

    Raises:
        ValueError: `total` is not above 0, or `right` is not within it.
    """
    if not 0 <= right <= total or total == 0:
        raise ValueError(f"exact_interval: {right} right ones of {total} are no share.")
    counts, side = (np.array(right), np.array(total)), (1 + level) / 2
    return Interval(float(exact_lower_bounds(*counts, side)), float(exact_upper_bounds(*counts, side)))

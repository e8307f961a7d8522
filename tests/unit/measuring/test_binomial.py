"""Exact bounds against the literature, scipy, and what they promise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from sentiment.measuring.binomial import exact_interval, exact_lower_bounds, exact_upper_bounds


def test_the_interval_of_a_published_case():
    # Newcombe 1998, table I, method 5: 81 of 263, and 0 of 20.
    assert exact_interval(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    assert exact_interval(0, 20) == pytest.approx((0.0, 0.1684), abs=5e-5)


@pytest.mark.parametrize(("right", "total"), [(0, 1), (1, 1), (3, 7), (95, 100), (100, 100)])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_bounds_are_those_of_scipy(right, total, level):
    counts = np.array(right), np.array(total)
    two_sided = binomtest(right, total).proportion_ci(level)
    lower = binomtest(right, total, alternative="greater").proportion_ci(level).low
    upper = binomtest(right, total, alternative="less").proportion_ci(level).high

    assert exact_interval(right, total, level) == pytest.approx((two_sided.low, two_sided.high))
    assert exact_lower_bounds(*counts, level) == pytest.approx(lower)
    assert exact_upper_bounds(*counts, level) == pytest.approx(upper)


@pytest.mark.parametrize(("right", "total"), [(0, 0), (3, 2), (-1, 2)])
def test_an_interval_needs_a_share(right, total):
    with pytest.raises(ValueError, match=f"^exact_interval: {right} right ones of {total} are no share\\.$"):
        exact_interval(right, total)


def test_intervals_cover_the_truth_at_least_as_often_as_they_say():
    draws = np.random.default_rng(0)
    for truth in (0.5, 0.9, 0.98):
        hits = draws.binomial(60, truth, size=500)
        covered = [low <= truth <= high for low, high in (exact_interval(int(n), 60) for n in hits)]
        assert np.mean(covered) >= 0.94

"""Intervals against values from the literature and against what they promise."""

import math

import numpy as np
import pytest

from sentiment.measuring import bootstrap_interval, metrics, wilson_interval


def test_wilson_interval_of_a_published_case():
    # Newcombe 1998, table I: 15 of 148.
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_wilson_interval_stays_within_a_share():
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(20, 20) == pytest.approx((0.8389, 1.0), abs=5e-5)


def test_wilson_interval_narrows_with_a_lower_level():
    assert wilson_interval(5, 10, level=0.5).low > wilson_interval(5, 10, level=0.95).low


@pytest.mark.parametrize(("successes", "total"), [(0, 0), (3, 2), (-1, 2)])
def test_wilson_interval_needs_a_share(successes, total):
    with pytest.raises(
        ValueError, match=f"^wilson_interval: {successes} successes of {total} are no share\\.$"
    ):
        wilson_interval(successes, total)


def test_bootstrap_interval_of_a_mean_is_that_of_the_normal_law():
    values = np.random.default_rng(1).normal(3.0, 2.0, size=400)

    low, high = bootstrap_interval(np.mean, values)

    reach = 1.96 * values.std() / math.sqrt(len(values))
    assert low == pytest.approx(values.mean() - reach, abs=0.03)
    assert high == pytest.approx(values.mean() + reach, abs=0.03)


def test_bootstrap_interval_keeps_rows_together():
    predictions = np.array([0, 1, 1, 0] * 10)

    assert bootstrap_interval(metrics.accuracy, predictions, predictions, resamples=50) == (1.0, 1.0)


def test_bootstrap_interval_repeats_with_its_seed():
    values = np.arange(30.0)

    assert bootstrap_interval(np.mean, values, seed=3) == bootstrap_interval(np.mean, values, seed=3)
    assert bootstrap_interval(np.mean, values, seed=3) != bootstrap_interval(np.mean, values, seed=4)


def test_bootstrap_interval_leaves_out_resamples_that_decide_nothing():
    # With one review of class 1 in three, a third of the resamples holds one class alone.
    low, high = bootstrap_interval(metrics.binary_auc, np.array([0.1, 0.2, 0.9]), np.array([0, 0, 1]))

    assert (low, high) == (1.0, 1.0)


def test_bootstrap_interval_is_nan_where_nothing_is_decided():
    low, high = bootstrap_interval(metrics.binary_auc, np.array([0.1, 0.2]), np.array([1, 1]), resamples=10)

    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize(
    ("arrays", "found"),
    [((), r"\[\]"), ((np.empty(0),), r"\[0\]"), ((np.ones(2), np.ones(3)), r"\[2, 3\]")],
    ids=["no array", "no row", "two lengths"],
)
def test_bootstrap_interval_needs_rows(arrays, found):
    with pytest.raises(
        ValueError, match=f"^bootstrap_interval: needs arrays of one length above 0, not {found}\\.$"
    ):
        bootstrap_interval(np.mean, *arrays)

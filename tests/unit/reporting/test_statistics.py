"""Statistics, by simulation: what is planted is found, what is not is not."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binom

from sentiment.reporting.statistics import (
    LEVEL,
    POWER,
    Difference,
    adjust_for_many,
    compare_counts,
    find_least_rise,
)

SHARES = np.array([0.2, 0.1, 0.7])


def adjusted_steps(counts):
    """Compare each period with the one before, all comparisons together under control."""
    return adjust_for_many([compare_counts(*pair) for pair in pairwise(counts)])


def rarely_more(rate, tries):
    """How many times something of at most this rate happens, once in a thousand seeds more often."""
    return binom.isf(0.001, tries, rate)


class TestCompareCounts:
    def test_large_counts_are_told_by_chi_square(self):
        # 2 x 2 by hand: 100 of 1,000 against 150 of 1,000 gives 11.43 on one degree of freedom.
        assert compare_counts([100, 900], [150, 850]) == pytest.approx(0.000723, abs=2e-6)

    def test_small_counts_are_told_by_random_tables(self):
        # Fisher's exact test of the tea (3, 1; 1, 3) gives 0.486.
        assert compare_counts([3, 1], [1, 3]) == pytest.approx(0.486, abs=0.015)

    def test_it_gives_the_same_again(self):
        assert compare_counts([3, 1, 30], [1, 3, 20]) == compare_counts([3, 1, 30], [1, 3, 20])

    @pytest.mark.parametrize(("first", "second"), [([5, 0], [9, 0]), ([0, 0], [3, 4]), ([], [])])
    def test_where_nothing_can_differ_nothing_does(self, first, second):
        assert compare_counts(first, second) == 1.0

    @pytest.mark.parametrize(("reviews", "tries"), [(30, 120), (500, 600)])
    def test_chance_alone_is_called_a_difference_no_more_often_than_promised(self, reviews, tries):
        draws = np.random.default_rng(1)
        found = sum(
            compare_counts(*draws.multinomial(reviews, SHARES, size=2)) <= LEVEL for _ in range(tries)
        )

        assert found <= rarely_more(LEVEL, tries)


class TestManyComparisons:
    def test_it_is_benjamini_and_hochberg(self):
        assert adjust_for_many([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])

    def test_none_is_none(self):
        assert adjust_for_many([]) == []

    def test_a_steady_year_has_a_false_alarm_no_more_often_than_promised(self):
        draws, tries = np.random.default_rng(2), 150
        alarms = sum(
            min(adjusted_steps(draws.multinomial(400, SHARES, size=12))) <= LEVEL for _ in range(tries)
        )

        assert alarms <= rarely_more(LEVEL, tries)

    def test_of_what_is_found_no_more_is_false_than_promised(self):
        draws, tries = np.random.default_rng(3), 60
        worse = np.array([0.35, 0.1, 0.55])
        false_shares = []
        for _ in range(tries):
            # Months 4, 8 and 12 are worse: the five steps into them and out of them are real.
            counts = [draws.multinomial(400, worse if month % 4 == 0 else SHARES) for month in range(1, 13)]
            real = {month - 1 for month in range(1, 12) if (month % 4 == 0) != ((month + 1) % 4 == 0)}
            found = [i for i, p in enumerate(adjusted_steps(counts)) if p <= LEVEL]
            false_shares.append(len(set(found) - real) / max(len(found), 1))

        assert np.mean(false_shares) <= LEVEL + 3 * np.std(false_shares) / np.sqrt(tries)


class TestLargestRise:
    def test_the_interval_is_that_of_newcombe(self):
        # Newcombe 1998, table II, method 10: 56 of 70 less 48 of 80 lies from 0.0524 to 0.3339.
        rise, interval = Difference((48, 32), (56, 14), 0.01).largest_rise

        assert rise == pytest.approx(0.2)
        assert interval == pytest.approx((0.0524, 0.3339), abs=5e-5)

    def test_it_holds_the_true_rise_as_often_as_promised(self):
        draws, tries, held = np.random.default_rng(5), 400, 0
        for before, after in zip(
            draws.binomial(300, 0.1, tries), draws.binomial(40, 0.3, tries), strict=True
        ):
            difference = Difference((300 - before, before), (40 - after, after), 1.0)
            _, interval = difference.largest_rise
            true = 0.2 if difference.most_moved else -0.2
            held += interval.low <= true <= interval.high

        assert held >= binom.ppf(0.001, tries, 0.95)


class TestLeastRise:
    def test_a_planted_rise_of_that_size_is_found_as_often_as_promised(self):
        draws, tries, reviews, steps = np.random.default_rng(4), 200, 400, 11
        rise = find_least_rise([200, 100, 700], reviews, steps)
        after = SHARES * (1 - SHARES[0] - rise) / (1 - SHARES[0])
        after[0] = SHARES[0] + rise
        found = 0
        for _ in range(tries):
            year = [draws.multinomial(reviews, SHARES if month < 6 else after) for month in range(12)]
            found += adjusted_steps(year)[5] <= LEVEL

        assert rise == pytest.approx(0.128, abs=0.01)
        assert found >= binom.ppf(0.001, tries, POWER)

    def test_more_reviews_show_less(self):
        assert find_least_rise([20, 10, 70], 2000, 11) < find_least_rise([20, 10, 70], 200, 11)

    @pytest.mark.parametrize(
        ("counts", "reviews"), [([], 100), ([0, 5, 5], 100), ([7, 0, 0], 100), ([2, 1, 7], 0), ([98, 2], 5)]
    )
    def test_it_says_where_no_rise_would_be_found(self, counts, reviews):
        assert find_least_rise(counts, reviews, 10) is None

"""Groups over time, by simulation: a planted drop is named, and chance alone is not."""

from datetime import date

import numpy as np
from scipy.stats import binom

from sentiment.reporting.changes import find_changes
from sentiment.reporting.grouping import GroupColumn
from sentiment.reporting.periods import UNITS
from sentiment.reporting.statistics import LEVEL
from sentiment.reporting.timeline import Timeline

SHARES = np.array([0.2, 0.1, 0.7])
WORSE = np.array([0.45, 0.1, 0.45])
PRODUCT = GroupColumn("product", "product", 0)
MONTHS = [date(2025, month, 10).toordinal() for month in range(1, 7)]


def simulate(draws, reviews, *, dropping=()):
    """Find what changed among products of so many reviews a month; some drop in the last one."""
    timeline, days = Timeline(UNITS, 3), {day: np.zeros(3, int) for day in MONTHS}
    for product, size in enumerate(reviews):
        for day in MONTHS:
            drops = product in dropping and day == MONTHS[-1]
            counts = draws.multinomial(size, WORSE if drops else SHARES)
            days[day] += counts
            for label, number in enumerate(counts):
                for _ in range(number):
                    timeline.add(day, f"product {product}", label)
    return find_changes({PRODUCT: timeline}, days, ("month", "quarter", "year"))


def test_a_drop_in_one_product_is_named():
    draws, tries = np.random.default_rng(1), 10
    found = [simulate(draws, [100] * 12, dropping={3}) for _ in range(tries)]

    assert all(changes.real and changes.real[0].value == "product 3" for changes in found)
    assert np.mean([len(changes.real) == 1 for changes in found]) >= 0.7
    assert found[0].real[0].difference.most_moved in (0, 2)


def test_chance_alone_is_named_no_more_often_than_promised():
    draws, tries = np.random.default_rng(2), 60
    alarms = sum(bool(simulate(draws, [40, 60, 80, 100]).real) for _ in range(tries))

    assert alarms <= binom.isf(0.001, tries, LEVEL)


def test_the_finest_step_in_which_a_group_can_be_judged():
    draws = np.random.default_rng(3)
    by_month, by_quarter = simulate(draws, [40, 5]), simulate(draws, [12, 5])

    assert (by_month.latest, len(by_month.judged), by_month.small) == ("2025-06", 1, 1)
    assert (by_quarter.latest, len(by_quarter.judged), by_quarter.small) == ("2025 Q2", 1, 1)
    assert simulate(draws, [6, 5]) is None


def test_a_month_that_has_just_begun_is_passed_over():
    timeline, days = Timeline(UNITS, 1), {}
    for day, number in zip(MONTHS, [50, 50, 50, 50, 50, 2], strict=True):
        days[day] = [number]
        for _ in range(number):
            timeline.add(day, "lamp", 0)

    assert find_changes({PRODUCT: timeline}, days, ("month",)).latest == "2025-05"

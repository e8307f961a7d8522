from datetime import date, timedelta

import pytest

from sentiment.reporting.periods import choose_unit, join_days

FIRST = date(2024, 12, 28)


def days(length, a_day, *, every=1):
    return {(FIRST + timedelta(days=i)).toordinal(): [a_day, 0] for i in range(0, length, every)}


@pytest.mark.parametrize(
    ("found", "unit"),
    [
        (days(100, 10), "week"),
        (days(281, 10), "month"),  # 41 weeks
        (days(300, 1, every=2), "quarter"),
        (days(180, 40, every=30), "month"),  # six full days in half a year: most weeks are empty
        (days(4000, 10), "year"),
        (days(40, 1, every=10), "month"),  # few reviews: a month at least
        (days(40_000, 1, every=9_000), "year"),
    ],
)
def test_the_finest_step_that_is_filled(found, unit):
    assert choose_unit(found) == unit


@pytest.mark.parametrize(
    ("unit", "labels"),
    [
        ("week", ["2024-W52", "2025-W01", "2025-W02"]),
        ("month", ["2024-12", "2025-01"]),
        ("quarter", ["2024 Q4", "2025 Q1"]),
        ("year", ["2024", "2025"]),
    ],
)
def test_labels(unit, labels):
    periods = join_days(days(12, 1), unit)

    assert [period.label for period in periods] == labels
    assert sum(period.reviews for period in periods) == 12


def test_steps_without_reviews_stand_between_others():
    periods = join_days(
        {date(2025, 1, 1).toordinal(): [1, 2], date(2025, 3, 31).toordinal(): [3, 4]}, "month"
    )

    assert [period.counts for period in periods] == [(1, 2), (0, 0), (3, 4)]

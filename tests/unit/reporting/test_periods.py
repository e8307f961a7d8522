from datetime import date, timedelta

import pytest

from sentiment.reporting.periods import choose_unit, find_span, join_days

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


TODAY = date(2025, 7, 1)
TOMORROW = date(2025, 7, 2)  # somewhere


@pytest.mark.parametrize(
    ("years", "first"),
    [
        ({2024: 3, 2025: 240}, 1990),
        ({1970: 1, 1925: 9, 2024: 3, 2035: 1, 2205: 1}, 1990),
        ({2001: 1, 2025: 240}, 2025),
        ({1994: 1, 2001: 1, 2024: 100, 2025: 140}, 2024),
        ({2001: 2, 2025: 1998}, 2025),
        ({2001: 3, 2025: 197}, 1990),  # too many for slips
        ({2010: 30, 2024: 4000}, 1990),
        ({2020: 1, 2025: 240}, 1990),  # too near for a slip
        ({2010: 200, 2025: 1}, 1990),  # a late review is read, not what came before it dropped
        ({2015: 1, 2024: 1}, 1990),  # too few to tell
        ({}, 1990),
    ],
)
def test_days_that_can_be_those_of_reviews(years, first):
    span = find_span(years, TODAY)

    assert date.fromordinal(span[-1]) == TOMORROW
    assert date.fromordinal(span[1]) == date(first, 1, 1)


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

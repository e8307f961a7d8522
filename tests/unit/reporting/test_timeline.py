from datetime import date, timedelta

from sentiment.reporting.periods import UNITS, index_of
from sentiment.reporting.timeline import Timeline

FIRST = date(2024, 1, 1).toordinal()


def index(day, unit):
    return index_of(day.toordinal(), unit)


def test_the_reviews_of_a_step_and_those_before_it():
    timeline = Timeline(UNITS, 2)
    for day, value, label in [
        (date(2025, 3, 1), "lamp", 0), (date(2025, 1, 9), "lamp", 1), (date(2025, 3, 31), "lamp", 1),
        (date(2025, 2, 1), "lamp", 1), (date(2025, 3, 2), "towel", 0), (date(2025, 4, 1), "lamp", 0),
        (date(2025, 1, 1), "soap", 0),
    ]:  # fmt: skip
        timeline.add(day.toordinal(), value, label)

    assert timeline.split("month", index(date(2025, 3, 1), "month")) == {
        "lamp": ((0, 2), (1, 1)),
        "towel": ((0, 0), (1, 0)),
    }
    assert timeline.split("quarter", index(date(2025, 4, 1), "quarter")) == {"lamp": ((1, 3), (1, 0))}
    assert timeline.split("year", index(date(2024, 1, 1), "year")) == {}


def test_what_is_kept_does_not_grow_with_time():
    timeline = Timeline(UNITS, 1)
    for day in range(FIRST, FIRST + 5 * 365):
        timeline.add(day, "lamp", 0)

    assert list(timeline._steps) == ["quarter", "year"]
    assert timeline.split("quarter", index(date(2024, 4, 1), "quarter")) == {"lamp": ((91,), (91,))}


def test_a_unit_that_was_asked_for_is_kept_however_many_steps_it_has():
    timeline = Timeline(("week",), 1)
    for week in range(60):
        timeline.add(FIRST + 7 * week, "lamp", 0)

    last = date.fromordinal(FIRST) + timedelta(weeks=59)
    assert timeline.split("week", index(last, "week")) == {"lamp": ((59,), (1,))}

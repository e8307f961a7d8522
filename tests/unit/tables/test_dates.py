from datetime import datetime

import pytest

from sentiment.tables.values.dates import DateFinder, DateOrder, is_date

DAY_FIRST = DateOrder(True, "told")
MONTH_FIRST = DateOrder(False, "told")
UNDECIDED = DateOrder(None, "told")


def find(cells):
    finder = DateFinder()
    for cell in cells:
        finder.add(cell)
    return finder.order(), finder.reason


def test_years_are_counted_whatever_the_order_of_day_and_month():
    finder = DateFinder()
    for cell in ["01/02/2024", "2025-03-02", "2 March 2025", "soon", ""]:
        finder.add(cell)

    assert finder.years == {2024: 1, 2025: 2}


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-02", "2025/03/02", "2025.03.02", "2025. 3. 2.", "20250302", "2025年3月2日",
        "2025年3月2日(日)", "2025년 3월 2일", "Mar 2, 2025", "March 2nd, 2025", "2 March 2025", "02 MAR 2025",
        "2-Mar-25", "Sunday, 2 March 2025", "Reviewed in the United Kingdom on 2 March 2025",
        "2. März 2025", "2 mars 2025", "dim. 2 mars 2025", "2 de marzo de 2025", "2 marzo 2025",
        "2 de março de 2025", "2 maart 2025", "2. marts 2025", "2. maaliskuuta 2025", "2 marca 2025",
        "2. března 2025", "2025. március 2.", "2 martie 2025", "2 Mart 2025 Pazar", "2 марта 2025 г.",
        "2 березня 2025", "2 Μαρτίου 2025", "2 Maret 2025",
    ],
)  # fmt: skip
def test_dates_that_need_no_order(cell):
    assert UNDECIDED.parse(cell) == datetime(2025, 3, 2)
    assert DAY_FIRST.parse(cell) == MONTH_FIRST.parse(cell) == datetime(2025, 3, 2)


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-02 14:05", "2025-03-02T14:05:00Z", "2025-03-02 14:05:00 UTC", "2025-03-02T14:05:00.000Z",
        "2025-03-02 14:05:00+00:00", "2025-03-02 09:05:00-05:00", "2025-03-02T15:05:00+0100",
        "2025-03-02 14:05:00 +0000 UTC", "Sun, 02 Mar 2025 14:05:00 GMT", "Sun Mar 02 14:05:00 PST 2025",
        "Mar 2, 2025 2:05 PM", "Mar 2, 2025, 2:05:00 p.m.", "2. März 2025, 14:05 Uhr", "2 mars 2025 à 14:05",
        "2 mars 2025 14h05", "2025年3月2日 下午2:05", "2025년 3월 2일 오후 2:05",
        "1740924300", "1740924300000", "1740924300.0", "1740924300000000",
    ],
)  # fmt: skip
def test_times_and_zones(cell):
    assert UNDECIDED.parse(cell) == datetime(2025, 3, 2, 14, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "03/02/2025",
        "3/2/25",
        "03-02-2025",
        "03.02.2025",
        "3 2, 2025",
        "03/02/2025 00:00:00",
        "Mon 03/02/2025",
    ],
)
def test_the_order_says_which_number_is_the_day(cell):
    assert DAY_FIRST.parse(cell) == datetime(2025, 2, 3)
    assert MONTH_FIRST.parse(cell) == datetime(2025, 3, 2)
    assert UNDECIDED.parse(cell) is None


def test_years_of_two_digits():
    assert DAY_FIRST.parse("01/02/68") == datetime(2068, 2, 1)
    assert DAY_FIRST.parse("01/02/69") == datetime(1969, 2, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "", " ", None, "n/a", "5", "4.5", "2025", "2025-03", "Mar 2025", "12:30", "2025-13-40", "31/02/2025",
        "32.01.2025", "99/99/2025", "555-123-4567", "1.2.3.4", "8214509363245", "12345678", "2 days ago",
        "2025-03-02 25:61", "Arrived 2 days late on 3 Mai 2025", "3 coats in 2025",
        "0001-01-01T00:00:00+23:59",
    ],
)  # fmt: skip
def test_what_is_no_date(cell):
    assert DAY_FIRST.parse(cell) is None


def test_digits_are_told_by_their_magnitude():
    assert is_date("1740924300")
    assert not is_date("9740924300")  # the year 2278, or a telephone number


@pytest.mark.parametrize(
    ("cells", "day_first", "reason"),
    [
        (["2025-03-02", "", None], None, "year first"),
        (["1740924300"], None, "seconds since 1970"),
        (["1740924300000"], None, "milliseconds since 1970"),
        (["2 March 2025"], None, "the month in words"),
        (["03/02/2025", "13/02/2025"], True, "numbers above 12 come first"),
        (["03/02/2025", "03/13/2025"], False, "numbers above 12 come second"),
        (["03.02.2025"], True, "written with dots"),
        (["03.02.2025", "03.13.2025"], False, "numbers above 12 come second"),
        (["03/03/2025", "04/04/2025"], None, "numbers"),
        (["13/02/2025"] * 200 + ["02/13/2025"], True, "numbers above 12 come first"),
        (["2025-03-02", "2025-03-03", "03/02/2025"], None, "year first"),
    ],
)
def test_the_whole_column_decides_the_order(cells, day_first, reason):
    order, said = find(cells)
    assert (order.day_first, order.reason, said) == (day_first, reason, reason)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([], "no dates"),
        (["", " ", None], "no dates"),
        (["soon"], "no dates"),
        (["2025-03-02", "soon", "later"], "most of its values are not dates"),
        (["03/02/2025", "05-06-2025"], "day and month cannot be told apart"),
        (["13/02/2025", "02/13/2025"], "some dates begin with the day, others with the month"),
    ],
)
def test_a_column_without_an_order(cells, reason):
    assert find(cells) == (None, reason)


def test_a_date_that_contradicts_the_order_is_no_date():
    order, _ = find(["13/02/2025"] * 200 + ["02/13/2025"])
    assert order.parse("02/13/2025") is None

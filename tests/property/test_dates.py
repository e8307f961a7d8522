"""Any string can be asked for a date, and dates come back whatever their notation."""

from datetime import datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sentiment.tables.values.dates import DateFinder, DateOrder, is_date

DATE_LIKE = st.text(st.sampled_from("0123456789/-.:, TZ+年月日 MarPM٣\ud800\0"), max_size=40)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2068, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
NOTATIONS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.000Z", "%Y/%m/%d %H:%M:%S", "%d %B %Y %H:%M:%S",
    "%b %d, %Y, %I:%M:%S %p", "%d-%b-%y %H:%M:%S", "%a, %d %b %Y %H:%M:%S +0000", "%Y年%m月%d日 %H:%M:%S",
)  # fmt: skip


@settings(max_examples=400, derandomize=True)
@given(st.one_of(st.text(st.characters()), DATE_LIKE))
@example("1612121212345")
@example("9999-12-31T23:59:59-23:59")
@example("31.12.9999 23:59:60 -2359")
def test_any_string_can_be_asked_for_a_date(text):
    finder = DateFinder()
    finder.add(text)
    order = finder.order()
    for asked in filter(None, (order, DateOrder(True, ""), DateOrder(False, ""))):
        moment = asked.parse(text)
        assert moment is None or (moment.tzinfo is None and is_date(text))


@settings(max_examples=150, derandomize=True)
@given(MOMENTS, st.sampled_from(NOTATIONS))
def test_a_date_comes_back(moment, notation):
    assert DateOrder(None, "").parse(moment.strftime(notation)) == moment


@settings(max_examples=100, derandomize=True)
@given(
    st.lists(MOMENTS, min_size=1, max_size=30),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%y", "%d.%m.%Y"]),
)
def test_a_column_is_read_as_it_was_written_or_not_at_all(moments, notation):
    cells = [moment.strftime(notation) for moment in moments]
    finder = DateFinder()
    for cell in cells:
        finder.add(cell)
    order = finder.order()
    if order is None:
        assert finder.reason == "day and month cannot be told apart"
        return
    for moment, cell in zip(moments, cells, strict=True):
        assert order.parse(cell) in (moment.replace(hour=0, minute=0, second=0), None)

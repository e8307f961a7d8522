import pytest

from sentiment.measuring import Interval
from sentiment.reporting.wording import listed, p_value, percent_within, points, shown
from sentiment.tables.wording import count, plural


def test_figures():
    assert percent_within(0.2159, Interval(0.17, 0.2701)) == "21.6% (17.0 to 27.0)"
    assert points(0.0421) == "4.2 points"
    assert p_value(0.0123) == "p = 0.012"
    assert p_value(0.0004) == "p < 0.001"
    assert count(1, "country") == "1 country"
    assert count(1204, "country") == "1,204 countries"
    assert plural("day") == "days"


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(names, text):
    assert listed(names) == text


def test_names_are_short_safe_and_masked():
    assert shown("two  \n words\x1b") == "two words\ufffd"
    assert shown("mail jo@shop.example now") == "mail [email] now"
    assert shown("word " * 20) == "word word word word word word word word word word word…"
    assert shown("x" * 99) == "x" * 59 + "…"

"""Numbers of things in words."""

from sentiment.tables.wording import count, plural


def test_one_thing_and_several():
    assert count(1, "country") == "1 country"
    assert count(1204, "country") == "1,204 countries"
    assert count(0, "row") == "0 rows"
    assert plural("day") == "days"


def test_with_a_verb():
    assert count(1, "row has", "rows have") == "1 row has"
    assert count(2, "row has", "rows have") == "2 rows have"

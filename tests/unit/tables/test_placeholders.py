import pytest

from sentiment.records import ReviewStatus
from sentiment.tables import compose_text, review_status
from sentiment.tables.values.placeholders import is_placeholder, leave_out_placeholders

NOTHING = [
    "null", "NULL", "(null)", "<null>", "[null]", "'null'", "None", "none.", "None!", " none ", "nil", "Nil.",
    "NaN", "nan", "NA", "n/a", "N/A.", "#N/A", "<NA>", "#NULL!", "Not applicable", "undefined", "No Negative",
    " No Positive", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!",
]  # fmt: skip
MARKS = ["-", "--", " - ", "\u2013", "\u2014", ".", "...", ". . .", "", " \n"]
WORDS = [
    "No", "Nope", "no.", "Nothing", "Nothing!", "Nada", "null and void", "None of it works", "Nan loves it",
    "NAB", "nonevent", "No negatives", "Value!", "Name?", "undefined smell", "None 1/5", "nil points",
    "no", "Not available", "No comment",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING + MARKS)
def test_what_stands_for_nothing(text):
    assert is_placeholder(text)


@pytest.mark.parametrize("text", [*WORDS, "10/10", "★", "?", "!!!", ":)", "n" + "a" * 100])
def test_what_says_something(text):
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", NOTHING)
def test_a_review_of_nothing_has_no_words(text):
    for title in (None, "", "N/A", text):
        assert review_status(compose_text(title, text)) is ReviewStatus.NO_WORDS
    assert review_status(compose_text(text, "")) is ReviewStatus.NO_WORDS


@pytest.mark.parametrize("text", WORDS)
def test_an_honest_short_review_has_words(text):
    assert review_status(compose_text(None, text)) is ReviewStatus.OK


@pytest.mark.parametrize("nothing", [*NOTHING, *MARKS, "<p>None</p>", "&lt;NA&gt;", "n\u200b/a", "n/a 😂"])
def test_the_other_of_title_and_body_is_read_alone(nothing):
    assert compose_text("Lovely coat", nothing) == "Lovely coat"
    assert compose_text(nothing, "Fits well.") == "Fits well."


def test_what_is_left_of_several_texts():
    assert leave_out_placeholders(["Great bed", "None", "", "Small bath"]) == ["Great bed", "Small bath"]
    assert leave_out_placeholders(["", "No Positive", "n/a"]) == ["No Positive"]
    assert leave_out_placeholders(["", " "]) == []


def test_a_text_of_marks_alone_takes_linear_time():
    assert not is_placeholder("." * 1_000_000)
    assert review_status("_" * 1_000_000 + "null") is ReviewStatus.OK

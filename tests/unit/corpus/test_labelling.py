import re
from collections import Counter

import pytest

from sentiment.corpus import read_labels, resolve_scheme
from sentiment.corpus.labelling import (
    check_two_classes,
    give_labels_away,
    is_blank_label,
    merge_casings,
    shown_labels,
)
from sentiment.errors import LabelError
from sentiment.labels import BINARY, STARS, TERNARY


def read(*cells, **options):
    """Give the kind of a column and the label of each cell."""
    reading = read_labels(cells, **options)
    return reading.kind, [reading.label(cell) for cell in cells]


def stars(*numbers):
    return [None if number is None else STARS.labels[number - 1] for number in numbers]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2", "3", "4", "5"], [1, 2, 3, 4, 5]),
        (["1.0", "5", "4.00", "2"], [1, 5, 4, 2]),
        (["4,5", "1,0", "3"], [5, 1, 3]),
        (["1", "4", "5.5", "10"], [1, 2, 3, 5]),
        (["0 %", "50 %", "74%", "100%"], [1, 3, 4, 5]),
        (["4 out of 5", "1 out of 5", "5 out of 5"], [4, 1, 5]),
        (["4.0 out of 5 stars", "2.0 out of 5 stars"], [4, 2]),
        (["8/10", "1/10", "10/10"], [4, 1, 5]),
        (["★★★★☆", "★☆☆☆☆"], [4, 1]),
        (["1 star", "5 Stars", "3_stars"], [1, 5, 3]),
        (["ONE", "five", "Three"], [1, 5, 3]),
        (["Very satisfied", "very dissatisfied", "neutral"], [5, 1, 3]),
    ],
)
def test_ratings_become_stars(cells, expected):
    assert read(*cells) == ("stars", stars(*expected))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["Positive", "NEGATIVE", " neutral "], ["positive", "negative", "neutral"]),
        (["pos", "neg"], ["positive", "negative"]),
        (["LABEL_NEGATIVE", "positive"], ["negative", "positive"]),
        (["0", "1"], ["negative", "positive"]),
        (["0.0", "1.0", "1"], ["negative", "positive", "positive"]),
        (["-1", "1"], ["negative", "positive"]),
        (["-1", "0", "1"], ["negative", "neutral", "positive"]),
        (["0", "1", "2"], ["negative", "neutral", "positive"]),
        (["0", "4"], ["negative", "positive"]),
        (["0", "2", "4"], ["negative", "neutral", "positive"]),
    ],
)
def test_names_and_codes_become_sentiments(cells, expected):
    assert read(*cells) == ("sentiments", expected)


def test_zero_to_four_become_stars():
    assert read("0", "1", "2", "3", "4") == ("stars", list(STARS.labels))


def test_one_label_in_several_notations_is_one_label():
    reading = read_labels(["1", "1.0", " 1 ", "5"])
    assert {reading.label(cell) for cell in ("1", "1.0", " 1 ")} == {"1 star"}


def test_one_class_in_two_casings_gets_the_usual_spelling():
    assert read("Angry", "angry", "Angry", "CALM") == ("names", ["Angry", "Angry", "Angry", "CALM"])


def test_a_tie_between_spellings_does_not_depend_on_the_order():
    assert read("angry", "Angry")[1] == ["Angry", "Angry"]
    assert read("Angry", "angry")[1] == ["Angry", "Angry"]


@pytest.mark.parametrize("cell", ["", "  ", "?", "nan", "NaN", "None", "null", "N/A", "<NA>"])
def test_blank_labels(cell):
    assert is_blank_label(cell)
    assert read("positive", cell, "negative")[1] == ["positive", None, "negative"]


def test_a_slip_among_many_ratings_does_not_stretch_the_scale():
    message = "1 row has a label that does not fit the others: 50. The others: 1, 4, 5."
    with pytest.raises(LabelError, match=re.escape(message)):
        read_labels(["5", "4", "1"] * 200 + ["50"])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            ["positive", "negative", "negative", "postive"],
            "1 row has a label that does not fit the others: postive. The others: negative, positive.",
        ),
        (["5", "4", "5", "great service"], "does not fit the others: great service. The others: 4, 5."),
        (["1", "1", "positive"], "2 rows have labels that do not fit the others: 1. The others: positive."),
        (["0", "1", "positive", "negative"], "do not fit the others: 0, 1. The others: negative, positive."),
    ],
)
def test_strangers_among_known_labels(cells, message):
    with pytest.raises(LabelError) as refusal:
        read_labels(cells)
    told = str(refusal.value)
    assert message in told
    assert told.endswith(
        "Correct them or empty the cells; --label-scheme custom takes all names as they are."
    )


def test_the_first_row_of_a_stranger_and_what_can_be_done():
    with pytest.raises(LabelError) as refusal:
        read_labels(["good", "bad", "goood", "goood"], rows=[0, 4, 7, 9], remedy="Call Kim.")
    assert str(refusal.value) == (
        "2 rows have labels that do not fit the others: goood (first: data row 8). The others: bad, good. "
        "Call Kim."
    )


def test_names_as_they_are():
    assert read("positive", "5", "postive", as_names=True) == ("names", ["positive", "5", "postive"])


def test_an_empty_column_has_no_labels():
    assert read_labels(["", "nan"]).labels == {}


def counted(*labels):
    return Counter(labels)


@pytest.mark.parametrize(
    ("kinds", "labels", "scheme", "reason"),
    [
        ({"stars"}, counted("1 star", "5 stars"), STARS, "the labels are ratings"),
        (
            {"stars", "sentiments"},
            counted("1 star", "positive"),
            STARS,
            "the labels are ratings; coarse labels teach the sum of the stars that they allow",
        ),
        ({"sentiments"}, counted("negative", "positive"), BINARY, "the labels are negative and positive"),
        (
            {"sentiments"},
            counted("negative", "neutral", "positive"),
            TERNARY,
            "the labels are negative, neutral and positive",
        ),
    ],
)
def test_auto_says_what_it_chose_and_why(kinds, labels, scheme, reason):
    assert resolve_scheme("auto", kinds, labels) == (scheme, reason)


def test_auto_takes_names_of_their_own_in_order():
    scheme, reason = resolve_scheme("auto", {"names"}, counted("returns", "fabric", "fit"))
    assert (scheme.name, scheme.labels) == ("custom", ("fabric", "fit", "returns"))
    assert reason == "the labels are names of their own: fabric, fit, returns"


@pytest.mark.parametrize(("wanted", "scheme"), [("stars", STARS), ("ternary", TERNARY), ("binary", BINARY)])
def test_a_named_scheme(wanted, scheme):
    assert resolve_scheme(wanted, {"stars"}, counted("1 star", "5 stars")) == (scheme, "as asked")


def test_custom_takes_any_names():
    scheme, reason = resolve_scheme("custom", {"names"}, counted("1", "2", "3"))
    assert (scheme.labels, reason) == (("1", "2", "3"), "as asked")


@pytest.mark.parametrize("wanted", ["binary", "ternary", "stars", "auto"])
def test_unknown_labels_among_known_ones(wanted):
    labels = counted("negative", "positive", "neutral", "angry", "calm")
    with pytest.raises(LabelError) as refusal:
        resolve_scheme(wanted, {"sentiments", "names"}, labels)
    scheme = {"binary": BINARY, "stars": STARS}.get(wanted, TERNARY)
    assert str(refusal.value) == (
        f"Labels that the {scheme.name} scheme does not know: angry, calm. "
        f"Known: {', '.join(scheme.labels)}. "
        "Correct the labels, or take them as they are with --label-scheme custom."
    )


def test_many_unknown_labels_are_not_all_listed():
    labels = Counter(f"name {i:02}" for i in range(12))
    with pytest.raises(LabelError, match=r"name 08, name 09, \.\.\. \(12 in all\)\."):
        resolve_scheme("binary", {"names"}, labels)


@pytest.mark.parametrize("labels", [counted("positive"), counted("positive", "neutral")])
def test_one_class_only(labels):
    message = (
        f"The training rows have one class only ({', '.join(sorted(labels))}). "
        "A classifier needs at least two; look at --label-column."
    )
    with pytest.raises(LabelError, match=re.escape(message)):
        resolve_scheme("binary", {"sentiments"}, labels)


def test_two_classes_that_a_scheme_tells_apart():
    check_two_classes(STARS, ["positive", "5 stars"])
    with pytest.raises(LabelError):
        check_two_classes(BINARY, ["4 stars", "5 stars"])


def test_casings_are_merged_across_files():
    merged = merge_casings(["Angry", "angry", "ANGRY", "angry", "calm"])
    assert merged == ["angry", "angry", "angry", "angry", "calm"]


def test_a_text_column_named_by_mistake_is_not_quoted():
    review = "It broke on the second day and nobody answers my mails."
    assert shown_labels(["fine", review]) == "fine, (a long text)"


STARS_OF = stars(1, 2, 4, 5) * 20


@pytest.mark.parametrize(
    "cells",
    [
        ["bad", "bad", "good", "good"],
        ["Bad ", "bad", "GOOD", "good"],
        ["1", "2", "4", "5"],
        ["", "no", "", "yes"],
    ],
)
def test_columns_that_give_the_labels_away(cells):
    assert give_labels_away(cells * 20, STARS_OF)


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["bad", "good", "good", "bad"] * 20, STARS_OF),
        (["same"] * 80, STARS_OF),
        ([f"lamp {i}" for i in range(80)], STARS_OF),
        (["no", "", "", "yes", *[""] * 4] * 10, STARS_OF),
        (["bad", "bad", "good", "good"], STARS_OF[:4]),
        (["bad", "bad", "good", "good"] * 20, stars(5) * 80),
        ([], []),
        (["bad"] * 20, [None] * 20),
    ],
    ids=["other", "constant", "unique", "rarely filled", "few rows", "one label", "nothing", "no labels"],
)
def test_columns_that_do_not(cells, labels):
    assert not give_labels_away(cells, labels)


def test_a_few_exceptions_hide_no_giveaway():
    cells = ["bad", "bad", "good", "good"] * 50
    assert give_labels_away(["good", *cells[1:]], stars(1, 2, 4, 5) * 50)
    assert not give_labels_away(["good"] * 5 + cells[5:], stars(1, 2, 4, 5) * 50)

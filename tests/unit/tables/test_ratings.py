import pytest

from sentiment.tables import Rating, ScaleFinder, parse_rating
from sentiment.tables.values.rating_words import _degrees
from sentiment.tables.values.ratings import is_day_and_month, split_scale


@pytest.mark.parametrize(
    ("cell", "value", "best"),
    [
        ("5", 5, None), ("4.0", 4, None), ("4,5", 4.5, None), (" 3 ", 3, None),
        ("4/5", 4, 5), ("8/10", 8, 10), ("8 / 10", 8, 10), ("80%", 80, 100), ("80 %", 80, 100),
        ("★★★★☆", 4, 5), ("★★★", 3, None), ("⭐⭐⭐⭐⭐", 5, None),
        ("⭐️⭐️", 2, None), ("☆☆☆☆☆", 0, 5), ("★★½☆☆", 2.5, 5),
        ("4.0 out of 5 stars", 4, 5), ("4,0 von 5 Sternen", 4, 5), ("3 sur 5", 3, 5),
        ("4 de 5 estrellas", 4, 5),
        ("5 stars", 5, None), ("1 star", 1, None), ("5星", 5, None), ("Rated 4 out of 5", 4, 5),
        ("5つ星のうち4.0", 4, 5), ("5 yıldız üzerinden 4,0", 4, 5), ("4.0 颗星，最多 5 颗星", 4, 5),
        ("5 - Very satisfied", 5, None), ("1 (Sehr schlecht)", 1, None), ("4: agree", 4, None),
    ],
)  # fmt: skip
def test_numbers_in_any_notation(cell, value, best):
    assert parse_rating(cell) == Rating(value, best)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("FIVE", 5),
        ("one", 1),
        ("good", 4),
        ("Bad", 2),
        ("Very satisfied", 5),
        ("very_dissatisfied", 1),
        ("neutral", 3),
        ("Sehr zufrieden", 5),
        ("TRÈS INSATISFAIT", 1),
        ("ÇOK İYİ", 5),
        ("Плохо", 2),
        ("满意", 4),
        ("Strongly agree", 5),
    ],
)
def test_words(cell, value):
    assert parse_rating(cell) == Rating(value, is_word=True)


@pytest.mark.parametrize(
    "cell", ["", " ", "n/a", "2025-03-02", "7/5", "great coat", "9" * 100, "unoffered", "1/1/2025"]
)
def test_what_is_no_rating(cell):
    assert parse_rating(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "5-Jan", "5-Mar", "3-May", "May-05", "Jan 5", "05. Mai", "3-Mrz", "3 - März", "5-janv.", "4-févr",
        "5-août", "5-ene", "1-ago", "5-gen", "3-mag", "4-set.", "5-dez", "2-fev", "1-out", "4-maj",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_makes_of_five_is_no_rating(cell):
    assert parse_rating(cell) is None
    assert is_day_and_month(cell)


@pytest.mark.parametrize("cell", ["5 - Very satisfied", "5 - gut", "4-mal", "1 - set back", "4/5", "", "May"])
def test_what_is_no_day_of_a_month(cell):
    assert not is_day_and_month(cell)


def test_no_word_for_a_rating_is_a_month():
    assert not [word for word in _degrees() if is_day_and_month(f"5-{word}")]


def find(cells, header=""):
    finder = ScaleFinder(header)
    for cell in cells:
        finder.add(cell)
    return finder.scale(), finder.reason


@pytest.mark.parametrize(
    ("cells", "stars"),
    [
        (["1", "2", "3", "4", "5"], [1, 2, 3, 4, 5]),
        (["4,5", "1,0", "", None], [4.5, 1, None, None]),
        (["0", "5", "10"], [1, 3, 5]),
        (["1", "10", "5.5"], [1, 5, 3]),
        (["0", "50", "100"], [1, 3, 5]),
        (["0%", "80%"], [1, 4.2]),
        (["4/5", "1/5"], [4, 1]),
        (["0/10", "5/10", "10/10"], [1, 3, 5]),
        (["★★★★☆", "★☆☆☆☆"], [4, 1]),
        (["FIVE", "ONE", "THREE"], [5, 1, 3]),
        (["good", "bad", "good"], [5, 1, 5]),
        (["excellent", "good", "average", "poor", "terrible"], [5, 4, 3, 2, 1]),
        (["0", "4", "5"], [None, 4, 5]),
        (["0.5", "5"], [1, 5]),
        (["0.0", "0.5", "1.0"], [1, 3, 5]),
        (["4.0 out of 5 stars", "3"], [4, 3]),
        (["1", "4", "7"] * 7, [1, 3, 5] * 7),
        (["1", "4", "7"] * 6, [1, 7 / 3, 11 / 3] * 6),  # 18 ratings: too few to tell 7 points from 10
        (["1", "4", "7"] * 7 + ["8"], [1, 7 / 3, 11 / 3] * 7 + [37 / 9]),
        (["1", "6.5"] * 10, [1, 31 / 9] * 10),
    ],
)
def test_the_whole_column_decides_the_scale(cells, stars):
    scale, _ = find(cells)
    assert [scale.to_stars(cell) for cell in cells] == pytest.approx(stars)


def test_a_slip_of_the_hand_does_not_change_the_scale():
    scale, _ = find(["1", "5", "4"] * 100 + ["55"])
    assert (scale.lowest, scale.highest) == (1, 5)
    assert scale.to_stars("55") is None


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([], "no ratings"),
        (["", None, " "], "no ratings"),
        (["0", "1", "1"], "a 0/1 flag, not a rating"),
        (["0", "0"], "a 0/1 flag, not a rating"),
        (["2025-03-02", "x"], "no ratings, but dates such as 2025-03-02"),
        (["Kim Example", "2025-03-02"], "no ratings, but other values"),
        (
            ["n/a", "5-Mar", "5-Jan", "5"],
            "dates such as 5-Mar, which spreadsheets make of ratings such as 1/5; export the column as text",
        ),
        (["5", "x", "y"], "most of its values are not ratings"),
        (["-1", "1"], "negative numbers"),
        (["1", "250"], "numbers up to 250"),
        ([str(number) for number in range(2_000)], "too many different numbers for a rating"),
    ],
)
def test_a_column_that_holds_no_ratings(cells, reason):
    assert find(cells) == (None, reason)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["3", "5"], "numbers up to 5"),
        (["0", "9"], "numbers from 0 to 9"),
        (["4/5"], "written as out of 5"),
        (["good"], "good and bad in words"),
        (["FIVE"], "five degrees in words"),
        (["2", "6"] * 10, "whole numbers from 2 to 6, never 8 to 10"),
    ],
)
def test_the_scale_says_why(cells, reason):
    scale, said = find(cells)
    assert scale.reason == said == reason


@pytest.mark.parametrize(
    ("header", "cells", "span"),
    [
        ("Rating out of 10", ["1", "3", "5"], "1 to 10"),
        ("Rating out of 10", ["0", "3.5"], "0 to 10"),
        ("Rating (0-10)", ["1", "0"], "0 to 10"),
        ("Rating (1-7)", ["1", "3"], "1 to 7"),
        ("Note sur 20", ["1", "5"], "0 to 20"),
        ("Voto (su 10)", ["4", "5"], "1 to 10"),
        ("Stars (1-5)", ["0", "4"], "1 to 5"),
        ("Rating on a scale of 1 to 7", ["5", "4"], "1 to 7"),
        ("Rating\n(out of\u00a010 stars)", ["5", "4"], "1 to 10"),
        ("Stars /5", ["4", "5"] * 60 + ["44"], "1 to 5"),
    ],
)
def test_the_scale_that_the_header_names(header, cells, span):
    scale, reason = find(cells, header)
    assert (scale.span, reason) == (span, "as the column's name says")


@pytest.mark.parametrize(
    ("cells", "span"), [(["2", "8"], "1 to 10"), (["8/10"], "1 to 10"), (["good", "bad"], "2 to 4")]
)
def test_ratings_that_do_not_fit_their_header(cells, span):
    assert find(cells, "Rating (1-5)")[0].span == span


@pytest.mark.parametrize(
    "header",
    [
        "Rating 5",
        "Rating (2023)",
        "Rating 3-5",
        "(1-5)",
        "Rating /1",
        "Frage 3/10",
        "Rating Q3 of 10",
        "Bewertung 2024/25",
        "",
    ],
)
def test_a_header_that_names_no_scale(header):
    assert split_scale(header) == (header, None)


def test_finders_of_parts_add_up_to_that_of_the_whole():
    cells = ["5", "4,5", "3/10", "", None, "FIVE", "x", "9 out of 10"]
    whole, parts = ScaleFinder(), ScaleFinder()
    for cell in cells:
        part = ScaleFinder()
        part.add(cell)
        whole.add(cell)
        parts.merge(part)
    assert vars(parts) == vars(whole)

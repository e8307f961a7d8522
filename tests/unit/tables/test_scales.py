"""The rating scales of files that are read as one."""

import pytest

from sentiment.records import Review
from sentiment.tables import ScalesFinder

STARS = ["1", "2", "3", "4", "5"] * 20
TENTHS = ["2", "4", "6", "8", "10"] * 20


def find(files, header="rating"):
    finder = ScalesFinder(("source_file", "review", header), header)
    for name, cells in files.items():
        for cell in cells:
            finder.add(Review(0, "", rating=cell, cells=(name, "", cell)))
    return finder.scales()


def lines(files):
    return [found.describe() for found in find(files).all]


def stars(scales, name, cell):
    return scales.stars(Review(0, "", rating=cell, cells=(name, "", cell)))


def test_each_file_has_its_own_scale():
    scales = find({"a.csv": STARS, "b.csv": STARS, "c.csv": TENTHS})
    assert [found.describe() for found in scales.all] == [
        "rating scale: 1 to 5 (numbers up to 5)",
        "rating scale of c.csv: 1 to 10 (numbers from 2 to 10)",
    ]
    assert (stars(scales, "b.csv", "5"), stars(scales, "c.csv", "10"), stars(scales, "c.csv", "5.5")) == (
        5,
        5,
        3,
    )


def test_files_that_agree_share_a_line():
    files = {"a.csv": TENTHS * 9} | {f"{name}.csv": STARS for name in "bcdef"}
    assert lines(files) == [
        "rating scale: 1 to 10 (numbers from 2 to 10)",
        "rating scale of b.csv, c.csv, d.csv and 2 more: 1 to 5 (numbers up to 5)",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"a.csv": STARS, "b.csv": ["4", "5", "5"]},
        {"a.csv": STARS, "b.csv": ["4.5", "0"]},
        {"a.csv": STARS, "b.csv": ["", None]},
        {"a.csv": STARS, "b.csv": ["4/5", "5/5"]},
        {"a.csv": STARS, "b.csv": ["very good", "good", "neutral", "bad"] * 5},
        {"a.csv": STARS, "b.csv": ["0.5", *STARS]},
    ],
)
def test_a_file_that_fits_keeps_the_usual_scale(files):
    [usual] = find(files).all
    assert usual.scale.span in ("1 to 5", "0 to 5")


@pytest.mark.parametrize(
    "bad",
    [
        "2 3 1 4 2 3 1 2 4 1 3 2",
        " ".join(["3 4 5 6 7"] * 5),
        "1 2 3 2 1 1 2 5 3 2 4 1 2",
    ],
)
def test_bad_ratings_are_not_taken_for_good_ones_of_a_narrower_scale(bad):
    [usual] = find(
        {"good.csv": ["9", "10", "8", "7", "9", "10", "6", "8", "9", "10"], "bad.csv": bad.split()}
    ).all
    assert usual.scale.span == "1 to 10"


def test_a_score_of_ten_without_recommendations_is_not_of_five():
    full = [str(number) for number in range(11)] * 3
    [usual] = find({"full.csv": full, "bad.csv": ["1", "2", "0", "3", "1", "4", "2", "1", "0", "3", "4"]}).all
    assert usual.scale.span == "0 to 10"


@pytest.mark.parametrize(
    ("cells", "span"),
    [
        (["3", "5", "4"], "0 to 10"),  # may be low ratings of a scale of ten
        (["1", "3", "4", "5", "5"] * 3, "1 to 5"),  # that would be fifteen low ones
        ([str(number) for number in range(3, 11)] * 3, "0 to 10"),  # the worst did not occur
    ],
)
def test_as_many_ratings_as_it_takes_to_tell(cells, span):
    scales = find({"a.csv": [str(number) for number in range(11)] * 20, "b.csv": cells})
    found = scales.own.get("b.csv", scales.usual)
    assert found.scale.span == span


def test_a_few_ratings_of_seven_points_are_not_of_ten():
    [usual] = find({"a.csv": [str(number) for number in range(1, 8)] * 9, "b.csv": ["7", "6", "1"]}).all
    assert usual.scale.span == "1 to 7"


def test_a_small_file_of_stars_beside_files_of_both_scales():
    scales = find({"a.csv": STARS, "b.csv": ["4", "5"], "c.csv": TENTHS})
    assert list(scales.own) == ["c.csv"]


def test_small_files_are_read_together():
    assert lines({"a.csv": ["3", "5"], "b.csv": ["8", "10"]}) == [
        "rating scale: 1 to 10 (numbers from 3 to 10)"
    ]


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["8/10", "6/10"], "rating scale of b.csv: 1 to 10 (written as out of 10)"),
        (["good", "bad"] * 4, "rating scale of b.csv: 2 to 4 (good and bad in words)"),
        (["8", "9"], "rating scale of b.csv: 1 to 10 (numbers from 8 to 9)"),
        (["80%", "20%"], "rating scale of b.csv: 0 to 100 (written as out of 100)"),
        (
            ["0", "1"],
            "rating scale of b.csv: none, so stars_disagree stays empty there (a 0/1 flag, not a rating)",
        ),
    ],
)
def test_what_names_or_exceeds_another_scale_needs_no_number_of_ratings(cells, line):
    assert lines({"a.csv": STARS, "b.csv": cells}) == ["rating scale: 1 to 5 (numbers up to 5)", line]


def test_files_whose_header_names_the_scale_share_it():
    [usual] = find({"a.csv": STARS, "b.csv": TENTHS}, "Rating out of 10").all
    assert usual.scale.span == "1 to 10"
    scales = find({"a.csv": STARS, "b.csv": TENTHS, "c.csv": ["4"]}, "Rating out of 5")
    assert [found.scale.span for found in scales.all] == ["1 to 5", "1 to 10"]
    assert list(scales.own) == ["b.csv"]


def test_no_file_has_ratings():
    assert lines({"a.csv": [""], "b.csv": [None]}) == [
        "rating scale: none, so stars_disagree stays empty (no ratings)"
    ]


def test_a_column_of_ever_new_names_lists_no_files(monkeypatch):
    monkeypatch.setattr("sentiment.tables.columns.scales._MOST_FILES", 3)
    files = {"a.csv": STARS, "b.csv": TENTHS, "c.csv": STARS, "d.csv": STARS}
    assert lines(files) == ["rating scale: 1 to 10 (numbers from 1 to 10)"]


def test_one_file_has_one_scale():
    finder = ScalesFinder(("review", "rating"), "rating")
    for cell in STARS:
        finder.add(Review(0, "", rating=cell))
    assert [found.describe() for found in finder.scales().all] == ["rating scale: 1 to 5 (numbers up to 5)"]

import pytest

from sentiment.errors import MissingColumnError
from sentiment.labels import BINARY, STARS, build_scheme
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring.result_columns import build_result_columns, check_free_columns, name_results
from sentiment.scoring.results import Result

SENTIMENTS = {"negative": 0.00004, "neutral": 0.02996, "positive": 0.97}
JUDGED = Result(
    Review(0, "good"),
    Prediction(
        ReviewStatus.OK, "positive", 0.97, SENTIMENTS, 4.567, False, language="en", tokens=1300, windows=3
    ),
    stars_disagree=True,
)
UNJUDGED = Result(Review(1, ""), Prediction(ReviewStatus.EMPTY, None, None, {}, None, needs_review=False))
SENTIMENT_NAMES = [
    "predicted_sentiment",
    "predicted_confidence",
    "p_negative",
    "p_neutral",
    "p_positive",
    "predicted_stars",
    "review_status",
    "needs_review",
]


def build(scheme, *, rated, prefix=""):
    return build_result_columns(name_results(scheme, rated=rated, language=False, prefix=prefix))


def names(columns):
    return [column.name for column in columns]


@pytest.mark.parametrize("scheme", [STARS, BINARY])
def test_every_sentiment_scheme_gives_the_same_columns(scheme):
    assert names(build(scheme, rated=False)) == SENTIMENT_NAMES
    assert names(build(scheme, rated=True)) == [*SENTIMENT_NAMES, "stars_disagree"]


def test_a_receipt_goes_behind_all_others_as_whole_numbers():
    receipt = build_result_columns(
        name_results(STARS, rated=True, language=True, receipt=True, prefix="v2_")
    )[-2:]
    assert names(receipt) == ["v2_review_tokens", "v2_review_windows"]
    assert [column.type for column in receipt] == [int, int]
    assert [column.text(JUDGED) for column in receipt] == ["1300", "3"]
    assert [column.typed(JUDGED) for column in receipt] == [1300, 3]
    assert [column.text(UNJUDGED) for column in receipt] == ["", ""]
    assert [column.typed(UNJUDGED) for column in receipt] == [None, None]


@pytest.mark.parametrize("cell", ["1300", "1300.0", 1300, 1300.0])
def test_a_receipt_is_read_back_from_any_notation(cell):
    whole = name_results(STARS, rated=False, language=False, receipt=True)
    cells = {column.name: column.typed(JUDGED) for column in build_result_columns(whole)}
    assert whole.read(cells | {"review_tokens": cell}).tokens == 1300
    with pytest.raises(ValueError, match="invalid literal"):
        whole.read(cells | {"review_windows": "2.5"})


def test_a_custom_scheme_has_a_column_a_label_and_no_stars():
    assert names(build(build_scheme(["returns", "praise"]), rated=True)) == [
        "predicted_label",
        "predicted_confidence",
        "p_returns",
        "p_praise",
        "review_status",
        "needs_review",
    ]


def test_a_prefix_goes_before_every_name():
    columns = build(STARS, rated=False, prefix="v2_")
    assert names(columns) == [f"v2_{name}" for name in SENTIMENT_NAMES]


def test_text_cells_are_rounded_words():
    cells = [column.text(JUDGED) for column in build(STARS, rated=True)]
    assert cells == ["positive", "0.9700", "0.0000", "0.0300", "0.9700", "4.57", "ok", "false", "true"]


def test_typed_cells_are_numbers_and_booleans():
    cells = [column.typed(JUDGED) for column in build(STARS, rated=True)]
    assert cells == ["positive", 0.97, 0.0, 0.03, 0.97, 4.57, "ok", False, True]


def test_without_a_label_the_cells_are_empty():
    columns = build(STARS, rated=True)
    assert [column.text(UNJUDGED) for column in columns] == [""] * 6 + ["empty", "false", ""]
    assert [column.typed(UNJUDGED) for column in columns] == [None] * 6 + ["empty", False, None]


def test_types_are_declared():
    columns = build(STARS, rated=True)
    assert [column.type for column in columns] == [str, float, float, float, float, float, str, bool, bool]


def test_columns_that_are_taken_are_named_with_both_ways_out():
    columns = name_results(STARS, rated=False, language=False).all
    with pytest.raises(MissingColumnError) as raised:
        check_free_columns("reviews.csv", ["p_negative", "text", "predicted_sentiment"], columns)
    assert str(raised.value) == (
        "reviews.csv: the columns predicted_sentiment, p_negative are already there. "
        "Results would overwrite them. "
        "Add --column-prefix NAME_ to name ours differently, or --replace-columns to replace them."
    )


def test_one_column_that_is_taken():
    columns = name_results(STARS, rated=False, language=False).all
    with pytest.raises(MissingColumnError) as raised:
        check_free_columns("reviews.csv", ["review_status", "text"], columns)
    assert str(raised.value) == (
        "reviews.csv: the column review_status is already there. Results would overwrite it. "
        "Add --column-prefix NAME_ to name ours differently, or --replace-columns to replace it."
    )


def test_free_columns_pass():
    names = name_results(STARS, rated=True, language=True)
    check_free_columns("reviews.csv", ["text", "sentiment"], names.all)


@pytest.mark.parametrize("kind", ["text", "typed"])
@pytest.mark.parametrize("result", [JUDGED, UNJUDGED])
def test_what_is_written_can_be_read_back(result, kind):
    names = name_results(STARS, rated=True, language=True, receipt=True, prefix="v2_")
    columns = build_result_columns(names)
    assert [column.name for column in columns] == list(names.all)

    found = names.read({column.name: getattr(column, kind)(result) for column in columns})

    written = result.prediction
    for name in ("status", "label", "needs_review", "language", "tokens", "windows"):
        assert getattr(found, name) == getattr(written, name)
    assert found.probabilities == pytest.approx(written.probabilities, abs=5e-5)
    assert found.confidence == pytest.approx(written.confidence)
    assert found.stars == pytest.approx(written.stars, abs=5e-3)

import pytest

from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring import ReviewScorer
from sentiment.scoring.results import (
    WINDOW_ROWS,
    WINDOWS_AHEAD,
    ModelPredictor,
    iter_results,
    iter_windows,
    stars_disagree,
)
from sentiment.tables import ScalesFinder
from tests.fakes import FakeScorer


def predict_stars(label, stars):
    return Prediction(ReviewStatus.OK, label, 0.9, {label: 0.9}, stars, needs_review=False)


@pytest.mark.parametrize(
    ("label", "predicted", "given", "expected"),
    [
        ("positive", 4.8, 1.0, True),
        ("positive", 4.8, 5.0, False),
        ("negative", 1.0, 3.0, True),
        ("negative", 1.1, 3.0, False),
        ("neutral", 3.0, 5.0, True),
        ("positive", 4.8, None, None),
    ],
)
def test_text_and_stars_disagree_by_sentiment_and_by_two_stars(label, predicted, given, expected):
    assert stars_disagree(predict_stars(label, predicted), given) is expected


def test_an_unsure_prediction_contradicts_nobody():
    unsure = Prediction(ReviewStatus.OK, "negative", 0.4, {"negative": 0.4}, 2.9, needs_review=True)
    assert stars_disagree(unsure, 5.0) is False


def test_without_a_label_nothing_disagrees():
    unjudged = Prediction(ReviewStatus.EMPTY, None, None, {}, None, needs_review=False)
    assert stars_disagree(unjudged, 1.0) is None


def test_what_is_not_published_is_not_judged_unless_asked():
    scorer = FakeScorer()
    reviews = [Review(0, "good towel"), Review(1, "bad towel", is_withheld=True), Review(2, "good towel")]
    [found] = ModelPredictor(ReviewScorer(scorer))([reviews])
    assert [prediction.status.value for prediction in found] == ["ok", "withheld", "ok"]
    assert (found[1].label, found[1].needs_review) == (None, False)
    assert scorer.calls == [["good towel", "good towel"]]
    [included] = ModelPredictor(ReviewScorer(scorer), include_withheld=True)([reviews])
    assert [prediction.label for prediction in included] == ["positive", "negative", "positive"]


def test_a_window_ends_with_the_row_that_fills_it():
    reviews = [Review(row, "", cells=("x" * size, 7)) for row, size in enumerate([1, 1, 1, 9, 1])]
    assert [len(window) for window in iter_windows(reviews, rows=2, characters=8)] == [2, 2, 1]


def test_reviews_are_judged_with_their_titles_and_held_against_their_stars():
    ratings = ["1", "5", "", None]
    reviews = [Review(row, "good towel", title="good", rating=rating) for row, rating in enumerate(ratings)]
    finder = ScalesFinder((), "rating")
    for review in reviews:
        finder.add(review)
    scorer = FakeScorer()
    [results] = iter_results(reviews, ModelPredictor(ReviewScorer(scorer)), finder.scales())
    assert [result.review for result in results] == reviews
    assert [result.stars_disagree for result in results] == [True, False, None, None]
    assert scorer.calls[0][0].count("good") == 1  # the body begins with the title


def test_reading_is_lazy():
    def reviews():
        for row in range(WINDOWS_AHEAD * WINDOW_ROWS):
            yield Review(row, "good")
        raise AssertionError("read too far")

    first = next(iter_results(reviews(), ModelPredictor(ReviewScorer(FakeScorer())), scales=None))
    assert len(first) == WINDOW_ROWS


def test_a_carried_row_disagrees_as_a_fresh_one_does():
    fresh, carried = (
        predict_stars("neutral", stars) for stars in (3.0012, 3.0)
    )  # an earlier file has two places
    assert stars_disagree(fresh, 5.0) is stars_disagree(carried, 5.0) is True

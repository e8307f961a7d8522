"""Reviews to results: windows of rows that are scored together, predictions held against the stars."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sentiment.labels import stars_to_sentiment
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring.review_scorer import ReviewScorer, without_label
from sentiment.scoring.routing import RoutedScorer
from sentiment.tables import RatingScales
from sentiment.threads import map_ahead

WINDOW_ROWS: Final = 1024
WINDOW_CHARACTERS: Final = 1_000_000
"""A window of rows ends with the row that reaches either number: some ten batches, and a bound on memory."""

WINDOWS_AHEAD: Final = 2
"""Windows that are on their way at a time."""

STAR_PLACES: Final = 2
"""Places to which expected stars are written."""

DISAGREEMENT_STARS: Final = 2.0
"""Text and customer disagree from so many stars apart. Own choice: one star is taste."""


Passed = TypeVar("Passed")


@dataclass(frozen=True, slots=True)
class Result:
    """A review, what the model says of it, and whether its stars say otherwise (None: not known)."""

    review: Review
    prediction: Prediction
    stars_disagree: bool | None = None


class Predictor(Protocol):
    """Whatever gives reviews their predictions; wrappers remember, skip or carry over."""

    def __call__(self, windows: Iterable[Sequence[Review]]) -> Iterator[list[Prediction]]:
        """Judge windows of reviews, lazily and in order: a list for each, a prediction for each review.

        It may read a few windows ahead of what it has given.
        """
        ...


class ModelPredictor:
    """Judge reviews by a model; those that their platform does not publish only where asked to.

    Args:
        scorer: Gives the predictions.
        include_withheld: Whether to judge spam, hidden reviews and shops' replies too.
    """

    def __init__(self, scorer: ReviewScorer | RoutedScorer, *, include_withheld: bool = False) -> None:
        self._scorer = scorer
        self._include_withheld = include_withheld

    def __call__(self, windows: Iterable[Sequence[Review]]) -> Iterator[list[Prediction]]:
        """Judge windows of reviews.

        Two are on their way at a time: while the network computes for one, the other is cleaned and
        tokenised, and the caller reads and writes.
        """
        return map_ahead(self._judge, windows, WINDOWS_AHEAD)

    def _judge(self, reviews: Sequence[Review]) -> list[Prediction]:
        judged = [review for review in reviews if self._include_withheld or not review.is_withheld]
        found = self._scorer.predict([review.text for review in judged], [review.title for review in judged])
        if len(found) == len(reviews):
            return found
        predictions = {review.row: prediction for review, prediction in zip(judged, found, strict=True)}
        withheld = without_label(ReviewStatus.WITHHELD)
        return [predictions.get(review.row, withheld) for review in reviews]


def iter_results(
    reviews: Iterable[Review], predict: Predictor, scales: RatingScales | None
) -> Iterator[list[Result]]:
    """Judge reviews window by window, lazily and in order.

    Args:
        reviews: Read as far as the window that is asked for.
        predict: Gives the predictions.
        scales: How the rating cells read as stars, or None where there are none.
    """
    on_their_way: deque[Sequence[Review]] = deque()
    for predictions in predict(passing(iter_windows(reviews), on_their_way)):
        window = on_their_way.popleft()
        yield [
            Result(review, prediction, stars_disagree(prediction, scales.stars(review) if scales else None))
            for review, prediction in zip(window, predictions, strict=True)
        ]


def passing(windows: Iterable[Passed], seen: deque[Passed]) -> Iterator[Passed]:
    """Hand windows on and keep each in `seen`, for whoever waits for their results: those keep the order."""
    for window in windows:
        seen.append(window)
        yield window


def iter_windows(
    reviews: Iterable[Review], rows: int = WINDOW_ROWS, characters: int = WINDOW_CHARACTERS
) -> Iterator[list[Review]]:
    """Cut a stream of reviews into windows of at most `rows` rows, shorter where the cells are long; lazy."""
    window: list[Review] = []
    size = 0
    for review in reviews:
        window.append(review)
        size += sum(len(cell) for cell in review.cells if isinstance(cell, str))
        if len(window) >= rows or size >= characters:
            yield window
            window, size = [], 0
    if window:
        yield window


def stars_disagree(prediction: Prediction, stars: float | None) -> bool | None:
    """Say whether a review's text and its stars (1-5) tell different stories.

    They do where the sentiment differs, at least `DISAGREEMENT_STARS` lie between the two star values, and
    the prediction is sure enough to need no person: an unsure reading contradicts nobody. On
    data/sample_reviews.csv that keeps all six planted contradictions and nearly halves the list (12 rows,
    not 21).

    Returns:
        None where there is no label or no readable rating.
    """
    if stars is None or prediction.stars is None:
        return None
    # As written: a row that is carried over from an earlier file is judged by what stands there.
    apart = abs(round(prediction.stars, STAR_PLACES) - stars) >= DISAGREEMENT_STARS
    return apart and not prediction.needs_review and prediction.label != stars_to_sentiment(stars)

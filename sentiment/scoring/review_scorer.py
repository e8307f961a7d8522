"""Reviews to predictions: cleaning, status, and class probabilities read as a label."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import SENTIMENTS, build_scheme
from sentiment.records import Prediction, ReviewStatus
from sentiment.scoring.scorer import Scorer
from sentiment.scoring.windows import MAX_CHARACTERS
from sentiment.tables import compose_text, review_status

UNSURE_STATUSES = (ReviewStatus.NO_WORDS, ReviewStatus.CUT)
LABELLED_STATUSES = (ReviewStatus.OK, ReviewStatus.CUT)


class ReviewScorer:
    """Wrap a Scorer of clean texts into a scorer of reviews as they are exported.

    Args:
        scorer: Gives class probabilities of cleaned texts.
        review_threshold: Confidence below which a person should look.
        runs_on: What `scorer` runs on and why, for people: `device` and `precision`, say.

    Attributes:
        labels: The scorer's labels, the columns of `score`.
        scheme: What they stand for.
        runs_on: As given.
    """

    def __init__(
        self, scorer: Scorer, review_threshold: float = 0.0, runs_on: Mapping[str, str] | None = None
    ) -> None:
        self.labels = scorer.labels
        self.scheme = build_scheme(scorer.labels)
        self.runs_on = dict(runs_on or {})
        self._scorer = scorer
        self._review_threshold = review_threshold

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels) of reviews, of those without words too."""
        return self._scorer.score([compose_text(None, text)[:MAX_CHARACTERS] for text in texts])

    def predict(self, texts: Sequence[str], titles: Sequence[str | None] | None = None) -> list[Prediction]:
        """Judge reviews, one prediction each, in order.

        Args:
            texts: Bodies as exported.
            titles: Headlines as exported, one a body; None where there are none.
        """
        if titles is None:
            titles = [None] * len(texts)
        composed = [compose_text(title, text) for title, text in zip(titles, texts, strict=True)]
        statuses = [_status(text) for text in composed]
        readable = [i for i, status in enumerate(statuses) if status in LABELLED_STATUSES]
        probabilities = self._scorer.score([composed[i][:MAX_CHARACTERS] for i in readable])
        judged = dict(zip(readable, self._judge(probabilities, [statuses[i] for i in readable]), strict=True))
        return [judged.get(i) or _without_label(status) for i, status in enumerate(statuses)]

    def _judge(
        self, probabilities: NDArray[np.float32], statuses: Sequence[ReviewStatus]
    ) -> list[Prediction]:
        names: tuple[str, ...] = self.labels
        stars: list[float] | list[None] = [None] * len(statuses)
        if self.scheme.has_sentiment:
            names = SENTIMENTS
            stars = self.scheme.expected_stars(probabilities).tolist()
            probabilities = self.scheme.sentiment_probabilities(probabilities).clip(0, 1)
        winners = probabilities.argmax(axis=1).tolist()
        rows = probabilities.tolist()
        return [
            Prediction(
                status,
                label=names[winner],
                confidence=row[winner],
                probabilities=dict(zip(names, row, strict=True)),
                stars=star,
                needs_review=status in UNSURE_STATUSES or row[winner] < self._review_threshold,
            )
            for status, winner, row, star in zip(statuses, winners, rows, stars, strict=True)
        ]


def _status(text: str) -> ReviewStatus:
    status = review_status(text)
    return ReviewStatus.CUT if status is ReviewStatus.OK and len(text) > MAX_CHARACTERS else status


def _without_label(status: ReviewStatus) -> Prediction:
    return Prediction(status, None, None, {}, None, needs_review=status in UNSURE_STATUSES)

"""Reviews to predictions: cleaning, status, and class probabilities read as a label."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import SENTIMENTS, build_scheme
from sentiment.measuring.calibration import is_sure
from sentiment.records import Prediction, ReviewStatus
from sentiment.scoring.explaining.explainer import Explainer
from sentiment.scoring.explaining.strongest import choose_strongest
from sentiment.scoring.preparing import Prepared, prepare
from sentiment.scoring.scorer import ReceiptScorer, Scorer
from sentiment.tables.values.languages import is_read

UNSURE_STATUSES: Final = (ReviewStatus.NO_WORDS, ReviewStatus.CUT, ReviewStatus.LANGUAGE)


class ReviewScorer:
    """Wrap a Scorer of clean texts into a scorer of reviews as they are exported.

    Args:
        scorer: Gives class probabilities of cleaned texts.
        review_threshold: Confidence below which a person should look.
        promise: What that threshold promises of the other predictions, for people.
        runs_on: What `scorer` runs on and why, for people: `device` and `precision`, say.
        languages: ISO 639-1 codes of what the model was trained on; empty where that is not known. A review
            that is surely in another language gets no label.
        detects_language: Whether `predict` looks for the language of each review.
        explainer: Weighs the words of the cleaned texts that get a label; None explains no label.

    Attributes:
        labels: The scorer's labels, the columns of `score`.
        scheme: What they stand for.
        review_threshold: As given.
        promise: As given.
        runs_on: As given.
        detects_language: As given.
        explains: Whether predictions name the words that moved their label.
    """

    def __init__(
        self,
        scorer: Scorer,
        review_threshold: float = 0.0,
        runs_on: Mapping[str, str] | None = None,
        *,
        promise: str = "",
        languages: Collection[str] = (),
        detects_language: bool = False,
        explainer: Explainer | None = None,
    ) -> None:
        self.labels = scorer.labels
        self.scheme = build_scheme(scorer.labels)
        self.review_threshold = review_threshold
        self.promise = promise
        self.runs_on = dict(runs_on or {})
        self.detects_language = detects_language
        self.explains = explainer is not None
        self._explainer = explainer
        self._scorer = scorer
        self._languages = frozenset(languages)

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels) of reviews, of those without words too."""
        return self._scorer.score([each.text for each in prepare(texts, detect_language=False)])

    def predict(self, texts: Sequence[str], titles: Sequence[str | None] | None = None) -> list[Prediction]:
        """Judge reviews, one prediction each, in order.

        Args:
            texts: Bodies as exported.
            titles: Headlines as exported, one a body; None where there are none.
        """
        return self.judge(prepare(texts, titles, detect_language=self.detects_language))

    def judge(self, prepared: Sequence[Prepared]) -> list[Prediction]:
        """Judge reviews that are prepared, one prediction each, in order."""
        readable = [
            i
            for i, each in enumerate(prepared)
            if each.is_readable and is_read(each.language, self._languages)
        ]
        judged = dict(zip(readable, self._label([prepared[i] for i in readable]), strict=True))
        return [judged.get(i) or _without_label(each) for i, each in enumerate(prepared)]

    def decide(self, prediction: Prediction) -> Prediction:
        """Say anew whether a person should look at what was predicted before, by any threshold."""
        if prediction.confidence is None:
            return prediction
        sure = bool(is_sure(prediction.confidence, self.review_threshold))
        return replace(prediction, needs_review=_needs_review(prediction.status, sure=sure))

    def _label(self, prepared: Sequence[Prepared]) -> list[Prediction]:
        probabilities, receipts = self._score_with_receipts([each.text for each in prepared])
        explanations = self._explain([each.text for each in prepared])
        names: tuple[str, ...] = self.labels
        stars: list[float] | list[None] = [None] * len(prepared)
        if self.scheme.has_sentiment:
            names = SENTIMENTS
            stars = self.scheme.expected_stars(probabilities).tolist()
            probabilities = self.scheme.sentiment_probabilities(probabilities).clip(0, 1)
        winners = probabilities.argmax(axis=1).tolist()
        rows = probabilities.tolist()
        sure = is_sure(probabilities.max(axis=1), self.review_threshold).tolist()
        return [
            Prediction(
                each.status,
                label=names[winner],
                confidence=row[winner],
                probabilities=dict(zip(names, row, strict=True)),
                stars=star,
                needs_review=_needs_review(each.status, sure=is_sure_of),
                language=each.language,
                tokens=tokens,
                windows=windows,
                explanation=explanation,
            )
            for each, winner, row, is_sure_of, star, (tokens, windows), explanation in zip(
                prepared, winners, rows, sure, stars, receipts, explanations, strict=True
            )
        ]

    def _explain(self, texts: Sequence[str]) -> list[tuple[tuple[str, float], ...]] | list[None]:
        """Give the words that moved the label of each text, or Nones."""
        if self._explainer is None:
            return [None] * len(texts)
        weights = self._explainer.explain(texts)
        return [choose_strongest(text, each) for text, each in zip(texts, weights, strict=True)]

    def _score_with_receipts(
        self, texts: Sequence[str]
    ) -> tuple[NDArray[np.float32], list[tuple[int, int]] | list[tuple[None, None]]]:
        """Give class probabilities, and tokens and windows of each text where the scorer tells them."""
        if not isinstance(self._scorer, ReceiptScorer):
            return self._scorer.score(texts), [(None, None)] * len(texts)
        probabilities, tokens, windows = self._scorer.score_with_receipt(texts)
        return probabilities, list(zip(tokens.tolist(), windows.tolist(), strict=True))


def _needs_review(status: ReviewStatus, *, sure: bool) -> bool:
    return status in UNSURE_STATUSES or not sure


def _without_label(prepared: Prepared) -> Prediction:
    status = ReviewStatus.LANGUAGE if prepared.is_readable else prepared.status
    return without_label(status, prepared.language)


def without_label(status: ReviewStatus, language: str | None = None) -> Prediction:
    """Give the prediction of a review that is not judged, for the reason that its status names."""
    needs_review = status in UNSURE_STATUSES
    return Prediction(status, None, None, {}, None, needs_review=needs_review, language=language)

"""Simple scorers to measure a model against: two lexicons and a linear model over words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from sentiment.errors import EmptyDatasetError, LabelError, MissingExtraError
from sentiment.labels import SENTIMENTS
from sentiment.tables.wording import count

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

NEUTRAL_BAND: Final = 0.05
"""Polarities nearer to 0 than this read as neutral, as VADER's authors read its compound score."""

_SHARPNESS: Final = 5.0


class VaderScorer:
    """The lexicon and rules of VADER (Hutto & Gilbert 2014), read by `polarity_probabilities`.

    Raises:
        MissingExtraError: vaderSentiment is not installed.
    """

    labels: tuple[str, ...] = SENTIMENTS

    def __init__(self) -> None:
        try:
            from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
        except ModuleNotFoundError as error:
            raise _missing_extra("VADER", "vaderSentiment") from error
        self._analyzer = SentimentIntensityAnalyzer()

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give probabilities (reviews, 3) in `SENTIMENTS` order from the compound score of each text."""
        return polarity_probabilities([self._analyzer.polarity_scores(text)["compound"] for text in texts])


class TextBlobScorer:
    """The lexicon of TextBlob (the pattern library's, bundled), read by `polarity_probabilities`.

    Raises:
        MissingExtraError: textblob is not installed.
    """

    labels: tuple[str, ...] = SENTIMENTS

    def __init__(self) -> None:
        try:
            from textblob.sentiments import PatternAnalyzer
        except ModuleNotFoundError as error:
            raise _missing_extra("TextBlob", "textblob") from error
        # The analyzer by itself needs none of the corpora that TextBlob's other functions download.
        self._analyzer = PatternAnalyzer()

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give probabilities (reviews, 3) in `SENTIMENTS` order from the polarity of each text."""
        return polarity_probabilities([self._analyzer.analyze(text).polarity for text in texts])


class TfidfScorer:
    """Logistic regression over the TF-IDF weights of words and word pairs; build it with `fit`."""

    labels: tuple[str, ...] = SENTIMENTS

    def __init__(self, vectorizer: "TfidfVectorizer", model: "LogisticRegression") -> None:
        self._vectorizer = vectorizer
        self._model = model
        self._columns = [SENTIMENTS.index(sentiment) for sentiment in model.classes_]

    @classmethod
    def fit(cls, texts: Sequence[str], sentiments: Sequence[str]) -> Self:
        """Fit on texts (n,) and their sentiments (n,): negative, neutral or positive.

        Sublinear term frequencies, words and pairs that occur in at least two texts, 200,000 of them at most.
        A sentiment that does not occur gets probability 0 for ever.

        Raises:
            MissingExtraError: scikit-learn is not installed.
            LabelError: A label is not one of `SENTIMENTS`.
            EmptyDatasetError: Fewer than two sentiments occur, or no word occurs in two texts.
            ValueError: There are not as many sentiments as texts.
        """
        _check_training_data(texts, sentiments)
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.linear_model import LogisticRegression
        except ModuleNotFoundError as error:
            raise _missing_extra("scikit-learn", "scikit-learn") from error
        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=2, max_features=200_000, dtype=np.float32
        )
        try:
            weights = vectorizer.fit_transform(texts)
        except ValueError as error:
            raise EmptyDatasetError(
                f"TF-IDF: nothing to learn from {count(len(texts), 'text')}.",
                "No word occurs in two of them.",
                "Give it more reviews.",
            ) from error
        # saga reaches the accuracy of the default solver in a sixth of its time on 60,000 reviews.
        model = LogisticRegression(C=4.0, solver="saga", max_iter=1000, random_state=0)
        return cls(vectorizer, model.fit(weights, sentiments))

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give probabilities (reviews, 3) in `SENTIMENTS` order."""
        probabilities = np.zeros((len(texts), len(SENTIMENTS)), dtype=np.float32)
        if len(texts):
            weights = self._vectorizer.transform(texts)
            probabilities[:, self._columns] = self._model.predict_proba(weights)
        return probabilities


def polarity_probabilities(polarities: Sequence[float]) -> NDArray[np.float32]:
    """Read polarities (n,) from -1 to 1 as probabilities (n, 3) in `SENTIMENTS` order.

    A softmax of (-5 x, 5 * `NEUTRAL_BAND`, 5 x): p_positive rises and p_negative falls with the polarity x,
    the larger of the two has its sign, and they are equal at 0. Of all three, neutral is the largest inside
    the band and ties at its ends. The numbers order the texts; they are no calibrated chances.
    """
    leaning = _SHARPNESS * np.asarray(polarities, dtype=np.float64)
    neutral = np.full_like(leaning, _SHARPNESS * NEUTRAL_BAND)
    weights = np.exp(np.column_stack((-leaning, neutral, leaning)))
    probabilities: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def _check_training_data(texts: Sequence[str], sentiments: Sequence[str]) -> None:
    if len(texts) != len(sentiments):
        raise ValueError(f"TfidfScorer.fit: {len(sentiments)} sentiments for {len(texts)} texts.")
    found = sorted(set(sentiments))
    unknown = [label for label in found if label not in SENTIMENTS]
    if unknown:
        raise LabelError(
            f"TF-IDF: unknown sentiment '{unknown[0]}'.",
            f"Known: {', '.join(SENTIMENTS)}.",
            "Map the labels to sentiments first.",
        )
    if len(found) < 2:
        raise EmptyDatasetError(
            "TF-IDF: needs reviews of at least two sentiments.",
            f"Found: {', '.join(found) or 'none'}.",
            "Add reviews of another sentiment.",
        )


def _missing_extra(product: str, package: str) -> MissingExtraError:
    return MissingExtraError(
        f"{product} is not installed.",
        f"This baseline needs the package {package}.",
        "Install it with: pip install -r requirements/baselines.txt",
    )

"""Every figure of a model on labelled reviews, for any scheme and labels however coarse."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.measuring import metrics
from sentiment.measuring.figures import (
    POSITIVE_ID,
    leans_positive,
    measure_classification,
    measure_polarity,
    measure_stars,
)

NEUTRAL_ID = SENTIMENTS.index("neutral")


def measure_reviews(
    probabilities: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    scheme: LabelScheme,
    stars: NDArray[np.float64] | None = None,
    counts: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Measure class probabilities against coarse or fine labels.

    Args:
        probabilities: (n, labels), rows sum to 1.
        allowed: The classes that each label allows (n, labels), bool.
        scheme: The labels, in id order.
        stars: The given stars (n,), nan where a label names none (`neutral` is not 3 stars).
        counts: How often each review stands in each resample (resamples, n). Every figure is then an array
            (resamples,), nan where a resample does not decide it; see `resampling.measure_with_intervals`.

    Returns:
        `loss` (mean of -ln of the probability on allowed classes), `accuracy` (share whose likeliest class is
        allowed); `classes`: the three sentiments of the star scheme, else the scheme's own classes;
        `polarity`: positive against negative; `stars`, of reviews whose label names one. What a scheme or
        the labels do not have is left out.

    Raises:
        ValueError: There are no reviews.
    """
    if not len(probabilities):
        raise ValueError("measure_reviews: there are no reviews.")
    on_allowed = np.where(allowed, probabilities, 0).sum(axis=1, dtype=np.float64)
    figures: dict[str, Any] = {
        "reviews": len(probabilities),
        "loss": metrics.mean(-np.log(np.maximum(on_allowed, 1e-12)), counts),
        "accuracy": metrics.mean(allowed[np.arange(len(allowed)), probabilities.argmax(axis=1)], counts),
    }
    if scheme.name != "stars":
        classes = measure_classification(probabilities, allowed.argmax(axis=1), scheme.labels, counts)
        figures["classes"] = classes.as_dict()
    if not scheme.has_sentiment:
        return figures
    sentiments = scheme.sentiment_probabilities(probabilities)
    truth = _true_sentiments(allowed, scheme)
    if scheme.name == "stars":
        figures["classes"] = measure_classification(sentiments, truth, SENTIMENTS, counts).as_dict()
        given = np.isfinite(stars) if stars is not None else np.zeros(len(allowed), dtype=bool)
        if stars is not None and given.any():
            expected = scheme.expected_stars(probabilities[given])
            figures["stars"] = measure_stars(expected, stars[given], _of_rows(counts, given)).as_dict()
    sided = truth != NEUTRAL_ID
    if sided.any():
        sides = measure_polarity(sentiments[sided], truth[sided], _of_rows(counts, sided))
        figures["polarity"] = sides.as_dict()
    return figures


def _true_sentiments(allowed: NDArray[np.bool_], scheme: LabelScheme) -> NDArray[np.intp]:
    of_class = np.array([SENTIMENTS.index(sentiment) for sentiment in scheme.sentiments])
    truth: NDArray[np.intp] = of_class[allowed.argmax(axis=1)]
    return truth


def _of_rows(counts: NDArray[np.float64] | None, rows: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    return None if counts is None else counts[:, rows]


def judge_top_labels(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Say how sure each prediction is (of a sentiment, where the scheme has them), and whether it is right.

    Args:
        probabilities: (n, labels), rows sum to 1.
        allowed: The classes that each label allows (n, labels), bool.
        scheme: The labels, in id order.

    Returns:
        Probability of the likeliest label (n,), and whether the given label allows it (n,).
    """
    if scheme.has_sentiment:
        probabilities = scheme.sentiment_probabilities(probabilities)
        allowed = scheme.sentiment_probabilities(allowed.astype(np.float32)) > 0
    return probabilities.max(axis=1), allowed[np.arange(len(allowed)), probabilities.argmax(axis=1)]


def judge_names(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme
) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.int64]]:
    """Read class probabilities and labels as the names that a prediction can have.

    Args:
        probabilities: (n, labels), rows sum to 1.
        allowed: The classes that each label allows (n, labels), bool.
        scheme: The labels, in id order.

    Returns:
        The three sentiments, or the classes of a custom scheme; their probabilities (n, names); and the
        position of the right one (n,).
    """
    if not scheme.has_sentiment:
        return scheme.labels, probabilities, allowed.argmax(axis=1).astype(np.int64)
    named = scheme.sentiment_probabilities(probabilities).clip(0, 1)
    return SENTIMENTS, named, _true_sentiments(allowed, scheme).astype(np.int64)


def judge_polarity(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme
) -> NDArray[np.bool_]:
    """Say of each review that is labelled negative or positive (m,) whether the right side is on top.

    The mean is the accuracy of `measure_polarity`.

    Args:
        probabilities: (n, labels), rows sum to 1.
        allowed: The classes that each label allows (n, labels), bool.
        scheme: A scheme of sentiments.
    """
    truth = _true_sentiments(allowed, scheme)
    sided = truth != NEUTRAL_ID
    sentiments = scheme.sentiment_probabilities(probabilities[sided])
    right: NDArray[np.bool_] = leans_positive(sentiments) == (truth[sided] == POSITIVE_ID)
    return right


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Turn logits (n, labels) into probabilities (n, labels), fp32."""
    if not len(logits):
        return logits.astype(np.float32)
    shifted = np.exp(logits.astype(np.float32) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)

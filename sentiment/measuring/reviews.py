"""Every figure of a model on labelled reviews, for any scheme and labels however coarse."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.measuring.figures import measure_classification, measure_polarity, measure_stars


def measure_reviews(
    probabilities: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    scheme: LabelScheme,
    stars: NDArray[np.float64] | None = None,
) -> dict[str, Any]:
    """Measure class probabilities against coarse or fine labels.

    Args:
        probabilities: (n, labels), rows sum to 1.
        allowed: The classes that each label allows (n, labels), bool.
        scheme: The labels, in id order.
        stars: The given stars (n,), nan where a label names none (`neutral` is not 3 stars).

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
        "loss": float(-np.log(np.maximum(on_allowed, 1e-12)).mean()),
        "accuracy": float(allowed[np.arange(len(allowed)), probabilities.argmax(axis=1)].mean()),
    }
    if not scheme.has_sentiment:
        return figures | {"classes": _measure_classes(probabilities, allowed, scheme.labels)}
    sentiments = scheme.sentiment_probabilities(probabilities)
    truth = np.array([SENTIMENTS.index(scheme.sentiments[i]) for i in allowed.argmax(axis=1)])
    if scheme.name == "stars":
        figures["classes"] = measure_classification(sentiments, truth, SENTIMENTS).as_dict()
        given = np.isfinite(stars) if stars is not None else np.zeros(len(allowed), dtype=bool)
        if stars is not None and given.any():
            figures["stars"] = measure_stars(
                scheme.expected_stars(probabilities[given]), stars[given]
            ).as_dict()
    else:
        figures["classes"] = _measure_classes(probabilities, allowed, scheme.labels)
    sided = truth != SENTIMENTS.index("neutral")
    if sided.any():
        figures["polarity"] = measure_polarity(sentiments[sided], truth[sided]).as_dict()
    return figures


def _measure_classes(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], labels: tuple[str, ...]
) -> dict[str, Any]:
    return measure_classification(probabilities, allowed.argmax(axis=1), labels).as_dict()


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


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Turn logits (n, labels) into probabilities (n, labels), fp32."""
    if not len(logits):
        return logits.astype(np.float32)
    shifted = np.exp(logits.astype(np.float32) - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)

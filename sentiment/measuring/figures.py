"""The figures of one model on one set of reviews, as typed results that can be written as JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sentiment.labels import SENTIMENTS
from sentiment.measuring import metrics

NEGATIVE_ID, POSITIVE_ID = SENTIMENTS.index("negative"), SENTIMENTS.index("positive")


@dataclass(frozen=True)
class ClassFigures:
    """How one class is told from the others; see `metrics.PerClass` for the moments when a figure is nan."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ClassificationFigures:
    """How well probabilities tell the classes apart.

    Attributes:
        reviews: How many were measured.
        accuracy: Share with the right class on top.
        balanced_accuracy: Mean recall of the classes that occur.
        macro_f1: Mean F1 of the classes that are predicted or occur.
        auc: Area under the ROC curve (`metrics.auc`); nan where one class alone occurs.
        calibration_error: Expected calibration error, 15 bins.
        brier_score: Mean squared distance from the truth, 0 to 2.
        log_loss: Mean negative log likelihood of the truth.
        per_class: Label to its figures, in id order.
        confusion: Counts by true class (rows) and predicted class (columns), in id order.
    """

    reviews: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    auc: float
    calibration_error: float
    brier_score: float
    log_loss: float
    per_class: Mapping[str, ClassFigures]
    confusion: tuple[tuple[int, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON: lists for tuples, None for a figure that is not decided (nan)."""
        return _plain_values(self)


@dataclass(frozen=True)
class StarFigures:
    """How well expected stars meet the given ones.

    Attributes:
        reviews: How many were measured.
        exact: Share whose expected stars, rounded half up, are the given ones.
        within_one: Share whose rounded stars miss by at most one.
        mean_absolute_error: Mean distance of the unrounded stars.
    """

    reviews: int
    exact: float
    within_one: float
    mean_absolute_error: float

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return _plain_values(self)


@dataclass(frozen=True)
class PolarityFigures:
    """How well positive is told from negative.

    Attributes:
        reviews: How many were measured.
        accuracy: Share with the right side on top.
        balanced_accuracy: Mean of both recalls (of the one side, where one alone occurs).
        auc: Probability that a positive review leans further to the positive side than a negative one; nan
            where one side alone occurs.
    """

    reviews: int
    accuracy: float
    balanced_accuracy: float
    auc: float

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON: None for a figure that is not decided (nan)."""
        return _plain_values(self)


def measure_classification(
    probabilities: ArrayLike, label_ids: ArrayLike, labels: Sequence[str]
) -> ClassificationFigures:
    """Measure class probabilities against the truth; the prediction is the first largest of a row.

    Args:
        probabilities: (n, labels) rows that sum to 1, in id order.
        label_ids: (n,) true ids.
        labels: The names, in id order.

    Raises:
        ValueError: There are no reviews, or the arguments do not belong together.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(labels):
        raise ValueError(f"measure_classification: probabilities {table.shape} for {len(labels)} labels.")
    predictions = table.argmax(axis=1)
    by_class = metrics.per_class(predictions, label_ids, len(labels))
    rows = zip(*(column.tolist() for column in by_class), strict=True)
    return ClassificationFigures(
        reviews=len(table),
        accuracy=metrics.accuracy(predictions, label_ids),
        balanced_accuracy=metrics.balanced_accuracy(predictions, label_ids),
        macro_f1=metrics.macro_f1(predictions, label_ids),
        auc=metrics.auc(table, label_ids),
        calibration_error=metrics.expected_calibration_error(table, label_ids),
        brier_score=metrics.brier_score(table, label_ids),
        log_loss=metrics.log_loss(table, label_ids),
        per_class={label: ClassFigures(*row) for label, row in zip(labels, rows, strict=True)},
        confusion=tuple(map(tuple, metrics.confusion_matrix(predictions, label_ids, len(labels)).tolist())),
    )


def measure_stars(expected_stars: ArrayLike, stars: ArrayLike) -> StarFigures:
    """Measure expected stars (n,), 1.0 to 5.0, against the given whole stars (n,).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    return StarFigures(
        reviews=len(np.asarray(stars)),
        exact=metrics.stars_exact(expected_stars, stars),
        within_one=metrics.stars_within_one(expected_stars, stars),
        mean_absolute_error=metrics.stars_mean_absolute_error(expected_stars, stars),
    )


def measure_polarity(sentiment_probabilities: ArrayLike, sentiment_ids: ArrayLike) -> PolarityFigures:
    """Measure positive against negative: the larger of p_negative and p_positive wins, whatever p_neutral is.

    A tie reads as positive. A trained model hardly ever ties; a lexicon that knows no word of a review does,
    and most reviews are positive, so this reading favours the lexicon.

    Args:
        sentiment_probabilities: (n, 3) in `SENTIMENTS` order.
        sentiment_ids: (n,) true positions in `SENTIMENTS`, none of them neutral.

    Raises:
        ValueError: There are no reviews, the arrays do not belong together, or a review is neutral.
    """
    table = np.asarray(sentiment_probabilities, dtype=np.float64)
    truth = np.asarray(sentiment_ids)
    if table.ndim != 2 or table.shape[1] != len(SENTIMENTS):
        raise ValueError(f"measure_polarity: probabilities {table.shape} for {len(SENTIMENTS)} sentiments.")
    if not np.isin(truth, (NEGATIVE_ID, POSITIVE_ID)).all():
        raise ValueError("measure_polarity: every review must be negative or positive.")
    negative, positive = table[:, NEGATIVE_ID], table[:, POSITIVE_ID]
    is_positive = truth == POSITIVE_ID
    predictions = positive >= negative
    both = negative + positive
    lean = np.divide(positive, both, out=np.full(len(table), 0.5), where=both > 0)
    return PolarityFigures(
        reviews=len(table),
        accuracy=metrics.accuracy(predictions, is_positive),
        balanced_accuracy=metrics.balanced_accuracy(predictions, is_positive),
        auc=metrics.binary_auc(lean, is_positive),
    )


def _plain_values(figures: ClassificationFigures | StarFigures | PolarityFigures) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in asdict(figures).items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain_value(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain_value(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value

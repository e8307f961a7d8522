"""The figures of one model on one set of reviews, as typed results that can be written as JSON.

Under `counts` (resamples, n), which `metrics` explains, a figure is an array (resamples,) and no number.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sentiment.labels import SENTIMENTS
from sentiment.measuring import metrics
from sentiment.measuring.calibration import is_sure
from sentiment.measuring.inputs import Floats
from sentiment.measuring.metrics import Figure

NEGATIVE_ID, POSITIVE_ID = SENTIMENTS.index("negative"), SENTIMENTS.index("positive")


@dataclass(frozen=True)
class ClassFigures:
    """How one class is told from the others; see `metrics.PerClass` for the moments when a figure is nan."""

    precision: Figure
    recall: Figure
    f1: Figure
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
        calibration_error_debiased: That without what chance adds to it, as a root mean square; may be below
            0, and is nan where no two reviews are equally sure.
        brier_score: Mean squared distance from the truth, 0 to 2.
        log_loss: Mean negative log likelihood of the truth.
        per_class: Label to its figures, in id order.
        confusion: Counts by true class (rows) and predicted class (columns), in id order; empty under
            `counts`.
    """

    reviews: int
    accuracy: Figure
    balanced_accuracy: Figure
    macro_f1: Figure
    auc: Figure
    calibration_error: Figure
    calibration_error_debiased: Figure
    brier_score: Figure
    log_loss: Figure
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
    exact: Figure
    within_one: Figure
    mean_absolute_error: Figure

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
    accuracy: Figure
    balanced_accuracy: Figure
    auc: Figure

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON: None for a figure that is not decided (nan)."""
        return _plain_values(self)


@dataclass(frozen=True)
class AnsweredFigures:
    """What a confidence threshold leaves to a person, and what it does not.

    Attributes:
        coverage: Share of predictions that need no person.
        accuracy: Share of those that are right; nan where there are none.
    """

    coverage: Figure
    accuracy: Figure

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON: None for a figure that is not decided (nan)."""
        return _plain_values(self)


@dataclass(frozen=True)
class CalibrationFigures:
    """How often predictions are right, and whether their confidence says so.

    Attributes:
        accuracy: Share that is right.
        calibration_error: `metrics.expected_calibration_error`.
        calibration_error_debiased: `metrics.debiased_calibration_error`; nan where it is not decided.
    """

    accuracy: Figure
    calibration_error: Figure
    calibration_error_debiased: Figure

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for JSON: None for a figure that is not decided (nan)."""
        return _plain_values(self)


def measure_calibration(
    probabilities: ArrayLike, label_ids: ArrayLike, counts: Floats | None = None
) -> CalibrationFigures:
    """Measure accuracy and calibration alone, where `measure_classification` would take too long.

    Args:
        probabilities: (n, labels) rows that sum to 1, in id order.
        label_ids: (n,) true ids.
        counts: How often each review stands in each resample.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    return CalibrationFigures(
        accuracy=metrics.accuracy(table.argmax(axis=1), label_ids, counts),
        calibration_error=metrics.expected_calibration_error(table, label_ids, counts=counts),
        calibration_error_debiased=metrics.debiased_calibration_error(table, label_ids, counts=counts),
    )


def measure_classification(
    probabilities: ArrayLike, label_ids: ArrayLike, labels: Sequence[str], counts: Floats | None = None
) -> ClassificationFigures:
    """Measure class probabilities against the truth; the prediction is the first largest of a row.

    Args:
        probabilities: (n, labels) rows that sum to 1, in id order.
        label_ids: (n,) true ids.
        labels: The names, in id order.
        counts: How often each review stands in each resample.

    Raises:
        ValueError: There are no reviews, or the arguments do not belong together.
    """
    table = np.asarray(probabilities, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(labels):
        raise ValueError(f"measure_classification: probabilities {table.shape} for {len(labels)} labels.")
    predictions = table.argmax(axis=1)
    by_class = metrics.per_class(predictions, label_ids, len(labels), counts)
    rows = zip(*(column.tolist() if counts is None else column.T for column in by_class), strict=True)
    confusion: list[list[int]] = []
    if counts is None:
        confusion = metrics.confusion_matrix(predictions, label_ids, len(labels)).tolist()
    return ClassificationFigures(
        reviews=len(table),
        accuracy=metrics.accuracy(predictions, label_ids, counts),
        balanced_accuracy=metrics.balanced_accuracy(predictions, label_ids, counts),
        macro_f1=metrics.macro_f1(predictions, label_ids, counts),
        auc=metrics.auc(table, label_ids, counts),
        calibration_error=metrics.expected_calibration_error(table, label_ids, counts=counts),
        calibration_error_debiased=metrics.debiased_calibration_error(table, label_ids, counts=counts),
        brier_score=metrics.brier_score(table, label_ids, counts),
        log_loss=metrics.log_loss(table, label_ids, counts),
        per_class={label: ClassFigures(*row) for label, row in zip(labels, rows, strict=True)},
        confusion=tuple(map(tuple, confusion)),
    )


def measure_stars(expected_stars: ArrayLike, stars: ArrayLike, counts: Floats | None = None) -> StarFigures:
    """Measure expected stars (n,), 1.0 to 5.0, against the given whole stars (n,).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    return StarFigures(
        reviews=len(np.asarray(stars)),
        exact=metrics.stars_exact(expected_stars, stars, counts),
        within_one=metrics.stars_within_one(expected_stars, stars, counts),
        mean_absolute_error=metrics.stars_mean_absolute_error(expected_stars, stars, counts),
    )


def measure_polarity(
    sentiment_probabilities: ArrayLike, sentiment_ids: ArrayLike, counts: Floats | None = None
) -> PolarityFigures:
    """Measure positive against negative: the larger of p_negative and p_positive wins, whatever p_neutral is.

    A tie reads as positive. A trained model hardly ever ties; a lexicon that knows no word of a review does,
    and most reviews are positive, so this reading favours the lexicon.

    Args:
        sentiment_probabilities: (n, 3) in `SENTIMENTS` order.
        sentiment_ids: (n,) true positions in `SENTIMENTS`, none of them neutral.
        counts: How often each review stands in each resample.

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
    predictions = leans_positive(table)
    both = negative + positive
    lean = np.divide(positive, both, out=np.full(len(table), 0.5), where=both > 0)
    return PolarityFigures(
        reviews=len(table),
        accuracy=metrics.accuracy(predictions, is_positive, counts),
        balanced_accuracy=metrics.balanced_accuracy(predictions, is_positive, counts),
        auc=metrics.binary_auc(lean, is_positive, counts),
    )


def leans_positive(sentiment_probabilities: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Say of probabilities (n, 3) in `SENTIMENTS` order which (n,) `measure_polarity` reads as positive."""
    leaning: NDArray[np.bool_] = (
        sentiment_probabilities[:, POSITIVE_ID] >= sentiment_probabilities[:, NEGATIVE_ID]
    )
    return leaning


def measure_answered(
    confidence: NDArray[np.floating[Any]],
    right: NDArray[np.bool_],
    threshold: float,
    counts: Floats | None = None,
) -> AnsweredFigures:
    """Measure what is sure enough to need no person.

    Args:
        confidence: (n,) of each prediction.
        right: (n,) whether it is right.
        threshold: A prediction below it needs a person.
        counts: How often each review stands in each resample.
    """
    answered = is_sure(confidence, threshold)
    return AnsweredFigures(
        coverage=metrics.mean(answered, counts),
        accuracy=metrics.mean(right[answered], None if counts is None else counts[:, answered]),
    )


def _plain_values(
    figures: ClassificationFigures | StarFigures | PolarityFigures | AnsweredFigures | CalibrationFigures,
) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in asdict(figures).items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain_value(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain_value(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value

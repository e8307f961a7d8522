"""Single figures about classifiers and star estimates, from plain numpy arrays.

Label ids are whole numbers from 0; row `i` of every argument is the same review. A figure that the reviews
do not decide (the AUC of one class, the recall of a class that never occurs) is nan, not 0 and not an error.
`counts` (resamples, n) say how often each review stands in each of several resamples: the figure is then an
array (resamples,), what the function gives for the rows of each resample, at a fraction of the time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sentiment.measuring.inputs import (
    Floats,
    Ids,
    check_distributions,
    check_ids,
    check_rows,
    check_table,
    check_whole,
)

Figure = float | Floats
"""A number; under `counts`, an array (resamples,)."""


class PerClass(NamedTuple):
    """One value a class, in id order.

    Under `counts` the arrays have a first axis more: (resamples, labels).

    Attributes:
        precision: (labels,) share of the predictions of a class that are right; nan where there are none.
        recall: (labels,) share of the reviews of a class that are found; nan where there are none.
        f1: (labels,) harmonic mean of both; nan where the class is neither predicted nor true.
        support: (labels,) number of reviews of the class.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ids


def mean(values: ArrayLike, counts: Floats | None = None) -> Figure:
    """Average a value of each review (n,), numbers or booleans; nan where there is no review."""
    each = np.asarray(values, dtype=np.float64)
    if counts is None:
        return float(each.mean()) if len(each) else float("nan")
    return _ratio(counts @ each, counts.sum(axis=1))


def accuracy(predictions: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the share of reviews whose predicted id (n,) is the true one (n,).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    predicted, truth = check_ids("accuracy", predictions, references)
    return mean(predicted == truth, counts)


def balanced_accuracy(predictions: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the mean of the recalls of the classes that occur in `references` (n,).

    It is 0.5 for a constant answer to two classes, however skewed they are. Where one class alone occurs it
    is the recall of that class (Brodersen et al. 2010, as in scikit-learn).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    predicted, truth = check_ids("balanced_accuracy", predictions, references)
    return _mean_of_decided(per_class(predicted, truth, counts=counts).recall)


def macro_f1(predictions: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the unweighted mean F1 of the classes that are predicted (n,) or true (n,).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    predicted, truth = check_ids("macro_f1", predictions, references)
    return _mean_of_decided(per_class(predicted, truth, counts=counts).f1)


def per_class(
    predictions: ArrayLike,
    references: ArrayLike,
    num_labels: int | None = None,
    counts: Floats | None = None,
) -> PerClass:
    """Give precision, recall, F1 and support of each class.

    Args:
        predictions: (n,) predicted ids.
        references: (n,) true ids.
        num_labels: How many classes there are; None counts up to the highest id that occurs.
        counts: How often each review stands in each resample.

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together, or to so many classes.
    """
    predicted, truth = check_ids("per_class", predictions, references, num_labels)
    matrix = confusion_matrix(predicted, truth, num_labels, counts)
    right = matrix.diagonal(axis1=-2, axis2=-1)
    predicted_counts, support = matrix.sum(axis=-2), matrix.sum(axis=-1)
    return PerClass(
        precision=_ratio(right, predicted_counts),
        recall=_ratio(right, support),
        f1=_ratio(2 * right, predicted_counts + support),
        support=support,
    )


def confusion_matrix(
    predictions: ArrayLike,
    references: ArrayLike,
    num_labels: int | None = None,
    counts: Floats | None = None,
) -> Ids:
    """Count reviews by true class (rows) and predicted class (columns).

    Args:
        predictions: (n,) predicted ids.
        references: (n,) true ids.
        num_labels: How many classes there are; None counts up to the highest id that occurs.
        counts: How often each review stands in each resample.

    Returns:
        Numbers of reviews (labels, labels); under `counts` (resamples, labels, labels).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together, or to so many classes.
    """
    predicted, truth = check_ids("confusion_matrix", predictions, references, num_labels)
    size = num_labels or int(max(predicted.max(), truth.max())) + 1
    cells = truth * size + predicted
    if counts is None:
        return np.bincount(cells, minlength=size * size).reshape(size, size)
    return _sum_groups(counts, cells, size * size).astype(np.int64).reshape(-1, size, size)


def binary_auc(scores: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the probability that a review of class 1 scores above one of class 0, ties counting half.

    This is the area under the ROC curve, from mid-ranks (Mann & Whitney 1947; Hanley & McNeil 1982).

    Args:
        scores: (n,) any finite numbers, higher for class 1.
        references: (n,) true ids, 0 or 1.
        counts: How often each review stands in each resample.

    Returns:
        0 to 1; nan where one class alone occurs.

    Raises:
        ValueError: There are no reviews, the arrays do not belong together, or an id is neither 0 nor 1.
    """
    values, truth = check_rows("binary_auc", scores, references)
    is_member = check_whole("binary_auc", truth, num_labels=2) == 1
    order = np.argsort(values)
    starts = np.flatnonzero(np.diff(values[order], prepend=np.nan))
    drawn = (np.ones((1, len(values))) if counts is None else counts)[:, order]
    members = np.add.reduceat(drawn * is_member[order], starts, axis=1)
    others = np.add.reduceat(drawn, starts, axis=1) - members
    others_below = np.cumsum(others, axis=1) - others / 2
    areas = _ratio((members * others_below).sum(axis=1), members.sum(axis=1) * others.sum(axis=1))
    return float(areas[0]) if counts is None else areas


def auc(probabilities: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the area under the ROC curve: of class 1 for two labels, the mean of one-against-rest for more.

    Classes that hold none of the reviews, or all of them, decide nothing and are left out of the mean.

    Args:
        probabilities: (n, labels) scores or probabilities, in id order.
        references: (n,) true ids.
        counts: How often each review stands in each resample.

    Returns:
        0 to 1; nan where one class alone occurs.

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    scores, truth = check_table("auc", probabilities, references)
    labels = scores.shape[1]
    classes = [1] if labels == 2 else range(labels)
    areas = [binary_auc(scores[:, label], truth == label, counts) for label in classes]
    return _mean_of_decided(np.stack(areas, axis=-1))


def expected_calibration_error(
    probabilities: ArrayLike, references: ArrayLike, bins: int = 15, counts: Floats | None = None
) -> Figure:
    """Give the mean gap between confidence and accuracy (Guo et al. 2017, equal-width bins (low, high]).

    Args:
        probabilities: (n, labels) rows that sum to 1; the confidence is the largest of a row.
        references: (n,) true ids.
        bins: Number of bins of the confidence over 0 to 1.
        counts: How often each review stands in each resample.

    Returns:
        0 to 1: the gap of each bin weighted by its share of the reviews.

    Raises:
        ValueError: There are no reviews, the arrays do not belong together, or a row is no distribution.
    """
    gaps, bin_ids = _calibration_gaps("expected_calibration_error", probabilities, references, bins)
    drawn = np.ones((1, len(gaps))) if counts is None else counts
    errors = _ratio(np.abs(_sum_groups(drawn * gaps, bin_ids, bins)).sum(axis=1), drawn.sum(axis=1))
    return float(errors[0]) if counts is None else errors


def debiased_calibration_error(
    probabilities: ArrayLike, references: ArrayLike, bins: int = 15, counts: Floats | None = None
) -> Figure:
    """Give the calibration error without what chance adds to it (Kumar, Liang & Ma 2019, section 5).

    Few reviews fall beside their confidence by chance alone: the expected calibration error of 130 reviews is
    about 0.05 under perfect calibration. Here the square of each bin's gap is estimated without bias, as the
    mean product of the gaps of two different reviews, and the root is taken of the mean over bins. It is a
    root mean square, so beside uneven gaps it is larger than the mean gap.

    Args:
        probabilities: (n, labels) rows that sum to 1; the confidence is the largest of a row.
        references: (n,) true ids.
        bins: Number of bins of the confidence over 0 to 1; those with one review do not count.
        counts: How often each review stands in each resample.

    Returns:
        About 0 under perfect calibration, and as often below it as above (the root of a negative square is
        negative); nan where no bin holds two reviews.

    Raises:
        ValueError: There are no reviews, the arrays do not belong together, or a row is no distribution.
    """
    gaps, bin_ids = _calibration_gaps("debiased_calibration_error", probabilities, references, bins)
    drawn = np.ones((1, len(gaps))) if counts is None else counts
    reviews = _sum_groups(drawn, bin_ids, bins)
    products = _sum_groups(drawn * gaps, bin_ids, bins) ** 2 - _sum_groups(drawn * gaps**2, bin_ids, bins)
    decided = reviews > 1
    squares = np.divide(products, reviews - 1, out=np.zeros_like(products), where=decided).sum(axis=1)
    means = _ratio(squares, np.where(decided, reviews, 0).sum(axis=1))
    errors = np.sign(means) * np.sqrt(np.abs(means))
    return float(errors[0]) if counts is None else errors


def chance_calibration_error(
    probabilities: ArrayLike, bins: int = 15, level: float = 0.95, simulations: int = 1000, seed: int = 0
) -> float:
    """Give the expected calibration error that a perfectly calibrated model rarely exceeds.

    Simulated: each prediction of probabilities (n, labels) is right as often as its confidence says. Chance
    explains an error up to this one; a larger one has a probability of `1 - level`.

    Raises:
        ValueError: There are no reviews, or a row is no distribution.
    """
    rows = np.asarray(probabilities, dtype=np.float64)
    table, _ = check_distributions("chance_calibration_error", rows, np.zeros(len(rows)))
    confidence, draws = table.max(axis=1), np.random.default_rng(seed)
    bin_ids = _confidence_bins(confidence, bins)
    errors = [
        np.abs(np.bincount(bin_ids, weights=(draws.random(len(rows)) < confidence) - confidence)).sum()
        for _ in range(simulations)
    ]
    return float(np.quantile(errors, level) / len(rows))


def brier_score(probabilities: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the mean squared distance between a row (labels,) and the truth as 0 and 1 (Brier 1950).

    The squares are summed over all labels: 0 is perfect, 2 the worst, also for two labels.

    Raises:
        ValueError: There are no reviews, the arrays do not belong together, or a row is no distribution.
    """
    table, truth = check_distributions("brier_score", probabilities, references)
    return mean(np.sum((table - np.eye(table.shape[1])[truth]) ** 2, axis=1), counts)


def log_loss(probabilities: ArrayLike, references: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the mean of -ln of the probability of the true class, (n, labels) against ids (n,).

    A probability of 0 counts as 2.2e-16 (the step of a float64 at 1), so that one review cannot make the mean
    infinite.

    Raises:
        ValueError: There are no reviews, the arrays do not belong together, or a row is no distribution.
    """
    table, truth = check_distributions("log_loss", probabilities, references)
    of_truth = table[np.arange(len(truth)), truth]
    return mean(-np.log(np.clip(of_truth, np.finfo(np.float64).eps, 1.0)), counts)


def stars_exact(expected_stars: ArrayLike, stars: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the share of reviews whose expected stars (n,), rounded half up, are the given whole stars (n,).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    expected, given = check_rows("stars_exact", expected_stars, stars)
    return mean(_round_half_up(expected) == given, counts)


def stars_within_one(expected_stars: ArrayLike, stars: ArrayLike, counts: Floats | None = None) -> Figure:
    """Give the share of reviews whose expected stars (n,), rounded half up, miss `stars` (n,) by at most one.

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    expected, given = check_rows("stars_within_one", expected_stars, stars)
    return mean(np.abs(_round_half_up(expected) - given) <= 1, counts)


def stars_mean_absolute_error(
    expected_stars: ArrayLike, stars: ArrayLike, counts: Floats | None = None
) -> Figure:
    """Give the mean distance in stars between the expected (n,), not rounded, and the given (n,).

    Raises:
        ValueError: There are no reviews, or the arrays do not belong together.
    """
    expected, given = check_rows("stars_mean_absolute_error", expected_stars, stars)
    return mean(np.abs(expected - given), counts)


def _calibration_gaps(
    metric: str, probabilities: ArrayLike, references: ArrayLike, bins: int
) -> tuple[Floats, Ids]:
    """Give right (1 or 0) less confidence of each review (n,), and the bin of its confidence (n,)."""
    table, truth = check_distributions(metric, probabilities, references)
    confidence = table.max(axis=1)
    return (table.argmax(axis=1) == truth) - confidence, _confidence_bins(confidence, bins)


def _confidence_bins(confidence: Floats, bins: int) -> Ids:
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def _round_half_up(values: Floats) -> Floats:
    # np.round goes to the even neighbour, which would read 2.5 as 2 and 3.5 as 4.
    return np.floor(values + 0.5)


def _ratio(parts: Ids | Floats, wholes: Ids | Floats) -> Floats:
    ratios = np.full(wholes.shape, np.nan)
    np.divide(parts, wholes, out=ratios, where=wholes > 0)
    return ratios


def _mean_of_decided(values: Floats) -> Figure:
    """Average over the last axis what is not nan: a float from (labels,), (resamples,) from two axes."""
    decided = ~np.isnan(values)
    means = _ratio(np.where(decided, values, 0).sum(axis=-1), decided.sum(axis=-1))
    return means if means.ndim else float(means)


def _sum_groups(values: Floats, groups: Ids, size: int) -> Floats:
    """Sum the values of each row (rows, n) by group (n,): (rows, size)."""
    return np.stack([np.bincount(groups, weights=row, minlength=size) for row in values])

"""How right each alternative is: figures of a file, their means over files, and intervals of those."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.measuring import metrics, percentile_interval, resample_figures
from sentiment.measuring.figures import NEGATIVE_ID, POSITIVE_ID
from sentiment.measuring.resampling import find_intervals
from sentiment.measuring.reviews import NEUTRAL_ID

Figures = dict[str, Any]
Probabilities = NDArray[np.float32]
Truth = NDArray[np.intp]

SIDES: Final = "sides"
"""Group of figures of positive against negative, which all files have."""

CLASSES: Final = "classes"
"""Group of figures of three classes, which files with neutral reviews have."""


def measure_file(
    sentiments: Probabilities, truth: Truth, *, counts: NDArray[np.float64] | None = None
) -> Figures:
    """Measure an alternative on one file.

    Args:
        sentiments: (n, 3) in `SENTIMENTS` order; p_neutral is 0 where an alternative has no such class.
        truth: (n,) positions in `SENTIMENTS`.
        counts: How often each review stands in each resample, as in `sentiment.measuring.metrics`.

    Returns:
        `SIDES`: figures of the negative and positive reviews, where there are any, p_neutral left aside.
        `CLASSES`: figures of all, only where neutral reviews are among them: where none is, an alternative
        that knows no neutral would look better than one that does.
    """
    sided = truth != NEUTRAL_ID
    figures: Figures = {}
    if sided.any():
        drawn = None if counts is None else counts[:, sided]
        figures[SIDES] = _measure_sides(sentiments[sided], truth[sided] == NEGATIVE_ID, drawn)
    if not sided.all():
        top = sentiments.argmax(axis=1)
        figures[CLASSES] = {
            "accuracy": metrics.accuracy(top, truth, counts),
            "macro_f1": metrics.macro_f1(top, truth, counts),
            "calibration_error": metrics.expected_calibration_error(sentiments, truth, counts=counts),
        }
    return figures


def measure_means(
    by_file: Mapping[str, Probabilities], truths: Mapping[str, Truth], resamples: int
) -> tuple[Figures, Figures]:
    """Measure an alternative on every file, and the means over files, each file counting the same.

    Returns:
        The figures: `files` (name to figures), `mean`, `intervals` of the means, `pooled` (all reviews
        together, since the calibration error of few reviews is too large), `worst`, and `unanswerable`; and
        the resampled means, an array (resamples,) of each: reviews are drawn within their file, and for all
        alternatives the same ones, so that differences of these arrays are paired.
    """
    files, resampled = {}, []
    for number, (name, truth) in enumerate(truths.items()):
        measure = partial(measure_file, by_file[name], truth)
        files[name] = measure()
        resampled.append(resample_figures(measure, len(truth), resamples, seed=number))
    mean, means = _mean([*files.values()]), _mean(resampled)
    balanced = {name: own[SIDES]["balanced_accuracy"] for name, own in files.items() if SIDES in own}
    worst = min(balanced, key=balanced.__getitem__)
    figures = {
        "files": files,
        "mean": mean,
        "intervals": find_intervals(mean, means),
        "pooled": measure_file(*_pool(by_file, truths)),
        "worst": {"file": worst, "balanced_accuracy": balanced[worst]},
        "unanswerable": _share_without_class(by_file, truths),
    }
    return figures, means


def _measure_sides(
    sentiments: Probabilities, is_negative: NDArray[np.bool_], counts: NDArray[np.float64] | None
) -> Figures:
    # Positive first: the first of two equal ones counts, and a tie reads as positive everywhere else.
    two = sentiments[:, [POSITIVE_ID, NEGATIVE_ID]].astype(np.float64)
    both = two.sum(axis=1, keepdims=True)
    two = np.divide(two, both, out=np.full_like(two, 0.5), where=both > 0)
    predicted, side = two.argmax(axis=1), is_negative.astype(np.intp)
    return {
        "accuracy": metrics.accuracy(predicted, side, counts),
        "balanced_accuracy": metrics.balanced_accuracy(predicted, side, counts),
        "calibration_error": metrics.expected_calibration_error(two, side, counts=counts),
    }


def compare_means(
    ours: Figures, other: Figures, ours_resampled: Figures, other_resampled: Figures
) -> Figures:
    """Give ours minus the other's for each mean, with its interval: [difference, low, high]."""
    return {
        group: {
            name: [
                ours[group][name] - other[group][name],
                *percentile_interval(ours_resampled[group][name] - other_resampled[group][name]),
            ]
            for name in ours[group]
        }
        for group in ours
    }


def _mean(files: list[Figures]) -> Figures:
    means: Figures = {}
    for group in (SIDES, CLASSES):
        having = [figures[group] for figures in files if group in figures]
        if having:
            means[group] = {name: sum(each[name] for each in having) / len(having) for name in having[0]}
    return means


def _share_without_class(by_file: Mapping[str, Probabilities], truths: Mapping[str, Truth]) -> float:
    """Give the share of reviews whose sentiment gets probability 0 in every review: it has no such class."""
    sentiments, truth = _pool(by_file, truths)
    return float(np.mean(~(sentiments.max(axis=0) > 0)[truth]))


def _pool(by_file: Mapping[str, Probabilities], truths: Mapping[str, Truth]) -> tuple[Probabilities, Truth]:
    return np.concatenate([by_file[name] for name in truths]), np.concatenate([*truths.values()])

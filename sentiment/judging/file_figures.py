"""What a scorer gets right on one labelled file, and in the mean over files."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import LabelledReviews
from sentiment.labels import LabelScheme, build_scheme
from sentiment.measuring import judge_top_labels, measure_reviews, wilson_interval
from sentiment.scoring.scorer import Scorer
from sentiment.training.data import allowed_classes, given_stars

Figures = dict[str, Any]
"""Figures by name, some of them grouped, as JSON holds them."""

Summary = dict[str, float | None]
"""The figures that stand in one line of a table; None where a scorer or a file does not have one."""

SUMMARISED: Final[Mapping[str, tuple[str, str]]] = {
    "polarity_accuracy": ("polarity", "accuracy"),
    "balanced_accuracy": ("polarity", "balanced_accuracy"),
    "auc": ("polarity", "auc"),
    "accuracy": ("classes", "accuracy"),
    "macro_f1": ("classes", "macro_f1"),
    "calibration_error": ("classes", "calibration_error"),
    "stars_exact": ("stars", "exact"),
    "stars_within_one": ("stars", "within_one"),
    "answered": ("answered", "coverage"),
    "answered_accuracy": ("answered", "accuracy"),
}
"""Name in a summary to its place (group, key) among the figures of a file."""


def measure_scorer(
    scorer: Scorer, reviews: LabelledReviews, review_threshold: float | None = None
) -> Figures:
    """Measure one scorer on labelled reviews.

    Args:
        scorer: What is measured.
        reviews: Every label must allow a class of the scorer's scheme.
        review_threshold: Confidence below which a person should look; None where the scorer has none.

    Returns:
        The figures of `measure_reviews`; with a threshold also `answered`: the share of predictions that need
        no person (`coverage`) and how many of them are right (`accuracy`, None where there are none).
    """
    scheme = build_scheme(scorer.labels)
    probabilities = scorer.score(reviews.texts)
    allowed = allowed_classes(reviews, scheme)
    figures = measure_reviews(probabilities, allowed, scheme, given_stars(reviews))
    if review_threshold is not None:
        figures["answered"] = _measure_answered(probabilities, allowed, scheme, review_threshold)
    return figures


def _measure_answered(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme, threshold: float
) -> Figures:
    confidence, right = judge_top_labels(probabilities, allowed, scheme)
    answered = confidence >= threshold
    return {
        "coverage": float(answered.mean()),
        "accuracy": float(right[answered].mean()) if answered.any() else None,
    }


def summarise(figures: Figures) -> Summary:
    """Pick the figures of one line: those of `SUMMARISED`, and `polarity_margin`.

    The margin is half of the 95 % Wilson interval of the polarity accuracy. Balanced accuracy has none: an
    interval of it would need the outcome of every single review.
    """
    summary: Summary = {name: figures.get(group, {}).get(key) for name, (group, key) in SUMMARISED.items()}
    summary["polarity_margin"] = None
    if "polarity" in figures:
        reviews, accuracy = figures["polarity"]["reviews"], figures["polarity"]["accuracy"]
        low, high = wilson_interval(round(accuracy * reviews), reviews)
        summary["polarity_margin"] = (high - low) / 2
    return summary


def mean_summary(files: Iterable[Summary]) -> Summary:
    """Average each figure over the files that have it, every file counting the same.

    The margin of the mean is that of independent figures: the root of the summed squares, over their number.
    """
    rows = list(files)
    means: Summary = {}
    for name in SUMMARISED:
        values = [value for row in rows if (value := row[name]) is not None]
        means[name] = sum(values) / len(values) if values else None
    margins = [margin for row in rows if (margin := row["polarity_margin"]) is not None]
    means["polarity_margin"] = math.hypot(*margins) / len(margins) if margins else None
    return means


def find_worst(files: Mapping[str, Summary]) -> Figures | None:
    """Name the file with the lowest balanced accuracy, and that figure; None where no file has one."""
    known = {file: value for file, row in files.items() if (value := row["balanced_accuracy"]) is not None}
    if not known:
        return None
    file = min(known, key=known.__getitem__)
    return {"file": file, "balanced_accuracy": known[file]}

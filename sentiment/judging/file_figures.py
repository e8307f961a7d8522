"""What a scorer gets right on one labelled file, and in the mean over files."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import LabelledReviews
from sentiment.labels import build_scheme
from sentiment.measuring import (
    judge_top_labels,
    measure_answered,
    measure_reviews,
    measure_with_intervals,
    wilson_interval,
)
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

MARGINS: Final = ("polarity_margin", "balanced_margin")
"""Names in a summary of half an interval."""


def measure_scorer(
    scorer: Scorer,
    reviews: LabelledReviews,
    review_threshold: float | None = None,
    bootstrap_resamples: int = 0,
) -> Figures:
    """Measure one scorer on labelled reviews.

    Args:
        scorer: What is measured.
        reviews: Every label must allow a class of the scorer's scheme.
        review_threshold: Confidence below which a person should look; None where the scorer has none.
        bootstrap_resamples: Resamples behind the intervals; 0 gives none.

    Returns:
        The figures of `measure_reviews`; with a threshold also `answered`, those of `measure_answered`; with
        resamples also `intervals`, as in `measure_with_intervals`.
    """
    scheme = build_scheme(scorer.labels)
    probabilities = scorer.score(reviews.texts)
    allowed, stars = allowed_classes(reviews, scheme), given_stars(reviews)
    confidence, right = judge_top_labels(probabilities, allowed, scheme)

    def measure(*, counts: NDArray[np.float64] | None = None) -> Figures:
        figures = measure_reviews(probabilities, allowed, scheme, stars, counts)
        if review_threshold is not None:
            figures["answered"] = measure_answered(confidence, right, review_threshold, counts).as_dict()
        return figures

    return measure_with_intervals(measure, len(reviews), bootstrap_resamples)


def summarise(figures: Figures) -> Summary:
    """Pick the figures of one line: those of `SUMMARISED`, and two margins, halves of 95 % intervals.

    `polarity_margin` is that of the Wilson interval, `balanced_margin` that of the bootstrap; None where the
    figures hold no intervals.
    """
    summary: Summary = {name: figures.get(group, {}).get(key) for name, (group, key) in SUMMARISED.items()}
    summary |= dict.fromkeys(MARGINS)
    if "polarity" in figures:
        reviews, accuracy = figures["polarity"]["reviews"], figures["polarity"]["accuracy"]
        low, high = wilson_interval(round(accuracy * reviews), reviews)
        summary["polarity_margin"] = (high - low) / 2
        if interval := figures.get("intervals", {}).get("polarity", {}).get("balanced_accuracy"):
            low, high = interval
            summary["balanced_margin"] = (high - low) / 2
    return summary


def mean_summary(files: Iterable[Summary]) -> Summary:
    """Average each figure over the files that have it, every file counting the same.

    The margin of a mean is that of independent figures: the root of the summed squares, over their number.
    """
    rows = list(files)
    means: Summary = {}
    for name in SUMMARISED:
        values = [value for row in rows if (value := row[name]) is not None]
        means[name] = sum(values) / len(values) if values else None
    for name in MARGINS:
        margins = [margin for row in rows if (margin := row[name]) is not None]
        means[name] = math.hypot(*margins) / len(margins) if margins else None
    return means


def find_worst(files: Mapping[str, Summary]) -> Figures | None:
    """Name the file with the lowest balanced accuracy, and that figure; None where no file has one."""
    known = {file: value for file, row in files.items() if (value := row["balanced_accuracy"]) is not None}
    if not known:
        return None
    file = min(known, key=known.__getitem__)
    return {"file": file, "balanced_accuracy": known[file]}

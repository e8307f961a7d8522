"""What a scorer gets right on one labelled file, and in the mean over files."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import LabelledReviews
from sentiment.labels import LabelScheme, build_scheme
from sentiment.measuring import (
    judge_names,
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
    "calibration_error_debiased": ("classes", "calibration_error_debiased"),
    "stars_exact": ("stars", "exact"),
    "stars_within_one": ("stars", "within_one"),
    "answered": ("answered", "coverage"),
    "answered_accuracy": ("answered", "accuracy"),
}
"""Name in a summary to its place (group, key) among the figures of a file."""

MARGINS: Final = ("polarity_margin", "balanced_margin")
"""Names in a summary of half an interval."""


@dataclass(frozen=True)
class ScoredReviews:
    """Labelled reviews, and what a scorer says of them.

    Attributes:
        reviews: The reviews.
        scheme: The scorer's labels.
        probabilities: Of each class (reviews, labels).
    """

    reviews: LabelledReviews
    scheme: LabelScheme
    probabilities: NDArray[np.float32]

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """The classes that each label allows (reviews, labels)."""
        return allowed_classes(self.reviews, self.scheme)

    @cached_property
    def judged(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """How sure each prediction is, and whether it is right; see `judge_top_labels`."""
        return judge_top_labels(self.probabilities, self.allowed, self.scheme)

    @cached_property
    def named(self) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.int64]]:
        """The names a prediction can have, their probabilities, and the right ones; see `judge_names`."""
        return judge_names(self.probabilities, self.allowed, self.scheme)


def score_reviews(scorer: Scorer, reviews: LabelledReviews) -> ScoredReviews:
    """Score labelled reviews; every label must allow a class of the scorer's scheme."""
    return ScoredReviews(reviews, build_scheme(scorer.labels), scorer.score(reviews.texts))


def measure_scored(
    scored: ScoredReviews, review_threshold: float | None = None, bootstrap_resamples: int = 0
) -> Figures:
    """Measure what a scorer says of labelled reviews.

    Args:
        scored: The reviews and their probabilities.
        review_threshold: Confidence below which a person should look; None where the scorer has none.
        bootstrap_resamples: Resamples behind the intervals; 0 gives none.

    Returns:
        The figures of `measure_reviews`; with a threshold also `answered`, those of `measure_answered`; with
        resamples also `intervals`, as in `measure_with_intervals`.
    """
    stars = given_stars(scored.reviews)
    confidence, right = scored.judged

    def measure(*, counts: NDArray[np.float64] | None = None) -> Figures:
        figures = measure_reviews(scored.probabilities, scored.allowed, scored.scheme, stars, counts)
        if review_threshold is not None:
            figures["answered"] = measure_answered(confidence, right, review_threshold, counts).as_dict()
        return figures

    return measure_with_intervals(measure, len(scored.reviews), bootstrap_resamples)


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


BEYOND_CHANCE: Final = 0.03
"""A calibration error that exceeds what chance explains by more is named: the error that is aimed at."""


def find_miscalibrated(files: Mapping[str, Summary], by_chance: Mapping[str, float]) -> list[Figures]:
    """Name the files whose calibration error is so far beyond what chance explains (`BEYOND_CHANCE`).

    Args:
        files: Name to the line of the model.
        by_chance: Name to `chance_calibration_error` of its predictions.

    Returns:
        `file`, `calibration_error` and `by_chance` of each, worst first.
    """
    found = [
        {"file": name, "calibration_error": error, "by_chance": by_chance[name]}
        for name, row in files.items()
        if (error := row["calibration_error"]) is not None and error - by_chance[name] > BEYOND_CHANCE
    ]
    return sorted(found, key=lambda file: file["by_chance"] - file["calibration_error"])

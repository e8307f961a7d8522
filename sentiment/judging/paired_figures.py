"""What two models, A and B, get right on the same labelled reviews, and whether they differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.judging.file_figures import SUMMARISED, Figures
from sentiment.labels import BINARY, TERNARY, LabelScheme
from sentiment.measuring import (
    find_intervals,
    holm_adjustment,
    judge_polarity,
    judge_top_labels,
    mcnemar_test,
    measure_reviews,
    resample_figures,
)

COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    "polarity_accuracy": SUMMARISED["polarity_accuracy"],
    "balanced_accuracy": SUMMARISED["balanced_accuracy"],
    "accuracy": SUMMARISED["accuracy"],
    "macro_f1": SUMMARISED["macro_f1"],
    "stars_exact": SUMMARISED["stars_exact"],
    "stars_within_one": SUMMARISED["stars_within_one"],
    "loss": ("loss",),
}
"""Name of a figure that two models are compared by to its place among those of `measure_reviews`."""


@dataclass(frozen=True)
class PairedReviews:
    """Labelled reviews that both models have scored.

    Attributes:
        scheme: The labels that both are read in.
        first: A's probabilities (n, labels), rows sum to 1.
        second: B's.
        allowed: The classes that each label allows (n, labels), bool.
        stars: The given stars (n,), nan where a label names none.
    """

    scheme: LabelScheme
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    allowed: NDArray[np.bool_]
    stars: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.allowed)


def pool(parts: Sequence[PairedReviews]) -> PairedReviews:
    """Put the reviews of several files, all of one scheme, into one."""
    columns = ("first", "second", "allowed", "stars")
    return PairedReviews(
        parts[0].scheme, *(np.concatenate([getattr(part, name) for part in parts]) for name in columns)
    )


def find_common_scheme(first: LabelScheme, second: LabelScheme) -> LabelScheme | None:
    """Give the finest labels that both schemes can say: their own, else sentiments, else None.

    Beside a binary scheme, which never says neutral, that is the binary one.
    """
    if set(first.labels) == set(second.labels):
        return first
    if not (first.has_sentiment and second.has_sentiment):
        return None
    return BINARY if BINARY in (first, second) else TERNARY


def read_in_scheme(
    probabilities: NDArray[np.float32], own: LabelScheme, common: LabelScheme
) -> NDArray[np.float32]:
    """Read probabilities (n, labels) of a scheme's classes as those of a common scheme (n, common labels).

    The binary scheme has no neutral: p_negative and p_positive are what they are of the two alone, a half
    each where all is neutral.
    """
    if set(own.labels) == set(common.labels):
        return probabilities[:, [own.labels.index(label) for label in common.labels]]
    sentiments = own.sentiment_probabilities(probabilities)
    if common == TERNARY:
        return sentiments
    sides = sentiments[:, [0, 2]]
    both = sides.sum(axis=1, keepdims=True)
    of_two = np.full_like(sides, 0.5)
    np.divide(sides, both, out=of_two, where=both > 0)
    return of_two


def measure_pair(reviews: PairedReviews, resamples: int) -> Figures:
    """Measure two models, their differences, and test whether they are right equally often.

    Returns:
        `reviews`: how many.
        `A`, `B` and `difference` (B - A): the figures of `COMPARED` that the labels have, and `intervals` of
        them, [low, high]. All come of the same resamples (paired bootstrap, as in Koehn 2004).
        `tests`: McNemar's test of `polarity` and, where that is another question, of `classes`: `only_A` and
        `only_B`, the reviews that one alone gets right, and `p_value`.
    """
    points, draws = [], []
    for probabilities in (reviews.first, reviews.second):
        measure = partial(measure_reviews, probabilities, reviews.allowed, reviews.scheme, reviews.stars)
        points.append(_pick(measure()))
        draws.append(_pick(resample_figures(measure, len(reviews), resamples)))
    points.append({name: value - points[0][name] for name, value in points[1].items()})
    draws.append({name: values - draws[0][name] for name, values in draws[1].items()})
    compared = {
        side: {**figures, "intervals": find_intervals(figures, resampled)}
        for side, figures, resampled in zip(("A", "B", "difference"), points, draws, strict=True)
    }
    return {"reviews": len(reviews), **compared, "tests": _test(reviews)}


def adjust_tests(measured: Iterable[Figures]) -> None:
    """Add `p_holm` to every test of these results of `measure_pair`: p-values corrected for their number."""
    tests = [test for figures in measured for test in figures["tests"].values()]
    for test, adjusted in zip(tests, holm_adjustment([test["p_value"] for test in tests]), strict=True):
        test["p_holm"] = adjusted


def _pick(figures: Figures) -> Figures:
    picked: dict[str, Any] = {}
    for name, place in COMPARED.items():
        value: Any = figures
        for key in place:
            value = value.get(key, {})
        if not isinstance(value, Mapping):
            picked[name] = value
    return picked


def _test(reviews: PairedReviews) -> dict[str, Figures]:
    both = (reviews.first, reviews.second)
    rights = {}
    if reviews.scheme.has_sentiment:
        rights["polarity"] = [judge_polarity(model, reviews.allowed, reviews.scheme) for model in both]
    if reviews.scheme != BINARY:
        rights["classes"] = [judge_top_labels(model, reviews.allowed, reviews.scheme)[1] for model in both]
    tests = {}
    for name, (first, second) in rights.items():
        if len(first):
            only_first, only_second, p_value = mcnemar_test(first, second)
            tests[name] = {"only_A": only_first, "only_B": only_second, "p_value": p_value}
    return tests

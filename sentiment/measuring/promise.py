"""A promise about what needs no person: a threshold fitted on held-out scores, and where it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment.measuring.calibration import fit_review_threshold, is_sure

REVIEW_TARGET_ACCURACY: Final = 0.9
"""The promise of a model's own threshold: of what needs no person, at least this share is right."""

CONFIDENCE_LEVEL: Final = 0.95

_SMALLEST_SHARE: Final = 0.25
"""Of the rows of the median group, or source of a group: one with fewer would leave too few turns to all."""


class JudgedReviews(Protocol):
    """What a promise is fitted on; `HeldOutScores` is that."""

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Probability of the likeliest name (n,)."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the likeliest name is the right one (n,)."""

    @property
    def source(self) -> NDArray[np.int64]:
        """The position in `sources` of where the review is from (n,)."""

    @property
    def sources(self) -> Sequence[str]:
        """A name for each source."""

    @property
    def group(self) -> NDArray[np.int64]:
        """Sources of equal group were left out together (n,)."""

    @property
    def unseen(self) -> bool:
        """Whether the sources were left out of training."""


@dataclass(frozen=True)
class SourceFigures:
    """What a threshold gives on the reviews of one source.

    Attributes:
        reviews: How many there are.
        coverage: Share of them that it answers.
        accuracy: Share of the answered ones that are right; None where none is answered.
    """

    reviews: int
    coverage: float
    accuracy: float | None


@dataclass(frozen=True)
class Promise:
    """At least `target_accuracy` of the answered reviews are right, with a chance of `confidence_level`.

    Attributes:
        target_accuracy: Share of the answered reviews that shall be right.
        threshold: Answer where the confidence is at least this; above 1 where no threshold keeps the promise.
        coverage: Share of the fitted reviews that it answers.
        accuracy: Share of those that are right; None where none is answered.
        lower_bound: Exact lower confidence bound of that accuracy; None where none is answered.
        answered: How many of the fitted reviews it answers.
        reviews: How many it was fitted on; 0 where that is not known.
        confidence_level: How sure the promise is.
        unseen: Whether the sources were left out of training; else the reviews alone were.
        sources: Name of a source to what the threshold gives on all its reviews.
    """

    target_accuracy: float
    threshold: float
    coverage: float
    accuracy: float | None
    lower_bound: float | None
    answered: int
    reviews: int = 0
    confidence_level: float = CONFIDENCE_LEVEL
    unseen: bool = False
    sources: Mapping[str, SourceFigures] = field(default_factory=dict)

    @property
    def kept_on(self) -> list[str]:
        """The sources on which it holds, taken one by one; where nothing is answered, nothing is broken."""
        return [
            name
            for name, figures in self.sources.items()
            if figures.accuracy is None or figures.accuracy >= self.target_accuracy
        ]


def fit_promise(
    scores: JudgedReviews, target_accuracy: float, confidence_level: float = CONFIDENCE_LEVEL
) -> Promise:
    """Find the threshold that answers most reviews and keeps a promise on further ones of the same mixture.

    The task is the selective classification with guaranteed risk of Geifman & El-Yaniv 2017; the threshold
    comes from `fit_review_threshold`: fixed-sequence testing (Angelopoulos et al. 2021, Learn then Test) with
    the exact binomial bound of Clopper & Pearson 1934. Every wrong name counts, `neutral` like the others.

    The mixture: of sources that were left out of training, each group counts alike, since each stands for a
    kind of text that may come (`draw_evenly`); validation rows of a training run count as they come. The
    bound is exact for both, because each row that it is fitted on is an independent draw from that mixture.
    Weights for rows of larger groups would have balanced them, too, but a weighted count is not binomial.

    Nothing is promised for one source alone; `Promise.sources` tells how it went there.

    Args:
        scores: Reviews that the model has not learned from, judged.
        target_accuracy: The accuracy to promise, between 0 and 1.
        confidence_level: How sure the promise is, between 0 and 1.

    Raises:
        ValueError: There are no reviews, or a share is not strictly between 0 and 1.
    """
    confidence, right, source = scores.confidence, scores.right, np.asarray(scores.source)
    rows = draw_evenly(source, scores.group) if scores.unseen else np.arange(len(source))
    fit = fit_review_threshold(confidence[rows], right[rows], target_accuracy, confidence_level)
    answered = is_sure(confidence, fit.threshold)
    return Promise(
        target_accuracy=target_accuracy,
        **vars(fit),
        reviews=len(rows),
        confidence_level=confidence_level,
        unseen=scores.unseen,
        sources={
            name: _measure_source(answered[source == i], right[source == i])
            for i, name in enumerate(scores.sources)
            if (source == i).any()
        },
    )


def draw_evenly(source: NDArray[Any], group: NDArray[Any]) -> NDArray[np.int64]:
    """Draw rows that stand for groups alike, and for the sources of a group; the same ones every time.

    Each turn draws one of the groups with equal chances, one of its sources likewise, and takes its next row,
    its rows in random order. The first source that has run out ends it. The draw never looks at the scores,
    so that each row drawn is an independent sample of: a group at random, a source of it, a review of that. A
    group with less than a quarter of the rows of the median one is left out, and so is such a source in its
    group, for it would end the draw too soon.

    Args:
        source: Number of each row's source (n,).
        group: Number of its source's group (n,).

    Returns:
        Positions, ascending.
    """
    draws = np.random.default_rng(0)
    waiting = [
        [draws.permutation(rows).tolist() for rows in _parts(source, of_group)]
        for of_group in _parts(group, np.arange(len(group)))
    ]
    taken: list[int] = []
    while waiting:
        sources = waiting[draws.integers(len(waiting))]
        rows = sources[draws.integers(len(sources))]
        if not rows:
            break
        taken.append(rows.pop())
    return np.sort(np.array(taken, dtype=np.int64))


def _parts(number: NDArray[Any], rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Part some rows by their numbers; parts that are too small are left out."""
    parts = [rows[number[rows] == own] for own in np.unique(number[rows])]
    enough = _SMALLEST_SHARE * np.median([len(part) for part in parts]) if parts else 0
    return [part for part in parts if len(part) >= enough]


def _measure_source(answered: NDArray[np.bool_], right: NDArray[np.bool_]) -> SourceFigures:
    accuracy = float(right[answered].mean()) if answered.any() else None
    return SourceFigures(len(right), float(answered.mean()), accuracy)

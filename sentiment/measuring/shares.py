"""The true shares of the classes in reviews that nobody has labelled, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sentiment.measuring.meta_analysis import Array, RandomEffects, combine_sources, t_quantile

METHOD: Final = "probability average, recalibrated over sources"

TILT: Final = 2.0
"""The interval allows for a file that has one class this many times as often, or as rarely, beside the others
as its source would have. Chosen on validation rows: docs/shares.md."""

_MILLION: Final = 1_000_000
_TINY: Final = 1e-6
_FARTHEST: Final = 30.0


@dataclass
class ShareCounts:
    """What has to be kept of predictions to estimate shares: three numbers a class, whatever their number.

    Probabilities are added up in millionths, as whole numbers: the sum does not depend on the order.

    Attributes:
        classes: How many there are.
        reviews: Predictions counted so far.
        winners: How many predictions each class won.
        millionths: Sum of the probabilities of each class.
    """

    classes: int
    reviews: int = 0
    winners: tuple[int, ...] = ()
    millionths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.winners = self.winners or (0,) * self.classes
        self.millionths = self.millionths or (0,) * self.classes

    def add(self, probabilities: Sequence[Sequence[float]] | NDArray[Any]) -> None:
        """Count predictions: probabilities (m, classes)."""
        rows = np.asarray(probabilities, dtype=np.float64).reshape(-1, self.classes)
        winners = np.bincount(rows.argmax(axis=1), minlength=self.classes)
        millionths = np.rint(rows * _MILLION).astype(np.int64).sum(axis=0)
        self.merge(ShareCounts(self.classes, len(rows), tuple(winners.tolist()), tuple(millionths.tolist())))

    def merge(self, other: "ShareCounts") -> None:
        """Add what was counted elsewhere."""
        self.reviews += other.reviews
        self.winners = _add(self.winners, other.winners)
        self.millionths = _add(self.millionths, other.millionths)


@dataclass(frozen=True)
class Shares:
    """Shares of classes, each 0 to 1, in the order of `names`.

    Attributes:
        names: The classes.
        shares: Estimates of the true shares; they sum to 1.
        low: Lower ends of their 95 % intervals.
        high: Upper ends.
        uncorrected: The shares of the predicted labels.
        reviews: How many reviews they are of.
        method: How they were estimated.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    uncorrected: tuple[float, ...]
    reviews: int
    method: str = METHOD


@dataclass(frozen=True)
class ShareEstimator:
    """Estimates shares from the mean probabilities of a file.

    The mean of calibrated probabilities is the estimate of Bella et al. 2010 ("Quantification via probability
    estimators": probability average). How far it is off was seen in each held-out source, as a difference of
    log odds. The sources are combined as the calibration of a prediction model is over the studies that
    validated it (Debray et al. 2017, "A guide to systematic review and meta-analysis of prediction model
    performance"): the mean difference is taken out, and the interval is that of a further source (Higgins,
    Thompson & Spiegelhalter 2009). Adjusted counts (Forman 2008) suppose that reviews of one class look alike
    in all sources; where that was measured, they were further off than plain counts (docs/shares.md).

    Attributes:
        names: The classes.
        effects: Of each class, what is common to the sources and how far they lie apart.
    """

    names: tuple[str, ...]
    effects: RandomEffects

    @classmethod
    def fit(
        cls,
        probabilities: NDArray[np.floating[Any]],
        truth: NDArray[np.int64],
        source: NDArray[np.int64],
        names: Sequence[str],
    ) -> Self:
        """Fit on reviews that the model has not learned from.

        A source that has no review of some classes is compared within those that it has. The spread between
        sources is measured on each as it is and on each tilted: with every class in turn `TILT` times as
        often, and as rarely. Where no source has reviews of two classes, the mean probabilities stand as they
        are, and the intervals tell of sampling alone.

        Args:
            probabilities: (n, names), rows sum to 1.
            truth: (n,) position of the right name.
            source: (n,) where the review is from: any number, equal within a source.
            names: The classes.
        """
        return cls(tuple(names), _fit_effects(probabilities, truth, source))

    def estimate(self, counts: ShareCounts, *, within_file: bool = False) -> Shares:
        """Estimate the true shares of what was counted.

        Args:
            counts: At least one review.
            within_file: Leave what differs from source to source out of the intervals: groups and weeks of
                one file have it in common, and intervals for comparing them do not need it.

        Raises:
            ValueError: There is no review.
        """
        reviews, effects = counts.reviews, self.effects
        if not reviews:
            raise ValueError("ShareEstimator: no reviews to estimate shares of.")
        sums = np.array(counts.millionths) / sum(counts.millionths)
        shares = _shift(sums, effects.mean)
        shares /= shares.sum()
        middle = (reviews * shares + 0.5) / (reviews + 1)
        variance = 1 / (reviews * middle * (1 - middle))
        freedom = effects.freedom * (not within_file)
        if not within_file:
            variance += effects.between + effects.error
        reach = np.sqrt(variance) * [t_quantile(0.975, each) for each in freedom.tolist()]
        return Shares(
            self.names,
            tuple(shares.tolist()),
            low=tuple(np.minimum(_shift(middle, -reach), shares).tolist()),
            high=tuple(np.maximum(_shift(middle, reach), shares).tolist()),
            uncorrected=tuple(winners / reviews for winners in counts.winners),
            reviews=reviews,
        )


def _fit_effects(
    probabilities: NDArray[np.floating[Any]], truth: NDArray[np.int64], source: NDArray[np.int64]
) -> RandomEffects:
    """Combine what sources show, as they are and tilted: `between` of all of them, the rest as they are."""
    rows, summed, squares = _sum_by_source(probabilities, truth, source)
    classes = rows.shape[1]
    tilts = np.ones((1 + 2 * classes, classes))
    tilts[1 : classes + 1][np.diag_indices(classes)] = TILT
    tilts[classes + 1 :][np.diag_indices(classes)] = 1 / TILT
    effects, variances = _compare(tilts, rows, summed, squares)
    found = combine_sources(effects, variances)
    between = (found.between + (found.mean - found.mean[0]) ** 2).mean(axis=0)
    return RandomEffects(found.mean[0], found.error[0], between, found.freedom[0])


def _sum_by_source(
    probabilities: NDArray[np.floating[Any]], truth: NDArray[np.int64], source: NDArray[np.int64]
) -> tuple[Array, Array, Array]:
    """Sum up the sources that have reviews of two classes, each within the classes that it has.

    Returns:
        By source and true class, reviews (sources, classes); by source, true class and class, the sum of its
        probability and of its squared error (sources, classes, classes).
    """
    classes = probabilities.shape[1]
    _, place = np.unique(source, return_inverse=True)
    cell = place * classes + truth
    rows = np.bincount(cell, minlength=(place.max(initial=-1) + 1) * classes).reshape(-1, classes)
    within = (probabilities.astype(np.float64) + _TINY) * (rows > 0)[place]
    within /= within.sum(axis=1, keepdims=True)

    def total(values: Array) -> NDArray[Any]:
        sums = np.stack([np.bincount(cell, column, minlength=rows.size) for column in values.T], axis=-1)
        return sums.reshape(rows.shape[0], classes, classes)

    comparable = (rows > 0).sum(axis=1) > 1
    error = (np.eye(classes)[truth] - within) ** 2
    return rows[comparable].astype(np.float64), total(within)[comparable], total(error)[comparable]


def _compare(tilts: Array, rows: Array, summed: Array, squares: Array) -> tuple[Array, Array]:
    """Give log odds of true shares less those of mean probabilities, and their sampling variances.

    Args:
        tilts: (tilts, classes) weight of a review by its true class.
        rows: As `_sum_by_source` gives them, and so the others.
        summed: Sums of probabilities.
        squares: Sums of squared errors.

    Returns:
        (sources, tilts, classes) each; the variance is infinite where a source does not have the class.
    """
    true = rows[:, None] * tilts
    expected = np.einsum("ta,sac->stc", tilts, summed)
    error = np.einsum("ta,sac->stc", tilts**2, squares)
    total = true.sum(axis=2, keepdims=True)
    share = (true + 0.5) / (total + 1)
    effects = _log_odds(share) - _log_odds((expected + 0.5) / (total + 1))
    variances = (error + 0.5) / (total * share * (1 - share)) ** 2
    return effects, np.where(rows[:, None] > 0, variances, np.inf)


def _log_odds(shares: Array) -> Array:
    odds: Array = np.log(shares / (1 - shares))
    return odds


def _shift(shares: Array, by: Array) -> Array:
    """Move log odds of shares, which may be 0 or 1."""
    factor = np.exp(np.clip(by, -_FARTHEST, _FARTHEST))
    moved: Array = shares * factor / (1 - shares + shares * factor)
    return moved


def _add(ours: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(ours, theirs, strict=True))

"""Make confidence honest: the temperature of the logits, and the confidence that needs no second look."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sentiment.measuring.binomial import exact_lower_bounds

TEMPERATURE_RANGE: Final = (0.05, 20.0)

NEVER_ANSWER: Final = 1.01
"""A threshold that no confidence reaches, also with the rounding of a float32."""

CONFIDENCE_PLACES: Final = 4
"""Decimal places of a confidence, where it is written and where it meets a threshold: a file shows what was
decided by."""

BIAS_PENALTY: Final = 1e-3
"""Half of this times the squared biases is added to their loss: a class that no label names stays finite."""


@dataclass(frozen=True)
class Calibration:
    """What makes logits honest: softmax(logits / temperature + biases).

    Attributes:
        temperature: Above 0.
        biases: One for each class, with a mean of 0; none where the temperature does it alone.
    """

    temperature: float
    biases: tuple[float, ...] = ()

    @property
    def is_at_bound(self) -> bool:
        """Whether the temperature has run out of the range that is searched: it has found no valley there."""
        low, high = TEMPERATURE_RANGE
        return not 1.01 * low < self.temperature < high / 1.01

    def apply(self, logits: NDArray[np.floating]) -> NDArray[np.floating]:
        """Calibrate logits (n, labels); they keep their number format."""
        biases = np.asarray(self.biases or 0.0, dtype=logits.dtype)
        scaled: NDArray[np.floating] = logits / np.asarray(self.temperature, dtype=logits.dtype) + biases
        return scaled


@dataclass(frozen=True)
class ReviewThreshold:
    """The confidence from which a prediction is trusted without a second look.

    Attributes:
        threshold: Answer where the confidence is at least this; `NEVER_ANSWER` where no threshold keeps the
            promise.
        coverage: Share of the fitted reviews that it answers.
        accuracy: Share of those that are right; None where none is answered.
        lower_bound: Exact lower confidence bound of that accuracy; None where none is answered.
        answered: How many of the fitted reviews it answers.
    """

    threshold: float
    coverage: float
    accuracy: float | None
    lower_bound: float | None
    answered: int


def fit_temperature(logits: ArrayLike, allowed: ArrayLike) -> float:
    """Find the temperature T for which softmax(logits / T) explains the labels best.

    Minimises the mean of -ln(sum of the probabilities of the allowed classes): the negative log likelihood of
    Guo et al. 2017 where a label allows one class, and its form for coarse labels ("negative" allows 1 and 2
    stars) where it allows several. The sum over classes has no single valley in general, so a grid over ln T
    finds the valley and Brent's search its floor. A review that allows every class counts for nothing.

    Args:
        logits: (n, labels) finite.
        allowed: (n, labels) true where the label of the review allows the class; at least one a row.

    Returns:
        T within `TEMPERATURE_RANGE`; never worse than 1 on these reviews, and 1 where they do not decide.

    Raises:
        ValueError: There are no reviews, shapes differ, logits are not finite, or a review allows no class.
    """
    from scipy.optimize import minimize_scalar

    scores = np.asarray(logits, dtype=np.float64)
    mask = np.asarray(allowed, dtype=bool)
    _check_logits(scores, mask)

    def loss(log_temperature: float) -> float:
        return _partial_label_loss(scores / math.exp(log_temperature), mask)

    low, high = (math.log(bound) for bound in TEMPERATURE_RANGE)
    grid = np.linspace(low, high, 61)
    best = int(np.argmin([loss(point) for point in grid]))
    valley = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = float(minimize_scalar(loss, bounds=valley, method="bounded", options={"xatol": 1e-6}).x)
    return math.exp(found) if loss(found) < loss(0.0) else 1.0


def fit_biases(logits: ArrayLike, allowed: ArrayLike) -> Calibration:
    """Find the temperature and the bias of each class that explain the labels best together.

    Bias-corrected temperature scaling (Alexandari, Kundaje & Shrikumar 2020, "Maximum Likelihood with
    Bias-Corrected Calibration is Hard-To-Beat at Label Shift Adaptation"): a model that has seen its classes
    in other shares than they come in expects the rare ones too often, which no temperature mends. The loss is
    that of `fit_temperature`, whose temperature is where the search (BFGS) begins.

    Args:
        logits: (n, labels) finite.
        allowed: (n, labels) true where the label of the review allows the class; at least one a row.

    Raises:
        ValueError: As `fit_temperature`.
    """
    from scipy.optimize import minimize

    start = -math.log(fit_temperature(logits, allowed))
    scores, mask = np.asarray(logits, dtype=np.float64), np.asarray(allowed, dtype=bool)

    def loss(values: NDArray[np.float64]) -> float:
        slope, biases = math.exp(values[0]), values[1:]
        return _partial_label_loss(scores * slope + biases, mask) + BIAS_PENALTY / 2 * float(biases @ biases)

    found = minimize(loss, np.r_[start, np.zeros(scores.shape[1])], method="BFGS").x
    biases = found[1:] - found[1:].mean()
    return Calibration(math.exp(-found[0]), tuple(float(bias) for bias in biases))


def is_sure(confidence: ArrayLike, threshold: float) -> NDArray[np.bool_]:
    """Tell which confidences (n,), as they are written, reach a threshold."""
    return round_confidence(confidence) >= threshold


def round_confidence(confidence: ArrayLike) -> NDArray[np.float64]:
    """Round confidences (n,) to the places in which they are written."""
    rounded: NDArray[np.float64] = np.asarray(confidence, dtype=np.float64).round(CONFIDENCE_PLACES)
    return rounded


def fit_review_threshold(
    confidence: ArrayLike, correct: ArrayLike, target_accuracy: float, confidence_level: float = 0.95
) -> ReviewThreshold:
    """Find the smallest confidence whose answered reviews are right at least as often as promised.

    The promise: of all thresholds fitted so, at most a share of `1 - confidence_level` fall short of
    `target_accuracy` on further reviews of the same kind. Each threshold is tested with the exact lower bound
    of Clopper & Pearson 1934, from high to low, and the walk ends before the first that fails: fixed-sequence
    testing, which needs no correction for the many looks (Angelopoulos et al. 2021, Learn then Test; the task
    is the selective risk control of Geifman & El-Yaniv 2017). The walk starts where half of the errors that
    the target allows would still pass, a place that does not depend on `correct`.

    The promise is exact where accuracy does not fall as confidence rises, and only for reviews like these.
    Confidences count as they are written, see `CONFIDENCE_PLACES`, and so does the threshold.

    Args:
        confidence: (n,) probability of the predicted label.
        correct: (n,) whether the predicted label is right.
        target_accuracy: The accuracy to promise, between 0 and 1.
        confidence_level: How sure the promise is, between 0 and 1.

    Raises:
        ValueError: There are no reviews, lengths differ, or a share is not strictly between 0 and 1.
    """
    scores = round_confidence(confidence)
    is_right = np.asarray(correct, dtype=bool)
    _check_threshold_input(scores, is_right, target_accuracy, confidence_level)

    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    answered = np.arange(1, len(ranked) + 1)
    right = np.cumsum(is_right[order])
    bounds = exact_lower_bounds(right, answered, confidence_level)

    half_the_errors = np.floor(answered * (1 - target_accuracy) / 2)
    can_pass = exact_lower_bounds(answered - half_the_errors, answered, confidence_level) >= target_accuracy
    start = int(np.argmax(can_pass)) if can_pass.any() else len(ranked) - 1
    ends_a_tie = np.append(ranked[1:] != ranked[:-1], True)
    walk = start + np.flatnonzero(ends_a_tie[start:])
    failed = np.flatnonzero(bounds[walk] < target_accuracy)
    passed = walk[: failed[0]] if len(failed) else walk
    if not len(passed):
        return ReviewThreshold(NEVER_ANSWER, coverage=0.0, accuracy=None, lower_bound=None, answered=0)
    last = int(passed[-1])
    return ReviewThreshold(
        threshold=float(ranked[last]),
        coverage=(last + 1) / len(ranked),
        accuracy=float(right[last] / answered[last]),
        lower_bound=float(bounds[last]),
        answered=last + 1,
    )


def _partial_label_loss(scores: NDArray[np.float64], mask: NDArray[np.bool_]) -> float:
    """Give the mean of -ln(sum of the allowed softmax probabilities) of scores (n, labels)."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    every_class = np.logaddexp.reduce(shifted, axis=1)
    allowed_classes = np.logaddexp.reduce(np.where(mask, shifted, -np.inf), axis=1)
    return float(np.mean(every_class - allowed_classes))


def _check_logits(scores: NDArray[np.float64], mask: NDArray[np.bool_]) -> None:
    if scores.ndim != 2 or scores.shape != mask.shape:
        raise ValueError(
            f"fit_temperature: needs logits and allowed (n, labels), not {scores.shape} and {mask.shape}."
        )
    if not len(scores):
        raise ValueError("fit_temperature: no reviews to fit on.")
    if not np.isfinite(scores).all():
        raise ValueError("fit_temperature: some logits are not finite numbers.")
    if not mask.any(axis=1).all():
        raise ValueError(f"fit_temperature: review {int(np.argmin(mask.any(axis=1)))} allows no class.")


def _check_threshold_input(
    scores: NDArray[np.float64], is_right: NDArray[np.bool_], target_accuracy: float, confidence_level: float
) -> None:
    if scores.ndim != 1 or scores.shape != is_right.shape:
        raise ValueError(
            "fit_review_threshold: needs confidence and correct (n,), "
            f"not {scores.shape} and {is_right.shape}."
        )
    if not len(scores):
        raise ValueError("fit_review_threshold: no reviews to fit on.")
    if not np.isfinite(scores).all():
        raise ValueError("fit_review_threshold: some confidences are not finite numbers.")
    for name, share in (("target_accuracy", target_accuracy), ("confidence_level", confidence_level)):
        if not 0 < share < 1:
            raise ValueError(f"fit_review_threshold: {name} must lie between 0 and 1, not {share:g}.")

"""Whether a threshold keeps its promise on reviews that it was not fitted on, or what it takes to tell."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sentiment.measuring.binomial import exact_lower_bounds, exact_upper_bounds
from sentiment.measuring.calibration import fit_review_threshold, is_sure

MOST_REVIEWS: Final = 1_000_000
"""As many reviews as anybody is told to label."""

_SHARES: Final = np.arange(99, 0, -1) / 100


@dataclass(frozen=True)
class KeptPromise:
    """What reviews say of the promise that at least `target_accuracy` of the answered ones are right.

    Attributes:
        verdict: `holds` where the lower bound reaches the target, `does not hold` where the upper bound does
            not, `cannot be told` between them.
        target_accuracy: What is promised.
        reviews: How many reviews there are.
        coverage: Share of them that is answered.
        accuracy: Share of the answered ones that is right; None where none is answered.
        lower_bound: Exact one-sided lower bound of that accuracy; None where none is answered.
        upper_bound: Exact one-sided upper bound of it; None where none is answered.
        needed: How many reviews like these would tell, roughly; None where it is told already, or where more
            than `MOST_REVIEWS` would not.
    """

    verdict: Literal["holds", "does not hold", "cannot be told"]
    target_accuracy: float
    reviews: int
    coverage: float
    accuracy: float | None = None
    lower_bound: float | None = None
    upper_bound: float | None = None
    needed: int | None = None


def check_promise(
    confidence: NDArray[np.floating[Any]],
    right: NDArray[np.bool_],
    threshold: float,
    target_accuracy: float,
    level: float = 0.95,
) -> KeptPromise:
    """Test a promise on labelled reviews by the exact bounds of Clopper & Pearson 1934, one-sided each.

    Args:
        confidence: (n,) of each prediction, at least one.
        right: (n,) whether it is right.
        threshold: A prediction below it is not answered.
        target_accuracy: The accuracy of the answered ones that is promised.
        level: How sure each verdict is.
    """
    answered = is_sure(confidence, threshold)
    total, hits, coverage = int(answered.sum()), int(right[answered].sum()), float(answered.mean())
    if not total:
        return KeptPromise("cannot be told", target_accuracy, len(right), coverage)
    lower = float(exact_lower_bounds(np.array(hits), np.array(total), level))
    upper = float(exact_upper_bounds(np.array(hits), np.array(total), level))
    needed = None
    verdict: Literal["holds", "does not hold", "cannot be told"]
    if lower >= target_accuracy:
        verdict = "holds"
    elif upper < target_accuracy:
        verdict = "does not hold"
    else:
        verdict = "cannot be told"
        needed = _reviews_to_tell(hits / total, target_accuracy, coverage, level)
    return KeptPromise(
        verdict, target_accuracy, len(right), coverage, hits / total, lower, upper, needed=needed
    )


def reviews_to_promise(target_accuracy: float, level: float = 0.95) -> int | None:
    """Say how many answered reviews a promise takes where half of the errors that it allows occur.

    That is where the walk of `fit_review_threshold` can start. None where it is more than `MOST_REVIEWS`.
    """
    totals = _sizes()
    hits = totals - np.floor(totals * (1 - target_accuracy) / 2)
    return _first_for_good(totals, exact_lower_bounds(hits, totals, level) >= target_accuracy)


def find_promisable(
    confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], level: float = 0.95
) -> float | None:
    """Give the highest accuracy, in whole hundredths, for which some threshold can be fitted; None for none.

    A hint for the next attempt: it is chosen by the same reviews, so it is no promise itself.
    """
    fits = (share for share in _SHARES if fit_review_threshold(confidence, right, share, level).answered)
    return next((float(share) for share in fits), None)


def _reviews_to_tell(accuracy: float, target_accuracy: float, coverage: float, level: float) -> int | None:
    """Say how many reviews tell an accuracy like this from the target, that share of them being answered."""
    totals = _sizes()
    if accuracy >= target_accuracy:
        passes = exact_lower_bounds(np.floor(accuracy * totals), totals, level) >= target_accuracy
    else:
        passes = exact_upper_bounds(np.ceil(accuracy * totals), totals, level) < target_accuracy
    found = _first_for_good(totals, passes)
    if found is None or found / coverage > MOST_REVIEWS:
        return None
    return _round_up(found / coverage)


def _sizes() -> NDArray[np.float64]:
    """Numbers of reviews from 1 to the most, 2 % apart."""
    return np.unique(np.ceil(np.geomspace(1, MOST_REVIEWS, 700)))


def _first_for_good(totals: NDArray[np.float64], passes: NDArray[np.bool_]) -> int | None:
    """Give the number from which on all pass: whole reviews make bounds jump up and down."""
    start = len(passes) - int(np.argmin(passes[::-1])) if not passes.all() else 0
    return int(totals[start]) if start < len(totals) else None


def _round_up(number: float) -> int:
    """Round to two digits that count, upwards: nobody labels 1,234 reviews because of an estimate."""
    unit = 10 ** max(0, len(str(int(number))) - 2)
    return int(-(-number // unit) * unit)

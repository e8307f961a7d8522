"""Every figure of a set of reviews on many resamples at once, and the intervals that come of it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment.measuring.intervals import percentile_interval

Figures = dict[str, Any]
"""Figures by name, some of them in groups; None for one that is not decided."""

_BLOCK_CELLS: Final = 1 << 20
"""Resamples times reviews in one block: 8 MB an array, of which a metric holds a few."""

_REFLECTED: Final = ("calibration_error", "calibration_error_debiased")


class Measure(Protocol):
    """What gives the figures of some reviews: `measure_reviews` with its other arguments filled in, say."""

    def __call__(self, *, counts: NDArray[np.float64] | None = None) -> Figures:
        """Give the figures; with `counts` (resamples, n) an array (resamples,) of each."""


def measure_with_intervals(measure: Measure, reviews: int, resamples: int) -> Figures:
    """Measure once, and add `intervals`: in the shape of the figures, [low, high] or None for each.

    Args:
        measure: Gives the figures.
        reviews: How many reviews it measures.
        resamples: How often to draw; 0 leaves the intervals out.
    """
    figures = measure()
    if resamples:
        figures["intervals"] = find_intervals(figures, resample_figures(measure, reviews, resamples))
    return figures


def resample_figures(measure: Measure, reviews: int, resamples: int, seed: int = 0) -> Figures:
    """Measure resamples of the reviews, drawn with replacement (Efron & Tibshirani 1993, chapter 13).

    All figures come of the same draws, and so do those of two models on the same reviews: the difference of
    their arrays is the paired bootstrap. The draws are those of `bootstrap_interval`, which gives the same
    values one figure and one resample at a time.

    Returns:
        In the shape of the figures: an array (resamples,) of each, nan where a resample does not decide it.
        What is no figure (numbers of reviews) is left out.
    """
    return _join([measure(counts=counts) for counts in _iter_counts(reviews, resamples, seed)])


def find_intervals(figures: Figures, resampled: Mapping[str, Any], level: float = 0.95) -> Figures:
    """Give the interval [low, high] of each figure, None where no resample decides it.

    Percentile intervals, but for the calibration errors: each resample adds to them what the sample has added
    already, so their percentiles can lie above the figure. Their intervals are reflected at the figure (the
    basic bootstrap, Davison & Hinkley 1997, section 5.2), and stretched to hold it.

    Args:
        figures: Of all reviews.
        resampled: An array (resamples,) of each, from `resample_figures`.
        level: Share of the resampled values between the bounds.
    """
    intervals: Figures = {}
    for name, values in resampled.items():
        if isinstance(values, Mapping):
            intervals[name] = find_intervals(figures[name], values, level)
            continue
        low, high = percentile_interval(values, level)
        figure = figures[name]
        if name in _REFLECTED and figure is not None:
            low, high = min(2 * figure - high, figure), max(2 * figure - low, figure)
        if name == "calibration_error":
            low = max(0.0, low)
        intervals[name] = None if math.isnan(low) else [low, high]
    return intervals


def _iter_counts(reviews: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    draws = np.random.default_rng(seed)
    block = max(1, _BLOCK_CELLS // reviews)
    for start in range(0, resamples, block):
        counts = [
            np.bincount(draws.integers(reviews, size=reviews), minlength=reviews)
            for _ in range(min(block, resamples - start))
        ]
        yield np.array(counts, dtype=np.float64)


def _join(blocks: Sequence[Figures]) -> Figures:
    joined: Figures = {}
    for name, first in blocks[0].items():
        parts = [block[name] for block in blocks]
        if isinstance(first, Mapping):
            joined[name] = _join(parts)
        elif isinstance(first, np.ndarray) and first.dtype == np.float64:
            joined[name] = np.concatenate(parts)
    return joined

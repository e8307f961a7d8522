"""Long reviews as overlapping windows of tokens, and their probabilities as one row again."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS: Final = 1_000_000
"""Characters that are read of one review (a long novel); what lies beyond is marked `cut`."""

OVERLAP_TOKENS: Final = 32
"""Tokens that a window repeats, so that its edge is read in context. Own choice: about a sentence."""


class Window(NamedTuple):
    """A run of a review's tokens.

    Attributes:
        start: First token.
        stop: One past the last token.
        new_tokens: Tokens that no earlier window holds, at least 1: the weight of this window's vote.
    """

    start: int
    stop: int
    new_tokens: int


def plan_windows(tokens: int, capacity: int, overlap: int = OVERLAP_TOKENS) -> list[Window]:
    """Cover a review with windows that overlap; the last one is moved back so that it is full.

    Args:
        tokens: Length of the review, special tokens left out; 0 gives one empty window.
        capacity: Tokens that fit into a window, special tokens left out.
        overlap: Tokens shared by neighbours; at most half of `capacity` is taken.
    """
    if tokens <= capacity:
        return [Window(0, tokens, max(1, tokens))]
    step = capacity - min(overlap, capacity // 2)
    last = tokens - capacity
    windows, covered = [], 0
    for start in (*range(0, last, step), last):
        windows.append(Window(start, start + capacity, start + capacity - covered))
        covered = start + capacity
    return windows


def merge_windows(
    probabilities: NDArray[np.float32], new_tokens: NDArray[np.int64], windows_of_review: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Average window probabilities into one row a review, each window weighted by its new tokens.

    Args:
        probabilities: (windows, labels), the windows of a review one after the other.
        new_tokens: (windows,).
        windows_of_review: (reviews,) number of windows, each at least 1, summing to `windows`.

    Returns:
        Probabilities (reviews, labels); the label of a long review is the largest of its row by construction.
    """
    if not len(windows_of_review):
        return probabilities
    first_windows = np.cumsum(windows_of_review) - windows_of_review
    weighted = probabilities.astype(np.float64) * new_tokens[:, None]
    sums = np.add.reduceat(weighted, first_windows, axis=0)
    weights = np.add.reduceat(new_tokens, first_windows)
    return (sums / weights[:, None]).astype(np.float32)

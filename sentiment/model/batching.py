"""Batches filled by tokens: similar lengths together, few distinct shapes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LENGTH_STEP: Final = 16
"""Lengths are rounded up to multiples of this: hundreds of distinct shapes cost 10-30 % on a CPU."""


def padded_lengths(lengths: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Round lengths up to multiples of `LENGTH_STEP`, but not beyond `limit`, a model's longest."""
    return np.minimum(-(-lengths // LENGTH_STEP) * LENGTH_STEP, limit)


def plan_batches(lengths: NDArray[np.int64], budget: int) -> list[NDArray[np.intp]]:
    """Group items into batches of similar length, the longest first.

    A batch is as long as its first item, and takes as many items of that length as the budget holds: every
    distinct length starts at most one shape, whatever the mixture.

    Args:
        lengths: (items,) padded lengths, each at least 1.
        budget: Tokens in a batch, padding counted; an item that is longer goes alone.

    Returns:
        Item indices of each batch; every item is in exactly one. The caller restores the order.
    """
    order = np.argsort(-lengths, kind="stable")
    batches, start = [], 0
    while start < len(order):
        rows = max(1, budget // int(lengths[order[start]]))
        batches.append(order[start : start + rows])
        start += rows
    return batches

"""The share of each label among all reviews, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

from sentiment.measuring import Interval, wilson_interval


@dataclass(frozen=True)
class Share:
    """The share of a label.

    Attributes:
        label: Its name.
        reviews: How many reviews the model gives it.
        share: The share among all reviews.
        interval: Where the share lies with 95 % confidence.
    """

    label: str
    reviews: int
    share: float
    interval: Interval


def count_shares(labels: Sequence[str], counts: Sequence[int]) -> list[Share]:
    """Give the shares as the model counts them, with Wilson intervals; none where there are no reviews."""
    total = sum(counts)
    if not total:
        return []
    return [
        Share(label, number, number / total, wilson_interval(number, total))
        for label, number in zip(labels, counts, strict=True)
    ]

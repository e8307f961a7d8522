"""The share of each label among all reviews, with its interval: estimated, or as counted."""

from dataclasses import dataclass

from sentiment.measuring import Interval, ShareCounts, ShareEstimator, wilson_interval


@dataclass(frozen=True)
class Share:
    """The share of a label.

    Attributes:
        label: Its name.
        reviews: How many reviews the model gives it.
        counted: Their share.
        share: The share among all reviews, as well as it is known: estimated, or as counted.
        interval: Where the share lies with 95 % confidence.
        is_estimated: Whether what the model is known to be off by was taken out.
    """

    label: str
    reviews: int
    counted: float
    share: float
    interval: Interval
    is_estimated: bool


def find_shares(
    labels: tuple[str, ...], counts: ShareCounts, estimator: ShareEstimator | None
) -> tuple[Share, ...]:
    """Give the share of each label; none where there are no reviews.

    Args:
        labels: Their names.
        counts: What was counted of the predictions.
        estimator: Of the model that made them; None, or one of other labels, gives the shares as counted,
            with Wilson intervals.
    """
    if not counts.reviews:
        return ()
    if estimator is None or estimator.names != labels:
        return tuple(
            Share(
                label,
                winners,
                winners / counts.reviews,
                winners / counts.reviews,
                wilson_interval(winners, counts.reviews),
                is_estimated=False,
            )
            for label, winners in zip(labels, counts.winners, strict=True)
        )
    found = estimator.estimate(counts)
    return tuple(
        Share(
            label,
            counts.winners[place],
            found.uncorrected[place],
            found.shares[place],
            Interval(found.low[place], found.high[place]),
            is_estimated=True,
        )
        for place, label in enumerate(labels)
    )

"""Shares over time, and which of their changes can be told from chance."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sentiment.reporting.periods import Period, Unit, choose_unit, join_days
from sentiment.reporting.statistics import LEAST_REVIEWS, Difference, find_differences, find_least_rise


@dataclass(frozen=True)
class Trend:
    """Shares over time.

    Attributes:
        unit: Length of a step.
        periods: The steps, in order.
        changes: Position of a step to the change from the last one before it that has enough reviews.
        halves: The change from the first half of the steps to the second; None with too few reviews.
        least_rise: Rise of the watched label's share that is found four times in five between two steps of
            `typical` reviews; None where none would be.
        typical: Reviews of a step in the middle, of those that are judged.
    """

    unit: Unit
    periods: tuple[Period, ...]
    changes: Mapping[int, Difference]
    halves: Difference | None
    least_rise: float | None
    typical: int

    @property
    def real_changes(self) -> dict[int, Difference]:
        """The changes that can be told from chance."""
        return {place: change for place, change in self.changes.items() if change.is_real}


def find_trend(days: Mapping[int, Sequence[int]], unit: Unit | None = None, *, focus: int = 0) -> Trend:
    """Join days to steps of time and test the changes between them, all together under control.

    Args:
        days: Days (proleptic ordinal) to reviews of each label; not empty.
        unit: Length of a step; None chooses it by span and numbers.
        focus: Position of the label that `least_rise` is about.
    """
    unit = unit or choose_unit(days)
    periods = join_days(days, unit)
    judged = [place for place, period in enumerate(periods) if period.reviews >= LEAST_REVIEWS]
    pairs = [(periods[a].counts, periods[b].counts) for a, b in pairwise(judged)]
    middle = len(periods) // 2
    halves = (_add(periods[:middle]), _add(periods[middle:])) if len(periods) > 2 else None
    if halves and min(map(sum, halves)) >= LEAST_REVIEWS:
        pairs.append(halves)
    found = find_differences(pairs)
    steps = dict(zip(judged[1:], found, strict=False))
    typical = round(statistics.median(periods[place].reviews for place in judged)) if judged else 0
    return Trend(
        unit=unit,
        periods=tuple(periods),
        changes=steps,
        halves=found[-1] if len(found) > len(steps) else None,
        least_rise=find_least_rise(_first(_add(periods), focus), typical, len(pairs)) if steps else None,
        typical=typical,
    )


def _add(periods: Sequence[Period]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(period.counts for period in periods), strict=True)))


def _first(counts: tuple[int, ...], label: int) -> tuple[int, ...]:
    return (counts[label], *counts[:label], *counts[label + 1 :])

"""Which groups changed between the latest step of time and the ones before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sentiment.reporting.grouping import GroupColumn
from sentiment.reporting.periods import Unit, index_of, join_days, label_of
from sentiment.reporting.statistics import LEAST_REVIEWS, Difference, find_differences
from sentiment.reporting.timeline import Timeline


@dataclass(frozen=True)
class GroupChange:
    """A group then and now.

    Attributes:
        column: The column of which it is a value.
        value: The value.
        difference: From its reviews before the latest step (the first set) to those in it.
    """

    column: GroupColumn
    value: str
    difference: Difference


@dataclass(frozen=True)
class GroupChanges:
    """The groups of all columns then and now.

    Attributes:
        unit: Length of a step.
        latest: Name of the latest step.
        judged: The groups with enough reviews in it and before, the clearest change first.
        small: How many have reviews in it, but too few there or before.
    """

    unit: Unit
    latest: str
    judged: tuple[GroupChange, ...]
    small: int

    @property
    def real(self) -> list[GroupChange]:
        """The changes that can be told from chance, the clearest first."""
        return [change for change in self.judged if change.difference.is_real]


def find_changes(
    timelines: Mapping[GroupColumn, Timeline], days: Mapping[int, Sequence[int]], units: Iterable[Unit]
) -> GroupChanges | None:
    """Hold the latest step of each group against all before it, all groups of all columns under control.

    The step is the finest in which any group can be judged: what has too few reviews in a month may have
    enough in a quarter. Numbers of reviews alone decide it, whatever they say.

    Args:
        timelines: Of the columns whose values are groups.
        days: Days (proleptic ordinal) to reviews of each label; not empty.
        units: Lengths of a step that may be taken, the finest first.

    Returns:
        The changes; None where no group can be judged.
    """
    for unit in units:
        step = _find_latest(days, unit)
        sides = {
            (column, value): pair
            for column, timeline in timelines.items()
            for value, pair in timeline.split(unit, step).items()
        }
        judged = {key: pair for key, pair in sides.items() if min(map(sum, pair)) >= LEAST_REVIEWS}
        if judged:
            found = zip(judged, find_differences(list(judged.values())), strict=True)
            changes = [GroupChange(column, value, difference) for (column, value), difference in found]
            changes.sort(key=lambda change: change.difference.p_value)
            return GroupChanges(unit, label_of(step, unit), tuple(changes), len(sides) - len(judged))
    return None


def _find_latest(days: Mapping[int, Sequence[int]], unit: Unit) -> int:
    """Give the index of the last step with enough reviews; a month that has just begun is not held up."""
    periods = join_days(days, unit)
    judged = [place for place, period in enumerate(periods) if period.reviews >= LEAST_REVIEWS]
    return index_of(min(days), unit) + max(judged, default=0)

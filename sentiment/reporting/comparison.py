"""Groups of reviews side by side, and which of them differ from the rest."""

from collections.abc import Iterable
from dataclasses import dataclass

from sentiment.reporting.grouping import GroupColumn
from sentiment.reporting.statistics import LEAST_REVIEWS, Difference, find_differences
from sentiment.reporting.tally import Tally


@dataclass(frozen=True)
class Group:
    """Reviews that share a value of a column.

    Attributes:
        value: The value.
        counts: Reviews of each label.
        difference: From all other reviews (the first set) to these; None where one of the two is too small.
    """

    value: str
    counts: tuple[int, ...]
    difference: Difference | None = None

    @property
    def reviews(self) -> int:
        """Reviews of all labels."""
        return sum(self.counts)

    @property
    def is_small(self) -> bool:
        """Whether it has too few reviews to judge."""
        return self.reviews < LEAST_REVIEWS

    @property
    def differs(self) -> bool:
        """Whether it can be told from all other reviews."""
        return self.difference is not None and self.difference.is_real

    def share(self, label: int) -> float:
        """Give the share of a label."""
        return self.counts[label] / self.reviews


@dataclass(frozen=True)
class Comparison:
    """The groups of one column.

    Attributes:
        column: The column.
        groups: The largest first; none is empty.
        others: Reviews of values that are too seldom to be counted by themselves.
    """

    column: GroupColumn
    groups: tuple[Group, ...]
    others: int

    @property
    def outstanding(self) -> list[tuple[Group, Difference]]:
        """The groups that can be told from the rest, with the difference; the clearest first."""
        found = [(group, group.difference) for group in self.groups if group.difference]
        real = [(group, difference) for group, difference in found if difference.is_real]
        return sorted(real, key=lambda each: each[1].p_value)


def compare_groups(tally: Tally) -> list[Comparison]:
    """Hold each group against all other reviews, all groups of all columns together under control.

    Columns without two groups are left out.
    """
    groups = {
        (column, value): tuple(counts)
        for column, values in tally.groups.items()
        for value, counts in values.items()
        if any(counts)
    }
    rests = {key: _subtract(tally.counts, counts) for key, counts in groups.items()}
    judged = [key for key in groups if min(sum(groups[key]), sum(rests[key])) >= LEAST_REVIEWS]
    found = dict(zip(judged, find_differences([(rests[key], groups[key]) for key in judged]), strict=True))
    compared = [
        Comparison(
            column,
            _largest_first(
                Group(value, counts, found.get((of, value)))
                for (of, value), counts in groups.items()
                if of == column
            ),
            tally.ungrouped[column],
        )
        for column in tally.groups
    ]
    return [comparison for comparison in compared if len(comparison.groups) > 1]


def _subtract(counts: Iterable[int], part: Iterable[int]) -> tuple[int, ...]:
    return tuple(every - some for every, some in zip(counts, part, strict=True))


def _largest_first(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.reviews, group.value)))

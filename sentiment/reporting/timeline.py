"""Reviews of each group by step of time, counted in bounded memory."""

from collections.abc import Iterable, Sequence
from typing import Final

from sentiment.reporting.periods import MOST_PERIODS, Unit, index_of


class Timeline:
    """Count the reviews of each group by step of time, for every unit that a trend may take.

    Which unit it takes is known at the end only. One that has more steps than a trend shows will not be
    taken and is given up, so that what is kept is bounded by groups and steps, not by rows.

    Args:
        units: Lengths of a step that may be asked for; the last is never given up.
        labels: How many labels there are.
    """

    def __init__(self, units: Iterable[Unit], labels: int) -> None:
        self._labels: Final = labels
        self._steps: dict[Unit, dict[int, dict[str, list[int]]]] = {unit: {} for unit in units}
        self._of_day: dict[int, list[dict[str, list[int]]]] = {}

    def add(self, day: int, value: str, label: int) -> None:
        """Take one review: its day (proleptic ordinal), its group and the position of its label."""
        for groups in self._of_day.get(day) or self._find_steps(day):
            counts = groups.get(value)
            if counts is None:
                counts = groups[value] = [0] * self._labels
            counts[label] += 1

    def split(self, unit: Unit, step: int) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
        """Give the reviews of each group that has some in a step: those before it, and those in it.

        Args:
            unit: One that was asked for and of which there are at most 40 steps.
            step: Its index, see `index_of`.
        """
        steps = self._steps[unit]
        earlier = [groups for index, groups in steps.items() if index < step]
        return {
            value: (_add((groups[value] for groups in earlier if value in groups), counts), tuple(counts))
            for value, counts in steps.get(step, {}).items()
        }

    def _find_steps(self, day: int) -> list[dict[str, list[int]]]:
        found = [steps.setdefault(index_of(day, unit), {}) for unit, steps in self._steps.items()]
        self._of_day[day] = found
        for unit in [*self._steps][:-1]:
            if len(self._steps[unit]) > MOST_PERIODS:
                del self._steps[unit]
                self._of_day.clear()
        return found


def _add(several: Iterable[Sequence[int]], like: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(sum, zip([0] * len(like), *several, strict=True)))

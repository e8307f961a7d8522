"""Steps of time: days joined to weeks, months, quarters or years, whichever shows a trend best."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Literal

from sentiment.reporting.statistics import LEAST_REVIEWS

Unit = Literal["week", "month", "quarter", "year"]
UNITS: Final[tuple[Unit, ...]] = ("week", "month", "quarter", "year")

MOST_PERIODS: Final = 40
"""More steps are not told apart in a chart."""

_FIRST_YEAR: Final = 1990
"""Dates of earlier years are the zero of a clock or slips of the hand, never those of reviews."""
_ZONES: Final = timedelta(days=1)
"""The farthest zone is 14 hours ahead of UTC."""
_GAP: Final = 5
"""Few dates that lie more years than this before all others are slips of the hand. Own choice."""
_SLIPS: Final = 0.001
"""Share of the dates that may be slips; two always may, but among few."""
_FEW: Final = 20


@dataclass(frozen=True)
class Period:
    """A step of time.

    Attributes:
        label: `2026-W07` (ISO 8601), `2026-02`, `2026 Q1` or `2026`.
        counts: Reviews of each label.
    """

    label: str
    counts: tuple[int, ...]

    @property
    def reviews(self) -> int:
        """Reviews of all labels."""
        return sum(self.counts)


def find_span(years: Mapping[int, int], today: date) -> range:
    """Tell which days (proleptic ordinals) can be those of reviews: one mistyped year would stretch a trend.

    They are not after today, not before 1990, and not among few that lie years before all others.

    Args:
        years: Years to dates.
        today: In UTC.
    """
    last_day = today + _ZONES
    known = sorted(year for year in years if _FIRST_YEAR <= year <= last_day.year)
    dates = sum(years[year] for year in known)
    slips = max(2, _SLIPS * dates) if dates >= _FEW else 0
    first = _FIRST_YEAR
    for earlier, later in pairwise(known):
        if later - earlier > _GAP and sum(years[year] for year in known if year <= earlier) <= slips:
            first = later
    # A time with a zone may lie in the year before the one that is written.
    return range(date(first, 1, 1).toordinal() - 1, last_day.toordinal() + 1)


def choose_unit(days: Mapping[int, Sequence[int]]) -> Unit:
    """Choose the finest step of which there are at most 40, at least half of them with 30 reviews or more.

    Where no step is so well filled it is the finest from a month on of which there are at most 40.

    Args:
        days: Days (proleptic ordinal) to reviews of each label; not empty.
    """
    few_enough = [unit for unit in UNITS if _count(days, unit) <= MOST_PERIODS] or ["year"]
    for unit in few_enough:
        periods = join_days(days, unit)
        if 2 * sum(period.reviews >= LEAST_REVIEWS for period in periods) >= len(periods):
            return unit
    return next((unit for unit in few_enough if unit != "week"), "year")


def join_days(days: Mapping[int, Sequence[int]], unit: Unit) -> list[Period]:
    """Join days to steps, those without reviews between others included."""
    first, last = index_of(min(days), unit), index_of(max(days), unit)
    width = len(next(iter(days.values())))
    joined = [[0] * width for _ in range(first, last + 1)]
    for day, counts in days.items():
        step = joined[index_of(day, unit) - first]
        for place, count in enumerate(counts):
            step[place] += count
    return [Period(label_of(first + i, unit), tuple(counts)) for i, counts in enumerate(joined)]


def _count(days: Mapping[int, Sequence[int]], unit: Unit) -> int:
    return index_of(max(days), unit) - index_of(min(days), unit) + 1


_INDEX: Final[dict[Unit, Callable[[int], int]]] = {
    "week": lambda day: (day - 1) // 7,  # day 1 of the calendar is a Monday
    "month": lambda day: date.fromordinal(day).year * 12 + date.fromordinal(day).month - 1,
    "quarter": lambda day: date.fromordinal(day).year * 4 + (date.fromordinal(day).month - 1) // 3,
    "year": lambda day: date.fromordinal(day).year,
}


def index_of(day: int, unit: Unit) -> int:
    """Number the steps of the calendar: the next one has the next number."""
    return _INDEX[unit](day)


def label_of(index: int, unit: Unit) -> str:
    """Name a step by its number."""
    match unit:
        case "week":
            year, week, _ = (date.min + timedelta(weeks=index)).isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{index // 12}-{index % 12 + 1:02}"
        case "quarter":
            return f"{index // 4} Q{index % 4 + 1}"
        case _:
            return str(index)

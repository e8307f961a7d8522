"""Dates in any notation, read by one order of day and month that is decided by the whole column."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sentiment.tables.values.month_names import FILLERS, fold_letters, month_of

_OUTLIERS: Final = 0.01
"""Share of a column's dates that may contradict the order of all others: slips of the hand."""
_LEAST_READABLE: Final = 0.5
_LONGEST: Final = 80
_EPOCH: Final = datetime(1970, 1, 1)
_EPOCH_SECONDS: Final = (631_152_000, 4_102_444_800)
"""1990 to 2100: what lies outside, in any unit, is no time but some other number."""
_EPOCH_UNITS: Final = {1: "seconds", 1_000: "milliseconds", 1_000_000: "microseconds"}
_TWO_DIGIT_PIVOT: Final = 69
"""POSIX: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068."""

_CLOCK: Final = re.compile(
    r"(?:\b[aà]\s|\bat\s|\bum\s|\bkl\.?\s|[T,])?\s*(?P<before>[上下]午|午[前後]|오[전후])?\s*"
    r"(?<![\d:])(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![\d:])"
    r"(?:\s*(?P<after>[AaPp])\.?\s?[Mm]\b\.?)?"
    r"(?:\s*\(?(?:Z|UTC|GMT)?(?P<zone>\s?[+-]\d{1,2}:?\d{2})?\b\)?)?(?:\s?\(?[A-Z]{3,4}\b\)?|\s?(?:Uhr|h)\b)?"
)
_AFTERNOON: Final = frozenset("pP下後후")
_WEEKDAY: Final = r"(?:[^\W\d]{2,}\.?,?\s+)?"
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})\s?[.日일]?(?:\W\D{0,5})?"
)
_NUMERIC: Final = re.compile(
    _WEEKDAY + r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})(?:\s?\2\s?|,\s?)(\d{4}|\d{2})\.?", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")


class NumericDate(NamedTuple):
    """A date of which either number may be the day.

    Attributes:
        first: The number that is written first, 1 to 31.
        second: The number behind it, 1 to 31.
        year: Four digits.
        is_dotted: Whether dots stand between them.
        clock: Time since midnight, in UTC where the cell names its distance from it (even below zero).
    """

    first: int
    second: int
    year: int
    is_dotted: bool
    clock: timedelta

    def resolve(self, day_first: bool | None) -> datetime | None:
        """Give the moment under an order; under None only where both orders give the same."""
        if day_first is None and self.first != self.second:
            return None
        day, month = (self.first, self.second) if day_first else (self.second, self.first)
        return _moment(self.year, month, day, self.clock)


class _Read(NamedTuple):
    """A cell that holds a date: its moment, or the numbers of which the order is to be decided."""

    date: datetime | NumericDate
    notation: str


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How the dates of a column read.

    Attributes:
        day_first: Whether the day stands before the month in dates of numbers; None where no date of the
            column asks for it, or none can tell.
        reason: How that was found, as part of a sentence.
    """

    day_first: bool | None
    reason: str

    def parse(self, cell: str | None) -> datetime | None:
        """Give the moment of a cell, without a zone; None where it holds no date.

        A time that names its distance from UTC is given in UTC, any other as it is written.
        """
        found = _read(cell) if cell else None
        if found is None:
            return None
        return found.date.resolve(self.day_first) if isinstance(found.date, NumericDate) else found.date


class DateFinder:
    """Find how the dates of a column read, in one pass over all of it and in constant memory.

    Attributes:
        reason: After `order`, why that order, or why none.
        years: Years to dates; no order of day and month is needed to tell them.
    """

    def __init__(self) -> None:
        self.reason = "no dates"
        self.years: Counter[int] = Counter()
        self._cells = 0
        self._notations: Counter[str] = Counter()
        self._day_first = 0
        self._month_first = 0
        self._open = 0
        self._open_undotted = 0

    def add(self, cell: str | None) -> None:
        """Take one cell of the column; an empty one says nothing."""
        if not cell or cell.isspace():
            return
        self._cells += 1
        found = _read(cell)
        if found is None:
            return
        self._notations[found.notation] += 1
        date = found.date
        self.years[date.year] += 1
        if not isinstance(date, NumericDate) or date.first == date.second:
            return
        if date.first > 12:
            self._day_first += 1
        elif date.second > 12:
            self._month_first += 1
        else:
            self._open += 1
            self._open_undotted += not date.is_dotted

    def order(self) -> DateOrder | None:
        """Decide the order, or None (with `reason`) where the column holds no dates or cannot tell."""
        found = self._decide()
        if isinstance(found, str):
            self.reason = found
            return None
        self.reason = found.reason
        return found

    def _decide(self) -> DateOrder | str:
        dates = self._notations.total()
        if not dates:
            return "no dates"
        if dates < _LEAST_READABLE * self._cells:
            return "most of its values are not dates"
        decided = self._day_first + self._month_first
        if decided:
            if min(self._day_first, self._month_first) > _OUTLIERS * decided:
                return "some dates begin with the day, others with the month"
            is_day_first = self._day_first > self._month_first
            return DateOrder(is_day_first, f"numbers above 12 come {'first' if is_day_first else 'second'}")
        if self._open and not self._open_undotted:
            return DateOrder(True, "written with dots")
        if self._open > _LEAST_READABLE * dates:
            return "day and month cannot be told apart"
        return DateOrder(None, self._notations.most_common(1)[0][0])


def is_date(cell: str) -> bool:
    """Tell whether a cell holds a date in any notation, seconds or milliseconds since 1970 among them."""
    return _read(cell) is not None


def _read(cell: str) -> _Read | None:
    """Read one cell: its date, or None where it holds none. Never raises."""
    text = cell.strip()
    if not 6 <= len(text) <= _LONGEST:
        return None
    try:
        if text[4:5] == "-" and (moment := _read_iso(text)):
            return _Read(moment, "year first")
        digits = text.removesuffix(".0")
        if digits.isdecimal():
            return _read_digits(digits)
        return _read_written(text)
    except (ValueError, OverflowError):  # day 32, month 13, hour 25; a zone that leaves the years 1 to 9999
        return None


def _read_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text[:-4] + "+00:00" if text.endswith(" UTC") else text)
    except ValueError:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _read_digits(digits: str) -> _Read | None:
    """Read a whole number: seconds, milliseconds or microseconds since 1970 by magnitude, or 20250302."""
    number = int(digits)
    for unit, name in _EPOCH_UNITS.items():
        if _EPOCH_SECONDS[0] <= number / unit < _EPOCH_SECONDS[1]:
            return _Read(_EPOCH + timedelta(seconds=number / unit), f"{name} since 1970")
    if len(digits) == 8 and 1990 <= number // 10_000 < 2100:
        moment = datetime(number // 10_000, number // 100 % 100, number % 100)
        return _Read(moment, "year first")
    return None


def _read_written(text: str) -> _Read | None:
    clock, offset = timedelta(), timedelta()
    if (":" in text or "h" in text) and (match := _CLOCK.search(text)):
        clock, offset = _read_clock(match)
        text = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,-")
    if match := _YEAR_FIRST.fullmatch(text):
        moment = _moment(int(match[1]), int(match[2]), int(match[3]), clock)
        return _Read(moment - offset, "year first") if moment else None
    if match := _NUMERIC.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        date = NumericDate(first, second, _full_year(match[4]), match[2] == ".", clock - offset)
        is_possible = date.resolve(day_first=True) or date.resolve(day_first=False)
        return _Read(date, "numbers") if is_possible else None
    moment = _read_named(text, clock - offset)
    return _Read(moment, "the month in words") if moment else None


def _read_clock(match: re.Match[str]) -> tuple[timedelta, timedelta]:
    """Give the time since midnight and the distance from UTC."""
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    half = match["after"] or (match["before"] or "")[:2]
    if half and hour <= 12:
        hour = hour % 12 + 12 * bool(_AFTERNOON & set(half))
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError("no time of a day")
    offset = timedelta()
    if match["zone"]:
        sign, digits = match["zone"].strip()[0], re.sub(r"\D", "", match["zone"])
        offset = timedelta(hours=int(digits[:-2]), minutes=int(digits[-2:])) * (-1 if sign == "-" else 1)
    return timedelta(hours=hour, minutes=minute, seconds=second), offset


def _read_named(text: str, clock: timedelta) -> datetime | None:
    """Read a date that names its month, in any order, at the end of a cell; a weekday may follow it."""
    tokens = [token for token in _TOKEN.findall(fold_letters(text)) if token not in FILLERS]
    if tokens and not tokens[-1].isdecimal():
        tokens.pop()
    if len(tokens) < 3 or any(token.isdecimal() for token in tokens[:-3]):
        return None
    first, second, third = tokens[-3:]
    if second.isdecimal():
        month, day, year = month_of(first), second, third
    else:
        month, day, year = month_of(second), first, third
    if len(day) == 4:
        day, year = year, day
    if month is None or not (day.isdecimal() and year.isdecimal()) or len(day) > 2 or len(year) not in (2, 4):
        return None
    return _moment(_full_year(year), month, int(day), clock)


def _moment(year: int, month: int, day: int, clock: timedelta) -> datetime | None:
    try:
        return datetime(year, month, day) + clock
    except (ValueError, OverflowError):
        return None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= _TWO_DIGIT_PIVOT else 2000)

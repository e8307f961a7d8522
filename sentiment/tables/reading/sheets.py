"""The sheets of a workbook: what every workbook format gives."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from sentiment.tables.values.cells import DateText

MOST_COLUMNS: Final = 16_384
"""Of a sheet, in Excel and LibreOffice."""

_EXACT: Final = 2**53
_MOST_DIGITS: Final = 9


class NoValue(Enum):
    """A cell that holds something, but nothing to read."""

    FORMULA = "formula"
    ERROR = "error"


Cell = str | int | float | bool | NoValue
Row = tuple[int, dict[int, Cell]]
"""The 1-based number of a row, and its filled cells by 0-based column; blank rows are left out."""


@dataclass(frozen=True)
class Sheet:
    """A sheet and a single lazy pass over its rows, to be made before the next sheet is asked for.

    Attributes:
        name: As its tab shows it.
        is_visible: False where the author hid it.
        rows: The rows that hold anything, from the top.
    """

    name: str
    is_visible: bool
    rows: Iterator[Row]


class Workbook(Protocol):
    """A workbook that can be passed over any number of times."""

    def iter_sheets(self) -> Iterator[Sheet]:
        """Iterate over the sheets in their order, lazily."""

    def close(self) -> None:
        """Release files."""


def parse_count(text: str, default: int) -> int:
    """Read a whole number of at most nine digits from an attribute; anything else gives the default."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else default


def plain_number(value: float) -> int | float:
    """Give a whole number as an integer: spreadsheets store 5 as 5.0."""
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def time_text(value: datetime.datetime | datetime.date | datetime.time | datetime.timedelta) -> str:
    """Give a date or time in ISO 8601, without a time of midnight; a duration is `[days,] hours:minutes`."""
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return DateText(value.date())
        return DateText(value)
    return str(value) if isinstance(value, datetime.timedelta) else value.isoformat()

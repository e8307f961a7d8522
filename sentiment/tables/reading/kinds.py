"""Cells that are no words: numbers, dates, links."""

import re
from collections.abc import Sequence
from typing import Final

_NUMBER: Final = re.compile(r"[-+]?[$€£¥]?\s?\d[\d.,' ]*(?:[eE][-+]?\d+)?\s?[%$€£¥]?(?:\s?/\s?\d+)?|[★☆⭐]+")
_DATE: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:[T, ].*)?"
    r"|(?=.*\b\d{4}\b)[\w.,:+ -]*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b[\w.,:+ -]*",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+", re.IGNORECASE)
KINDS: Final = (_NUMBER, _DATE, _LINK)
_LONGEST_VALUE: Final = 300
_MOST_OF: Final = 0.8


def fits(kind: re.Pattern[str], cell: str) -> bool:
    """Tell a cell of a kind; one that is very long is of none."""
    return len(cell) <= _LONGEST_VALUE and kind.fullmatch(cell) is not None


def kind_of(cells: Sequence[str], kinds: Sequence[re.Pattern[str]] = KINDS) -> re.Pattern[str] | None:
    """Give the kind of at least 80 % of these cells, blank ones aside; None where they have none."""
    filled = [cell for cell in cells if cell]
    for kind in kinds:
        if filled and sum(fits(kind, cell) for cell in filled) >= _MOST_OF * len(filled):
            return kind
    return None

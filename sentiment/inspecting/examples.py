"""Example rows, short, and safe to show."""

from dataclasses import dataclass
from typing import Final

from sentiment.records import Review
from sentiment.tables import mask_personal_data, printable

_LONGEST_TEXT: Final = 100
_LONGEST_CELL: Final = 30


@dataclass(frozen=True)
class Example:
    """One review as it is shown.

    Attributes:
        row: 1-based, among the data rows.
        rating: The rating cell; None without such a column.
        date: The date cell; None without such a column.
        text: Title and text, about 100 characters.
    """

    row: int
    rating: str | None
    date: str | None
    text: str


def show(review: Review, *, masked: bool) -> Example:
    """Shorten a review, with personal data masked or as it is."""
    text = ": ".join(part.strip() for part in (review.title or "", review.text) if part.strip())
    return Example(
        review.row + 1,
        _shorten(review.rating, _LONGEST_CELL, masked),
        _shorten(review.date, _LONGEST_CELL, masked),
        _shorten(text, _LONGEST_TEXT, masked) or "",
    )


def _shorten(text: str | None, length: int, masked: bool) -> str | None:
    """Give one line of at most `length` characters; masked before it is cut, so that no half is left over."""
    if text is None:
        return None
    head = text[: 40 * length]  # far more than is shown, for a cell may hold megabytes
    line = " ".join(printable(mask_personal_data(head) if masked else head).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"

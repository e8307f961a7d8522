"""Columns whose values are worth setting side by side: products, countries, versions, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sentiment.errors import MissingColumnError
from sentiment.records import Review
from sentiment.reporting.scored_file import ScoredFile
from sentiment.tables import cell_text, printable
from sentiment.tables.columns.finding import list_columns
from sentiment.tables.columns.headers import find_column, normalise_header
from sentiment.tables.writing.formulas import unescape_formula

_LONGEST: Final = 200

_HEADERS: Final = {
    "country": (
        "country", "country code", "country name", "reviewer country", "reviewer country code", "market",
        "marketplace", "store country", "storefront", "territory", "region", "location", "reviewer location",
        "land", "pays", "país", "paese",
    ),
    "version": (
        "version", "app version", "app version name", "app version code", "review created version",
        "product version", "release", "model version", "fassung",
    ),
    "file": ("source file",),
}  # fmt: skip
"""What a column is about, to names that it has in exports (case, accents and signs do not matter)."""


@dataclass(frozen=True)
class GroupColumn:
    """A column whose values are groups of reviews.

    Attributes:
        column: Its name.
        noun: What its values are, in the singular.
        place: Its position in a row.
    """

    column: str
    noun: str
    place: int

    def read(self, review: Review) -> str:
        """Give the group of a review, at most 200 characters; empty where it has none."""
        cell = review.cells[self.place]
        text = cell if isinstance(cell, str) else cell_text(cell)
        return unescape_formula(text.strip()[:_LONGEST])


def find_group_columns(file: ScoredFile, named: Sequence[str]) -> list[GroupColumn]:
    """Find the columns to group by: as named, else product, country, version and file.

    Raises:
        MissingColumnError: A named column is not there.
    """
    columns = file.reader.columns
    if named:
        found = {name: _look_up(file, name) for name in named}
        return [GroupColumn(column, column, columns.index(column)) for column in found.values()]
    product = {"product": file.roles.product} if file.roles.product else {}
    others = {noun: _find(headers, file) for noun, headers in _HEADERS.items()}
    return [
        GroupColumn(column, noun, columns.index(column))
        for noun, column in (product | others).items()
        if column is not None
    ]


def _find(headers: Sequence[str], file: ScoredFile) -> str | None:
    taken = {name for names in file.roles.columns().values() for name in names}
    by_header = {
        normalise_header(column): column
        for column in reversed(file.reader.columns)
        if column not in taken and column not in file.names.all
    }
    return next((by_header[header] for header in map(normalise_header, headers) if header in by_header), None)


def _look_up(file: ScoredFile, name: str) -> str:
    column = find_column(name, file.reader.columns)
    if column is None:
        raise MissingColumnError(
            f"{printable(file.reader.name)}: no column named '{printable(name)}'.",
            f"Found: {list_columns(file.reader.columns)}.",
            "Name the right one with --group-column.",
        )
    return column

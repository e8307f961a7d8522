"""The receipt of a read: what was understood of a review file, and what was repaired."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How often something happened, and the line where it happened first.

    Attributes:
        count: Number of times.
        first_line: 1-based line of the file, as an editor shows it; 0 before the first time.
    """

    count: int = 0
    first_line: int = 0

    def add(self, line: int) -> None:
        """Count one more at this line."""
        self.count += 1
        self.first_line = self.first_line or line

    def phrase(self, one: str, many: str) -> str:
        """Say it: `1 row was short (line 17)`, `3 rows were short (first: line 17)`."""
        if self.count == 1:
            return f"1 {one} (line {self.first_line})"
        return f"{self.count:,} {many} (first: line {self.first_line})"


@dataclass
class ReadReceipt:
    """What a reader understood and repaired; complete once the reader is open.

    Attributes:
        encoding: Codec that the file was decoded with, or None for a binary format.
        delimiter: Cell separator, or None where there is none.
        rows: Number of data rows.
        notes: What a user should know, a sentence each, with counts and first line numbers.
        short_rows: Rows padded because cells were missing.
        long_rows: Rows with more cells than the header names.
        unclosed_quotes: Quotes that were opened and never closed.
        inner_quotes: Rows with quotes inside quoted cells that were not doubled.
        blank_lines: Blank lines left out.
        replaced_characters: Undecodable places that now read as U+FFFD.
    """

    encoding: str | None = None
    delimiter: str | None = None
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    short_rows: int = 0
    long_rows: int = 0
    unclosed_quotes: int = 0
    inner_quotes: int = 0
    blank_lines: int = 0
    replaced_characters: int = 0


def unique_names(names: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """Give every column a name of its own: a blank one becomes `column_3`, a repeated one `date_2`.

    Returns:
        The names in order, and one sentence for each that changed.
    """
    originals = [name.lstrip("\ufeff") for name in names]
    taken = set(originals)
    used: set[str] = set()
    unique: list[str] = []
    notes: list[str] = []
    for position, name in enumerate(originals, start=1):
        if not name.strip():
            fresh = free_name("column", taken, position)
            notes.append(f"Column {position} has no name; it is called {fresh}.")
        elif name in used:
            fresh = free_name(name, taken, 2)
            notes.append(f"Column {position} repeats the name '{name}'; it is called {fresh}.")
        else:
            fresh = name
        unique.append(fresh)
        used.add(fresh)
        taken.add(fresh)
    return tuple(unique), notes


def free_name(stem: str, taken: Iterable[str], number: int) -> str:
    """Give `stem_number`, counting on from `number` to the first name that is not taken."""
    occupied = set(taken)
    while f"{stem}_{number}" in occupied:
        number += 1
    return f"{stem}_{number}"


def extra_names(count: int, columns: Sequence[str]) -> tuple[str, ...]:
    """Name the columns that hold the surplus cells of long rows: `extra_1`, `extra_2` and so on."""
    taken = set(columns)
    names: list[str] = []
    number = 1
    while len(names) < count:
        if f"extra_{number}" not in taken:
            names.append(f"extra_{number}")
        number += 1
    return tuple(names)

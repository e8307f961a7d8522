"""CSV and TSV review files, read row by row in constant memory."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from sentiment.errors import FileFormatError
from sentiment.tables.reading.csv_records import NO_DELIMITER, RecordReader
from sentiment.tables.reading.decoding import check_lines, detect_encoding, encoding_notes, open_text
from sentiment.tables.reading.dialects import detect_dialect
from sentiment.tables.reading.header_rows import SAMPLE_ROWS, blank_note, find_header, preview_note
from sentiment.tables.reading.receipt import ReadReceipt, Tally, extra_names, unique_names
from sentiment.tables.reading.sniffing import has_suffix
from sentiment.tables.reading.unquoted import Joining, find_joining
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE_LINES: Final = 2_000
_SAMPLE_CHARACTERS: Final = 1 << 18

_LONGEST_SAMPLED: Final = 2_000
_MOST_LONGER_CELLS: Final = 1_000
"""Bounds of what is looked at to understand rows with too many cells."""


class DelimitedReader:
    """Read a CSV or TSV file; opening it makes one scanning pass that finds every repair.

    Args:
        path: The file.
        name: What messages call it.
        delimiter: The cell separator where it is given, else found by consistent numbers of cells.
        has_header: Whether the first row may name the columns.

    Attributes:
        name: What messages call the file.
        format: `csv` or `tsv`.
        columns: Unique column names, those of surplus cells last.
        receipt: What was understood and repaired.

    Raises:
        FileFormatError: There is nothing but blank lines, or a line too long for any table.
        OSError: The file cannot be read.
    """

    def __init__(
        self, path: Path, name: str, delimiter: str | None = None, *, has_header: bool = True
    ) -> None:
        self.name = name
        self._path = path
        check_lines(path, name)
        self._encoding = detect_encoding(path)
        with open_text(path, self._encoding) as lines:
            sample = _sample_lines(lines)
        self._skipped_lines, declared = _leading_lines(sample)
        table = sample[self._skipped_lines :]
        if not table:
            raise FileFormatError(
                f"{printable(name)}: no header row.",
                "Only blank lines found.",
                "Name the columns in the first line.",
            )
        is_text = has_suffix(name, ".txt")
        self._dialect, width = detect_dialect(
            table,
            delimiter or declared,
            prefer_tab=has_suffix(name, ".tsv", ".tab"),
            is_plain_text=is_text,
        )
        first_records = list(islice(RecordReader(table, self._dialect, width), SAMPLE_ROWS))
        is_text = is_text and self._dialect.delimiter == NO_DELIMITER
        self._header = find_header(first_records, may_have_header=has_header, is_plain_text=is_text)
        self._blank_lines = self._skipped_lines - (declared is not None)
        self.format = "tsv" if self._dialect.delimiter == "\t" else "csv"
        self._joining: Joining | None = None
        shapes, reader = self._scan()
        self._joining = self._find_joining(first_records, shapes)
        if self._joining:
            shapes, reader = self._scan()
        self.columns, self.receipt = self._understand(shapes, reader)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Iterate over the data rows, lazily; each has as many cells as there are columns."""
        width = len(self.columns)
        with open_text(self._path, self._encoding) as lines:
            for cells in self._data_records(self._records(lines)):
                if self._joining and len(cells) > self._joining.width:
                    cells = self._joining.join(cells) or cells
                if len(cells) != width:
                    if not cells and len(self._header.names) > 1:
                        continue
                    cells += [""] * (width - len(cells))
                    del cells[width:]
                yield tuple(cells)

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give none: every cell is text."""
        return {}

    def close(self) -> None:
        """Release nothing: each pass opens and closes the file itself."""

    def _records(self, lines: TextIO) -> RecordReader:
        data = islice(lines, self._skipped_lines, None)
        width = len(self._header.names)
        return RecordReader(data, self._dialect, width, first_line=self._skipped_lines + 1)

    def _data_records(self, reader: RecordReader) -> Iterator[list[str]]:
        return islice(reader, self._header.rows, None)

    def _find_joining(self, first_records: Sequence[Sequence[str]], shapes: "_RowShapes") -> Joining | None:
        width = len(self._header.names)
        if not shapes.longer or width < 2:
            return None
        whole = [cells for cells in first_records[self._header.rows :] if len(cells) == width]
        delimiter = self._dialect.delimiter
        return find_joining(whole, shapes.longer, width, delimiter, are_few=shapes.are_few_long)

    def _scan(self) -> tuple["_RowShapes", RecordReader]:
        """Read the whole file once: count rows, find ragged ones, and see how wide the widest is."""
        is_survey = bool(self._header.preview_columns)
        with open_text(self._path, self._encoding) as lines:
            reader = self._records(lines)
            width = len(self._header.names)
            shapes = _RowShapes(width, self._joining, widest=width)
            for cells in self._data_records(reader):
                if is_survey:
                    shapes.previews += self._header.is_preview(cells)
                if len(cells) == width:
                    shapes.rows += 1
                else:
                    shapes.add_ragged(cells, reader.line)
        return shapes, reader

    def _understand(self, shapes: "_RowShapes", reader: RecordReader) -> tuple[tuple[str, ...], ReadReceipt]:
        """Name the columns and say what was found and repaired."""
        columns, renamed = unique_names(self._header.names)
        extras = extra_names(shapes.widest - len(columns), columns)
        receipt = ReadReceipt(
            encoding=self._encoding.codec,
            delimiter=None if self._dialect.delimiter == NO_DELIMITER else self._dialect.delimiter,
            rows=shapes.rows,
            notes=[
                *encoding_notes(self._encoding),
                *blank_note(self._blank_lines + self._header.blank_rows),
                *self._header.notes,
                *renamed,
                *shapes.notes(columns, extras, self._dialect.delimiter),
                *_quote_notes(reader.unclosed, reader.inner),
                *preview_note(shapes.previews),
            ],
            short_rows=shapes.short.count,
            long_rows=shapes.long.count + shapes.joined.count,
            unclosed_quotes=reader.unclosed.count,
            inner_quotes=reader.inner.count,
            blank_lines=shapes.blank.count,
            replaced_characters=self._encoding.replaced,
        )
        return (*columns, *extras), receipt


@dataclass
class _RowShapes:
    """How many rows there are, and which are not as wide as the header.

    Attributes:
        longer: The first rows with more cells.
        previews: Answers that are tests of a survey.
    """

    width: int
    joining: Joining | None
    widest: int
    rows: int = 0
    short: Tally = field(default_factory=Tally)
    long: Tally = field(default_factory=Tally)
    joined: Tally = field(default_factory=Tally)
    blank: Tally = field(default_factory=Tally)
    longer: list[Sequence[str]] = field(default_factory=list)
    previews: int = 0

    @property
    def are_few_long(self) -> bool:
        """Whether less than half of the rows are longer."""
        return 2 * self.long.count < self.rows

    def add_ragged(self, cells: Sequence[str], line: int) -> None:
        """Count a record that is not as wide as the header."""
        if not cells and self.width > 1:
            self.blank.add(line)
            return
        self.rows += 1
        if not cells:
            return  # of a single column, a blank line is an empty cell
        # Delimiters at a line's end open no columns: only cells that hold something count as surplus.
        filled = next((place for place in range(len(cells), 0, -1) if cells[place - 1].strip()), 0)
        if len(cells) > self.width and len(self.longer) < SAMPLE_ROWS and len(cells) <= _MOST_LONGER_CELLS:
            self.longer.append([cell[:_LONGEST_SAMPLED] for cell in cells])
        if len(cells) < self.width:
            self.short.add(line)
        elif self.joining and self.joining.join(cells):
            self.joined.add(line)
        elif filled > self.width:
            self.long.add(line)
            self.widest = max(self.widest, filled)

    def notes(self, columns: Sequence[str], extras: Sequence[str], delimiter: str) -> list[str]:
        """Say what was counted, in sentences."""
        sign = "a tab" if delimiter == "\t" else f"'{delimiter}'"
        notes = []
        if self.short.count:
            fact = self.short.phrase("row had too few cells", "rows had too few cells")
            notes.append(f"{fact}; the missing ones are empty.")
        if self.joining and self.joined.count:
            fact = self.joined.phrase("row had too many cells", "rows had too many cells")
            notes.append(
                f"{fact}; texts of '{columns[self.joining.place]}' hold {sign} without quotes, "
                "and were joined again."
            )
        if self.long.count:
            fact = self.long.phrase("row had too many cells", "rows had too many cells")
            notes.append(f"{fact}; the surplus is kept in {', '.join(extras)}.")
            if self.are_few_long:  # else a column may have no name
                notes[-1] += (
                    f" Texts with {sign} and no quotes are cut there, and what follows is in wrong columns: "
                    "quote them, or export as .xlsx."
                )
        if self.blank.count:
            notes.append(f"{self.blank.phrase('blank line was left out', 'blank lines were left out')}.")
        return notes


def _quote_notes(unclosed: Tally, inner: Tally) -> list[str]:
    notes = []
    if unclosed.count:
        fact = unclosed.phrase("quote was never closed", "quotes were never closed")
        notes.append(f"{fact}; such a line is read by itself, and the lines after it as rows.")
    if inner.count:
        fact = inner.phrase("row had quotes inside quotes", "rows had quotes inside quotes")
        notes.append(f"{fact}; they are read as text.")
    return notes


def _sample_lines(lines: TextIO) -> list[str]:
    sample: list[str] = []
    size = 0
    for line in islice(lines, _SAMPLE_LINES):
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return sample


def _leading_lines(sample: Sequence[str]) -> tuple[int, str | None]:
    """Count the lines before the header (blank ones, Excel's `sep=;`); give the delimiter that one names."""
    delimiter = None
    for position, line in enumerate(sample):
        declared = re.fullmatch(r'"?sep=(.)"?', line.strip("\ufeff\r\n "), re.IGNORECASE)
        if declared and delimiter is None:
            delimiter = declared[1]
        elif line.strip("\ufeff \t\r\n"):
            return position, delimiter
    return len(sample), delimiter

"""CSV and TSV review files, read row by row in constant memory."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from sentiment.errors import FileFormatError
from sentiment.tables.cleaning import printable
from sentiment.tables.csv_records import NO_DELIMITER, Dialect, RecordReader
from sentiment.tables.decoding import detect_encoding, encoding_notes, open_text
from sentiment.tables.receipt import ReadReceipt, Tally, extra_names, unique_names

_DELIMITERS: Final = ",;\t|"
_SAMPLE_LINES: Final = 2_000
_SAMPLE_CHARACTERS: Final = 1 << 18
_LEAST_AGREEING: Final = 3
_AGREEMENT: Final = 0.9
"""A header of one cell is doubted where so many records, and so large a share, agree on more cells."""


class DelimitedReader:
    """Read a CSV or TSV file; opening it makes one scanning pass that finds every repair.

    Args:
        path: The file.
        name: What messages call it.
        delimiter: The cell separator where it is given, else found by consistent numbers of cells.

    Attributes:
        name: What messages call the file.
        format: `csv` or `tsv`.
        columns: Unique column names, those of surplus cells last.
        receipt: What was understood and repaired.

    Raises:
        FileFormatError: There is no header row.
        OSError: The file cannot be read.
    """

    def __init__(self, path: Path, name: str, delimiter: str | None = None) -> None:
        self.name = name
        self._path = path
        self._encoding = detect_encoding(path)
        with open_text(path, self._encoding) as lines:
            sample = _sample_lines(lines)
        self._skipped_lines, declared = _leading_lines(sample)
        records = sample[self._skipped_lines :]
        if not records:
            raise FileFormatError(
                f"{printable(name)}: no header row.",
                "Only blank lines found.",
                "Name the columns in the first line.",
            )
        suffix = Path(name).suffix.lower()
        self._dialect = detect_dialect(records, delimiter or declared, prefer_tab=suffix in (".tsv", ".tab"))
        self._header_width = len(next(iter(RecordReader(records, self._dialect))))
        self.format = "tsv" if self._dialect.delimiter == "\t" else "csv"
        self.columns, self.receipt = self._scan()

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Iterate over the data rows, lazily; each has as many cells as there are columns."""
        width = len(self.columns)
        with open_text(self._path, self._encoding) as lines:
            for cells in self._data_records(lines):
                if len(cells) != width:
                    if not cells and width > 1:
                        continue
                    cells += [""] * (width - len(cells))
                    del cells[width:]
                yield tuple(cells)

    def close(self) -> None:
        """Release nothing: each pass opens and closes the file itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _records(self, lines: TextIO, width: int) -> RecordReader:
        data = islice(lines, self._skipped_lines, None)
        return RecordReader(data, self._dialect, width, first_line=self._skipped_lines + 1)

    def _data_records(self, lines: TextIO) -> Iterator[list[str]]:
        records = iter(self._records(lines, self._header_width))
        next(records)
        return records

    def _scan(self) -> tuple[tuple[str, ...], ReadReceipt]:
        """Read the whole file once: count rows, find ragged ones, and see how wide the widest is."""
        short, long, blank = Tally(), Tally(), Tally()
        rows = widest = 0
        with open_text(self._path, self._encoding) as lines:
            reader = self._records(lines, self._header_width)
            records = iter(reader)
            header = next(records)
            widest = width = len(header)
            for cells in records:
                if len(cells) == width or (width == 1 and not cells):
                    rows += 1
                elif not cells:
                    blank.add(reader.line)
                elif len(cells) < width:
                    rows += 1
                    short.add(reader.line)
                else:
                    rows += 1
                    filled = _filled_width(cells)
                    if filled > width:
                        long.add(reader.line)
                        widest = max(widest, filled)
        columns, renamed = unique_names(header)
        extras = extra_names(widest - width, columns)
        receipt = ReadReceipt(
            encoding=self._encoding.codec,
            delimiter=None if self._dialect.delimiter == NO_DELIMITER else self._dialect.delimiter,
            rows=rows,
            short_rows=short.count,
            long_rows=long.count,
            unclosed_quotes=reader.unclosed.count,
            inner_quotes=reader.inner.count,
            blank_lines=blank.count,
            replaced_characters=self._encoding.replaced,
        )
        receipt.notes = [
            *encoding_notes(self._encoding),
            *renamed,
            *_row_notes(short, long, blank, extras),
            *_quote_notes(reader),
        ]
        return (*columns, *extras), receipt


def _row_notes(short: Tally, long: Tally, blank: Tally, extras: Sequence[str]) -> list[str]:
    notes = []
    if short.count:
        fact = short.phrase("row had too few cells", "rows had too few cells")
        notes.append(f"{fact}; the missing ones are empty.")
    if long.count:
        fact = long.phrase("row had too many cells", "rows had too many cells")
        notes.append(f"{fact}; the surplus is kept in {', '.join(extras)}.")
    if blank.count:
        notes.append(f"{blank.phrase('blank line was left out', 'blank lines were left out')}.")
    return notes


def _quote_notes(reader: RecordReader) -> list[str]:
    notes = []
    if reader.unclosed.count:
        fact = reader.unclosed.phrase("quote was never closed", "quotes were never closed")
        notes.append(f"{fact}; such a line is read by itself, and the lines after it as rows.")
    if reader.inner.count:
        fact = reader.inner.phrase("row had quotes inside quotes", "rows had quotes inside quotes")
        notes.append(f"{fact}; they are read as text.")
    return notes


def detect_dialect(
    lines: Sequence[str], delimiter: str | None = None, *, prefer_tab: bool = False
) -> Dialect:
    """Choose the dialect under which most records of a sample have as many cells as its header.

    Args:
        lines: The first physical lines, header included.
        delimiter: The delimiter where it is known.
        prefer_tab: Whether a tab wins a tie (the file's name ends in .tsv), else the comma does.

    Returns:
        The dialect; that of a one-column file where no delimiter fits.
    """
    order = "\t,;|" if prefer_tab else _DELIMITERS
    found: list[_Fit] = []
    for candidate in delimiter or order:
        for dialect in (Dialect(candidate), Dialect(candidate, quoted=False)):
            if dialect.quoted or candidate == "\t":
                fit = _measure(lines, dialect)
                if fit.width > 1 or delimiter:
                    found.append(fit)
                if fit.is_clean:
                    break  # quotes stand where they should: no need to look without them
    if not found:
        return Dialect(NO_DELIMITER)
    # max() keeps the first of equals: the order of the candidates.
    return max(found, key=lambda fit: (fit.names_columns, fit.share, fit.width)).dialect


@dataclass(frozen=True)
class _Fit:
    """How well a dialect fits a sample.

    Attributes:
        dialect: The dialect.
        names_columns: Whether the header has several cells.
        width: Cells of the header; of most records where the header has one and they agree on more.
        share: Share of the records that are that wide.
        is_clean: Whether every quote was in its place.
    """

    dialect: Dialect
    names_columns: bool
    width: int
    share: float
    is_clean: bool


def _measure(lines: Sequence[str], dialect: Dialect) -> _Fit:
    header_width = width = len(next(iter(RecordReader(lines, dialect))))
    reader = RecordReader(lines, dialect, width)
    widths = Counter(len(cells) for cells in islice(reader, 1, None) if cells)
    is_clean = not (reader.unclosed.count or reader.inner.count)
    records = widths.total()
    if width == 1 and records >= _LEAST_AGREEING:
        commonest, count = widths.most_common(1)[0]
        if count >= _AGREEMENT * records:
            width = commonest
    share = widths[width] / records if records else 1.0
    return _Fit(dialect, header_width > 1, width, share, is_clean)


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


def _filled_width(cells: Sequence[str]) -> int:
    """Count cells up to the last that is not empty: delimiters at a line's end open no columns."""
    return next((position for position in range(len(cells), 0, -1) if cells[position - 1]), 0)

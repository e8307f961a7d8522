"""Text formats of scored files: rows to UTF-8 bytes."""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Protocol

from sentiment.tables.values.cells import cell_text, replace_surrogates


class Sink(Protocol):
    """Turns rows into the bytes of one format."""

    @property
    def replaced_characters(self) -> int:
        """Lone surrogates that were written as U+FFFD so far."""

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""

    def finish(self) -> None:
        """Write what the format puts behind the last row."""


class DelimitedSink:
    """Write CSV or TSV, the header at once.

    Args:
        file: Where to write; it is not closed.
        columns: The header.
        delimiter: The cell separator.
    """

    def __init__(self, file: BinaryIO, columns: Sequence[str], delimiter: str) -> None:
        self._text = _Utf8Text(file)
        self._plain = csv.writer(self._text, delimiter=delimiter, lineterminator="\n")
        # The csv module of Python 3.11 does not see a lone carriage return as a reason to quote.
        self._quoted = csv.writer(self._text, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self.write([columns])

    @property
    def replaced_characters(self) -> int:
        """Lone surrogates that were written as U+FFFD so far."""
        return self._text.replaced_characters

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""
        for row in rows:
            cells = [cell if isinstance(cell, str) else cell_text(cell) for cell in row]
            (self._quoted if "\r" in "".join(cells) else self._plain).writerow(cells)

    def finish(self) -> None:
        """Write nothing: the last row ends the file."""


class JsonLinesSink:
    """Write one JSON object a line.

    Args:
        file: Where to write; it is not closed.
        columns: The keys.
    """

    def __init__(self, file: BinaryIO, columns: Sequence[str]) -> None:
        self._text = _Utf8Text(file)
        self._columns = tuple(columns)

    @property
    def replaced_characters(self) -> int:
        """Lone surrogates that were written as U+FFFD so far."""
        return self._text.replaced_characters

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows; a number that JSON cannot hold (NaN, infinity) becomes null."""
        for row in rows:
            cells = (None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row)
            record = dict(zip(self._columns, cells, strict=True))
            self._text.write(json.dumps(record, ensure_ascii=False, default=cell_text) + "\n")

    def finish(self) -> None:
        """Write nothing: the last row ends the file."""


class _Utf8Text:
    """A text file of which every string gives valid UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.replaced_characters = 0

    def write(self, text: str) -> None:
        try:
            self._file.write(text.encode("utf-8"))
        except UnicodeEncodeError:
            valid, count = replace_surrogates(text)
            self.replaced_characters += count
            self._file.write(valid.encode("utf-8"))

"""Text formats of scored files: rows to UTF-8 bytes."""

import csv
import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final

from sentiment.tables.values.cells import cell_text, replace_surrogates
from sentiment.tables.writing.formulas import FORMULA_OPENINGS, escape_formula
from sentiment.tables.writing.receipt import WriteReceipt
from sentiment.tables.writing.table import OutputTable

_JOINT: Final = "\x1f"
_MAY_BE_FORMULA: Final = re.compile(f"{_JOINT}[{re.escape(''.join(sorted(FORMULA_OPENINGS)))}]")
"""Where a cell may open a formula in the joined cells of a row: one search tells that most rows have none."""


class DelimitedSink:
    """Write CSV or TSV, the header at once.

    Args:
        file: Where to write; it is not closed.
        table: Its columns are the header.
        delimiter: The cell separator.
        escape_formulas: Whether an apostrophe goes before text that a spreadsheet would run.
    """

    def __init__(self, file: BinaryIO, table: OutputTable, delimiter: str, *, escape_formulas: bool) -> None:
        self._receipt = table.receipt
        self._escapes = escape_formulas
        text = _Utf8Text(file, table.receipt)
        self._plain = csv.writer(text, delimiter=delimiter, lineterminator="\n")
        # The csv module of Python 3.11 does not see a lone carriage return as a reason to quote.
        self._quoted = csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        self.write([table.columns])

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""
        for row in rows:
            cells = [cell if isinstance(cell, str) else cell_text(cell) for cell in row]
            joined = _JOINT.join(("", *cells))
            if self._escapes and _MAY_BE_FORMULA.search(joined):
                cells = self._escape(row, cells)
            (self._quoted if "\r" in joined else self._plain).writerow(cells)

    def finish(self) -> None:
        """Write nothing: the last row ends the file."""

    def close(self) -> None:
        """Do nothing: the file is its opener's."""

    def _escape(self, row: Sequence[object], cells: list[str]) -> list[str]:
        escaped = [
            cell if isinstance(value, (int, float)) else escape_formula(cell)
            for value, cell in zip(row, cells, strict=True)
        ]
        self._receipt.escaped_cells += sum(map(str.__ne__, escaped, cells))
        return escaped


class JsonLinesSink:
    """Write one JSON object a line.

    Args:
        file: Where to write; it is not closed.
        table: Its columns are the keys.
    """

    def __init__(self, file: BinaryIO, table: OutputTable) -> None:
        self._text = _Utf8Text(file, table.receipt)
        self._columns = table.columns

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows; a number that JSON cannot hold (NaN, infinity) becomes null."""
        for row in rows:
            cells = (None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row)
            record = dict(zip(self._columns, cells, strict=True))
            self._text.write(json.dumps(record, ensure_ascii=False, default=cell_text) + "\n")

    def finish(self) -> None:
        """Write nothing: the last row ends the file."""

    def close(self) -> None:
        """Do nothing: the file is its opener's."""


class _Utf8Text:
    """A text file of which every string gives valid UTF-8."""

    def __init__(self, file: BinaryIO, receipt: WriteReceipt) -> None:
        self._file = file
        self._receipt = receipt

    def write(self, text: str) -> None:
        try:
            self._file.write(text.encode("utf-8"))
        except UnicodeEncodeError:
            valid, count = replace_surrogates(text)
            self._receipt.replaced_characters += count
            self._file.write(valid.encode("utf-8"))

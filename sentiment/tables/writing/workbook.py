"""Excel workbooks, written row by row; XlsxWriter is imported when one is opened."""

import datetime
import re
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, Final

from sentiment.errors import OutputError
from sentiment.tables.values.cells import DateText, cell_text
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.outputs import unwritable
from sentiment.tables.writing.table import OutputTable

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
MOST_CHARACTERS: Final = 32_767
"""What a sheet holds: rows with the header, columns, and UTF-16 units in a cell."""

CUT_MARK: Final = " […]"

_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold."""

_EXACT: Final = 10**15
"""Excel keeps 15 digits of a number; a longer one is an id, and text."""

_WIDTHS: Final = (8, 60)
_WIDTH_ROWS: Final = 200
"""Columns are as wide as their longest cell among the first rows, within these bounds (in characters)."""


def check_fits(name: str, columns: int, rows: int) -> None:
    """Refuse a table that a sheet does not hold, before any work is put into it.

    Raises:
        OutputError: Too many rows or columns; the message names formats that hold them.
    """
    for count, most, unit in ((rows, MOST_ROWS - 1, "rows"), (columns, MOST_COLUMNS, "columns")):
        if count > most:
            raise _too_large(name, f"{most:,} {unit}", f"There are {count:,}.")


def _too_large(name: str, held: str, evidence: str) -> OutputError:
    return OutputError(
        f"{printable(name)}: an Excel sheet holds {held}.",
        evidence,
        "Write CSV or Parquet instead (--output FILE.csv).",
    )


class WorkbookSink:
    """Write one sheet: a frozen, bold header with filters; text as text, whatever it looks like.

    Numbers, booleans, dates and times without a zone are typed where they are so in the source; dates are
    shown year first, percentages and currencies as plain numbers. Line breaks
    are single line feeds, as Excel writes them. Rows wait in a temporary file until the workbook is put
    together, so memory does not grow with them.

    Args:
        file: Where to write; it is not closed.
        table: Its columns are the header.

    Raises:
        OutputError: More columns than a sheet holds.
    """

    def __init__(self, file: BinaryIO, table: OutputTable) -> None:
        from xlsxwriter import Workbook

        check_fits(table.name, len(table.columns), rows=0)
        self._table = table
        self._row = 0
        self._widths = [0] * len(table.columns)
        with self._translating():
            self._folder = TemporaryDirectory(prefix="sentiment-", ignore_cleanup_errors=True)
            self._stream = _Stream(file)
            self._workbook = Workbook(self._stream, {"constant_memory": True, "tmpdir": self._folder.name})
            self._sheet = self._workbook.add_worksheet("reviews")
        self._workbook.use_zip64()
        # A fixed date makes equal rows equal bytes.
        self._workbook.set_properties({"created": datetime.datetime(2000, 1, 1)})
        self._plain = self._workbook.add_format()
        self._bold = self._workbook.add_format({"bold": True})
        self._day = self._workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_row(0, None, self._bold)
        self.write([[str(name) for name in table.columns]])  # a header is text, that of a date, too

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column; None and empty text leave a cell blank."""
        with self._translating():
            for row in rows:
                if self._row >= MOST_ROWS:
                    raise _too_large(self._table.name, f"{MOST_ROWS - 1:,} rows", "There are more.")
                for column, value in enumerate(row):
                    if value is not None and value != "":
                        self._write_cell(column, value.moment if isinstance(value, DateText) else value)
                self._row += 1

    def finish(self) -> None:
        """Put the workbook together."""
        last = len(self._table.columns) - 1
        self._sheet.autofilter(0, 0, max(self._row - 1, 1), last)
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, min(max(width + 2, _WIDTHS[0]), _WIDTHS[1]))
        with self._translating():
            self._workbook.close()

    def close(self) -> None:
        """Remove the temporary files."""
        self._stream.mute()
        # XlsxWriter has no way to give a workbook up, and Windows removes no open file.
        with suppress(OSError):
            self._sheet._opt_close()
        self._folder.cleanup()

    def _write_cell(self, column: int, value: object) -> None:
        sheet, row = self._sheet, self._row
        match value:
            case str():
                self._write_text(column, value)
            case bool():
                sheet.write_boolean(row, column, value)
            case int() | float() | Decimal() if _is_exact(value):
                sheet.write_number(row, column, float(value))
            case datetime.datetime(tzinfo=None) if value.year > 1899:
                sheet.write_datetime(row, column, value, self._time)
            case datetime.date(year=year) if year > 1899 and not isinstance(value, datetime.datetime):
                sheet.write_datetime(row, column, value, self._day)
            case _:
                self._write_text(column, cell_text(value))

    def _write_text(self, column: int, text: str) -> None:
        sheet, row = self._sheet, self._row
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text, count = _UNWRITABLE.subn("\ufffd", text)
        self._table.receipt.replaced_characters += count
        if len(text) > MOST_CHARACTERS // 2:
            text = self._cut(text)
        if row < _WIDTH_ROWS:
            self._widths[column] = max(self._widths[column], len(text))
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter takes such a string for its own markup and does not escape it; in pieces it does.
            sheet.write_rich_string(row, column, self._plain, text[:1], text[1:])
        else:
            sheet.write_string(row, column, text)

    def _cut(self, text: str) -> str:
        units = text.encode("utf-16-le")
        if len(units) <= 2 * MOST_CHARACTERS:
            return text
        self._table.receipt.cut_cells += 1
        kept = units[: 2 * (MOST_CHARACTERS - len(CUT_MARK))].decode("utf-16-le", errors="ignore")
        return kept + CUT_MARK

    @contextmanager
    def _translating(self) -> "Iterator[None]":
        from xlsxwriter.exceptions import FileCreateError

        try:
            yield
        except FileCreateError as error:  # it holds the OSError
            cause = error.args[0]
            raise (
                cause if isinstance(cause, BrokenPipeError) else unwritable(self._table.name, cause)
            ) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise unwritable(self._table.name, error) from error


class _Stream:
    """A file until it is muted: the archive of a workbook that failed writes its end when it is collected."""

    def __init__(self, file: BinaryIO) -> None:
        self._file: BinaryIO | None = file
        self._position = 0

    def mute(self) -> None:
        self._file = None

    def write(self, data: bytes) -> int:
        if self._file:
            self._file.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        if self._file:
            self._file.flush()


def _is_exact(value: float | Decimal) -> bool:
    """Whether Excel shows the number that it is: finite, and of no more than 15 digits if whole."""
    if isinstance(value, float):
        return value - value == 0
    return Decimal(value).is_finite() and abs(value) < _EXACT

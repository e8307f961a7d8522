"""Old Excel workbooks (.xls) through xlrd, which is pure Python: damage raises, it does not abort."""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sentiment.errors import FileFormatError, needing_extra
from sentiment.tables.reading.safe_xml import damaged_workbook, protected_workbook
from sentiment.tables.reading.sheets import Cell, NoValue, Row, Sheet, plain_number, time_text
from sentiment.tables.values.cleaning import printable

_LARGEST: Final = 1 << 28
"""Bytes. xlrd holds a whole sheet; the format ends at 65,536 rows of 256 columns."""

_FAULTS: Final = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What xlrd raises on damaged files besides its own errors: it trusts the lengths and numbers in them."""


class XlsWorkbook:
    """Read the sheets of an .xls file, one in memory at a time.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        FileFormatError: The workbook is damaged, protected by a password, or larger than 256 MiB.
        MissingExtraError: The package xlrd is not installed.
        OSError: The file cannot be read.
    """

    def __init__(self, path: Path, name: str) -> None:
        with needing_extra("Reading an .xls file", "formats"):
            import xlrd
            import xlrd.compdoc
        if path.stat().st_size > _LARGEST:
            raise FileFormatError(
                f"{printable(name)}: an .xls file of more than {_LARGEST >> 20} MiB is not read.",
                remedy="Save it as .xlsx or CSV in a spreadsheet program and give that file.",
            )
        self._name = name
        self._faults = (*_FAULTS, xlrd.XLRDError, xlrd.compdoc.CompDocError)
        self._types = xlrd.biffh
        self._date_of = xlrd.xldate_as_datetime
        try:
            self._book = xlrd.open_workbook(
                path,
                logfile=io.StringIO(),
                on_demand=True,
                ragged_rows=True,
                ignore_workbook_corruption=False,
            )
        except self._faults as error:
            if "encrypted" in str(error):
                raise protected_workbook(name) from error
            raise damaged_workbook(name) from error

    def iter_sheets(self) -> Iterator[Sheet]:
        """Iterate over the worksheets in the order of their tabs."""
        for place in range(self._book.nsheets):
            try:
                sheet = self._book.sheet_by_index(place)
                yield Sheet(sheet.name, sheet.visibility == 0, self._rows(sheet))
                self._book.unload_sheet(place)
            except self._faults as error:
                raise damaged_workbook(self._name) from error

    def close(self) -> None:
        """Release the file."""
        self._book.release_resources()

    def _rows(self, sheet: Any) -> Iterator[Row]:
        for number in range(sheet.nrows):
            cells = {
                column: cell
                for column, (kind, value) in enumerate(
                    zip(sheet.row_types(number), sheet.row_values(number), strict=True)
                )
                if (cell := self._read_cell(kind, value)) not in (None, "")
            }
            if cells:
                yield number + 1, cells

    def _read_cell(self, kind: int, value: Any) -> Cell | None:
        types = self._types
        if kind == types.XL_CELL_TEXT:
            return str(value)
        if kind == types.XL_CELL_BOOLEAN:
            return bool(value)
        if kind == types.XL_CELL_ERROR:
            return NoValue.ERROR
        if kind == types.XL_CELL_DATE:
            try:
                return time_text(self._date_of(value, self._book.datemode))
            except (OverflowError, ValueError):  # beyond the calendar: a number after all
                return plain_number(value)
        return plain_number(value) if kind == types.XL_CELL_NUMBER else None

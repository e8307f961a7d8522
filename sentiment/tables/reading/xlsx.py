"""Excel workbooks (.xlsx) as a stream: no part of one is ever whole in memory."""

import re
from array import array
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from openpyxl.utils import column_index_from_string

from sentiment.tables.reading.safe_xml import LONGEST_ROW, damaged_workbook
from sentiment.tables.reading.sheets import MOST_COLUMNS, Cell, NoValue, Row, Sheet, parse_count
from sentiment.tables.reading.spooled import Spool
from sentiment.tables.reading.workbook_package import WorkbookPackage
from sentiment.tables.reading.xlsx_structure import CellFormats, read_structure

_MOST_STRINGS: Final = 1 << 24
_CACHED_STRINGS: Final = 1 << 10
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES: Final = range(0xD800, 0xE000)


class XlsxWorkbook:
    """Read the sheets of an .xlsx file; its shared strings wait in a temporary file.

    What openpyxl knows of formats and dates is used, its readers are not: they hold all strings in memory,
    fill each row up to its last column, and do not tell a formula without a value from a blank cell.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        FileFormatError: The workbook is damaged or a bomb.
        OSError: The file cannot be read, or no temporary file written.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._package = WorkbookPackage(path, name)
        self._strings = _SharedStrings(name)
        try:
            self._structure = read_structure(self._package)
            self._formats = CellFormats(self._package, self._structure)
            for part in self._structure.parts_of("sharedStrings"):
                for text in self._package.parse(part, _StringHandler(name)):
                    self._strings.add(text)
        except BaseException:
            self.close()
            raise

    def iter_sheets(self) -> Iterator[Sheet]:
        """Iterate over the worksheets in the order of their tabs; charts are left out."""
        for tab in self._structure.tabs:
            kind, part = self._structure.parts.get(tab.relation, ("", ""))
            if kind == "worksheet":
                handler = _SheetHandler(self._strings, self._formats, self._package.name)
                yield Sheet(tab.name, tab.is_visible, self._package.parse(part, handler))

    def close(self) -> None:
        """Close the file and remove the strings."""
        self._package.close()
        self._strings.close()


class _SharedStrings:
    """The texts that cells refer to by number, in a temporary file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spool = Spool(name)
        self._ends = array("Q", [0])
        self._file = self._spool.path.open("rb")
        self._latest = lru_cache(_CACHED_STRINGS)(self._read)

    def add(self, text: str) -> None:
        """Add the next text."""
        if len(self._ends) > _MOST_STRINGS:
            raise damaged_workbook(self._name, f"More than {_MOST_STRINGS:,} shared strings.")
        data = text.encode()
        self._spool.write(data)
        self._ends.append(self._ends[-1] + len(data))

    def __getitem__(self, place: int) -> str:
        """Give a text by its number.

        Raises:
            FileFormatError: There is no such text.
        """
        if not 0 <= place < len(self._ends) - 1:
            raise damaged_workbook(self._name, "A cell refers to a text that is not there.")
        return self._latest(place)

    def _read(self, place: int) -> str:
        self._spool.finish()
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()
        self._spool.remove()


class _Text:
    """The text of one cell, from its runs; phonetic readings above them are left out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parts: list[str] = []
        self._length = 0
        self._is_open = False
        self._is_phonetic = False

    def start(self, tag: str) -> None:
        """Begin to collect where the element holds text."""
        if tag == "rPh":
            self._is_phonetic = True
        elif tag in ("t", "v"):
            self._is_open = not self._is_phonetic

    def add(self, data: str) -> None:
        """Collect text."""
        if self._is_open:
            self._length += len(data)
            if self._length > LONGEST_ROW:
                raise damaged_workbook(self._name, "A cell holds more text than any review.")
            self._parts.append(data)

    def end(self, tag: str) -> None:
        """Stop collecting."""
        if tag == "rPh":
            self._is_phonetic = False
        elif tag in ("t", "v"):
            self._is_open = False

    def take(self) -> str:
        """Give the text and begin anew."""
        text = "".join(self._parts)
        self._parts.clear()
        self._length = 0
        return text


class _StringHandler:
    """Read the part with the shared strings."""

    def __init__(self, name: str) -> None:
        self._text = _Text(name)
        self._found: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a string or a run of one."""
        self._text.start(tag)

    def text(self, data: str) -> None:
        """Take a part of a run."""
        self._text.add(data)

    def end(self, tag: str) -> None:
        """End a run or a string."""
        self._text.end(tag)
        if tag == "si":
            self._found.append(_unescape(self._text.take()))

    def take(self) -> list[str]:
        """Hand over the strings found since the last call."""
        found, self._found = self._found, []
        return found


class _SheetHandler:
    """Read the part of one worksheet."""

    def __init__(self, strings: _SharedStrings, formats: CellFormats, name: str) -> None:
        self._strings = strings
        self._formats = formats
        self._name = name
        self._text = _Text(name)
        self._rows: list[Row] = []
        self._number = 0
        self._cells: dict[int, Cell] = {}
        self._length = 0
        self._column = -1
        self._kind = "n"
        self._style = ""
        self._is_formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a row, a cell or a part of one; their places may be left to counting."""
        if tag == "c":
            place = attributes.get("r")
            self._column = self._column_of(place) if place else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "0")
            self._is_formula = False
        elif tag == "row":
            self._number = parse_count(attributes.get("r", ""), self._number + 1)
            self._column = -1
            self._length = 0
        elif tag == "f":
            self._is_formula = True
        else:
            self._text.start(tag)

    def text(self, data: str) -> None:
        """Take a part of a cell's text."""
        self._text.add(data)

    def end(self, tag: str) -> None:
        """End a row, a cell or a part of one."""
        if tag == "c":
            cell = self._read_cell(self._text.take())
            if cell is not None and cell != "":
                self._keep(cell)
        elif tag == "row":
            if self._cells:
                self._rows.append((self._number, self._cells))
                self._cells = {}
        else:
            self._text.end(tag)

    def take(self) -> list[Row]:
        """Hand over the rows found since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def _column_of(self, place: str) -> int:
        try:
            return _column_number(place.rstrip("0123456789"))
        except ValueError as error:
            raise damaged_workbook(self._name, "A cell stands beyond the last column.") from error

    def _keep(self, cell: Cell) -> None:
        if isinstance(cell, str):
            self._length += len(cell)
        if self._length > LONGEST_ROW or not 0 <= self._column < MOST_COLUMNS:
            raise damaged_workbook(self._name, f"Row {self._number:,} is longer than any row can be.")
        self._cells[self._column] = cell

    def _read_cell(self, text: str) -> Cell | None:
        if self._kind == "e":
            return NoValue.ERROR
        if not text:
            return NoValue.FORMULA if self._is_formula and self._kind != "str" else None
        try:
            match self._kind:
                case "s":
                    return self._strings[int(text)]
                case "n":
                    return self._formats.read(float(text), self._style)
                case "b":
                    return text.strip() not in ("0", "false")
                case "d":
                    return text
                case _:
                    return _unescape(text)
        except ValueError as error:
            raise damaged_workbook(self._name, f"Row {self._number:,} has a number that is none.") from error


@lru_cache(MOST_COLUMNS)
def _column_number(letters: str) -> int:
    """Give the 0-based place of a column (`A`, `XFD`)."""
    return column_index_from_string(letters) - 1


def _unescape(text: str) -> str:
    """Undo the writing of control characters as `_x000D_`."""
    return _ESCAPE.sub(_escaped_character, text) if "_x" in text else text


def _escaped_character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code in _SURROGATES else chr(code)

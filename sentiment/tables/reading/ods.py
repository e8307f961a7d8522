"""OpenDocument spreadsheets (.ods) as a stream, with their repeated cells counted, not copied."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sentiment.tables.reading.safe_xml import LONGEST_ROW, damaged_workbook, protected_workbook
from sentiment.tables.reading.sheets import (
    MOST_COLUMNS,
    Cell,
    NoValue,
    Row,
    Sheet,
    parse_count,
    plain_number,
)
from sentiment.tables.reading.workbook_package import WorkbookPackage

_CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"
_NUMBERS: Final = ("float", "currency", "percentage")
_ERRORS: Final = ("Err:", "#DIV/0!", "#N/A", "#NAME?", "#NUM!", "#REF!", "#VALUE!")


class OdsWorkbook:
    """Read the sheets of an .ods file.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        FileFormatError: The workbook is damaged, protected by a password, or a bomb.
        OSError: The file cannot be read.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._package = WorkbookPackage(path, name)
        if _CONTENT not in self._package:
            self.close()
            raise damaged_workbook(name, "It has no content.")
        if any(True for _ in self._package.parse(_MANIFEST, _Encryption())):
            self.close()
            raise protected_workbook(name)

    def iter_sheets(self) -> Iterator[Sheet]:
        """Iterate over the sheets in the order of their tabs, in one pass over the file."""
        found = self._package.parse(_CONTENT, _ContentHandler(self._package.name))
        upcoming = next(found, None)
        while upcoming is not None:
            if not isinstance(upcoming, _Tab):
                upcoming = next(found, None)  # a row of the sheet before, which nobody asked for
                continue
            following: list[_Tab | None] = []
            yield Sheet(upcoming.name, upcoming.is_visible, _rows_of_sheet(found, following))
            upcoming = following[0] if following else next(found, None)

    def close(self) -> None:
        """Close the file."""
        self._package.close()


@dataclass(frozen=True)
class _Tab:
    """The beginning of a sheet."""

    name: str
    is_visible: bool


@dataclass
class _RepeatedRow:
    """A row that stands below itself a number of times, and its cells with theirs."""

    number: int
    times: int
    cells: list[tuple[int, int, Cell]] = field(default_factory=list)


def _rows_of_sheet(found: Iterator["_Tab | _RepeatedRow"], following: list[_Tab | None]) -> Iterator[Row]:
    """Iterate over rows up to the next sheet, which is put into `following`; None at the end."""
    for item in found:
        if isinstance(item, _Tab):
            following.append(item)
            return
        cells = {place: cell for column, times, cell in item.cells for place in range(column, column + times)}
        for number in range(item.number, item.number + item.times):
            yield number, cells
    following.append(None)


class _Encryption:
    """Find out whether a manifest names parts that are encrypted."""

    def __init__(self) -> None:
        self._found: list[bool] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note what says how a part was encrypted."""
        if tag == "encryption-data":
            self._found.append(True)

    def text(self, data: str) -> None:
        """Leave text out."""

    def end(self, tag: str) -> None:
        """Leave ends out."""

    def take(self) -> list[bool]:
        """Hand over what was found since the last call."""
        found, self._found = self._found, []
        return found


class _ContentHandler:
    """Read the part with all sheets."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[_Tab | _RepeatedRow] = []
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._tables = 0
        self._number = 1
        self._row = _RepeatedRow(1, 1)
        self._column = 0
        self._attributes: dict[str, str] = {}
        self._is_cell = False
        self._aside = 0
        self._parts: list[str] = []
        self._paragraphs = 0
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a style, a sheet, a row, a cell or a part of one."""
        if tag == "annotation" or self._aside:
            self._aside += 1
        elif self._is_cell:
            self._start_in_cell(tag, attributes)
        elif tag in ("table-cell", "covered-table-cell"):
            self._attributes = attributes
            self._is_cell = True
            self._paragraphs = 0
        elif tag == "table-row":
            times = parse_count(attributes.get("table:number-rows-repeated", ""), 1)
            self._row = _RepeatedRow(self._number, times)
            self._column = self._length = 0
        elif tag == "table":
            self._tables += 1
            self._number = 1
            is_visible = attributes.get("table:style-name", "") not in self._hidden_styles
            self._found.append(_Tab(attributes.get("table:name", ""), is_visible))
        elif tag == "style":
            self._style = attributes.get("style:name", "")
        elif tag == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def text(self, data: str) -> None:
        """Take a part of a cell's text."""
        if self._is_cell and self._paragraphs and not self._aside:
            self._add(data)

    def end(self, tag: str) -> None:
        """End a cell or a row."""
        if self._aside:
            self._aside -= 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif tag == "table-row":
            if self._row.cells:
                self._found.append(self._row)
            self._number += self._row.times

    def take(self) -> list[_Tab | _RepeatedRow]:
        """Hand over the sheets and rows found since the last call."""
        found, self._found = self._found, []
        return found

    def _start_in_cell(self, tag: str, attributes: dict[str, str]) -> None:
        """Take what stands for a character: OpenDocument writes blanks and breaks as elements."""
        if tag == "p":
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._add("\n")
        elif tag == "s":
            self._add(" " * min(parse_count(attributes.get("text:c", ""), 1), LONGEST_ROW))
        elif tag == "tab":
            self._add("\t")
        elif tag == "line-break":
            self._add("\n")

    def _add(self, data: str) -> None:
        self._length += len(data)
        if self._length > LONGEST_ROW:
            raise damaged_workbook(self._name, f"Row {self._number:,} holds more text than any row.")
        self._parts.append(data)

    def _end_cell(self) -> None:
        cell = self._read_cell("".join(self._parts))
        self._parts.clear()
        self._is_cell = False
        times = parse_count(self._attributes.get("table:number-columns-repeated", ""), 1)
        if cell is not None and cell != "":
            if self._column + times > MOST_COLUMNS:
                raise damaged_workbook(self._name, "A cell stands beyond the last column.")
            self._row.cells.append((self._column, times, cell))
        self._column += times

    def _read_cell(self, text: str) -> Cell | None:
        kind = self._attributes.get("office:value-type") or self._attributes.get("calcext:value-type", "")
        is_formula = "table:formula" in self._attributes
        if kind == "error" or (is_formula and text.startswith(_ERRORS)):
            return NoValue.ERROR
        if kind in _NUMBERS:
            try:
                return plain_number(float(self._attributes.get("office:value", "")))
            except ValueError as error:
                raise damaged_workbook(
                    self._name, f"Row {self._number:,} has a number that is none."
                ) from error
        if kind == "boolean":
            return self._attributes.get("office:boolean-value") == "true"
        if kind == "date":
            return self._attributes.get("office:date-value", text).replace("T", " ")
        if kind == "string":
            return self._attributes.get("office:string-value", text)
        return NoValue.FORMULA if is_formula and not text else text

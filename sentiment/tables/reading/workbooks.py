"""Sheets of a workbook as a table: chosen, the header found, the cells written out once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentiment.tables.reading.header_rows import Header, blank_note, preview_note
from sentiment.tables.reading.reader import ReadOptions
from sentiment.tables.reading.receipt import ReadReceipt, Tally, extra_names, unique_names
from sentiment.tables.reading.sheet_choice import SheetChoice, choose_sheets, read_header, sample_rows
from sentiment.tables.reading.sheets import NoValue, Sheet, Workbook
from sentiment.tables.reading.spooled import Spool, SpooledReader, read_spooled
from sentiment.tables.values.arrow import arrow_type
from sentiment.tables.values.cells import DateText

if TYPE_CHECKING:
    import pyarrow as pa

_SHEET_COLUMN: Final = "sheet"
_SHEET_PLACE: Final = -1
"""Where the name of its sheet stands in a written row, before the first column."""

_DATES: Final = "dates"
"""Key of the columns of a written row whose cells are dates, which JSON does not tell from text."""


def open_workbook(
    workbook: Workbook, path: Path, name: str, file_format: str, options: ReadOptions
) -> SpooledReader:
    """Read one sheet of a workbook, or all of the same columns; the workbook is closed.

    Args:
        workbook: The open workbook.
        path: Its file.
        name: What messages call it.
        file_format: `xlsx`, `xls` or `ods`.
        options: Which sheet, and whether its first row may name the columns.

    Raises:
        FileFormatError: There is no such sheet, nothing in any, or the workbook is damaged or a bomb.
    """
    try:
        choice = choose_sheets(workbook, name, options.sheet, may_have_header=options.has_header)

        def fill(spool: Spool) -> _Table:
            table: _Table | None = None
            for place, sheet in enumerate(islice(workbook.iter_sheets(), choice.places[-1] + 1)):
                if place in choice.places:
                    table = _write_sheet(sheet, spool, table, choice, may_have_header=options.has_header)
            return table or _Table(Header((), 0), [])

        def open_spooled(spooled: Path, table: _Table) -> _SheetReader:
            return _SheetReader(spooled, name, file_format, table, choice)

        return read_spooled(Spool(name, packed_bytes=path.stat().st_size), fill, open_spooled)
    finally:
        workbook.close()


@dataclass
class _Table:
    """What is found of a sheet while it is written out.

    Attributes:
        header: Which rows name the columns.
        places: Their columns in the sheet, in the order of the header's names.
        kinds: Types of the values by column.
        rows: Number of data rows.
        blank: Blank rows between them.
        beyond: Rows with cells in columns that the header does not reach.
        formulas: Formulas whose value was not stored.
        errors: Cells that show an error.
        previews: Answers that are tests of a survey.
    """

    header: Header
    places: list[int]
    kinds: dict[int, set[type]] = field(default_factory=dict)
    rows: int = 0
    blank: Tally = field(default_factory=Tally)
    beyond: Tally = field(default_factory=Tally)
    formulas: Tally = field(default_factory=Tally)
    errors: Tally = field(default_factory=Tally)
    previews: int = 0


def _write_sheet(
    sheet: Sheet, spool: Spool, table: _Table | None, choice: SheetChoice, *, may_have_header: bool
) -> _Table:
    """Write the data rows as JSON objects with column numbers as keys; blank cells are left out.

    Args:
        sheet: The sheet.
        spool: Where the rows go.
        table: What was found of the sheets before, which have the same columns; None for the first.
        choice: Which sheets are read.
        may_have_header: Whether the first row may name the columns.
    """
    sample = sample_rows(sheet.rows)
    header, places = read_header(sample, may_have_header=may_have_header)
    table = table or _Table(header, places)
    label: dict[int, str | int | float | bool] = {_SHEET_PLACE: sheet.name} if choice.is_all else {}
    reach = places[-1] if header.rows and places else None
    previous = sample[header.rows - 1][0] if header.rows else (sample[0][0] - 1 if sample else 0)
    for number, cells in chain(sample[header.rows :], sheet.rows):
        if number > previous + 1:
            table.blank.count += number - previous - 1
            table.blank.first_line = table.blank.first_line or previous + 1
        previous = number
        values = dict(label)
        for column, cell in cells.items():
            if isinstance(cell, NoValue):
                (table.formulas if cell is NoValue.FORMULA else table.errors).add(number)
                continue
            values[column] = cell
            table.kinds.setdefault(column, set()).add(type(cell))
        if reach is not None and any(column > reach for column in values):
            table.beyond.add(number)
        if table.header.preview_columns:
            table.previews += table.header.is_preview([values.get(place, "") for place in table.places])
        table.rows += 1
        dates = [column for column, cell in values.items() if isinstance(cell, DateText)]
        spool.write(json.dumps({**values, _DATES: dates} if dates else values).encode() + b"\n")
    return table


class _SheetReader:
    """Read a sheet that was written out by `_write_sheet`."""

    def __init__(self, path: Path, name: str, file_format: str, table: _Table, choice: SheetChoice) -> None:
        self.name = name
        self.format = file_format
        self._path = path
        labels = [_SHEET_COLUMN] if choice.is_all else []
        named, renamed = unique_names([*labels, *table.header.names])
        surplus = sorted(table.kinds.keys() - set(table.places))
        extras = extra_names(len(surplus), named)
        self.columns = (*named, *extras)
        places = [*([_SHEET_PLACE] * len(labels)), *table.places, *surplus]
        self._keys = [str(place) for place in places]
        kinds: dict[int, set[type]] = {_SHEET_PLACE: {str}, **table.kinds}
        self._kinds = [frozenset(kinds.get(place, ())) for place in places]
        self.receipt = ReadReceipt(
            rows=table.rows,
            notes=[
                *choice.notes,
                *blank_note(table.header.blank_rows),
                *table.header.notes,
                *renamed,
                *_sheet_notes(table, extras),
            ],
            long_rows=table.beyond.count,
            blank_lines=table.blank.count,
        )

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the data rows, lazily; a blank cell is None."""
        with self._path.open("rb") as lines:
            for line in lines:
                cells = json.loads(line)
                for place in cells.get(_DATES, ()):
                    cells[str(place)] = DateText(cells[str(place)])
                yield tuple(map(cells.get, self._keys))

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the Arrow type that holds all values of a column, strings where they differ."""
        return {column: arrow_type(kinds) for column, kinds in zip(self.columns, self._kinds, strict=True)}

    def close(self) -> None:
        """Release nothing: each pass opens and closes the file itself."""


def _sheet_notes(table: _Table, extras: tuple[str, ...]) -> list[str]:
    """Say what was counted, in sentences."""
    notes = []
    if table.beyond.count:
        fact = _at_rows(table.beyond, "row has cells", "rows have cells")
        span = extras[0] if len(extras) == 1 else f"{extras[0]} to {extras[-1]}"
        notes.append(f"{fact} beyond the header; they are kept in {span}.")
    if table.blank.count:
        notes.append(f"{_at_rows(table.blank, 'blank row was left out', 'blank rows were left out')}.")
    if table.formulas.count:
        fact = _at_rows(table.formulas, "formula has no stored value", "formulas have no stored value")
        notes.append(f"{fact} and read as empty; a spreadsheet program that saves the file stores them.")
    if table.errors.count:
        notes.append(
            f"{_at_rows(table.errors, 'cell shows an error', 'cells show an error')}; read as empty."
        )
    return [*notes, *preview_note(table.previews)]


def _at_rows(tally: Tally, one: str, many: str) -> str:
    return tally.phrase(one, many).replace("line ", "row ")

"""A sheet of a workbook as a table: the sheet chosen, its header found, its cells written out once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.header_rows import (
    SAMPLE_ROWS,
    Header,
    blank_note,
    find_header,
    preview_note,
)
from sentiment.tables.reading.prose import is_prose
from sentiment.tables.reading.reader import ReadOptions
from sentiment.tables.reading.receipt import ReadReceipt, Tally, extra_names, unique_names
from sentiment.tables.reading.sheets import NoValue, Row, Sheet, Workbook
from sentiment.tables.reading.spooled import Spool, SpooledReader, read_spooled
from sentiment.tables.values.arrow import arrow_type
from sentiment.tables.values.cells import DateText, cell_text
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE_CHARACTERS: Final = 1 << 20
_WORDS_COUNTED: Final = 20
"""Of one cell: a page of instructions shall not outweigh a column of reviews."""

_MOST_NAMED: Final = 8

_DATES: Final = "dates"
"""Key of the columns of a written row whose cells are dates, which JSON does not tell from text."""


def open_workbook(
    workbook: Workbook, path: Path, name: str, file_format: str, options: ReadOptions
) -> SpooledReader:
    """Read one sheet of a workbook; the workbook is passed over twice and closed.

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
        choice, note = _choose_sheet(workbook, name, options.sheet)

        def fill(spool: Spool) -> _Table:
            sheet = next(islice(workbook.iter_sheets(), choice, None))
            return _write_sheet(sheet, spool, may_have_header=options.has_header)

        def open_spooled(spooled: Path, table: _Table) -> _SheetReader:
            return _SheetReader(spooled, name, file_format, table, note)

        return read_spooled(Spool(name, packed_bytes=path.stat().st_size), fill, open_spooled)
    finally:
        workbook.close()


def _choose_sheet(workbook: Workbook, name: str, wanted: str | None) -> tuple[int, list[str]]:
    """Choose the sheet to read: the one named, else the visible one with most prose in a column.

    Returns:
        Its place, and a sentence that names the others where there are any.
    """
    sheets: list[tuple[str, bool]] = []
    prose: list[int | None] = []
    for sheet in workbook.iter_sheets():
        sheets.append((sheet.name, sheet.is_visible))
        prose.append(_measure_prose(sheet.rows) if wanted is None else 0)
    titles = [printable(title) if visible else f"{printable(title)} (hidden)" for title, visible in sheets]
    if wanted is not None:
        choice = next((place for place, (title, _) in enumerate(sheets) if title == wanted), None)
        if choice is None:
            raise FileFormatError(
                f"{printable(name)}: no sheet named '{printable(wanted)}'.",
                f"Found: {_listed(titles)}.",
                "Name the right one with --sheet.",
            )
    else:
        filled = [place for place, words in enumerate(prose) if words is not None]
        visible = [place for place in filled if sheets[place][1]]
        if not filled:
            raise FileFormatError(
                f"{printable(name)}: no sheet holds a cell.",
                f"Sheets: {_listed(titles)}." if titles else "",
                "Give a file with a header row.",
            )
        choice = max(visible or filled, key=lambda place: prose[place] or 0)
    others = [title for place, title in enumerate(titles) if place != choice]
    if not others:
        return choice, []
    hint = "" if wanted else "; --sheet names another"
    return choice, [f"Read the sheet '{titles[choice]}', not {_listed(others)}{hint}."]


def _listed(titles: list[str]) -> str:
    more = f" and {len(titles) - _MOST_NAMED:,} more" if len(titles) > _MOST_NAMED else ""
    return ", ".join(f"'{title}'" for title in titles[:_MOST_NAMED]) + more


def _measure_prose(rows: Iterator[Row]) -> int | None:
    """Count the words of prose in the column that has most, below the first row; None for a blank sheet."""
    sample = _sample(rows)
    if not sample:
        return None
    words: dict[int, int] = {}
    for _, cells in sample[1:]:
        for column, cell in cells.items():
            if isinstance(cell, str) and is_prose(cell):
                words[column] = words.get(column, 0) + min(len(cell.split()), _WORDS_COUNTED)
    return max(words.values(), default=0)


def _sample(rows: Iterator[Row]) -> list[Row]:
    """Take the first rows, fewer where they are long."""
    sample: list[Row] = []
    size = 0
    for row in rows:
        sample.append(row)
        size += sum(len(cell) if isinstance(cell, str) else 1 for cell in row[1].values())
        if len(sample) >= SAMPLE_ROWS or size > _SAMPLE_CHARACTERS:
            break
    return sample


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


def _write_sheet(sheet: Sheet, spool: Spool, *, may_have_header: bool) -> _Table:
    """Write the data rows as JSON objects with column numbers as keys; blank cells are left out."""
    sample = _sample(sheet.rows)
    table = _read_header(sample, may_have_header=may_have_header)
    reach = table.places[-1] if table.header.rows and table.places else None
    previous = sample[table.header.rows - 1][0] if table.header.rows else (sample[0][0] - 1 if sample else 0)
    for number, cells in chain(sample[table.header.rows :], sheet.rows):
        if number > previous + 1:
            table.blank.count += number - previous - 1
            table.blank.first_line = table.blank.first_line or previous + 1
        previous = number
        values: dict[int, str | int | float | bool] = {}
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


def _read_header(sample: list[Row], *, may_have_header: bool) -> _Table:
    """Find the header of the sample and the columns that it names, blank ones between them too."""
    columns = sorted({column for _, cells in sample for column in cells})
    if not columns:
        return _Table(Header((), 0), [])
    texts = [
        ["" if isinstance(cell := cells.get(column, ""), NoValue) else cell_text(cell) for column in columns]
        for _, cells in sample
    ]
    header = find_header(texts, may_have_header=may_have_header)
    width = max((place + 1 for place, title in enumerate(header.names) if title.strip()), default=0)
    return _Table(
        Header(header.names[:width], header.rows, sample[0][0] - 1, header.notes, header.preview_columns),
        columns[:width],
    )


class _SheetReader:
    """Read a sheet that was written out by `_write_sheet`."""

    def __init__(self, path: Path, name: str, file_format: str, table: _Table, choice: list[str]) -> None:
        self.name = name
        self.format = file_format
        self._path = path
        named, renamed = unique_names(table.header.names)
        surplus = sorted(table.kinds.keys() - set(table.places))
        extras = extra_names(len(surplus), named)
        self.columns = (*named, *extras)
        places = [*table.places, *surplus]
        self._keys = [str(place) for place in places]
        self._kinds = [frozenset(table.kinds.get(place, ())) for place in places]
        self.receipt = ReadReceipt(
            rows=table.rows,
            notes=[
                *choice,
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

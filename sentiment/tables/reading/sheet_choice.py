"""Which sheets of a workbook are read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.header_rows import SAMPLE_ROWS, Header, find_header
from sentiment.tables.reading.prose import is_prose
from sentiment.tables.reading.sheets import NoValue, Row, Sheet, Workbook
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.cleaning import printable
from sentiment.tables.wording import first_few

ALL_SHEETS: Final = "all"
"""The name that asks for all sheets of the same columns, unless a sheet is called so."""

_SAMPLE_CHARACTERS: Final = 1 << 20
_WORDS_COUNTED: Final = 20
"""Of one cell: a page of instructions shall not outweigh a column of reviews."""

_MOST_NAMED: Final = 8


@dataclass(frozen=True)
class SheetChoice:
    """The sheets to read.

    Attributes:
        places: Of the sheets, in their order.
        notes: What a user should know of it, in sentences.
        is_all: Whether they are read one behind the other, with a column of their names.
    """

    places: tuple[int, ...]
    notes: tuple[str, ...] = ()
    is_all: bool = False


@dataclass(frozen=True)
class _Look:
    """What a look at the first rows of a sheet shows.

    Attributes:
        name: As its tab shows it.
        is_visible: False where the author hid it.
        words: Of prose in the column that has most, below the first row; None for a blank sheet.
        columns: The names of its columns, and where they stand.
    """

    name: str
    is_visible: bool
    words: int | None = None
    columns: tuple[tuple[str, ...], tuple[int, ...]] = ((), ())

    @property
    def title(self) -> str:
        """How messages name it."""
        return printable(self.name) if self.is_visible else f"{printable(self.name)} (hidden)"


def choose_sheets(workbook: Workbook, name: str, wanted: str | None, *, may_have_header: bool) -> SheetChoice:
    """Choose the sheet to read: the one named, whatever its case, else the visible one with most prose.

    `all` takes with that one all visible ones of the same columns.

    Args:
        workbook: Passed over once.
        name: What messages call the file.
        wanted: A name or `all`; None where nothing is asked for.
        may_have_header: Whether the first row of a sheet may name the columns.

    Raises:
        FileFormatError: There is no such sheet, or nothing in any.
    """
    if wanted is not None:
        tabs = [_Look(sheet.name, sheet.is_visible) for sheet in workbook.iter_sheets()]
        named = _find_named(tabs, wanted)
        if named is not None:
            return SheetChoice((named,), _note(tabs, (named,), ""))
        if wanted.casefold() != ALL_SHEETS:
            raise FileFormatError(
                f"{printable(name)}: no sheet named '{printable(wanted)}'.",
                f"Found: {_listed(tabs)}.",
                "Name the right one with --sheet.",
            )
    looks = [_look(sheet, may_have_header=may_have_header) for sheet in workbook.iter_sheets()]
    best = _richest(looks, name)
    alike = tuple(
        place
        for place, look in enumerate(looks)
        if place == best or (look.is_visible and look.columns == looks[best].columns)
    )
    if wanted is not None:
        return SheetChoice(alike, _note(looks, alike, ""), is_all=True)
    if len(alike) > 1 and _find_named(looks, ALL_SHEETS) is None:
        hint = f"; {len(alike):,} sheets have these columns, and --sheet all reads them all"
    else:
        hint = "; --sheet names another"
    return SheetChoice((best,), _note(looks, (best,), hint))


def _look(sheet: Sheet, *, may_have_header: bool) -> _Look:
    sample = sample_rows(sheet.rows)
    header, places = read_header(sample, may_have_header=may_have_header)
    words = _count_prose(sample) if sample else None
    return _Look(sheet.name, sheet.is_visible, words, (header.names, tuple(places)))


def _find_named(looks: Sequence[_Look], wanted: str) -> int | None:
    """Find a sheet by its name, else the only one that is alike but for case and blanks around it."""
    exact = [place for place, look in enumerate(looks) if look.name == wanted]
    alike = [
        place for place, look in enumerate(looks) if look.name.strip().casefold() == wanted.strip().casefold()
    ]
    if exact:
        return exact[0]
    return alike[0] if len(alike) == 1 else None


def _richest(looks: Sequence[_Look], name: str) -> int:
    filled = [place for place, look in enumerate(looks) if look.words is not None]
    visible = [place for place in filled if looks[place].is_visible]
    if not filled:
        raise FileFormatError(
            f"{printable(name)}: no sheet holds a cell.",
            f"Sheets: {_listed(looks)}." if looks else "",
            "Give a file with a header row.",
        )
    return max(visible or filled, key=lambda place: looks[place].words or 0)


def _note(looks: Sequence[_Look], chosen: tuple[int, ...], hint: str) -> tuple[str, ...]:
    """Say which sheets are read and which are not, where there are any others."""
    others = [look for place, look in enumerate(looks) if place not in chosen]
    read = _listed([looks[place] for place in chosen])
    if len(chosen) > 1:
        left_out = f"; left out {_listed(others)}" if others else ""
        return (f"Read {len(chosen):,} sheets of the same columns as one: {read}{left_out}.",)
    return (f"Read the sheet {read}, not {_listed(others)}{hint}.",) if others else ()


def _listed(looks: Sequence[_Look]) -> str:
    return first_few([f"'{look.title}'" for look in looks], _MOST_NAMED)


def _count_prose(sample: Sequence[Row]) -> int:
    """Count the words of prose in the column that has most, below the first row."""
    words: dict[int, int] = {}
    for _, cells in sample[1:]:
        for column, cell in cells.items():
            if isinstance(cell, str) and is_prose(cell):
                words[column] = words.get(column, 0) + min(len(cell.split()), _WORDS_COUNTED)
    return max(words.values(), default=0)


def sample_rows(rows: Iterable[Row]) -> list[Row]:
    """Take the first rows, fewer where they are long."""
    sample: list[Row] = []
    size = 0
    for row in rows:
        sample.append(row)
        size += sum(len(cell) if isinstance(cell, str) else 1 for cell in row[1].values())
        if len(sample) >= SAMPLE_ROWS or size > _SAMPLE_CHARACTERS:
            break
    return sample


def read_header(sample: Sequence[Row], *, may_have_header: bool) -> tuple[Header, list[int]]:
    """Find the header of a sample, and the columns that it names, blank ones between them too."""
    columns = sorted({column for _, cells in sample for column in cells})
    if not columns:
        return Header((), 0), []
    texts = [
        ["" if isinstance(cell := cells.get(column, ""), NoValue) else cell_text(cell) for column in columns]
        for _, cells in sample
    ]
    header = find_header(texts, may_have_header=may_have_header)
    width = max((place + 1 for place, title in enumerate(header.names) if title.strip()), default=0)
    first_row = sample[0][0] - 1
    return replace(header, names=header.names[:width], blank_rows=first_row), columns[:width]

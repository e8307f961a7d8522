"""The rows of a JSON object that is a table, in constant memory."""

import json
import mmap
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

from sentiment.tables.reading.json_layouts import Cells, Events, Key, Layout, iter_members, misfit
from sentiment.tables.reading.receipt import free_name, unique_names
from sentiment.tables.reading.sheets import MOST_COLUMNS
from sentiment.tables.reading.spooled import Spool
from sentiment.tables.wording import count

Row = dict[str, object]


def iter_rows(open_events: Callable[[], Events], layout: Layout, name: str) -> Iterator[Row]:
    """Iterate over the rows of an object that is a table; keys of rows that do not merely count are `index`.

    Args:
        open_events: Starts a fresh pass over the events of the object.
        layout: How it is a table.
        name: What messages call the file.

    Raises:
        FileFormatError: Its columns do not fit together.
    """
    match layout:
        case "rows":
            has_index = not _count(key for key, _, _ in iter_members(open_events()))
            for key, _, cells in iter_members(open_events()):
                yield _with_index({str(inner): value for inner, value in cells}, key, has_index)
        case "columns":
            _, _, first = next(iter_members(open_events()))
            has_index = not _count(key for key, _ in first)
            for place, row in _iter_transposed(open_events(), name):
                yield _with_index(row, place, has_index)
        case "split":
            yield from _iter_split(open_events, name)


def _iter_split(open_events: Callable[[], Events], name: str) -> Iterator[Row]:
    titles: list[str] = []
    has_index = False
    for key, _, cells in iter_members(open_events()):
        if key == "columns":
            titles += [_title(value) for _, value in islice(cells, MOST_COLUMNS)]
        elif key == "index":
            has_index = not _count(value for _, value in cells)
    columns, _ = unique_names(titles)
    for place, row in _iter_transposed(open_events(), name, leave_out="columns"):
        values = row["data"] if isinstance(row["data"], list) else [row["data"]]
        if len(values) != len(columns):
            values_of_row, columns_there = count(len(values), "value"), count(len(columns), "column")
            evidence = f"Row {int(place) + 1:,} has {values_of_row}, for {columns_there}."
            raise misfit(name, "the data of the JSON do not fit its columns.", evidence)
        yield _with_index(dict(zip(columns, values, strict=True)), row.get("index"), has_index)


def _title(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=float)


def _count(keys: Iterator[object]) -> bool:
    """Tell keys that are 0, 1, 2 and so on."""
    return all(str(key) == str(place) for place, key in enumerate(keys))


def _with_index(row: Row, key: object, has_index: bool) -> Row:
    if not has_index:
        return row
    return {"index" if "index" not in row else free_name("index", row, 2): key, **row}


def _iter_transposed(events: Events, name: str, leave_out: str = "") -> Iterator[tuple[Key, Row]]:
    """Iterate over the rows of columns that stand one behind the other: the key of each, and its cells.

    The columns are written to a temporary file, a cell a line, and read side by side.
    """
    with closing(_Columns(name)) as columns:
        for title, _, cells in iter_members(events):
            if title != leave_out:
                columns.add(title, cells)
        yield from columns.iter_rows()


class _Columns:
    """Columns in a temporary file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spool = Spool(name)
        self._size = 0
        self._spans: dict[str, tuple[int, int]] = {}

    def add(self, title: str, cells: Cells) -> None:
        """Write the next column; of two with one name the later is kept, as in any JSON object."""
        start = self._size
        for cell in cells:
            line = json.dumps(cell, default=float).encode() + b"\n"
            self._spool.write(line)
            self._size += len(line)
        self._spans[title] = (start, self._size)

    def iter_rows(self) -> Iterator[tuple[Key, Row]]:
        """Iterate over the rows.

        Raises:
            FileFormatError: Two columns do not have the same keys.
        """
        self._spool.finish()
        if not self._size:
            return
        titles = list(self._spans)
        with (
            self._spool.path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            columns = [_iter_lines(content, *span) for span in self._spans.values()]
            for key, value in columns[0]:
                row = {titles[0]: value}
                for title, column in zip(titles[1:], columns[1:], strict=True):
                    other, row[title] = next(column, (None, None))
                    if other != key:
                        raise self._misfit(titles[0], key, title, other)
                yield key, row
            for title, column in zip(titles[1:], columns[1:], strict=True):
                if (left_over := next(column, None)) is not None:
                    raise self._misfit(title, left_over[0], titles[0], None)

    def _misfit(self, title: str, key: Key, other_title: str, other: Key | None) -> Exception:
        found = "nothing" if other is None else f"'{other}'"
        evidence = f"Where '{title}' has the key '{key}', '{other_title}' has {found}."
        return misfit(self._name, "the columns of the JSON do not have the same keys.", evidence)

    def close(self) -> None:
        """Remove the temporary file."""
        self._spool.remove()


def _iter_lines(content: mmap.mmap, start: int, end: int) -> Iterator[tuple[Key, object]]:
    while start < end:
        line_end = content.find(b"\n", start, end)
        key, value = json.loads(content[start:line_end])
        yield key, value
        start = line_end + 1

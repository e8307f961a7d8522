"""SQLite databases: scored rows as the table `reviews`."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentiment.errors import OutputError
from sentiment.tables.values.arrow import import_pyarrow
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.databases import (
    TABLE,
    check_closed,
    check_ours,
    is_absent,
    name_columns,
    quote_name,
)
from sentiment.tables.writing.table import OutputTable, parse_truth

if TYPE_CHECKING:
    import pyarrow as pa

_OUR_MARK: Final = int.from_bytes(b"rSen")
"""Four bytes in the head of an SQLite file say which program's it is (`PRAGMA application_id`)."""


def check_replaceable(path: Path, name: str) -> None:
    """Refuse to take the place of a database that holds anything but our table.

    Raises:
        OutputError: It does, or is no SQLite database, or is open elsewhere.
    """
    if is_absent(path):
        return
    check_closed(name, [path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal")])
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            [mark] = database.execute("PRAGMA application_id").fetchone()
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master ORDER BY name")]
    except sqlite3.Error:  # it is none
        mark, tables = None, []
    check_ours(name, tables, is_ours=mark == _OUR_MARK)


class SqliteSink:
    """Write rows into a new SQLite file.

    Columns are TEXT, or INTEGER, REAL or BOOLEAN (1 and 0) where their Arrow type says so.

    Args:
        path: The file, which is not there yet.
        table: Its columns and their types.

    Raises:
        OutputError: More columns than SQLite takes, or the file cannot be written.
    """

    def __init__(self, path: Path, table: OutputTable) -> None:
        self._table = table
        names = name_columns(table)
        self._kinds = [_kind(table.types[name]) if name in table.types else "TEXT" for name in table.columns]
        self._insert = f"INSERT INTO {TABLE} VALUES ({', '.join('?' * len(names))})"
        with self._translating():
            self._database = sqlite3.connect(path, isolation_level=None)
            self._check_width()
            # Nobody sees the file before it is whole, so it needs no journal.
            for setting in ("journal_mode = OFF", "synchronous = OFF", f"application_id = {_OUR_MARK}"):
                self._database.execute(f"PRAGMA {setting}")
            self._database.execute("BEGIN")
            columns = (f"{quote_name(name)} {kind}" for name, kind in zip(names, self._kinds, strict=True))
            self._database.execute(f"CREATE TABLE {TABLE} ({', '.join(columns)})")

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""
        for row in rows:
            values = [self._convert(value, kind) for value, kind in zip(row, self._kinds, strict=True)]
            with self._translating():
                self._database.execute(self._insert, values)

    def finish(self) -> None:
        """Write the last pages and close the file."""
        with self._translating():
            self._database.execute("COMMIT")
            self._database.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _check_width(self) -> None:
        most = self._database.getlimit(sqlite3.SQLITE_LIMIT_COLUMN)
        if len(self._kinds) > most:
            self._database.close()
            raise self._table.misfit("SQLite", f"It takes {most:,} columns; there are {len(self._kinds):,}.")

    def _convert(self, value: object, kind: str) -> object:
        if value is None or (kind != "TEXT" and value == ""):
            return None
        if kind == "BOOLEAN":
            return parse_truth(value)
        if kind == "REAL" and isinstance(value, Decimal):
            return float(value)
        if kind != "TEXT" and isinstance(value, (int, float)):
            return value
        text = self._table.valid_text(value)
        if "\0" in text:  # SQLite's own functions end a text there
            self._table.receipt.replaced_characters += text.count("\0")
            text = text.replace("\0", "\ufffd")
        return text

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except OverflowError as error:
            raise self._table.misfit("SQLite", "A whole number has more than 64 bits.") from error
        except sqlite3.Error as error:
            raise OutputError(
                f"{printable(self._table.name)}: cannot be written.",
                f"SQLite says: {error}.",
                "Make room, or choose another place with --output.",
            ) from error


def _kind(arrow_type: "pa.DataType") -> str:
    types = import_pyarrow().types
    if types.is_boolean(arrow_type):
        return "BOOLEAN"
    if types.is_integer(arrow_type) and not types.is_uint64(
        arrow_type
    ):  # that one may need 64 bits and no sign
        return "INTEGER"
    return "REAL" if types.is_floating(arrow_type) or types.is_decimal(arrow_type) else "TEXT"

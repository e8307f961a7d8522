"""DuckDB databases: scored rows as the table `reviews`, with the types of their source."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sentiment.errors import OutputError, needing_extra
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.arrow_groups import ArrowGroups
from sentiment.tables.writing.databases import TABLE, check_closed, check_ours, is_absent, name_columns
from sentiment.tables.writing.table import OutputTable

if TYPE_CHECKING:
    import pyarrow as pa

_OUR_MARK: Final = "Reviews with their predicted sentiment, as review-sentiment wrote them."
"""The comment of a table that was written here."""

_SETTINGS: Final = {
    "threads": 1,
    "memory_limit": "128MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""One thread keeps memory small and the order certain; nothing is fetched from a network."""


def check_replaceable(path: Path, name: str) -> None:
    """Refuse to take the place of a database that holds anything but our table.

    Raises:
        OutputError: It does, or is no DuckDB database, or is open elsewhere.
        MissingExtraError: duckdb is not installed.
    """
    duckdb = import_duckdb()
    if is_absent(path):
        return
    check_closed(name, [path.with_name(f"{path.name}.wal")])
    try:
        with duckdb.connect(str(path), read_only=True, config=_SETTINGS) as database:
            found = database.execute(
                "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
                "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
            ).fetchall()
    except duckdb.Error:  # it is none
        found = []
    check_ours(name, [table for table, _ in found], is_ours=(TABLE, _OUR_MARK) in found)


class DuckDbSink:
    """Write rows into a new DuckDB file.

    Args:
        path: The file, which is not there yet.
        table: Its columns and their types; those without one are VARCHAR.

    Raises:
        OutputError: A type that DuckDB does not have, or the file cannot be written.
        MissingExtraError: duckdb is not installed.
    """

    def __init__(self, path: Path, table: OutputTable) -> None:
        self._duckdb = import_duckdb()
        self._table = table
        names = tuple(name_columns(table))
        types = {
            name: table.types[old]
            for old, name in zip(table.columns, names, strict=True)
            if old in table.types
        }
        self._groups = ArrowGroups(replace(table, columns=names, types=types), "DuckDB")
        with self._translating():
            self._database = self._duckdb.connect(str(path), config=_SETTINGS)
            self._run("CREATE TABLE {table} AS SELECT * FROM rows", self._groups.schema.empty_table())
            self._database.execute(f"COMMENT ON TABLE {TABLE} IS '{_OUR_MARK}'")

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows; whole groups are written as they fill."""
        for group in self._groups.add(rows):
            self._append(group)

    def finish(self) -> None:
        """Write the last group and close the file."""
        for group in self._groups.rest():
            self._append(group)
        with self._translating():
            self._database.execute("CHECKPOINT")
            self._database.close()

    def close(self) -> None:
        """Close the file."""
        with self._translating():
            self._database.close()

    def _append(self, group: "pa.Table") -> None:
        with self._translating():
            self._run("INSERT INTO {table} SELECT * FROM rows", group)

    def _run(self, statement: str, rows: "pa.Table") -> None:
        self._database.register("rows", rows)
        self._database.execute(statement.format(table=TABLE))
        self._database.unregister("rows")

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except self._duckdb.NotImplementedException as error:
            raise self._table.misfit("DuckDB", "It has no such type of column.") from error
        except self._duckdb.Error as error:
            raise OutputError(
                f"{printable(self._table.name)}: cannot be written.",
                f"DuckDB says: {type(error).__name__}.",  # its text may quote cells
                "Make room, or choose another place with --output.",
            ) from error


def import_duckdb() -> Any:
    """Import duckdb.

    Raises:
        MissingExtraError: It is not installed.
    """
    with needing_extra("Writing a DuckDB file", "formats"):
        import duckdb
    return duckdb

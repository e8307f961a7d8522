"""Parquet scored files, written by row groups; pyarrow is imported when one is opened."""

from collections.abc import Iterable, Sequence
from typing import IO

from sentiment.tables.values.arrow import import_pyarrow
from sentiment.tables.writing.arrow_groups import ArrowGroups
from sentiment.tables.writing.table import OutputTable


class ParquetSink:
    """Write rows as Parquet into an open binary file.

    Args:
        file: Where to write; it is not closed.
        table: Its columns and their types; those without one are written as strings.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, file: IO[bytes], table: OutputTable) -> None:
        self._groups = ArrowGroups(table, "Parquet")
        self._writer = import_pyarrow().parquet.ParquetWriter(file, self._groups.schema)

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows; whole row groups are written as they fill."""
        for group in self._groups.add(rows):
            self._writer.write_table(group)

    def finish(self) -> None:
        """Write the last row group and the file's footer."""
        for group in self._groups.rest():
            self._writer.write_table(group)
        self._writer.close()

    def close(self) -> None:
        """Do nothing: the file is its opener's."""

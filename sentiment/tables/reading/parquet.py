"""Parquet review files, read by record batches; pyarrow is imported when one is opened."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.receipt import ReadReceipt, unique_names
from sentiment.tables.values.arrow import import_pyarrow
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

_READ_ROWS: Final = 1024


class ParquetReader:
    """Read a Parquet file by record batches; cells are Python values.

    Args:
        path: The file.
        name: What messages call it.

    Attributes:
        name: What messages call the file.
        format: `parquet`.
        columns: Unique column names.
        receipt: What was understood.

    Raises:
        FileFormatError: The file is damaged.
        MissingExtraError: pyarrow is not installed.
        OSError: The file cannot be read.
    """

    format = "parquet"

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        pyarrow = import_pyarrow()
        # Arrow reports damage as its own errors or as an OSError, depending on the place.
        self._faults = (pyarrow.ArrowException, OSError)
        try:
            self._file = pyarrow.parquet.ParquetFile(path)
        except self._faults as error:
            raise self._damaged() from error
        self._schema = self._file.schema_arrow
        self.columns, renamed = unique_names(self._schema.names)
        self.receipt = ReadReceipt(rows=self._file.metadata.num_rows, notes=renamed)

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the rows, lazily, as Python values; a null is None."""
        try:
            for batch in self._file.iter_batches(batch_size=_READ_ROWS):
                yield from zip(*(python_values(column) for column in batch.columns), strict=True)
        except self._faults as error:
            raise self._damaged() from error

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the type of every column."""
        return dict(zip(self.columns, self._schema.types, strict=True))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _damaged(self) -> FileFormatError:
        return FileFormatError(
            f"{printable(self.name)}: not a whole Parquet file.", remedy="Export it again, or give it as CSV."
        )


def python_values(column: "pa.Array[Any]") -> list[object]:
    """Give a column as Python values.

    pyarrow turns nanosecond times into pandas objects; where microseconds hold them exactly, plain ones do.
    """
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        with contextlib.suppress(pyarrow.ArrowInvalid):
            column = column.cast(pyarrow.timestamp("us", column.type.tz))
    values: list[object] = column.to_pylist()
    return values

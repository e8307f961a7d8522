"""Parquet review files, in and out, streamed by record batches; pyarrow is imported when one is opened."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, Self

from sentiment.errors import FileFormatError, MissingExtraError, OutputError
from sentiment.tables.cells import cell_text, replace_surrogates
from sentiment.tables.cleaning import printable
from sentiment.tables.receipt import ReadReceipt, unique_names

if TYPE_CHECKING:
    import pyarrow as pa

_READ_ROWS: Final = 1024
_GROUP_ROWS: Final = 16_384
_GROUP_CHARACTERS: Final = 1 << 25
"""A row group is written when it reaches either bound, so that long reviews do not pile up in memory."""

_TRUTH: Final = {"true": True, "false": False, "": None}


class ParquetReader:
    """Read a Parquet file by record batches; cells are Python values.

    Args:
        path: The file.
        name: What messages call it.

    Attributes:
        name: What messages call the file.
        format: `parquet`.
        columns: Unique column names.
        schema: The file's Arrow schema, in the order of `columns`.
        receipt: What was understood.

    Raises:
        FileFormatError: The file is damaged.
        MissingExtraError: pyarrow is not installed.
        OSError: The file cannot be read.
    """

    format = "parquet"

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        pyarrow = _import_pyarrow()
        # Arrow reports damage as its own errors or as an OSError, depending on the place.
        self._faults = (pyarrow.ArrowException, OSError)
        try:
            self._file = pyarrow.parquet.ParquetFile(path)
        except self._faults as error:
            raise self._damaged() from error
        self.schema = self._file.schema_arrow
        self.columns, renamed = unique_names(self.schema.names)
        self.receipt = ReadReceipt(rows=self._file.metadata.num_rows, notes=renamed)

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the rows, lazily, as Python values; a null is None."""
        try:
            for batch in self._file.iter_batches(batch_size=_READ_ROWS):
                yield from zip(*(_python_values(column) for column in batch.columns), strict=True)
        except self._faults as error:
            raise self._damaged() from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _damaged(self) -> FileFormatError:
        return FileFormatError(
            f"{printable(self.name)}: not a whole Parquet file.", remedy="Export it again, or give it as CSV."
        )


class ParquetSink:
    """Write rows as Parquet into an open binary file.

    Args:
        file: Where to write; it is not closed.
        columns: Names of all columns.
        types: Arrow type of the columns that have one; the others are written as strings.
        name: What messages call the output.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(
        self, file: IO[bytes], columns: Sequence[str], types: Mapping[str, "pa.DataType"], name: str
    ) -> None:
        self.replaced_characters = 0
        self._name = name
        self._pyarrow = pyarrow = _import_pyarrow()
        fields = [(column, types.get(column, pyarrow.string())) for column in columns]
        self._schema = pyarrow.schema(fields)
        self._writer = pyarrow.parquet.ParquetWriter(file, self._schema)
        self._rows: list[Sequence[object]] = []
        self._characters = 0

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Take rows; whole row groups are written as they fill."""
        for row in rows:
            self._rows.append(row)
            self._characters += sum(len(cell) for cell in row if isinstance(cell, str))
            if len(self._rows) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
                self._write_group()

    def finish(self) -> None:
        """Write the last row group and the file's footer."""
        if self._rows:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        columns = zip(*self._rows, strict=True)
        arrays = [self._to_array(values, field) for values, field in zip(columns, self._schema, strict=True)]
        self._writer.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()
        self._characters = 0

    def _to_array(self, values: Sequence[object], field: "pa.Field[Any]") -> "pa.Array[Any]":
        pyarrow = self._pyarrow
        try:
            if field.type == pyarrow.string():
                values = [None if value is None else self._encodable(cell_text(value)) for value in values]
            elif pyarrow.types.is_floating(field.type):
                values = [
                    (float(value) if value else None) if isinstance(value, str) else value for value in values
                ]
            elif pyarrow.types.is_boolean(field.type):
                values = [_TRUTH[value] if isinstance(value, str) else value for value in values]
            return pyarrow.array(values, type=field.type)
        except (pyarrow.ArrowException, KeyError, OverflowError, TypeError, ValueError) as error:
            raise OutputError(
                f"{printable(self._name)}: cannot be written as Parquet.",
                f"Column '{printable(field.name)}' holds values that are not {field.type}.",
                "Write CSV or JSONL instead.",
            ) from error

    def _encodable(self, text: str) -> str:
        valid, count = replace_surrogates(text)
        self.replaced_characters += count
        return valid


def arrow_type(kinds: frozenset[type]) -> "pa.DataType":
    """Give the Arrow type that holds values of these Python types: their own, else strings."""
    pyarrow = _import_pyarrow()
    if kinds == {bool}:
        return pyarrow.bool_()
    if kinds == {int}:
        return pyarrow.int64()
    return pyarrow.float64() if kinds and kinds <= {int, float} else pyarrow.string()


def _import_pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs the package pyarrow.", remedy="Install it with: pip install pyarrow"
        ) from error
    return pyarrow


def _python_values(column: "pa.Array[Any]") -> list[object]:
    """Give a column as Python values.

    pyarrow turns nanosecond times into pandas objects; where microseconds hold them exactly, plain ones do.
    """
    import pyarrow

    if pyarrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        with contextlib.suppress(pyarrow.ArrowInvalid):
            column = column.cast(pyarrow.timestamp("us", column.type.tz))
    values: list[object] = column.to_pylist()
    return values

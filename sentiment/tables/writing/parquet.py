"""Parquet scored files, written by row groups; pyarrow is imported when one is opened."""

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Final

from sentiment.errors import OutputError
from sentiment.tables.values.arrow import import_pyarrow
from sentiment.tables.values.cells import cell_text, replace_surrogates
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP_ROWS: Final = 16_384
_GROUP_CHARACTERS: Final = 1 << 25
"""A row group is written when it reaches either bound, so that long reviews do not pile up in memory."""

_TRUTH: Final = {"true": True, "false": False, "": None}


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
        self._pyarrow = pyarrow = import_pyarrow()
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

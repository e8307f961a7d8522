"""Rows to Arrow tables, a group of rows at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sentiment.tables.values.arrow import import_pyarrow
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.table import OutputTable, parse_number, parse_truth, parse_whole_number

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP_ROWS: Final = 16_384
_GROUP_CHARACTERS: Final = 1 << 25
"""A group is whole when it reaches either bound, so that long reviews do not pile up in memory."""


class ArrowGroups:
    """Collect rows and give them as Arrow tables of one schema.

    Args:
        table: Its columns and their types; those without one hold strings.
        format_name: What messages call the format.

    Attributes:
        schema: Of every table.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, table: OutputTable, format_name: str) -> None:
        self._table = table
        self._format_name = format_name
        self._pyarrow = pyarrow = import_pyarrow()
        fields = [(column, table.types.get(column, pyarrow.string())) for column in table.columns]
        self.schema: pa.Schema = pyarrow.schema(fields)
        self._rows: list[Sequence[object]] = []
        self._characters = 0

    def add(self, rows: Iterable[Sequence[object]]) -> "Iterator[pa.Table]":
        """Take rows; give the groups that they fill."""
        for row in rows:
            self._rows.append(row)
            self._characters += sum(len(cell) for cell in row if isinstance(cell, str))
            if len(self._rows) >= _GROUP_ROWS or self._characters >= _GROUP_CHARACTERS:
                yield self._build()

    def rest(self) -> "Iterator[pa.Table]":
        """Give the last group, where there is one."""
        if self._rows:
            yield self._build()

    def _build(self) -> "pa.Table":
        columns = zip(*self._rows, strict=True)
        arrays = [self._to_array(values, field) for values, field in zip(columns, self.schema, strict=True)]
        self._rows.clear()
        self._characters = 0
        return self._pyarrow.Table.from_arrays(arrays, schema=self.schema)

    def _to_array(self, values: Sequence[object], field: "pa.Field[Any]") -> "pa.Array[Any]":
        pyarrow = self._pyarrow
        try:
            if field.type == pyarrow.string():
                values = [None if value is None else self._table.valid_text(value) for value in values]
            elif pyarrow.types.is_floating(field.type):
                values = list(map(parse_number, values))
            elif pyarrow.types.is_integer(field.type):
                values = list(map(parse_whole_number, values))
            elif pyarrow.types.is_boolean(field.type):
                values = list(map(parse_truth, values))
            return pyarrow.array(values, type=field.type)
        except (pyarrow.ArrowException, KeyError, OverflowError, TypeError, ValueError) as error:
            raise self._table.misfit(
                self._format_name, f"Column '{printable(field.name)}' holds values that are not {field.type}."
            ) from error

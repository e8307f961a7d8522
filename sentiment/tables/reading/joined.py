"""Several review files read as one."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sentiment.tables.reading.reader import Reader
from sentiment.tables.reading.receipt import ReadReceipt, unique_names
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_COLUMN: Final = "source_file"


class ConcatenatedReader:
    """Read several files as one: their columns are united in the order in which they are first seen.

    Args:
        readers: Open readers; they stay their opener's to close.

    Attributes:
        name: The files' names, joined.
        format: Their format where they share one, else `csv`.
        columns: `source_file`, then the union of theirs.
        parts: The readers.
        receipt: Rows of all, and each file's notes behind its name.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.parts = tuple(readers)
        self.name = ", ".join(reader.name for reader in readers)
        formats = {reader.format for reader in readers}
        self.format = formats.pop() if len(formats) == 1 else "csv"
        self.source_columns = tuple(dict.fromkeys(column for reader in readers for column in reader.columns))
        self.columns, renamed = unique_names([SOURCE_COLUMN, *self.source_columns])
        self.receipt = _united_receipt(
            [reader.name for reader in readers], [reader.receipt for reader in readers]
        )
        self.receipt.notes[:0] = renamed

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the rows of each file in turn; an absent cell is empty (None in typed formats)."""
        for reader in self.parts:
            absent = "" if reader.format in ("csv", "tsv") else None
            places = [
                reader.columns.index(column) if column in reader.columns else len(reader.columns)
                for column in self.source_columns
            ]
            for row in reader.rows():
                padded = (*row, absent)
                yield (reader.name, *[padded[place] for place in places])

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the types on which all files that have the column agree."""
        names = dict(zip(self.source_columns, self.columns[1:], strict=True))
        found: dict[str, set[pa.DataType | None]] = {}
        for part in self.parts:
            types = part.column_types()
            for column in part.columns:
                found.setdefault(column, set()).add(types.get(column))
        agreed = {column: kinds.pop() for column, kinds in found.items() if len(kinds) == 1}
        return {names[column]: kind for column, kind in agreed.items() if kind is not None}

    def close(self) -> None:
        """Do nothing: who opened the files closes them."""


def source_place(columns: Sequence[str]) -> int | None:
    """Give the place of the column that names each row's file, in several files read as one or scored so."""
    return 0 if columns and columns[0] == SOURCE_COLUMN else None


def parts_of(reader: Reader) -> Sequence[Reader]:
    """Give the readers of the single files behind a reader."""
    return reader.parts if isinstance(reader, ConcatenatedReader) else (reader,)


def parts_without(reader: Reader, columns: Sequence[str]) -> list[Reader]:
    """Give the readers of the files that have none of these columns."""
    return [part for part in parts_of(reader) if not set(columns) & set(part.columns)]


def _united_receipt(names: Sequence[str], receipts: Sequence[ReadReceipt]) -> ReadReceipt:
    encodings = {receipt.encoding for receipt in receipts}
    delimiters = {receipt.delimiter for receipt in receipts}
    return ReadReceipt(
        encoding=encodings.pop() if len(encodings) == 1 else None,
        delimiter=delimiters.pop() if len(delimiters) == 1 else None,
        rows=sum(receipt.rows for receipt in receipts),
        notes=[
            f"{printable(name)}: {note}"
            for name, receipt in zip(names, receipts, strict=True)
            for note in receipt.notes
        ],
        short_rows=sum(receipt.short_rows for receipt in receipts),
        long_rows=sum(receipt.long_rows for receipt in receipts),
        unclosed_quotes=sum(receipt.unclosed_quotes for receipt in receipts),
        inner_quotes=sum(receipt.inner_quotes for receipt in receipts),
        blank_lines=sum(receipt.blank_lines for receipt in receipts),
        replaced_characters=sum(receipt.replaced_characters for receipt in receipts),
    )

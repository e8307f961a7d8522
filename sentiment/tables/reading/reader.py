"""The Reader protocol: what every format gives."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sentiment.tables.reading.receipt import ReadReceipt

if TYPE_CHECKING:
    import pyarrow as pa


FORMATS: Final = ("csv", "tsv", "jsonl", "json", "parquet", "xlsx", "xls", "ods")
"""What is read; a packed file (.gz, .zip, .zst) has the format of what is in it."""


@dataclass(frozen=True)
class ReadOptions:
    """How files are opened where their content does not decide.

    Attributes:
        file_format: `auto` decides by content; a name of `FORMATS` reads them as that.
        sheet: Sheet of a workbook, None for the visible one with review text; `all` takes those of the same
            columns too.
        has_header: Whether the first row may name the columns; False names them `column_1` and so on
            (a single one `text`).
    """

    file_format: str = "auto"
    sheet: str | None = None
    has_header: bool = True


class Reader(Protocol):
    """A review file that can be passed over any number of times, row by row, in constant memory."""

    @property
    def name(self) -> str:
        """What messages call it: the file name as the user gave it, or `standard input`."""

    @property
    def format(self) -> str:
        """One of `FORMATS`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Unique column names, never blank, as they will be written out."""

    @property
    def receipt(self) -> ReadReceipt:
        """What was understood and repaired."""

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Start a fresh lazy pass; every row has one cell a column."""

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the Arrow types of the columns whose cells have one of their own; needs pyarrow."""

    def close(self) -> None:
        """Release files; a second call does nothing."""

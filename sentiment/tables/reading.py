"""Open review files of any format that is read, one or several, from disk or from standard input."""

import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

from sentiment.errors import FileFormatError
from sentiment.tables.cleaning import printable
from sentiment.tables.delimited import DelimitedReader
from sentiment.tables.jsonl import JsonLinesReader
from sentiment.tables.parquet import ParquetReader
from sentiment.tables.receipt import ReadReceipt, unique_names
from sentiment.tables.sniffing import sniff_format

SOURCE_COLUMN: Final = "source_file"
STANDARD_INPUT: Final = "standard input"


class Reader(Protocol):
    """A review file that can be passed over any number of times, row by row, in constant memory."""

    @property
    def name(self) -> str:
        """What messages call it: the file name as the user gave it, or `standard input`."""

    @property
    def format(self) -> str:
        """`csv`, `tsv`, `jsonl` or `parquet`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Unique column names, never blank, as they will be written out."""

    @property
    def receipt(self) -> ReadReceipt:
        """What was understood and repaired."""

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Start a fresh lazy pass; every row has one cell a column."""

    def close(self) -> None:
        """Release files; a second call does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_reader(source: str | Path, *, file_format: str = "auto") -> Reader:
    """Open one review file.

    Args:
        source: A path, or `-` for standard input, which is spooled to a temporary file to be read twice.
        file_format: `auto` decides by content; `csv`, `tsv`, `jsonl` or `parquet` reads it as that.

    Raises:
        FileFormatError: The file is missing, empty, unreadable, damaged, or of a format that is not read.
        MissingExtraError: Parquet without pyarrow.
    """
    if str(source) == "-":
        return SpooledReader(sys.stdin.buffer, STANDARD_INPUT, file_format)
    path, name = Path(source), str(source)
    try:
        if path.is_fifo() or path.is_char_device():
            with path.open("rb") as stream:
                return SpooledReader(stream, name, file_format)
        return _open_file(path, name, file_format)
    except OSError as error:
        raise _unreadable(path, name, error) from error


def open_readers(sources: Sequence[str | Path]) -> Reader:
    """Open review files as one: several are read one after another, with a leading `source_file` column.

    Raises:
        FileFormatError: As `open_reader`.
    """
    if len(sources) == 1:
        return open_reader(sources[0])
    with ExitStack() as opened:
        readers = [opened.enter_context(open_reader(source)) for source in sources]
        opened.pop_all()
    return ConcatenatedReader(readers)


class ConcatenatedReader:
    """Read several files as one: their columns are united in the order in which they are first seen.

    Args:
        readers: Open readers; closing this one closes them.

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

    def close(self) -> None:
        """Close every file."""
        for reader in self.parts:
            reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class SpooledReader:
    """Read a stream that can be read only once, through a temporary file that closing (or leaving) removes.

    Args:
        stream: What is read to its end at once.
        name: What messages call it.
        file_format: As in `open_reader`.

    Attributes:
        spooled: The reader of the temporary file; all else is its own.
    """

    def __init__(self, stream: BinaryIO, name: str, file_format: str) -> None:
        handle, path = tempfile.mkstemp(prefix="sentiment-", suffix=".spool")
        # Runs when the reader is closed, collected, or left behind at the interpreter's end.
        self._remove = weakref.finalize(self, Path(path).unlink, missing_ok=True)
        with ExitStack() as undo:
            undo.callback(self._remove)
            with os.fdopen(handle, "wb") as spool:
                shutil.copyfileobj(stream, spool)
            self.spooled = _open_file(Path(path), name, file_format)
            undo.pop_all()
        self.name = name
        self.format = self.spooled.format
        self.columns = self.spooled.columns
        self.receipt = self.spooled.receipt

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the rows of the temporary file, lazily."""
        return self.spooled.rows()

    def close(self) -> None:
        """Close and remove the temporary file."""
        self.spooled.close()
        self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _open_file(path: Path, name: str, file_format: str) -> Reader:
    found = sniff_format(path, name)
    match found if file_format == "auto" else file_format:
        case "parquet":
            return ParquetReader(path, name)
        case "jsonl":
            return JsonLinesReader(path, name)
        case "tsv":
            return DelimitedReader(path, name, delimiter="\t")
        case "csv" | "delimited":
            return DelimitedReader(path, name)
        case unknown:
            raise FileFormatError(
                f"{printable(name)}: no format named '{printable(unknown)}' is read.",
                "Known: auto, csv, tsv, jsonl, parquet.",
            )


def _unreadable(path: Path, name: str, error: OSError) -> FileFormatError:
    shown = printable(name)
    if isinstance(error, FileNotFoundError):
        return FileFormatError(f"{shown}: no such file.", remedy="Check the path.")
    if path.is_dir():
        return FileFormatError(f"{shown}: this is a folder.", remedy="Name the files in it.")
    if isinstance(error, PermissionError):
        return FileFormatError(f"{shown}: no permission to read it.", remedy="Ask its owner for read access.")
    return FileFormatError(f"{shown}: cannot be read.", f"{error.strerror or type(error).__name__}.")


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

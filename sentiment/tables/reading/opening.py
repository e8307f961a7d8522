"""Open review files of any format that is read, one or several, from disk or from standard input."""

import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.delimited import DelimitedReader
from sentiment.tables.reading.joined import ConcatenatedReader
from sentiment.tables.reading.jsonl import JsonLinesReader
from sentiment.tables.reading.parquet import ParquetReader
from sentiment.tables.reading.reader import Reader
from sentiment.tables.reading.sniffing import sniff_format
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

STANDARD_INPUT: Final = "standard input"


@contextmanager
def open_reader(source: str | Path, *, file_format: str = "auto") -> Iterator[Reader]:
    """Open one review file for a `with` block.

    Args:
        source: A path, or `-` for standard input, which is spooled to a temporary file to be read twice.
        file_format: `auto` decides by content; `csv`, `tsv`, `jsonl` or `parquet` reads it as that.

    Raises:
        FileFormatError: The file is missing, empty, unreadable, damaged, or of a format that is not read.
        MissingExtraError: Parquet without pyarrow.
    """
    with closing(_open_source(source, file_format)) as reader:
        yield reader


@contextmanager
def open_readers(sources: Sequence[str | Path]) -> Iterator[Reader]:
    """Open review files as one: several are read one after another, with a leading `source_file` column.

    Raises:
        FileFormatError: As `open_reader`.
    """
    with ExitStack() as opened:
        readers = [opened.enter_context(open_reader(source)) for source in sources]
        yield readers[0] if len(readers) == 1 else ConcatenatedReader(readers)


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

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the types of the temporary file's columns."""
        return self.spooled.column_types()

    def close(self) -> None:
        """Close and remove the temporary file."""
        self.spooled.close()
        self._remove()


def _open_source(source: str | Path, file_format: str) -> Reader:
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

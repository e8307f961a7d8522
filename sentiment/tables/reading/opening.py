"""Open review files of any format that is read, one or several, from disk or from standard input."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.compressed import PACKINGS, unpack
from sentiment.tables.reading.delimited import DelimitedReader
from sentiment.tables.reading.joined import ConcatenatedReader
from sentiment.tables.reading.json_documents import open_json_document
from sentiment.tables.reading.jsonl import JsonLinesReader
from sentiment.tables.reading.ods import OdsWorkbook
from sentiment.tables.reading.parquet import ParquetReader
from sentiment.tables.reading.reader import FORMATS, Reader, ReadOptions
from sentiment.tables.reading.sniffing import Content, sniff_format
from sentiment.tables.reading.sources import STANDARD_INPUT_SIGN, check_source
from sentiment.tables.reading.spooled import Spool, SpooledReader, copy_stream, read_spooled
from sentiment.tables.reading.workbooks import open_workbook
from sentiment.tables.reading.xls import XlsWorkbook
from sentiment.tables.values.cleaning import printable

STANDARD_INPUT: Final = "standard input"

_TEXT_FORMATS: Final = ("csv", "tsv", "jsonl", "json")
_WORKBOOK_FORMATS: Final = ("xlsx", "xls", "ods")
_DEFAULTS: Final = ReadOptions()


@contextmanager
def open_reader(source: str | Path, options: ReadOptions = _DEFAULTS) -> Iterator[Reader]:
    """Open one review file for a `with` block; a packed one (.gz, .zip, .zst) is unpacked first.

    Args:
        source: A path, or `-` for standard input, which is spooled to a temporary file to be read twice.
        options: What the content does not decide.

    Raises:
        FileFormatError: The file is missing, empty, unreadable, damaged, or of a format that is not read.
        MissingExtraError: An .xls file without xlrd; Parquet without pyarrow.
    """
    with closing(_open_source(source, options)) as reader:
        _check_sheet([reader], options)
        yield reader


@contextmanager
def open_readers(sources: Sequence[str | Path], options: ReadOptions = _DEFAULTS) -> Iterator[Reader]:
    """Open review files as one: several are read one after another, with a leading `source_file` column.

    Raises:
        FileFormatError: As `open_reader`.
        MissingExtraError: As `open_reader`.
    """
    with ExitStack() as opened:
        readers = [opened.enter_context(closing(_open_source(source, options))) for source in sources]
        _check_sheet(readers, options)
        yield readers[0] if len(readers) == 1 else ConcatenatedReader(readers)


def open_stream(stream: BinaryIO, name: str, options: ReadOptions = _DEFAULTS) -> SpooledReader:
    """Read a stream that can be read only once, through a temporary file that closing (or leaving) removes.

    Args:
        stream: What is read to its end at once.
        name: What messages call it.
        options: What the content does not decide.

    Raises:
        FileFormatError: As `open_reader`.
        MissingExtraError: As `open_reader`.
    """
    return read_spooled(
        Spool(name), partial(copy_stream, stream), lambda path, _: _open_file(path, name, options)
    )


def _check_sheet(readers: Sequence[Reader], options: ReadOptions) -> None:
    """Refuse --sheet where nothing that is read has sheets; beside a workbook a CSV is welcome."""
    if options.sheet is None or any(reader.format in _WORKBOOK_FORMATS for reader in readers):
        return
    raise FileFormatError(
        f"{printable(readers[0].name)}: --sheet names a sheet, but this is no workbook.",
        f"Found: {readers[0].format}.",
        "Leave --sheet out.",
    )


def _open_source(source: str | Path, options: ReadOptions) -> Reader:
    name = str(source)
    if name == STANDARD_INPUT_SIGN:
        return open_stream(sys.stdin.buffer, STANDARD_INPUT, options)
    check_source(name)
    path = Path(source)
    try:
        if path.is_fifo() or path.is_char_device():
            with path.open("rb") as stream:
                return open_stream(stream, name, options)
        return _open_file(path, name, options)
    except OSError as error:
        raise _unreadable(path, name, error) from error


def _open_file(path: Path, name: str, options: ReadOptions, *, is_unpacked: bool = False) -> Reader:
    content = sniff_format(path, name)
    if content in PACKINGS:
        if is_unpacked:
            raise FileFormatError(
                f"{printable(name)}: a packed file inside a packed file.",
                remedy="Unpack it and give what was in it.",
            )
        return read_spooled(
            Spool(name, packed_bytes=path.stat().st_size),
            partial(unpack, path, name, content),
            lambda unpacked, _: _open_file(unpacked, name, options, is_unpacked=True),
        )
    return _open_content(path, name, _resolve_format(content, name, options.file_format), options)


def _resolve_format(content: Content, name: str, wanted: str) -> str:
    """Give the format to read as: the one asked for, where the content leaves a choice."""
    if wanted == "auto":
        return content
    shown = printable(name)
    if wanted not in FORMATS:
        raise FileFormatError(
            f"{shown}: no format named '{printable(wanted)}' is read.", f"Known: auto, {', '.join(FORMATS)}."
        )
    is_text = content in ("delimited", *_TEXT_FORMATS)
    if content != wanted and not (is_text and wanted in _TEXT_FORMATS):
        found = "text" if is_text else content
        raise FileFormatError(f"{shown}: this is not {wanted}.", f"Found: {found}.")
    return wanted


def _open_content(path: Path, name: str, file_format: str, options: ReadOptions) -> Reader:
    match file_format:
        case "parquet":
            return ParquetReader(path, name)
        case "jsonl":
            return JsonLinesReader(path, name)
        case "json":
            return open_json_document(path, name)
        case "xlsx":
            from sentiment.tables.reading.xlsx import XlsxWorkbook  # openpyxl takes its time

            return open_workbook(XlsxWorkbook(path, name), path, name, file_format, options)
        case "ods":
            return open_workbook(OdsWorkbook(path, name), path, name, file_format, options)
        case "xls":
            return open_workbook(XlsWorkbook(path, name), path, name, file_format, options)
        case "tsv":
            return DelimitedReader(path, name, delimiter="\t", has_header=options.has_header)
        case _:
            return DelimitedReader(path, name, has_header=options.has_header)


def _unreadable(path: Path, name: str, error: OSError) -> FileFormatError:
    shown = printable(name)
    if isinstance(error, FileNotFoundError):
        return FileFormatError(f"{shown}: no such file.", remedy="Check the path.")
    if path.is_dir():
        return FileFormatError(f"{shown}: this is a folder.", remedy="Name the files in it.")
    if isinstance(error, PermissionError):
        return FileFormatError(f"{shown}: no permission to read it.", remedy="Ask its owner for read access.")
    return FileFormatError(f"{shown}: cannot be read.", f"{error.strerror or type(error).__name__}.")

"""Write scored files that appear whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

from sentiment.errors import OutputError
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.arrow import arrow_type
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.formats import OUTPUT_FORMATS
from sentiment.tables.writing.outputs import Place, open_folder, open_output
from sentiment.tables.writing.parquet import ParquetSink
from sentiment.tables.writing.receipt import WriteReceipt
from sentiment.tables.writing.sinks import DelimitedSink, JsonLinesSink
from sentiment.tables.writing.table import OutputTable, Sink

if TYPE_CHECKING:
    import pyarrow as pa


class Writer(Protocol):
    """A scored file in the making: a clean end of its block puts it in place, an exception leaves nothing."""

    @property
    def receipt(self) -> WriteReceipt:
        """What was changed on the way so far."""

    def notes(self) -> list[str]:
        """Say what a user should know of it, a sentence each."""

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_writer(
    target: str | Path,
    columns: Sequence[str],
    *,
    file_format: str,
    source: Reader | None = None,
    new_types: Mapping[str, type] | None = None,
    escape_formulas: bool = True,
) -> Writer:
    r"""Open a file for scored rows; use it in a `with` block.

    CSV and TSV are UTF-8 without a mark, `\n` at line ends, quotes where RFC 4180 asks for them; CSV keeps
    the delimiter of a CSV source. JSONL keeps the JSON types of its source; Parquet and DuckDB its Arrow
    types; Excel and SQLite numbers and booleans. A database has one table, `reviews`.

    Args:
        target: A path, whose old file stays whole until the new one is, or `-` for standard output.
        columns: Unique column names.
        file_format: One of `OUTPUT_FORMATS`.
        source: The reader whose columns come first, for its delimiter, types and number of rows.
        new_types: `str`, `float`, `int` or `bool` of the columns that are not the source's.
        escape_formulas: Whether an apostrophe goes before text in CSV and TSV that a spreadsheet would run;
            all other formats say that text is text.

    Raises:
        OutputError: The file cannot be written, or the format does not hold so many rows or columns, or the
            target is a database with other tables; the message names path and cause.
        MissingExtraError: DuckDB without duckdb, Parquet without pyarrow.
        BrokenPipeError: The reader of standard output has gone; this one is not translated.
    """
    name = str(target)
    if file_format not in OUTPUT_FORMATS:
        raise OutputError(
            f"{printable(name)}: no format named '{printable(file_format)}' is written.",
            f"Known: {', '.join(OUTPUT_FORMATS)}.",
        )
    is_typed = file_format not in ("csv", "tsv", "jsonl", "xlsx")
    table = OutputTable(name, tuple(columns), _types(source, new_types or {}) if is_typed else {})
    if file_format in ("sqlite", "duckdb"):
        return _open_database(target, table, file_format)
    if file_format == "xlsx":
        from sentiment.tables.writing.workbook import check_fits

        check_fits(name, len(columns), source.receipt.rows if source else 0)
    output = open_output(target)
    delimiter = source.receipt.delimiter if source and source.format == "csv" else None
    try:
        sink = _open_sink(output.file, table, file_format, delimiter or ",", escape_formulas=escape_formulas)
    except BaseException:
        output.discard()
        raise
    return OutputWriter(output, sink, table.receipt)


class OutputWriter:
    """Write rows in one format to one place.

    Args:
        place: It commits or discards what was written.
        sink: The format.
        receipt: Where the sink counts.

    Attributes:
        receipt: What was changed on the way so far.
    """

    def __init__(self, place: Place, sink: Sink, receipt: WriteReceipt) -> None:
        self._place = place
        self._sink = sink
        self.receipt = receipt

    def notes(self) -> list[str]:
        """Say what a user should know, a sentence each."""
        return self.receipt.notes()

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""
        self._sink.write(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._sink.finish()
                self._place.commit()
        finally:
            try:
                self._sink.close()
            finally:
                self._place.discard()


def _types(source: Reader | None, new_types: Mapping[str, type]) -> "dict[str, pa.DataType]":
    types = source.column_types() if source else {}
    return types | {column: arrow_type(frozenset({kind})) for column, kind in new_types.items()}


def _open_sink(
    file: BinaryIO, table: OutputTable, file_format: str, delimiter: str, *, escape_formulas: bool
) -> Sink:
    match file_format:
        case "csv":
            return DelimitedSink(file, table, delimiter, escape_formulas=escape_formulas)
        case "tsv":
            return DelimitedSink(file, table, "\t", escape_formulas=escape_formulas)
        case "jsonl":
            return JsonLinesSink(file, table)
        case "parquet":
            return ParquetSink(file, table)
        case _:
            from sentiment.tables.writing.workbook import WorkbookSink

            return WorkbookSink(file, table)


def _open_database(target: str | Path, table: OutputTable, file_format: str) -> Writer:
    folder = open_folder(target, file_format)
    try:
        sink = _open_database_sink(folder.path, Path(target), table, file_format)
    except BaseException:
        folder.discard()
        raise
    return OutputWriter(folder, sink, table.receipt)


def _open_database_sink(path: Path, target: Path, table: OutputTable, file_format: str) -> Sink:
    if file_format == "sqlite":
        from sentiment.tables.writing import sqlite

        sqlite.check_replaceable(target, table.name)
        return sqlite.SqliteSink(path, table)
    from sentiment.tables.writing import duckdb

    duckdb.check_replaceable(target, table.name)
    return duckdb.DuckDbSink(path, table)

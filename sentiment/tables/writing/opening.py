"""Write scored files that appear whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from sentiment.errors import OutputError
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.arrow import arrow_type
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.outputs import Output, open_output
from sentiment.tables.writing.parquet import ParquetSink
from sentiment.tables.writing.sinks import DelimitedSink, JsonLinesSink, Sink


class Writer(Protocol):
    """A scored file in the making: a clean end of its block puts it in place, an exception leaves nothing."""

    @property
    def replaced_characters(self) -> int:
        """Lone surrogates that were written as U+FFFD so far."""

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
) -> Writer:
    r"""Open a file for scored rows; use it in a `with` block.

    CSV and TSV are UTF-8 without a mark, `\n` at line ends, quotes where RFC 4180 asks for them; CSV keeps
    the delimiter of a CSV source. JSONL keeps the JSON types of its source, Parquet the Arrow types.

    Args:
        target: A path, whose old file stays whole until the new one is, or `-` for standard output.
        columns: Unique column names.
        file_format: `csv`, `tsv`, `jsonl` or `parquet`.
        source: The reader whose columns come first, for its delimiter and types.
        new_types: `str`, `float`, `int` or `bool` of the columns that are not the source's.

    Raises:
        OutputError: The file cannot be written; the message names path and cause.
        MissingExtraError: Parquet without pyarrow.
        BrokenPipeError: The reader of standard output has gone; this one is not translated.
    """
    name = str(target)
    output = open_output(target)
    try:
        sink = _open_sink(output.file, name, columns, file_format, source, new_types or {})
    except BaseException:
        output.discard()
        raise
    return OutputWriter(output, sink)


def default_output(source: str) -> Path:
    """Name the scored file that goes beside a source: `a.csv` gives `a.scored.csv`."""
    path = Path(source)
    return path.with_name(f"{path.stem}.scored{path.suffix}")


class OutputWriter:
    """Write rows in one format to one place.

    Args:
        output: The place: it commits or discards what was written.
        sink: The format.
    """

    def __init__(self, output: Output, sink: Sink) -> None:
        self._output = output
        self._sink = sink

    @property
    def replaced_characters(self) -> int:
        """Lone surrogates that were written as U+FFFD so far."""
        return self._sink.replaced_characters

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
                self._output.commit()
        finally:
            self._output.discard()


def _open_sink(
    file: BinaryIO,
    name: str,
    columns: Sequence[str],
    file_format: str,
    source: Reader | None,
    new_types: Mapping[str, type],
) -> Sink:
    match file_format:
        case "csv":
            delimiter = source.receipt.delimiter if source and source.format == "csv" else None
            return DelimitedSink(file, columns, delimiter or ",")
        case "tsv":
            return DelimitedSink(file, columns, "\t")
        case "jsonl":
            return JsonLinesSink(file, columns)
        case "parquet":
            types = {column: arrow_type(frozenset({kind})) for column, kind in new_types.items()}
            return ParquetSink(file, columns, (source.column_types() if source else {}) | types, name)
        case unknown:
            raise OutputError(
                f"{printable(name)}: no format named '{printable(unknown)}' is written.",
                "Known: csv, tsv, jsonl, parquet.",
            )

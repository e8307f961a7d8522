"""Parquet inputs, here or at an address, and the parts in which they are scored."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from sentiment.errors import FileFormatError
from sentiment.tables import Reader, ReadReceipt, expand_sources, printable
from sentiment.tables.reading.joined import ConcatenatedReader
from sentiment.tables.reading.parquet import python_values
from sentiment.tables.reading.receipt import unique_names
from sentiment.threads import map_ahead

if TYPE_CHECKING:
    import pyarrow as pa

PART_ROWS: Final = 65_536
"""Rows of a part: some minutes of one core, which is what a worker's death costs."""

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_READ_ROWS: Final = 1024
_FOOTERS_AT_ONCE: Final = 32
"""Threads that read the inputs' footers: at an address each one is a wait, not work."""


@dataclass(frozen=True)
class ParquetRows:
    """A run of rows of a Parquet file as a Reader; it can be sent to a worker, and opens the file to read it.

    Attributes:
        name: What messages and `source_file` call it, as the user gave it.
        location: Its full path, or its address.
        columns: Unique column names.
        notes: What was renamed, a sentence each.
        schema: Arrow's schema of the file.
        group_rows: Rows of each of its row groups.
        start: First row of the run.
        stop: One past its last row.
    """

    format = "parquet"

    name: str
    location: str
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    schema: "pa.Schema"
    group_rows: tuple[int, ...]
    start: int
    stop: int

    @property
    def receipt(self) -> ReadReceipt:
        """How many rows the run has, and what was renamed."""
        return ReadReceipt(rows=self.stop - self.start, notes=list(self.notes))

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the rows of the run, lazily, as Python values; other row groups are not read."""
        ends = list(accumulate(self.group_rows))
        groups = [
            group
            for group, (rows, end) in enumerate(zip(self.group_rows, ends, strict=True))
            if self.start < end and end - rows < self.stop
        ]
        if not groups or self.start == self.stop:
            return
        position = ends[groups[0]] - self.group_rows[groups[0]]
        with _open_parquet(self.name, self.location) as file:
            for batch in file.iter_batches(batch_size=_READ_ROWS, row_groups=groups):
                first, last = max(self.start - position, 0), min(self.stop - position, batch.num_rows)
                position += batch.num_rows
                if first < last:
                    columns = batch.slice(first, last - first).columns
                    yield from zip(*map(python_values, columns), strict=True)

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the type of every column."""
        return dict(zip(self.columns, self.schema.types, strict=True))

    def close(self) -> None:
        """Do nothing: each pass closes what it opened."""


@dataclass(frozen=True)
class Part:
    """A run of rows of one input: what a worker scores at a time, and one file of the output.

    Attributes:
        number: Its position among the parts, in the order of the input.
        file: Position of the input among the inputs.
        start: First row in that file.
        stop: One past the last row.
    """

    number: int
    file: int
    start: int
    stop: int

    @property
    def file_name(self) -> str:
        """Name of the output part; sorted names are the order of the input."""
        return f"part-{self.number:06d}.parquet"


def plan_parts(files: Sequence[ParquetRows], most_rows: int) -> list[Part]:
    """Cut the inputs into parts of at most `most_rows` rows, none of two files; no rows make one empty part.

    The cuts depend on the inputs alone, so that a part that is scored again is the same part.
    """
    runs = [
        (file, start, min(start + most_rows, rows.stop))
        for file, rows in enumerate(files)
        for start in range(0, rows.stop, most_rows)
    ]
    return [Part(number, *run) for number, run in enumerate(runs or [(0, 0, 0)])]


def read_as_one(files: Sequence[ParquetRows], part: Part | None = None) -> Reader:
    """Read the inputs as `predict` reads them: several have a leading `source_file` column.

    Args:
        files: The inputs.
        part: Rows to read, None for all. The others keep their columns, so that all parts have the same.
    """
    if part is not None:
        runs = {part.file: (part.start, part.stop)}
        files = [
            replace(file, start=start, stop=stop)
            for position, file in enumerate(files)
            for start, stop in [runs.get(position, (0, 0))]
        ]
    return files[0] if len(files) == 1 else ConcatenatedReader(files)


def open_inputs(inputs: Sequence[str]) -> list[ParquetRows]:
    """Find the inputs, patterns resolved, and read their footers.

    Raises:
        FileFormatError: An input is missing, unreadable or no Parquet file, or a pattern matches nothing.
    """
    names: list[str] = []
    seen: set[str] = set()
    for pattern in inputs:
        found = expand_pattern(pattern)
        names += [name for name in found if name == pattern or name not in seen]
        seen.update(found)
    files = list(map_ahead(_read_footer, names, _FOOTERS_AT_ONCE))
    # Equal schemas become one object, so that a plan of ten thousand files stays small on its way to workers.
    schemas: list[pa.Schema] = []
    shared = []
    for file in files:
        known = next((schema for schema in schemas if schema.equals(file.schema)), None)
        if known is None:
            schemas.append(known := file.schema)
        shared.append(replace(file, schema=known))
    return shared


def expand_pattern(pattern: str) -> Sequence[str]:
    """Give the files that a path, an address or a pattern of either names, sorted.

    In an address `*` stands for a part of one name, and what follows `?` are options of the file system.

    Raises:
        FileFormatError: It is a pattern that matches nothing, or its address cannot be listed.
    """
    if not is_address(pattern):
        return expand_sources([pattern])
    address, question_mark, options = pattern.partition("?")
    if "*" not in address:
        return [pattern]
    from pyarrow.fs import FileSelector

    filesystem, path = locate(pattern)
    above = takewhile(lambda name: "*" not in name, path.split("/"))
    with _translated(pattern):
        below = filesystem.get_file_info(FileSelector("/".join(above), recursive=True))
    matches = sorted(info.path for info in below if info.is_file and _matches(info.path, path))
    if not matches:
        raise FileFormatError(
            f"{printable(pattern)}: no file matches this pattern.", remedy="Check the path."
        )
    root = unquote(address).removesuffix(path)
    return [f"{root}{quote(match)}{question_mark}{options}" for match in matches]


def _matches(path: str, pattern: str) -> bool:
    names, patterns = path.split("/"), pattern.split("/")
    return len(names) == len(patterns) and all(map(fnmatchcase, names, patterns))


def is_address(source: str) -> bool:
    """Tell an address (`s3://bucket/reviews.parquet`) from a path."""
    return _ADDRESS.match(source) is not None


def full_location(name: str) -> str:
    """Give an address as it is and a path in full: workers may stand in another folder."""
    return name if is_address(name) else str(Path(name).absolute())


def locate(location: str) -> tuple[Any, str]:
    """Give the file system of a path or address, and the path in it.

    Raises:
        FileFormatError: The kind of address is not known, or the place does not answer.
    """
    import pyarrow.fs

    if not is_address(location):
        return pyarrow.fs.LocalFileSystem(), location
    with _translated(location):
        try:
            found: tuple[Any, str] = pyarrow.fs.FileSystem.from_uri(location)
        except pyarrow.ArrowInvalid as error:
            raise FileFormatError(
                f"{printable(location)}: an address of no kind that is known.",
                f"{_first_line(error)}.",
                "Give a path, or an address such as s3://, gs:// or hdfs://.",
            ) from error
    return found


def _read_footer(name: str) -> ParquetRows:
    location = full_location(name)
    with _open_parquet(name, location) as file:
        groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
        schema = file.schema_arrow.remove_metadata()
    columns, notes = unique_names(schema.names)
    return ParquetRows(name, location, columns, tuple(notes), schema, tuple(groups), 0, sum(groups))


@contextmanager
def _open_parquet(name: str, location: str) -> Iterator[Any]:
    import pyarrow
    import pyarrow.parquet

    filesystem, path = locate(location)
    with _translated(name), filesystem.open_input_file(path) as file:
        yield pyarrow.parquet.ParquetFile(file)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Say in one line why an input cannot be read."""
    import pyarrow

    shown = printable(name)
    try:
        yield
    except FileNotFoundError as error:
        raise FileFormatError(f"{shown}: no such file.", remedy="Check the path.") from error
    except pyarrow.ArrowInvalid as error:
        raise FileFormatError(
            f"{shown}: not a whole Parquet file, and --engine ray reads no other.",
            remedy="Convert it (CSV: python -c \"import pandas; pandas.read_csv('reviews.csv', dtype=str, "
            "keep_default_na=False).to_parquet('reviews.parquet')\").",
        ) from error
    except (pyarrow.ArrowException, OSError) as error:
        raise FileFormatError(f"{shown}: cannot be read.", f"{_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return printable(str(error).splitlines()[0].rstrip("."))

"""The formats that are written, and how files of them are named."""

from pathlib import Path
from typing import Final

OUTPUT_FORMATS: Final = ("csv", "tsv", "jsonl", "parquet", "xlsx", "sqlite", "duckdb")

_SUFFIXES: Final = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".duckdb": "duckdb",
}
_ONLY_READ: Final = (".xls", ".xlsm", ".xlsb", ".ods", ".json")
_COMPRESSED: Final = (".gz", ".zst", ".zip")

_WRITTEN_INSTEAD: Final = {"xls": "xlsx", "ods": "xlsx", "json": "jsonl"}
"""What stands in for the formats that are read and not written."""


def output_format_of(path: str | Path) -> str | None:
    """Give the format that a file name's suffix asks for, or None where none of that suffix is written."""
    return _SUFFIXES.get(Path(path).suffix.lower())


def writable_format(source_format: str) -> str:
    """Give the format that rows keep where nobody asks for another: the source's own, or the nearest."""
    return _WRITTEN_INSTEAD.get(source_format, source_format)


def default_output(source: str, source_format: str) -> Path:
    """Name the scored file that goes beside a source: `a.scored.csv` for `a.csv.gz`.

    Args:
        source: Path of the source; what its suffix says counts where it fits the content.
        source_format: What it holds, as its reader found (`Reader.format`).
    """
    path = Path(source)
    if path.suffix.lower() in _COMPRESSED:
        path = path.with_suffix("")
    file_format = writable_format(source_format)
    if output_format_of(path) == file_format:
        return path.with_name(f"{path.stem}.scored{path.suffix}")
    is_format = path.suffix.lower() in (*_SUFFIXES, *_ONLY_READ)  # `.2025` belongs to the name
    return path.with_name(f"{path.stem if is_format else path.name}.scored.{file_format}")

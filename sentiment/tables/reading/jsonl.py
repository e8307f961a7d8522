"""JSONL review files: one JSON object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sentiment.errors import FileFormatError
from sentiment.tables.reading.decoding import check_lines, detect_encoding, encoding_notes, open_text
from sentiment.tables.reading.receipt import ReadReceipt, unique_names
from sentiment.tables.values.arrow import arrow_type
from sentiment.tables.values.cleaning import printable

if TYPE_CHECKING:
    import pyarrow as pa

_BLANKS: Final = "\ufeff \t\r\n"


class JsonLinesReader:
    """Read a JSONL file; opening it makes one scanning pass that collects every key.

    Args:
        path: The file.
        name: What messages call it.
        file_format: What to call the format: objects of a JSON document come as lines too.

    Attributes:
        name: What messages call the file.
        format: `jsonl` or `json`.
        columns: Every key of the file, in the order in which they are first seen.
        receipt: What was understood.

    Raises:
        FileFormatError: A line is not a JSON object, or no object holds anything.
        OSError: The file cannot be read.
    """

    def __init__(self, path: Path, name: str, file_format: str = "jsonl") -> None:
        self.name = name
        self.format = file_format
        self._path = path
        check_lines(path, name)
        self._encoding = detect_encoding(path)
        types: dict[str, set[type]] = {}
        rows = 0
        for record in self._iter_objects():
            rows += 1
            for key, value in record.items():
                if key not in types:
                    types[key] = set()
                types[key].add(type(value))
        if not types:
            raise _empty(name, rows)
        self._keys = tuple(types)
        self.columns, renamed = unique_names(self._keys)
        self._kinds = tuple(frozenset(types[key] - {type(None)}) for key in self._keys)
        self.receipt = ReadReceipt(
            encoding=self._encoding.codec,
            rows=rows,
            notes=[*encoding_notes(self._encoding), *renamed],
            replaced_characters=self._encoding.replaced,
        )

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Iterate over the objects' values, lazily; a key that an object lacks gives None."""
        for record in self._iter_objects():
            yield tuple(map(record.get, self._keys))

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the Arrow type that holds all values of a column, strings where they differ."""
        return {column: arrow_type(kinds) for column, kinds in zip(self.columns, self._kinds, strict=True)}

    def close(self) -> None:
        """Release nothing: each pass opens and closes the file itself."""

    def _iter_objects(self) -> Iterator[dict[str, Any]]:
        with open_text(self._path, self._encoding) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip(_BLANKS):
                    yield self._parse_object(line, number)

    def _parse_object(self, line: str, number: int) -> dict[str, Any]:
        try:
            record = json.loads(line.strip(_BLANKS))
        except json.JSONDecodeError as error:
            raise self._broken(number, f"{error.msg} at character {error.pos + 1}.") from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits; nesting without end
            raise self._broken(number, "A number is too long or the nesting too deep.") from error
        if not isinstance(record, dict):
            raise self._broken(number, f"Found: {type(record).__name__}.")
        return record

    def _broken(self, number: int, evidence: str) -> FileFormatError:
        return FileFormatError(
            f"{printable(self.name)}: line {number} is not a JSON object.",
            evidence,
            "Repair or remove that line.",
        )


def _empty(name: str, objects: int) -> FileFormatError:
    found = {0: "no rows", 1: "1 empty object"}.get(objects, f"{objects:,} empty objects")
    return FileFormatError(
        f"{printable(name)}: the JSON holds no values.",
        f"Found: {found}.",
        "Give objects with the texts in them, one a review.",
    )

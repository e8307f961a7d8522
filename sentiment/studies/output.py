"""What a study writes and prints: a JSON file that is whole or not there, and a table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sentiment.tables.writing.outputs import write_output


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON under a temporary name and put it in place.

    Raises:
        OutputError: It cannot be written.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_output(path, text.encode("utf-8", "backslashreplace"))


def lay_out(rows: Iterable[Sequence[str]]) -> str:
    """Align rows of cells in columns: the first column to the left, the others to the right."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    aligned = [
        [cell.rjust(width) if place else cell.ljust(width) for cell in column]
        for place, (column, width) in enumerate(zip(columns, widths, strict=True))
    ]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*aligned, strict=True))

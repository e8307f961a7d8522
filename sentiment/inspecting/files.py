"""What is known of review files before their columns are understood."""

from collections.abc import Iterator
from typing import Final

from sentiment.tables import Reader, Roles, printable
from sentiment.tables.columns.profiles import ColumnProfile
from sentiment.tables.reading.joined import parts_of, parts_without
from sentiment.tables.wording import count

_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
_MOSTLY: Final = 0.5


def describe_files(reader: Reader) -> Iterator[tuple[str, str]]:
    """Give facts, a name and a value each: every file with its format, and the rows of all."""
    parts = parts_of(reader)
    for part in parts:
        rows = f", {count(part.receipt.rows, 'row')}" if len(parts) > 1 else ""
        yield "file", printable(part.name)
        yield "", describe_format(part) + rows
    yield "rows", f"{reader.receipt.rows:,} in {count(len(reader.columns), 'column')}"


def describe_format(reader: Reader) -> str:
    """Say how a file is written: `csv, encoding utf-8, delimiter comma`."""
    encoding, delimiter = reader.receipt.encoding, reader.receipt.delimiter
    parts = [reader.format]
    if encoding:
        parts.append(f"encoding {encoding}")
    if delimiter:
        parts.append(f"delimiter {_DELIMITERS.get(delimiter) or printable(delimiter)}")
    return ", ".join(parts)


def list_notes(reader: Reader, roles: Roles) -> list[str]:
    """Give what readers repaired, and which of several files have no column of review text."""
    columns = printable(" + ".join(roles.text))
    return [
        *reader.receipt.notes,
        *(
            f"{part.name}: has no column {columns}, so that all its reviews are empty."
            for part in parts_without(reader, roles.text)
        ),
    ]


def describe_content(profile: ColumnProfile) -> str:
    """Say what a column holds: `dates`, `about 12 words each`."""
    if not profile.values:
        return "empty"
    kinds = {"dates": profile.dates, "web or mail addresses": profile.links, "numbers": profile.numbers}
    for kind, share in kinds.items():
        if share > _MOSTLY:
            return kind
    return f"about {count(max(1, round(profile.words)), 'word')} each"

"""Markdown that odd names do not break."""

from collections.abc import Mapping, Sequence
from typing import Any

from sentiment.tables import printable


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table, columns without any value left out; the first column starts at the left."""
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    rule = ["---" if i == 0 else "---:" for i in range(len(header))]
    return "\n".join(f"| {' | '.join(row[i] for i in kept)} |" for row in (header, rule, *rows))


def number(value: float | None, margin: float | None = None) -> str:
    """Write a figure with its margin; nothing where it is not known."""
    written = "" if value is None else f"{value:.3f}"
    return written if margin is None else f"{written} ± {margin:.3f}"


def escape(text: str) -> str:
    """Write any text as it is, on one line and without control characters."""
    return "".join(
        f"\\{character}" if character in r"\|`*<>[]" else character for character in printable(text)
    )


def code(command: str) -> str:
    """Write a command as a block."""
    return f"    {printable(command)}"


def source_name(name: str, facts: Mapping[str, Any]) -> str:
    """Write the name of a data file, behind its public name where `facts.source_names` has one."""
    public = facts.get("source_names", {}).get(name)
    return f"{escape(public)} ({escape(name)})" if public else escape(name)

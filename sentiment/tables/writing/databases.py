"""What all databases have in common: the names of table and columns, and what is never overwritten."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from sentiment.errors import OutputError
from sentiment.tables.reading.receipt import free_name
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.table import OutputTable

TABLE: Final = "reviews"


def name_columns(table: OutputTable) -> list[str]:
    """Name the columns so that SQL can tell them apart, to which `Rating` is `rating`; notes say so."""
    taken = {column.casefold() for column in table.columns}
    used: set[str] = set()
    names: list[str] = []
    for column in table.columns:
        name = table.valid_text(column).replace("\0", "\ufffd")
        if name.casefold() in used:
            name = free_name(name, _spelt_like(name, taken), 2)
            taken.add(name.casefold())
            table.receipt.renamed_columns.append(
                f"Column '{printable(column)}' is called '{printable(name)}': databases ignore case in names."
            )
        used.add(name.casefold())
        names.append(name)
    return names


def quote_name(name: str) -> str:
    """Quote a name for SQL."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def is_absent(path: Path) -> bool:
    """Whether nothing is lost where a database takes this place: no file, or an empty one."""
    return not path.is_file() or not path.stat().st_size


def check_closed(name: str, companions: Iterable[Path]) -> None:
    """Refuse to replace a database beside which another program keeps changes: the new one would take them.

    Raises:
        OutputError: One of the files that hold such changes is there.
    """
    for path in companions:
        if path.is_file() and path.stat().st_size:
            raise OutputError(
                f"{printable(name)}: this database is open elsewhere, or was not closed.",
                f"Found: {printable(path.name)}.",
                "Close the program that uses it, or name another file with --output.",
            )


def check_ours(name: str, tables: Sequence[str], *, is_ours: bool) -> None:
    """Refuse to replace a database that holds anything but one table `reviews` that was written here.

    Raises:
        OutputError: It does.
    """
    others = [printable(table) for table in tables if table != TABLE]
    if is_ours and not others:
        return
    shown = ", ".join([*others[:5], *(["..."] if len(others) > 5 else [])])
    raise OutputError(
        f"{printable(name)}: this file is not replaced.",
        f"It holds other tables: {shown}." if others else "It was not written by this tool.",
        "Name another file with --output.",
    )


def _spelt_like(name: str, folded: Iterable[str]) -> set[str]:
    """Give taken names in the spelling of this one, so that numbers are compared whatever the case."""
    return {name + taken[len(name) :] for taken in folded if taken.startswith(name.casefold())}

"""What every sink knows of the table that it writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from sentiment.errors import OutputError
from sentiment.tables.values.cells import cell_text, replace_surrogates
from sentiment.tables.values.cleaning import printable
from sentiment.tables.writing.receipt import WriteReceipt

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class OutputTable:
    """A table in the making.

    Attributes:
        name: What messages call it: the target as the user gave it.
        columns: Unique names.
        types: Arrow type of the columns that have one; empty for formats that do not ask for it.
        receipt: Where sinks count what they change.
    """

    name: str
    columns: tuple[str, ...]
    types: Mapping[str, "pa.DataType"] = field(default_factory=dict)
    receipt: WriteReceipt = field(default_factory=WriteReceipt)

    def valid_text(self, value: object) -> str:
        """Give a cell as text that UTF-8 can hold, counting what is replaced."""
        valid, count = replace_surrogates(cell_text(value))
        self.receipt.replaced_characters += count
        return valid

    def misfit(self, format_name: str, evidence: str) -> OutputError:
        """Say that a table cannot be written in a format, and which formats hold any."""
        return OutputError(
            f"{printable(self.name)}: cannot be written as {format_name}.",
            evidence,
            "Write CSV or JSONL instead.",
        )


class Sink(Protocol):
    """Turns rows into one format."""

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""

    def finish(self) -> None:
        """Write what the format puts behind the last row."""

    def close(self) -> None:
        """Release files of its own, finished or not."""


_TRUTH: Final = {"true": True, "false": False, "": None}


def parse_number(value: object) -> object:
    """Read text in a column of numbers: empty is None, what is no number raises ValueError."""
    return (float(value) if value else None) if isinstance(value, str) else value


def parse_whole_number(value: object) -> object:
    """Read text in a column of whole numbers: empty is None, what is none raises ValueError."""
    return (int(value) if value else None) if isinstance(value, str) else value


def parse_truth(value: object) -> object:
    """Read text in a column of booleans: empty is None; what is neither true nor false raises KeyError."""
    return _TRUTH[value] if isinstance(value, str) else value

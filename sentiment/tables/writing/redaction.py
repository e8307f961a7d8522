"""A writer that masks personal data on its way into a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.personal_data import KINDS, find_personal_data, mask_places
from sentiment.tables.writing.opening import Writer
from sentiment.tables.writing.receipt import WriteReceipt


class RedactingWriter:
    """Mask personal data in every text that another writer writes, that in lists and records included.

    Typed numbers and dates stay as they are: a phone number in a column of numbers is one.

    Args:
        writer: Takes the masked rows.

    Attributes:
        masked: Kind of personal data to places masked so far.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.masked: Counter[str] = Counter()

    @property
    def receipt(self) -> WriteReceipt:
        """What the other writer changed."""
        return self._writer.receipt

    def notes(self) -> list[str]:
        """Say what was masked, and what the other writer says."""
        counts = [f"{self.masked[kind]:,} {kind}" for kind in KINDS if self.masked[kind]]
        return [f"Personal data masked: {', '.join(counts) or 'none found'}.", *self._writer.notes()]

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Append rows, each with one cell a column."""
        self._writer.write(self._masked_rows(rows))

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def _masked_rows(self, rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
        for row in rows:
            yield [self._mask_text(cell) if isinstance(cell, str) else self._mask(cell) for cell in row]

    def _mask(self, cell: object) -> object:
        match cell:
            case str():
                return self._mask_text(cell)
            case bytes():
                text = cell_text(cell)
                masked = self._mask_text(text)
                return cell if masked is text else masked.encode("utf-8", "replace")
            case dict():
                return {self._mask(key): self._mask(value) for key, value in cell.items()}
            case list():
                return list(map(self._mask, cell))
            case tuple():
                return tuple(map(self._mask, cell))
            case _:
                return cell

    def _mask_text(self, text: str) -> str:
        found = find_personal_data(text)
        if not found:
            return text
        self.masked.update(place.kind for place in found)
        return mask_places(text, found)

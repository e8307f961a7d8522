"""The values of a column that are frequent, found in one pass and bounded memory."""

from typing import Final

MOST_VALUES: Final = 1_000


class FrequentValues:
    """Find every value that more than one in `most + 1` rows has (Misra & Gries 1982).

    What it keeps may be seldom, too; who wants exact numbers counts what it gives in a second pass.

    Args:
        most: Values that are kept at a time.

    Attributes:
        is_complete: Whether every value that was seen is kept: there were no more than `most`.
    """

    def __init__(self, most: int = MOST_VALUES) -> None:
        self.is_complete = True
        self._most = most
        self._counts: dict[str, int] = {}

    def add(self, value: str) -> None:
        """Take the value of one row."""
        counts = self._counts
        if value in counts:
            counts[value] += 1
        elif len(counts) < self._most:
            counts[value] = 1
        else:
            # Each round takes one from `most` values and drops this row: as many rows as it costs.
            self.is_complete = False
            self._counts = {name: count - 1 for name, count in counts.items() if count > 1}

    def values(self) -> list[str]:
        """Give the values that are kept, in the order in which they came."""
        return list(self._counts)

"""Texts whose delimiters are not quoted: joined again where the other columns leave no doubt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sentiment.tables.reading.kinds import KINDS, fits, kind_of

_CODE: Final = re.compile(r"[^\W\d_]{0,4}[-_.#]?\d[\w.-]*")
_KINDS: Final = (*KINDS, _CODE)
_MOST_OF: Final = 0.8
_FEW: Final = 0.1


@dataclass(frozen=True)
class Joining:
    """How a row with too many cells becomes whole: the surplus belongs to the text of one column.

    Attributes:
        place: The column of the texts.
        width: Number of columns.
        delimiter: What stood between the parts of a text.
        kinds: What the cells of other columns look like, by place.
    """

    place: int
    width: int
    delimiter: str
    kinds: dict[int, re.Pattern[str]]

    def join(self, cells: Sequence[str]) -> list[str] | None:
        """Give the whole row; None where other cells would not be of their kind, or none is surplus."""
        if not any(map(str.strip, cells[self.width :])) and self._fits(cells[: self.width]):
            return None
        joined = _join(cells, self.place, self.width, self.delimiter)
        return joined if self._fits(joined) else None

    def _fits(self, cells: Sequence[str]) -> bool:
        return all(
            not cells[place].strip() or fits(kind, cells[place].strip()) for place, kind in self.kinds.items()
        )


def find_joining(
    whole: Sequence[Sequence[str]],
    long: Sequence[Sequence[str]],
    width: int,
    delimiter: str,
    *,
    are_few: bool,
) -> Joining | None:
    """Find the column whose texts hold unquoted delimiters, from rows of the right width and longer ones.

    Each column is tried, and none: the one with which most other columns keep to one kind (numbers, dates,
    links, codes), in both sorts of rows, is taken. Among equals it is the one whose parts begin with a blank,
    as after the commas of prose, where other cells do not. Two that are equal even so are not told apart.
    Where all rows are longer, a column without a name may be the reason: then the blanks have to be there.
    The same may be where nothing of one kind stands right of the texts, as remarks stand behind them: then
    few rows must be longer, or not all by as many cells, and no text hold delimiters in quotes.

    Args:
        whole: Rows with as many cells as there are columns, perhaps none.
        long: Rows with more.
        width: Number of columns.
        delimiter: The cell separator.
        are_few: Whether less than half of all rows are longer.
    """
    are_uneven = len({len(cells) for cells in long}) > 1
    # Left of the text cells stand where they should; right of it they are as far from the end as in any row.
    left = _kinds_of(whole, [cells[:width] for cells in long], width)
    right = _kinds_of(whole, [cells[-width:] for cells in long], width)
    ranks: dict[int | None, tuple[int, bool]] = {None: (len(left), False)}
    trials: dict[int, dict[int, re.Pattern[str]]] = {}
    for place in range(width):
        has_blanks = _parts_begin_with_blanks(long, place, width)
        if kind_of(_column(whole, place), _KINDS) is not None or not (whole or has_blanks):
            continue
        trials[place] = {other: kind for other, kind in left.items() if other < place}
        trials[place] |= {other: kind for other, kind in right.items() if other > place}
        ranks[place] = (len(trials[place]), has_blanks)
    best = max(ranks.values())
    places = [place for place, rank in ranks.items() if rank == best]
    if len(places) > 1 or places[0] is None:
        return None
    place = places[0]
    may_be_remarks = not any(other > place for other in trials[place])
    are_quoted = any(delimiter in cells[place] for cells in [*whole, *long])
    if may_be_remarks and (are_quoted or not (are_few or are_uneven)):
        return None
    return Joining(place, width, delimiter, trials[place])


def _join(cells: Sequence[str], place: int, width: int, delimiter: str) -> list[str]:
    end = place + 1 + len(cells) - width
    parts = list(cells[place:end])
    while end == len(cells) and len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # blank cells at a line's end are no text
    return [*cells[:place], delimiter.join(parts), *cells[end:]]


def _column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [cell for row in rows if (cell := row[place].strip())]


def _kinds_of(
    whole: Sequence[Sequence[str]], repaired: Sequence[Sequence[str]], width: int
) -> dict[int, re.Pattern[str]]:
    """Find the columns that are of one kind in the rows of the right width and in the repaired ones."""
    found: dict[int, re.Pattern[str]] = {}
    for place in range(width):
        usual, cells = _column(whole, place), _column(repaired, place)
        kind = kind_of(usual or cells, _KINDS)
        if kind is not None and kind_of(cells, (kind,)) is not None:
            found[place] = kind
    return found


def _parts_begin_with_blanks(long: Sequence[Sequence[str]], place: int, width: int) -> bool:
    """Tell whether the blanks at the beginning of cells are those of the parts of a text at this place."""
    inner: list[bool] = []
    outer: list[bool] = []
    for cells in long:
        end = place + 1 + len(cells) - width
        inner += _begin_with_blanks(cells[place + 1 : end])
        outer += _begin_with_blanks([*cells[: place + 1], *cells[end:]])
    return any(inner) and sum(inner) >= _MOST_OF * len(inner) and sum(outer) <= _FEW * len(outer)


def _begin_with_blanks(cells: Sequence[str]) -> Iterator[bool]:
    return (cell[:1] == " " for cell in cells if cell.strip())

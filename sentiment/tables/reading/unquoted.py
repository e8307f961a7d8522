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
        if not any(cells[self.width :]) and self._fits(cells[: self.width]):
            return None
        joined = _join(cells, self.place, self.width, self.delimiter)
        return joined if self._fits(joined) else None

    def _fits(self, cells: Sequence[str]) -> bool:
        return all(
            not cells[place].strip() or fits(kind, cells[place].strip()) for place, kind in self.kinds.items()
        )


def find_joining(
    whole: Sequence[Sequence[str]], long: Sequence[Sequence[str]], width: int, delimiter: str
) -> Joining | None:
    """Find the column whose texts hold unquoted delimiters, from rows of the right width and longer ones.

    Each column is tried, and none: the one with which most other columns keep to one kind (numbers, dates,
    links, codes), in both sorts of rows, is taken. Among equals it is the one whose parts begin with a blank,
    as after the commas of prose, where other cells do not. Two that are equal even so are not told apart.
    Where all rows are longer, a column without a name may be the reason: then the blanks have to be there.

    Args:
        whole: Rows with as many cells as there are columns, perhaps none.
        long: Rows with more.
        width: Number of columns.
        delimiter: The cell separator.
    """
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
    return Joining(places[0], width, delimiter, trials[places[0]])


def _join(cells: Sequence[str], place: int, width: int, delimiter: str) -> list[str]:
    end = place + 1 + len(cells) - width
    return [*cells[:place], delimiter.join(cells[place:end]), *cells[end:]]


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
    return sum(inner) >= _MOST_OF * len(inner) and sum(outer) <= _FEW * len(outer)


def _begin_with_blanks(cells: Sequence[str]) -> Iterator[bool]:
    return (cell[:1] == " " for cell in cells)

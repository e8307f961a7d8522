"""The dialect of a CSV file: the delimiter, and whether quotes enclose cells."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Final

from sentiment.tables.columns.headers import is_known
from sentiment.tables.reading.csv_records import NO_DELIMITER, Dialect, RecordReader
from sentiment.tables.reading.kinds import kind_of

_DELIMITERS: Final = ",;\t|"
_HALF: Final = 0.5
_MOST_OF: Final = 0.8
_MOST_TITLES: Final = 10
_LEAST_AGREEING: Final = 3
_AGREEMENT: Final = 0.9
"""The first record is doubted to be a header where so many, and so large a share, agree on more cells; those
who agree are a table, not lines of prose."""

_LEAST_NAMES: Final = 2
"""Known names of columns in the first record that make it a header, where none of them is one for texts."""


def detect_dialect(
    lines: Sequence[str],
    delimiter: str | None = None,
    *,
    prefer_tab: bool = False,
    is_plain_text: bool = False,
) -> tuple[Dialect, int]:
    """Choose the dialect under which most records of a sample have as many cells as its header.

    Args:
        lines: The first physical lines, header included.
        delimiter: The delimiter where it is known.
        prefer_tab: Whether a tab wins a tie (the file's name ends in .tsv), else the comma does.
        is_plain_text: Whether the file's name (.txt) makes a text a line more likely than a table.

    Returns:
        The dialect, that of a one-column file where no delimiter fits, and the usual number of cells.
    """
    order = "\t,;|" if prefer_tab else _DELIMITERS
    found: list[_Fit] = []
    for candidate in delimiter or order:
        for dialect in (Dialect(candidate), Dialect(candidate, quoted=False)):
            if dialect.quoted or candidate == "\t":
                fit = _measure(lines, dialect, is_plain_text=is_plain_text)
                if delimiter or (fit.width > 1 and not fit.is_prose):
                    found.append(fit)
                if fit.is_clean:
                    break  # quotes stand where they should: no need to look without them
    if not found:
        return Dialect(NO_DELIMITER), 1
    # max() keeps the first of equals: the order of the candidates.
    best = max(found, key=lambda fit: (fit.rank, fit.share, fit.width))
    return best.dialect, best.width


@dataclass(frozen=True)
class _Fit:
    """How well a dialect fits a sample.

    Attributes:
        dialect: The dialect.
        rank: 2 where the header has several cells, and most records as many; 1 where a title may stand in its
            place and nearly all records agree on more cells; 0 where neither is so.
        width: Cells of the header, or those on which the records agree.
        share: Share of the records that are that wide.
        is_clean: Whether every quote was in its place.
        is_prose: Whether the delimiters are the commas of sentences.
    """

    dialect: Dialect
    rank: int
    width: int
    share: float
    is_clean: bool
    is_prose: bool


def _measure(lines: Sequence[str], dialect: Dialect, *, is_plain_text: bool) -> _Fit:
    first = next(iter(RecordReader(lines, dialect)))
    width = len(first)
    reader = RecordReader(lines, dialect, width)
    records = [cells for cells in islice(reader, 1, None) if cells]
    is_clean = not (reader.unclosed.count or reader.inner.count)
    widths = [len(cells) for cells in records]
    share = widths.count(width) / len(widths) if widths else 1.0
    commonest, count = Counter(widths).most_common(1)[0] if widths else (width, 0)
    if commonest > width:
        # Titles stand above the header, so they do not count against what its rows agree on.
        below = len(widths) - min(widths.index(commonest), _MOST_TITLES)
        if below >= _LEAST_AGREEING and count >= _AGREEMENT * below:
            width, share = commonest, count / below
    rank = 2 if len(first) > 1 and share > _HALF else int(width > len(first))
    # Of a few lines of a plain text, all may happen to have as many commas.
    is_stable = share >= _AGREEMENT and (not is_plain_text or len(records) >= _LEAST_AGREEING)
    is_prose = not is_stable and _is_prose(first, records)
    if is_prose and _is_known_header(first):
        rank, is_prose = 0, False  # a table if no other delimiter fits: a title may hold such names too
    return _Fit(dialect, rank, width, share, is_clean, is_prose)


def _is_known_header(first: Sequence[str]) -> bool:
    """Tell a first record that names columns; a word or two of prose may be a name (`Overall, fine`)."""
    return any(is_known(cell, "text") for cell in first) or sum(map(is_known, first)) >= _LEAST_NAMES


def _is_prose(first: Sequence[str], records: Sequence[Sequence[str]]) -> bool:
    """Tell texts, one a line, from a table whose cells happen to have a blank behind each delimiter."""
    rows = [first, *records]
    parts = [cell[:1] == " " for cells in rows for cell in cells[1:]]
    if sum(parts) < _MOST_OF * len(parts) or not all(cell[:1] == " " for cell in first[1:]):
        return False
    columns = zip_longest(*records, fillvalue="")
    return not any(kind_of([cell.strip() for cell in column]) for column in columns)

"""CSV records from lines: the csv module's speed, with repairs where quotes are open or not doubled."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sentiment.tables.reading.receipt import Tally

NO_DELIMITER: Final = "\ufdd0"
"""Stands for the delimiter of a one-column file: a noncharacter that Unicode keeps out of text."""

_FIELD_LIMIT: Final = 2**31 - 1
_LOOKAHEAD_CHARACTERS: Final = 1 << 24
_LENIENT_LINES: Final = 64
"""How far a badly quoted cell may reach; bounds the work on files where every line opens a quote."""


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart.

    Attributes:
        delimiter: One character.
        quoted: Whether quotes enclose cells; False reads them as text (Amazon's 2015 TSV files).
    """

    delimiter: str
    quoted: bool = True


class RecordReader:
    r"""Iterate once over the records of CSV lines, in constant memory.

    A record that the csv module reads without complaint, with the expected number of cells, stays as it is.
    Else quotes are looked at again: one inside a quoted cell counts as text unless a delimiter or the line's
    end follows it, `\"` is a quote, and a cell that swallows lines which look like records of their own was
    never closed: its first line is then read by itself and the others are given back.

    Args:
        lines: Physical lines with their ends.
        dialect: How cells are told apart.
        width: Expected number of cells; 0 where it is not known.
        first_line: 1-based number of the first line.

    Attributes:
        line: Number of the line on which the latest record begins.
        unclosed: Quotes that were never closed.
        inner: Records with inner quotes that were not doubled.
    """

    def __init__(self, lines: Iterable[str], dialect: Dialect, width: int = 0, first_line: int = 1) -> None:
        # The limit is one for the process; the default cuts fields at 131,072 characters with an error.
        csv.field_size_limit(_FIELD_LIMIT)
        self.line = first_line
        self.unclosed = Tally()
        self.inner = Tally()
        self._dialect = dialect
        self._width = width
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self._pending: list[str] = []

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the cells of each record; a blank line gives an empty list."""
        exhausted = False
        while not exhausted:
            records = csv.reader(
                self._feed(),
                delimiter=self._dialect.delimiter,
                quoting=csv.QUOTE_MINIMAL if self._dialect.quoted else csv.QUOTE_NONE,
                strict=True,
            )
            try:
                for cells in records:
                    if len(cells) != self._width and self._is_doubtful():
                        yield self._settle(cells)
                        self._advance()
                        break
                    yield cells
                    self._advance()
                else:
                    exhausted = True
            except csv.Error:
                yield self._repair()
                self._advance()

    def _feed(self) -> Iterator[str]:
        """Hand lines to the csv module and remember those of the current record."""
        pending = self._pending
        while self._returned:
            pending.append(self._returned.popleft())
            yield pending[-1]
        swallowed = 0
        for line in self._lines:
            pending.append(line)
            yield line
            swallowed = swallowed + len(line) if pending else 0
            if swallowed > _LOOKAHEAD_CHARACTERS:
                return  # the csv module takes this for the file's end inside a quote

    def _advance(self) -> None:
        self.line += len(self._pending)
        self._pending.clear()

    def _is_doubtful(self) -> bool:
        return self._width > 0 and self._dialect.quoted and any('"' in line for line in self._pending)

    def _settle(self, cells: list[str]) -> list[str]:
        """Look again at a record that the csv module read, but with an unexpected number of cells."""
        if any(self._begins_record(line) for line in self._pending[1:_LENIENT_LINES]):
            return self._cut_off_head()
        lenient_cells, is_open = parse_leniently("".join(self._pending), self._dialect.delimiter)
        if is_open or len(lenient_cells) != self._width:
            return cells
        self.inner.add(self.line)
        return lenient_cells

    def _repair(self) -> list[str]:
        """Read again, leniently, a record on which the csv module gave up."""
        self._give_back_all_but_head()
        cells, is_open = parse_leniently(self._pending[0], self._dialect.delimiter)
        if is_open:
            closed_cells = self._read_on()
            if closed_cells is None:
                return self._cut_off_head()
            cells = closed_cells
        self.inner.add(self.line)
        return cells

    def _cut_off_head(self) -> list[str]:
        """Read the first line by itself, because its quote was never closed."""
        self._give_back_all_but_head()
        self.unclosed.add(self.line)
        return parse_leniently(self._pending[0], self._dialect.delimiter)[0]

    def _give_back_all_but_head(self) -> None:
        self._returned.extendleft(reversed(self._pending[1:]))
        del self._pending[1:]

    def _read_on(self) -> list[str] | None:
        """Add lines to the pending record until its quote closes; None where it never does."""
        closing = _closing_quote(self._dialect.delimiter)
        for _ in range(_LENIENT_LINES):
            line = self._returned.popleft() if self._returned else next(self._lines, None)
            if line is None:
                break
            self._pending.append(line)
            if self._begins_record(line):
                break
            if closing.search(line):
                cells, is_open = parse_leniently("".join(self._pending), self._dialect.delimiter)
                if not is_open:
                    return cells
        return None

    def _begins_record(self, line: str) -> bool:
        """Tell a line that looks like a record of its own from one that carries on a quoted text."""
        if self._width < 2:
            return line.startswith('"')
        if _opening_quote(self._dialect.delimiter).search(line):
            return True
        if line.count(self._dialect.delimiter) < self._width - 1:
            return False
        cells, is_open = parse_leniently(line, self._dialect.delimiter)
        # Prose has a blank behind its commas, records do not.
        return not is_open and len(cells) == self._width and not any(cell[:1] == " " for cell in cells[1:])


def parse_leniently(record: str, delimiter: str) -> tuple[list[str], bool]:
    """Read one record whose quotes may be wrong.

    Returns:
        The cells, and whether a quote stays open (it is kept as text, and its cell ends at the delimiter).
    """
    text = re.sub(r"\r?\n?\Z", "", record)
    quoted_cell = _quoted_cell(delimiter)
    cells: list[str] = []
    is_open = False
    end = -1
    while end < len(text):
        start = end + 1
        if match := quoted_cell.match(text, start):
            cells.append(re.sub(r'""|\\"', '"', match[1]))
            end = match.end()
        else:
            end = text.find(delimiter, start)
            end = len(text) if end < 0 else end
            cells.append(text[start:end])
            is_open = is_open or cells[-1].lstrip(" ").startswith('"')
    return cells, is_open


@lru_cache
def _quoted_cell(delimiter: str) -> re.Pattern[str]:
    """Match a quoted cell; the possessive quantifiers keep it linear on any text."""
    end = rf" *+(?:{re.escape(delimiter)}|\Z)"
    return re.compile(rf' *+"((?:[^"\\]++|""|\\.|"(?!{end}))*+)"(?={end}) *+', re.DOTALL)


@lru_cache
def _closing_quote(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'" *+(?:{re.escape(delimiter)}|[\r\n]|\Z)')


@lru_cache
def _opening_quote(delimiter: str) -> re.Pattern[str]:
    escaped = re.escape(delimiter)
    return re.compile(rf'{escaped}"(?!["\s]|{escaped})')

"""What the content of columns says about their roles: prose, ratings, dates and so on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.ratings import parse_rating

_ROWS: Final = 5_000
_VALUES: Final = 500
_PROSE_WORDS: Final = 8
_FEW_DISTINCT: Final = 0.3

_NUMBER: Final = re.compile(r"[+-]?[\d.,\s]*\d\s*%?")
_DATE: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ].{0,30})?|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}(?:[T ,].{0,20})?"
    r"|\d{10}(?:\d{3})?"
    r"|(?:[^\W\d]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? [^\W\d]{3,9}\.?,? \d{4})(?:[ ,].{0,20})?"
    r"|\d{1,2} \d{1,2}, \d{4}|[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} .{8,20}|\d{4}年.{2,20}",
    re.DOTALL,
)
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+")
# Written without blanks between words: about two characters make one.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class ColumnProfile:
    """A look at up to 500 values of a column; shares are of these, 0 to 1.

    Attributes:
        values: Number of values that are not empty.
        rows: Number of rows that were looked at.
        words: Mean number of words.
        distinct: Share of different values.
        numbers: Share of plain numbers.
        dates: Share of dates and epoch times.
        links: Share of web and mail addresses.
        ratings: Share of values that read as ratings.
    """

    values: int
    rows: int
    words: float = 0.0
    distinct: float = 0.0
    numbers: float = 0.0
    dates: float = 0.0
    links: float = 0.0
    ratings: float = 0.0

    @property
    def prose(self) -> float:
        """How much this reads like what people write: 1 for many words, below 0 for numbers or links."""
        repetition = min(1.0, self.distinct / _FEW_DISTINCT) if self.values >= 20 else 1.0
        return min(1.0, self.words / _PROSE_WORDS) * repetition - 2 * max(
            self.numbers, self.dates, self.links
        )


def profile_columns(reader: Reader) -> dict[str, ColumnProfile]:
    """Look at the first 500 values of each column that are not empty, within the first 5,000 rows."""
    samples: list[list[str]] = [[] for _ in reader.columns]
    rows = 0
    for row in islice(reader.rows(), _ROWS):
        rows += 1
        for sample, cell in zip(samples, row, strict=True):
            if len(sample) < _VALUES and (text := cell_text(cell).strip()):
                sample.append(text)
        if rows % _VALUES == 0 and all(len(sample) >= _VALUES for sample in samples):
            break
    return {column: _profile(sample, rows) for column, sample in zip(reader.columns, samples, strict=True)}


def _profile(values: Sequence[str], rows: int) -> ColumnProfile:
    if not values:
        return ColumnProfile(0, rows)
    count = len(values)
    return ColumnProfile(
        values=count,
        rows=rows,
        words=sum(_count_words(value[:2_000]) for value in values) / count,
        distinct=len(set(values)) / count,
        numbers=sum(bool(_NUMBER.fullmatch(value[:100])) for value in values) / count,
        dates=sum(len(value) <= 60 and bool(_DATE.fullmatch(value)) for value in values) / count,
        links=sum(bool(_LINK.fullmatch(value[:300])) for value in values) / count,
        ratings=sum(parse_rating(value) is not None for value in values) / count,
    )


def _count_words(text: str) -> float:
    return len(text.split()) + len(_UNSPACED.findall(text)) / 2

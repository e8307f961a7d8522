"""What the content of columns says about their roles: prose, ratings, dates and so on."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.dates import is_date
from sentiment.tables.values.publication import is_known_state, is_withheld_state
from sentiment.tables.values.ratings import is_day_and_month, parse_rating

_ROWS: Final = 5_000
_VALUES: Final = 500
_PROSE_WORDS: Final = 8
_FEW_DISTINCT: Final = 0.3

_NUMBER: Final = re.compile(r"[+-]?[\d.,\s]*\d\s*%?")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+")
_LANGUAGE_CODE: Final = re.compile(
    "(?:ar|bg|bn|ca|cs|da|de|el|en|es|et|fa|fi|fr|gu|he|hi|hr|hu|id|it|ja|ko|lt|lv|mk|ml|mr|ms|nb|nl|no|pa|pl|"
    "pt|ro|ru|sk|sl|sq|sr|sv|sw|ta|te|th|tl|tr|uk|ur|vi|zh)(?:[-_][A-Za-z]{2,4}){0,2}"
)
_LANGUAGE: Final = re.compile(r"[^\W\d_]{2,20}(?:[-_ (]{1,2}[^\W\d_]{2,20}\)?){0,2}")
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
        epochs: Share of dates that are nothing but digits, as other numbers are too.
        links: Share of web and mail addresses.
        ratings: Share of values that read as ratings.
        days: Share of days and months in letters, which spreadsheets make of ratings.
        languages: Share of what could be the name or the code of a language.
        states: Share of words for being published or not.
        withheld: Share of words for not being published.
        stars: The different whole or half stars from 1 to 5, where all values are such numbers; else none.
        mean_stars: Their mean; 0 where there are none.
        codes: The different language codes (`en`, `de-AT`), where all values are such; else none.
    """

    values: int
    rows: int
    words: float = 0.0
    distinct: float = 0.0
    numbers: float = 0.0
    dates: float = 0.0
    epochs: float = 0.0
    links: float = 0.0
    ratings: float = 0.0
    days: float = 0.0
    languages: float = 0.0
    states: float = 0.0
    withheld: float = 0.0
    stars: frozenset[float] = frozenset()
    mean_stars: float = 0.0
    codes: frozenset[str] = frozenset()

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

    def share(test: Callable[[str], object]) -> float:
        return sum(bool(test(value)) for value in values) / len(values)

    stars = _plain_stars(values)
    return ColumnProfile(
        values=len(values),
        rows=rows,
        words=sum(_count_words(value[:2_000]) for value in values) / len(values),
        distinct=len(set(values)) / len(values),
        numbers=share(lambda value: _NUMBER.fullmatch(value[:100])),
        dates=share(is_date),
        epochs=share(lambda value: value.isdecimal() and is_date(value)),
        links=share(lambda value: _LINK.fullmatch(value[:300])),
        ratings=share(parse_rating),
        days=share(is_day_and_month),
        languages=share(_LANGUAGE.fullmatch),
        states=share(is_known_state),
        withheld=share(is_withheld_state),
        stars=frozenset(stars),
        mean_stars=sum(stars) / len(stars) if stars else 0.0,
        codes=frozenset(values) if all(map(_LANGUAGE_CODE.fullmatch, set(values))) else frozenset(),
    )


def _plain_stars(values: Sequence[str]) -> list[float]:
    """Give the values as stars where each is a rating out of 5, in whole or half stars; else nothing."""
    stars = []
    for value in values:
        rating = parse_rating(value)
        if rating is None or rating.is_word or rating.best not in (None, 5) or not _is_star(rating.value):
            return []
        stars.append(rating.value)
    return stars


def _is_star(value: float) -> bool:
    return 1 <= value <= 5 and (2 * value).is_integer()


def _count_words(text: str) -> float:
    return len(text.split()) + len(_UNSPACED.findall(text)) / 2

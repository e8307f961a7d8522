"""Ratings in any notation, put on one scale of 1 to 5 stars that is decided by the whole column."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sentiment.tables.values.dates import is_date
from sentiment.tables.values.month_names import fold_letters, month_of
from sentiment.tables.values.rating_words import degree_of

_OUTLIERS: Final = 0.01
"""Share of a column's values that may lie beyond its scale: slips of the hand."""
_MOST_DISTINCT: Final = 1_000
_LEAST_READABLE: Final = 0.5
_CHANCE: Final = 0.001
"""Less likely than this is no accident: ten words of five degrees that never leave two."""
_USUAL_BESTS: Final = (5.0, 10.0)
_ENOUGH: Final = 10
_AT_TOP: Final = 0.2
_SEVEN_POINT_RATINGS: Final = 20
"""From this many ratings on, a column of whole numbers that reaches 6 or 7 but never 8 has seven points."""

_NUMBER: Final = r"[+-]?\d+(?:[.,]\d+)?"
_STAR_WORD: Final = (
    r"(?:\s*(?:stars?|sterne?n?|étoiles?|estrellas?|stelle|estrelas?|sterren|stjärnor|stjerner|y\u0131ld\u0131z|"
    r"gwiazd\w*|зв[её]зд\w*|★|⭐|颗星|星|つ星|점)\.?)?"
)
_OUT_OF: Final = r"(?:/|out of|von|sur|de|su|van|av|z|из|of|颗星\uff0c最多)"
_FRACTION: Final = re.compile(
    rf"(?:rated\s+)?({_NUMBER})\s*{_OUT_OF}\s*({_NUMBER}){_STAR_WORD}", re.IGNORECASE
)
_RANGE: Final = (
    r"(?:(?:on a|scale|skala|from|of|von|de|da|di)\s+)*"
    r"(?P<lowest>[01])\s*(?:[-\u2013\u2014]|to|bis|à|a|al|tot|do|til|till)\s*"
)
_OPENING: Final = r"(?:\s?[-:,])?[ (\[]{1,3}"
_NAMED_SCALE: Final = re.compile(
    rf"(?P<stem>.*?)(?:{_OPENING}{_RANGE}|{_OPENING}{_OUT_OF}\s+|\s?[(\[]?/\s*)(?P<best>\d{{1,3}})"
    rf"(?:{_STAR_WORD}|\s*(?:points?|punkte|punti|puntos|pontos))[\s)\]?.]*",
    re.IGNORECASE,
)
_BEST_FIRST: Final = re.compile(
    rf"({_NUMBER})\s*(?:つ星のうち|y\u0131ld\u0131z üzerinden)\s*({_NUMBER})", re.IGNORECASE
)
_PLAIN: Final = re.compile(rf"({_NUMBER}){_STAR_WORD}", re.IGNORECASE)
_DEGREE: Final = re.compile(r"(\d{1,2})\s*[-\u2013\u2014:=(]\s*[^\W\d][^\d]{0,40}")
_DAY_AND_MONTH: Final = re.compile(
    r"\d{1,2}[-/. ]{1,3}(?P<month>[^\W\d_]+)\.?|(?P<first>[^\W\d_]+)\.?[-/. ]{1,3}\d{1,2}"
)
_LONGEST_RATING: Final = 60
_PERCENT: Final = re.compile(rf"({_NUMBER})\s*%")
_LONGEST_SHOWN: Final = 40
_LONGEST_HEADER: Final = 500
_STARS: Final = re.compile(r"([★⭐🌟✭✮]+)\s*(½?)\s*([☆✩✰]*)")
_SIGNS_TO_DROP: Final = str.maketrans("", "", "\ufe0f\ufeff\u200b")


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating cell.

    Attributes:
        value: The number as written, or the place of a word among five.
        best: The highest value where the cell itself names it (`4/5`, `80%`, `★★★★☆`), else None.
        is_word: Whether it was a word (`good`, `very satisfied`).
    """

    value: float
    best: float | None = None
    is_word: bool = False


def parse_rating(cell: str) -> Rating | None:
    """Read one cell; None where it holds no rating.

    `5`, `4,5`, `4/5`, `80%`, `★★★★☆`, `4.0 out of 5 stars`, `FIVE`, `sehr gut`, `5 - Very satisfied`.
    """
    text = cell.translate(_SIGNS_TO_DROP).strip()
    return _parse(text) if 0 < len(text) <= _LONGEST_RATING else None


@lru_cache(maxsize=1024)  # a column of ratings says the same few things in many rows, and is read twice
def _parse(text: str) -> Rating | None:
    if match := _PLAIN.fullmatch(text):
        return Rating(_number(match[1]))
    if match := _FRACTION.fullmatch(text):
        value, best = _number(match[1]), _number(match[2])
        return Rating(value, best) if best > 1 and value <= best else None
    if match := _BEST_FIRST.fullmatch(text):
        value, best = _number(match[2]), _number(match[1])
        return Rating(value, best) if best > 1 and value <= best else None
    if match := _PERCENT.fullmatch(text):
        return Rating(_number(match[1]), 100.0)
    if match := _STARS.fullmatch(text):
        value = len(match[1]) + 0.5 * len(match[2])
        return Rating(value, float(len(match[1]) + len(match[2]) + len(match[3])) if match[3] else None)
    if re.fullmatch("[☆✩✰]+", text):
        return Rating(0.0, float(len(text)))
    if (match := _DEGREE.fullmatch(text)) and not is_day_and_month(text):
        return Rating(_number(match[1]))
    degree = degree_of(re.sub(r"[_\-.!]+", " ", text))
    return None if degree is None else Rating(float(degree), is_word=True)


def split_scale(header: str) -> tuple[str, tuple[float | None, float] | None]:
    """Split the name of a column from the scale in it: `Rating (1-5)`, `Score out of 10`, `Note sur 20`.

    Returns:
        The name without the scale; the scale's lowest value, None where only the highest is named, and its
        highest. None where the name holds no scale.
    """
    words = " ".join(header.replace("_", " ").split())
    match = _NAMED_SCALE.fullmatch(words) if len(words) <= _LONGEST_HEADER else None
    if match is None or not 1 < int(match["best"]) <= 100:
        return header, None
    stem = match["stem"].strip()
    # `Question 3/10` and `2024/25` are numbers of another kind; of six, 1 is the best in German schools, and
    # the worst in Swiss ones.
    if int(match["best"]) == 6 or not stem or (match["lowest"] is None and stem[-1].isdecimal()):
        return header, None
    return stem, (float(match["lowest"]) if match["lowest"] else None, float(match["best"]))


def is_day_and_month(cell: str) -> bool:
    """Tell what a spreadsheet makes of `1/5`: a day and a month in letters (`5-Jan`, `03. Mai`, `May-05`)."""
    match = _DAY_AND_MONTH.fullmatch(cell.strip())
    return match is not None and month_of(fold_letters(match["month"] or match["first"])) is not None


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


@dataclass(frozen=True, slots=True)
class RatingScale:
    """The scale of a rating column.

    Attributes:
        lowest: Value of the worst rating.
        highest: Value of the best rating.
        reason: How the scale was found, as part of a sentence.
    """

    lowest: float
    highest: float
    reason: str

    @property
    def span(self) -> str:
        """The scale in words: `1 to 10`."""
        return f"{self.lowest:g} to {self.highest:g}"

    def to_stars(self, cell: str | None) -> float | None:
        """Give a cell as stars, 1.0 to 5.0; None where it holds no rating or lies beyond the scale."""
        rating = parse_rating(cell) if cell else None
        if rating is None:
            return None
        lowest, highest = self.lowest, self.highest
        if rating.best is not None and rating.best != highest:
            lowest, highest = (0.0 if rating.best > 10 else min(lowest, 1.0)), rating.best
        if not lowest <= rating.value <= highest:
            return None
        if highest == 5:
            return max(1.0, rating.value)
        return 1.0 + 4.0 * (rating.value - lowest) / (highest - lowest)


class ScaleFinder:
    """Find the scale of a rating column in one pass over all of it.

    Args:
        header: Its name, which may hold the scale; it counts where the ratings fit.

    Attributes:
        reason: After `scale`, why that scale, or why none.
    """

    def __init__(self, header: str = "") -> None:
        self.reason = "no ratings"
        self._named = split_scale(header)[1]
        self._values: Counter[float] = Counter()
        self._bests: Counter[float] = Counter()
        self._words: Counter[float] = Counter()
        self._cells = 0
        self._read = 0
        self._days = 0
        self._first_day = ""
        self._first_stranger = ""

    def add(self, cell: str | None, rows: int = 1) -> None:
        """Take a cell of the column, which stands in so many rows; an empty one says nothing."""
        if not cell or cell.isspace():
            return
        self._cells += rows
        rating = parse_rating(cell)
        if rating is None:
            self._first_stranger = self._first_stranger or cell.strip()
            if is_day_and_month(cell):
                self._days += rows
                self._first_day = self._first_day or cell.strip()
            return
        self._read += rows
        if rating.is_word:
            self._words[rating.value] += rows
            return
        if rating.best is not None:
            self._bests[rating.best] += rows
        # A column of ever new numbers is no rating; its values need not be kept to know that.
        if rating.value in self._values or len(self._values) < _MOST_DISTINCT:
            self._values[rating.value] += rows

    @property
    def ratings(self) -> int:
        """Number of cells that read as ratings."""
        return self._read

    def merge(self, other: "ScaleFinder") -> None:
        """Take what another one has seen of the same column."""
        self._values.update(other._values)
        self._bests.update(other._bests)
        self._words.update(other._words)
        self._cells += other._cells
        self._read += other._read
        self._days += other._days
        self._first_day = self._first_day or other._first_day
        self._first_stranger = self._first_stranger or other._first_stranger

    def scale(self) -> RatingScale | None:
        """Decide the scale, or None (with `reason`) where the column holds no ratings."""
        found = self._decide()
        if isinstance(found, str):
            self.reason = found
            return None
        self.reason = found.reason
        return found

    def fits(self, lowest: float, highest: float) -> bool:
        """Tell whether these ratings could be of a scale that others have.

        They could not where they leave it or name another one, nor where many of them are at the top of a
        narrower usual one, as stars are: bad ratings of a wider scale pile up at its bottom.
        """
        if self._words.total() > self._values.total():
            degrees = 2 if self._words.keys() <= {2.0, 4.0} else 5
            return highest == 5 and (degrees / 5) ** self._read >= _CHANCE
        if self._bests:
            return self._bests.most_common(1)[0][0] == highest
        if self._named and self._is_within(*self._named):
            return self._named[1] == highest
        if not self._values or lowest > 1:  # only good and bad in words begin at 2
            return False
        if lowest == 0 and 0.0 in self._values:
            return self._usual_highest() <= highest
        top = self._usual_highest()
        if not lowest <= min(self._values) <= top <= highest:
            return False
        is_at_top = self._values[top] >= _AT_TOP * self._values.total()
        return top == highest or top not in _USUAL_BESTS or self._read < _ENOUGH or not is_at_top

    def _decide(self) -> RatingScale | str:
        if self._days and self._days >= _LEAST_READABLE * self._cells:
            made_of = "which spreadsheets make of ratings such as 1/5"
            return f"dates such as {self._first_day}, {made_of}; export the column as text"
        if not self._read:
            return self._describe_strangers()
        if self._read < _LEAST_READABLE * self._cells:
            return "most of its values are not ratings"
        if len(self._values) >= _MOST_DISTINCT:
            return "too many different numbers for a rating"
        if self._words.total() > self._values.total():
            return self._word_scale()
        if self._bests:
            best = self._bests.most_common(1)[0][0]
            return RatingScale(self._lowest_below(best), best, f"written as out of {best:g}")
        if self._named and self._is_within(*self._named):
            lowest, best = self._named
            lowest = self._lowest_below(best) if lowest is None else lowest
            return RatingScale(lowest, best, "as the column's name says")
        return self._number_scale()

    def _is_within(self, lowest: float | None, highest: float) -> bool:
        """Whether the ratings are numbers of such a scale, but for a bare 0, which may be a missing one."""
        numbers = self._values.keys() - {0.0}
        return bool(numbers) and min(numbers) >= (lowest or 0) and self._usual_highest() <= highest

    def _lowest_below(self, best: float) -> float:
        return 0.0 if best > 10 or (best != 5 and min(self._values) < 1) else 1.0

    def _describe_strangers(self) -> str:
        """Say what stands in place of ratings; words are not shown: they may be a name or a review."""
        if not self._first_stranger:
            return "no ratings"
        is_shown = len(self._first_stranger) <= _LONGEST_SHOWN and is_date(self._first_stranger)
        return f"no ratings, but {f'dates such as {self._first_stranger}' if is_shown else 'other values'}"

    def _word_scale(self) -> RatingScale:
        if self._words.keys() <= {2.0, 4.0}:
            return RatingScale(2.0, 4.0, "good and bad in words")
        return RatingScale(1.0, 5.0, "five degrees in words")

    def _number_scale(self) -> RatingScale | str:
        lowest, highest = min(self._values), self._usual_highest()
        if lowest < 0:
            return "negative numbers"
        if self._values.keys() <= {0.0, 1.0} and 0.0 in self._values:
            return "a 0/1 flag, not a rating"
        if highest <= 1 and any(0 < value < 1 for value in self._values):
            return RatingScale(0.0, 1.0, "numbers between 0 and 1")
        if highest <= 5:
            # A bare 0 among whole stars is a missing rating; half a star makes it a scale that begins at 0.
            starts_at_zero = any(0 < value < 1 for value in self._values)
            return RatingScale(0.0 if starts_at_zero else 1.0, 5.0, f"numbers up to {highest:g}")
        if self._has_seven_points():
            return RatingScale(1.0, 7.0, f"whole numbers from {lowest:g} to {highest:g}, never 8 to 10")
        top = 10.0 if highest <= 10 else 100.0
        if highest > top:
            return f"numbers up to {highest:g}"
        return RatingScale(
            0.0 if lowest < 1 or top > 10 else 1.0, top, f"numbers from {lowest:g} to {highest:g}"
        )

    def _has_seven_points(self) -> bool:
        """Whether enough whole numbers reach 6 or 7, and none goes beyond, to tell 7 points from 10."""
        return (
            self._values.total() >= _SEVEN_POINT_RATINGS
            and min(self._values) >= 1
            and 5 < max(self._values) <= 7
            and all(value.is_integer() for value in self._values)
        )

    def _usual_highest(self) -> float:
        """Give the highest value after leaving out the rare outliers above it."""
        outliers = _OUTLIERS * self._values.total()
        for value in sorted(self._values, reverse=True):
            outliers -= self._values[value]
            if outliers < 0:
                break
        return value

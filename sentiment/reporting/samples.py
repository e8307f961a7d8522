"""Reviews that are kept to be shown: the first by some order, or drawn at random, in bounded memory."""

import math
import random
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

from sentiment.records import Prediction, Review
from sentiment.tables.writing.formulas import unescape_formula

_LONGEST: Final = 4_000
"""Characters of a text that are kept: more than is shown, so that personal data is masked before the cut."""
_ROWS_NAMED: Final = 5
"""Rows of equal text that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A review that may be shown; its text is not masked yet.

    Attributes:
        row: 0-based, in the scored file.
        title: Headline as exported, or empty.
        text: The body as exported, at most its first 4,000 characters.
        is_cut: Whether there was more.
        words: About how many words title and body have.
        prediction: What the model says of it.
        stars: What the customer gave, 1.0 to 5.0; None where that is not known.
        date: The date cell; None without such a column.
        product: The product cell; None without such a column.
        also_in: The first rows, at most five, of other reviews that say the same.
        reviews: Reviews that say the same, this one included.
    """

    row: int
    title: str
    text: str
    is_cut: bool
    words: int
    prediction: Prediction
    stars: float | None
    date: str | None
    product: str | None
    also_in: tuple[int, ...] = ()
    reviews: int = 1


def take_sample(review: Review, prediction: Prediction, stars: float | None) -> Sample:
    """Keep what may be shown of a review."""
    title, text = unescape_formula(review.title or ""), unescape_formula(review.text)
    return Sample(
        review.row,
        title[:_LONGEST],
        text[:_LONGEST],
        max(len(title), len(text)) > _LONGEST,
        count_words(review),
        prediction,
        stars,
        _cell(review.date),
        _cell(review.product),
    )


def _cell(cell: str | None) -> str | None:
    return unescape_formula(cell[:_LONGEST]) if cell else None


def count_words(review: Review) -> int:
    """Count the words of title and body, cheaply: its blanks tell."""
    words = review.text.count(" ") + 1 if review.text else 0
    return words + (review.title.count(" ") + 1 if review.title else 0)


def normalise(review: Review) -> str:
    """Give what title and body say, for comparing: case, blanks and forms of a character do not matter."""
    text = unicodedata.normalize("NFKC", f"{review.title or ''} {review.text}")
    return " ".join(text.casefold().split())


@dataclass(slots=True)
class _Text:
    """A text that is kept, and the reviews that have it."""

    rank: float
    sample: Sample
    rows: list[int] = field(default_factory=list)
    reviews: int = 0

    def count(self, row: int) -> None:
        self.reviews += 1
        if len(self.rows) <= _ROWS_NAMED:  # one more than is named: one of them is shown itself
            self.rows.append(row)

    def finish(self) -> Sample:
        others = [row for row in self.rows if row != self.sample.row]
        return replace(self.sample, also_in=tuple(others[:_ROWS_NAMED]), reviews=self.reviews)


class Best:
    """Keep the reviews that rank highest, each text once; of equals those that stand first in the file.

    Of equal texts the review that ranks highest is kept, and the others are counted; those that rank lower
    than everything that is kept are not even read, so that copies among them may be missing.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: dict[str, _Text] = {}
        self._lowest = -math.inf

    def offer(self, rank: float, review: Review, prediction: Prediction, stars: float | None) -> None:
        """Take a review, if it ranks high enough or says what one that is kept says."""
        if rank < self._lowest:
            return
        key = normalise(review)
        text = self._texts.get(key)
        if text is None:
            if rank <= self._lowest:
                return
            text = self._texts[key] = _Text(rank, take_sample(review, prediction, stars))
        elif rank > text.rank:
            text.rank, text.sample = rank, take_sample(review, prediction, stars)
        text.count(review.row)
        if len(self._texts) > self._most:
            del self._texts[min(self._texts, key=lambda key: self._order(self._texts[key]))]
        if len(self._texts) == self._most:
            self._lowest = min(text.rank for text in self._texts.values())

    def samples(self) -> list[Sample]:
        """Give the reviews, the highest rank first."""
        return [text.finish() for text in sorted(self._texts.values(), key=self._order, reverse=True)]

    @staticmethod
    def _order(text: _Text) -> tuple[float, int]:
        return text.rank, -text.sample.row


class Drawn:
    """Keep reviews drawn at random, each with the same chance (algorithm R, Vitter 1985), always the same.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen = 0
        self._kept: list[Sample] = []
        self._draws = random.Random(0)

    def offer(self, review: Review, prediction: Prediction, stars: float | None) -> None:
        """Take a review, if it is drawn."""
        self._seen += 1
        if len(self._kept) < self._most:
            self._kept.append(take_sample(review, prediction, stars))
            return
        place = self._draws.randrange(self._seen)
        if place < self._most:
            self._kept[place] = take_sample(review, prediction, stars)

    def samples(self) -> list[Sample]:
        """Give the reviews, in no particular order."""
        return list(self._kept)

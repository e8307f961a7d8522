"""Reviews that are kept to be shown: the first by some order, or drawn at random, in bounded memory."""

import heapq
import random
from dataclasses import dataclass
from typing import Final

from sentiment.records import Prediction, Review
from sentiment.tables.writing.formulas import unescape_formula

_LONGEST: Final = 4_000
"""Characters of a text that are kept: more than is shown, so that personal data is masked before the cut."""


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
        review.date[:_LONGEST] if review.date else None,
        review.product[:_LONGEST] if review.product else None,
    )


def count_words(review: Review) -> int:
    """Count the words of title and body, cheaply: its blanks tell."""
    words = review.text.count(" ") + 1 if review.text else 0
    return words + (review.title.count(" ") + 1 if review.title else 0)


class Best:
    """Keep the reviews that rank highest; of equals those that stand first in the file.

    Args:
        most: How many.
        distinct: Whether a text is kept once only.

    Attributes:
        offered: How many reviews it was offered.
    """

    def __init__(self, most: int, *, distinct: bool = False) -> None:
        self.offered = 0
        self._most = most
        self._heap: list[tuple[float, int, Sample]] = []
        self._texts: set[tuple[str, str]] | None = set() if distinct else None

    def offer(self, rank: float, review: Review, prediction: Prediction, stars: float | None) -> None:
        """Take a review, if it ranks high enough."""
        self.offered += 1
        heap = self._heap
        if len(heap) == self._most and rank <= heap[0][0]:
            return
        sample = take_sample(review, prediction, stars)
        if self._texts is not None:
            key = (sample.title, sample.text)
            if key in self._texts:
                return
            self._texts.add(key)
        entry = (rank, -review.row, sample)
        if len(heap) < self._most:
            heapq.heappush(heap, entry)
        else:
            dropped = heapq.heappushpop(heap, entry)[2]
            if self._texts is not None:
                self._texts.discard((dropped.title, dropped.text))

    def samples(self) -> list[Sample]:
        """Give the reviews, the highest rank first."""
        return [sample for _, _, sample in sorted(self._heap, key=lambda entry: (-entry[0], -entry[1]))]


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

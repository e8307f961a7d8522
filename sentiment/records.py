"""The canonical records: one review in, one prediction out."""

from dataclasses import dataclass
from enum import StrEnum


class ReviewStatus(StrEnum):
    """What became of a review on its way to a label."""

    OK = "ok"
    EMPTY = "empty"
    """Nothing but blanks: no label."""
    NO_WORDS = "no_words"
    """Only punctuation, digits, a URL or emoji without a clear meaning: no label, a person should look."""
    CUT = "cut"
    """Longer than the documented cap; the label rests on what was read."""
    LANGUAGE = "language"
    """In a language that the model was not trained on: no label, a person should look."""
    WITHHELD = "withheld"
    """Not published: spam, hidden, or a shop's reply; no label unless it is asked for."""


@dataclass(frozen=True, slots=True)
class Review:
    """One review and the row that it came from.

    Attributes:
        row: 0-based position among the data rows of its source.
        text: The body as exported, several text columns joined by a line break; may be empty.
        title: The headline as exported, or None where there is no title column.
        rating: The rating cell as exported, or None where there is no rating column.
        date: The date cell as exported, or None.
        product: The product cell as exported, or None.
        id: The id cell as exported, or None.
        language: The language cell as exported, or None.
        is_withheld: Whether its platform does not publish it, or it is a shop's reply.
        cells: The whole source row, one value a source column.
    """

    row: int
    text: str
    title: str | None = None
    rating: str | None = None
    date: str | None = None
    product: str | None = None
    id: str | None = None
    language: str | None = None
    is_withheld: bool = False
    cells: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one review.

    Attributes:
        status: Why there is, or is not, a label.
        label: The winning name (a sentiment, or a class of a custom scheme); None without a label.
        confidence: Probability of `label`, 0-1; None without a label.
        probabilities: Name to probability, summing to 1: the three sentiments, or every class of a custom
            scheme. Empty without a label.
        stars: Expected stars, 1.00-5.00; None without a label or in a custom scheme.
        needs_review: Whether a person should look.
        language: ISO 639-1 code of the review's language; None where it was not looked for, or is not sure.
        tokens: Tokens of the review that were read, special tokens left out, each counted once; None without
            a label, or where the scorer does not tell.
        windows: Windows in which they were read, 1 for a review that fits into one; None as `tokens`.
        explanation: The few words that moved the label most and their weights (-1 to 1), heaviest first;
            None without a label, or where it is not explained.
    """

    status: ReviewStatus
    label: str | None
    confidence: float | None
    probabilities: dict[str, float]
    stars: float | None
    needs_review: bool
    language: str | None = None
    tokens: int | None = None
    windows: int | None = None
    explanation: tuple[tuple[str, float], ...] | None = None

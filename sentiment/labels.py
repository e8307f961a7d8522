"""Label schemes: the names a head predicts, and how they read as sentiments and stars."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Sentiment = Literal["negative", "neutral", "positive"]

SENTIMENTS: Final[tuple[Sentiment, ...]] = ("negative", "neutral", "positive")


def stars_to_sentiment(stars: float) -> Sentiment:
    """Read stars (1-5, also between whole ones) as a sentiment: below 2.5 negative, above 3.5 positive."""
    if stars < 2.5:
        return "negative"
    return "positive" if stars > 3.5 else "neutral"


@dataclass(frozen=True)
class LabelScheme:
    """The labels of a head, in id order.

    Attributes:
        name: `stars`, `ternary`, `binary` or `custom`.
        labels: One name a class; the position is the id.
        stars: The star value of each class, or empty where the labels carry no sentiment (`custom`).
    """

    name: str
    labels: tuple[str, ...]
    stars: tuple[float, ...] = ()

    @property
    def has_sentiment(self) -> bool:
        """Whether the labels can be read as sentiments and stars."""
        return bool(self.stars)

    @property
    def sentiments(self) -> tuple[Sentiment, ...]:
        """The sentiment of each class; empty for a custom scheme."""
        return tuple(stars_to_sentiment(value) for value in self.stars)

    def allowed_classes(self, label: str) -> tuple[int, ...]:
        """Give the class ids that a label allows.

        A label of the scheme allows its own class. Otherwise a sentiment, or a star name read as one, allows
        every class of that sentiment: in the star scheme `negative` allows `1 star` and `2 stars`, so that
        coarse labels teach the sum; in the binary scheme `4 stars` allows `positive`.

        Returns:
            Class ids in ascending order; empty where the scheme has no class for the label
            (`neutral` in the binary scheme, an unknown name).
        """
        if label in self.labels:
            return (self.labels.index(label),)
        wanted = SENTIMENT_OF_STARS.get(label, label)
        return tuple(i for i, sentiment in enumerate(self.sentiments) if sentiment == wanted)

    @property
    def readable_labels(self) -> dict[str, tuple[int, ...]]:
        """Every label that the scheme reads, its own first, with the class ids that it allows."""
        names = (*self.labels, *((*SENTIMENTS, *STARS.labels) if self.has_sentiment else ()))
        return {name: self.allowed_classes(name) for name in names if self.allowed_classes(name)}

    def name_classes(self, classes: Iterable[int]) -> str:
        """Give the label that allows exactly these class ids (ascending)."""
        wanted = tuple(classes)
        return next(name for name, allowed in self.readable_labels.items() if allowed == wanted)

    def sentiment_probabilities(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sum class probabilities (reviews, labels) to sentiments (reviews, 3) in `SENTIMENTS` order."""
        membership = np.array(
            [[sentiment == wanted for wanted in SENTIMENTS] for sentiment in self.sentiments],
            dtype=np.float32,
        )
        return _weigh(probabilities, membership)

    def expected_stars(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the mean star value (reviews,), 1.0 to 5.0, under class probabilities (reviews, labels)."""
        return np.clip(_weigh(probabilities, np.array(self.stars, dtype=np.float32)), 1.0, 5.0)


def _weigh(probabilities: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply probabilities (reviews, labels) by weights (labels, ...), without BLAS.

    OpenBLAS now and then raises the flag of an invalid number where all are finite, and numpy warns of it
    (numpy issue 24067).
    """
    product: NDArray[np.float32] = np.einsum("rl,l...->r...", probabilities, weights)
    return product


STARS: Final = LabelScheme(
    "stars", ("1 star", "2 stars", "3 stars", "4 stars", "5 stars"), (1.0, 2.0, 3.0, 4.0, 5.0)
)
TERNARY: Final = LabelScheme("ternary", SENTIMENTS, (1.0, 3.0, 5.0))
BINARY: Final = LabelScheme("binary", ("negative", "positive"), (1.0, 5.0))

SENTIMENT_OF_STARS: Final = dict(zip(STARS.labels, STARS.sentiments, strict=True))
"""Star name to the sentiment that it reads as."""

SCHEMES: Final = {scheme.name: scheme for scheme in (STARS, TERNARY, BINARY)}


def build_scheme(labels: Sequence[str]) -> LabelScheme:
    """Build the scheme of these names (id order): a known one where they match, else a custom one."""
    names = tuple(labels)
    for scheme in SCHEMES.values():
        if scheme.labels == names:
            return scheme
    return LabelScheme("custom", names)

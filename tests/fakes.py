"""Small honest stand-ins that more than one test module uses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import SENTIMENTS, STARS
from sentiment.model.held_out import HeldOutScores
from sentiment.scoring.scorer import ScoredTexts


class FakeScorer:
    """A Scorer that counts the words good and bad: each one moves the odds by e from label to label.

    Attributes:
        calls: The texts of every call.
    """

    def __init__(self, labels: tuple[str, ...] = STARS.labels) -> None:
        self.labels = labels
        self.calls: list[list[str]] = []

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels)."""
        self.calls.append(list(texts))
        mood = np.array([text.count("good") - text.count("bad") for text in texts], dtype=np.float32)
        powers = np.exp(np.clip(mood, -9, 9)[:, None] * np.arange(len(self.labels), dtype=np.float32))
        return powers / powers.sum(axis=1, keepdims=True)


class FakeReceiptScorer(FakeScorer):
    """A FakeScorer that tells what it has read: a token a word, ten a window."""

    def score_with_receipt(self, texts: Sequence[str]) -> ScoredTexts:
        """Give class probabilities (texts, labels), tokens and windows."""
        tokens = np.array([len(text.split()) for text in texts], dtype=np.int64)
        return ScoredTexts(self.score(texts), tokens, np.maximum(1, -(-tokens // 10)))


def draw_held_out(
    rows: int = 1000,
    sources: Sequence[str] = ("tweets", "towels"),
    *,
    names: Sequence[str] = SENTIMENTS,
    errors: float = 1.0,
    unseen: bool = True,
    seed: int = 0,
) -> HeldOutScores:
    """Draw held-out scores whose confidence admits the errors that there are, or one in so many.

    Args:
        rows: Of each source.
        sources: Each a group of its own.
        names: What is predicted.
        errors: Errors for one that the confidence admits.
        unseen: See `HeldOutScores`.
        seed: Of the draw.
    """
    draws = np.random.default_rng(seed)
    source = np.repeat(np.arange(len(sources)), rows)
    confidence = 0.5 + 0.5 * draws.beta(4.0, 1.0, size=len(source))
    winner = draws.integers(len(names), size=len(source))
    others = (1 - confidence) / (len(names) - 1)
    probabilities = np.repeat(others[:, None], len(names), axis=1)
    probabilities[np.arange(len(source)), winner] = confidence
    is_wrong = draws.random(len(source)) < (1 - confidence) * errors
    return HeldOutScores(
        probabilities.astype(np.float32),
        (winner + is_wrong) % len(names),
        source,
        tuple(names),
        tuple(sources),
        unseen=unseen,
        group=source,
        origin="drawn for a test",
    )

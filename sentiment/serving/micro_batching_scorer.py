"""A Scorer that many callers share at once: it wraps another, and scores their texts together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentiment.scoring import Scorer
from sentiment.serving.micro_batching import Counters, Limits, MicroBatcher


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text, special ones included, without a tokenizer.

    One for four characters, as WordPiece cuts English (4.03 characters a token on data/sample_reviews.csv).
    """
    return 2 + len(text) // 4


class MicroBatchingScorer:
    """Score the texts of all who ask at once in batches of another scorer; see `MicroBatcher`.

    Example:
        >>> with contextlib.closing(MicroBatchingScorer(load_scorer("reviews-en"))) as scorer:
        ...     scorer.score(["Lovely fabric."])  # from any number of threads
        ...     await scorer.score_async(["Fell apart."])  # from any number of tasks

    Args:
        scorer: Does the scoring; only one thread at a time calls it.
        limits: When a batch is full, and when the queue is.

    Attributes:
        labels: Those of `scorer`.
    """

    def __init__(self, scorer: Scorer, limits: Limits | None = None) -> None:
        self.labels = scorer.labels
        self._batcher = MicroBatcher(scorer.score, estimate_tokens, limits)

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels), see `Scorer.score`; wait for room in the queue.

        Raises:
            QueueClosedError: The queue is closed.
        """
        return self._batcher(texts)

    async def score_async(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels) without blocking the event loop.

        Raises:
            QueueFullError: The queue is full.
            QueueClosedError: The queue is closed.
        """
        return await self._batcher.call_async(texts)

    def counters(self) -> Counters:
        """Give what was done so far and what waits now."""
        return self._batcher.counters()

    def close(self) -> None:
        """Take no more texts, answer those that wait, and end the thread."""
        self._batcher.close()

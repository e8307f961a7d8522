"""The Scorer protocol: strings in, class probabilities out, and a receipt from those that give one."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


class Scorer(Protocol):
    """Anything that gives texts a probability for each label; tests/conformance/test_scorers.py checks it."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One name a class, in the order of the columns of `score`; a plain attribute will do."""
        ...

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels), row i for text i.

        Each row is at least 0 and sums to 1. A text alone scores as it does among others, within the
        tolerance that the implementation states (1e-6 in fp32, 5e-3 in bf16). No text gives an array of
        shape (0, labels). Every string is scored: the empty one, control characters, lone surrogates.
        """
        ...


class ScoredTexts(NamedTuple):
    """Class probabilities of texts, and how much of each was read for them.

    Attributes:
        probabilities: (texts, labels), see `Scorer.score`.
        tokens: (texts,) tokens that were read, special tokens left out, each counted once.
        windows: (texts,) windows in which they were read, at least 1.
    """

    probabilities: NDArray[np.float32]
    tokens: NDArray[np.int64]
    windows: NDArray[np.int64]


@runtime_checkable
class ReceiptScorer(Scorer, Protocol):
    """A Scorer that can tell how much it has read."""

    def score_with_receipt(self, texts: Sequence[str]) -> ScoredTexts:
        """Give what `score` gives, and what was read for it, at no cost of its own."""
        ...

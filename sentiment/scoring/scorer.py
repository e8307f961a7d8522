"""The Scorer protocol: strings in, class probabilities out."""

from collections.abc import Sequence
from typing import Protocol

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

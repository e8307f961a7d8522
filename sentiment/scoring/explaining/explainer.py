"""The Explainer protocol: texts in, the weight of each of their words out, and the scale of those weights."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import LabelScheme

EXPLAINED_CHARACTERS: Final = 20_000
"""Characters of a text that are explained, some 3,500 words; what lies beyond has no words and no cost."""


class WordWeight(NamedTuple):
    """A word of a text, and how far it moved the label.

    Attributes:
        start: Its first character in the text.
        stop: One past its last character.
        word: As it stands there.
        weight: -1 to 1, see `class_values`.
    """

    start: int
    stop: int
    word: str
    weight: float


class Explainer(Protocol):
    """Anything that weighs the words of texts; tests/conformance/test_explainers.py checks it."""

    def explain(self, texts: Sequence[str]) -> list[list[WordWeight]]:
        """Weigh the words of each text, in the order of the texts and of their words.

        A text is weighed as it would be alone, whatever stands beside it. A text without words gives none.

        Args:
            texts: As a model reads them, see `prepare`.
        """
        ...


def class_values(scheme: LabelScheme, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the value of each class, whose mean under the probabilities is what words move.

    Where the labels are sentiments it is their star value, 1 star being 0 and 5 stars 1: a weight of -0.25 is
    a word that lowers the expected stars by one, and a positive weight is one towards positive. In a custom
    scheme it is 1 for the predicted label and 0 for the others: a weight is the probability that a word
    brings to the label, or takes from it.

    Args:
        scheme: What the classes stand for.
        probabilities: (labels,) of the text that is explained.

    Returns:
        (labels,), 0 to 1.
    """
    if scheme.has_sentiment:
        return np.array([(stars - 1) / 4 for stars in scheme.stars], dtype=np.float32)
    values = np.zeros(len(scheme.labels), dtype=np.float32)
    values[probabilities.argmax()] = 1
    return values

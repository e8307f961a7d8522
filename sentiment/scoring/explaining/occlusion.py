"""Occlusion: leave a word out, and see how far the label moves; works on any Scorer."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import build_scheme
from sentiment.scoring.explaining.explainer import EXPLAINED_CHARACTERS, WordWeight, class_values
from sentiment.scoring.explaining.words import Word, leave_out, split_words
from sentiment.scoring.scorer import Scorer

MOST_GROUPS: Final = 64
"""Up to so many words are left out one by one; of a longer text as many runs of words."""
MOST_VARIANTS: Final = 192
"""Times that a text is scored with something left out, at most, however long it is."""
_HALVED_AT_ONCE: Final = 8


class _Group(NamedTuple):
    """A run of words that is left out as one: the first, and one past the last."""

    first: int
    stop: int

    @property
    def words(self) -> int:
        return self.stop - self.first

    def halves(self) -> "list[_Group]":
        middle = (self.first + self.stop) // 2
        return [_Group(self.first, middle), _Group(middle, self.stop)]


class OcclusionExplainer:
    """Weigh words by what changes without them (Zeiler & Fergus 2014; for text, Li, Monroe & Jurafsky 2016).

    The weight of a word is what the label rests on (see `class_values`) with it, less what it rests on
    without. A text of up to 64 words is scored once with each left out. A longer one is cut into 64 runs of
    words; the eight that weigh most are halved, and halved again, down to single words, until the text was
    scored 192 times. Words of a run that was not taken apart share its weight.

    Args:
        scorer: What is explained. Weights move as its probabilities do from batch to batch: 1e-6 in fp32.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._scheme = build_scheme(scorer.labels)

    def explain(self, texts: Sequence[str]) -> list[list[WordWeight]]:
        """Weigh the words of each text, see `Explainer.explain`."""
        # One by one, so that a text is batched with itself alone and its weights depend on nothing else.
        return [self._explain(text[:EXPLAINED_CHARACTERS]) for text in texts]

    def _explain(self, text: str) -> list[WordWeight]:
        words = split_words(text)
        if not words:
            return []
        edges = np.linspace(0, len(words), min(len(words), MOST_GROUPS) + 1).astype(int).tolist()
        groups = [_Group(*edge) for edge in pairwise(edges)]
        scored = self._scorer.score([text, *_variants(text, words, groups)])
        values = class_values(self._scheme, scored[0])
        whole, *without = _mean_values(scored, values)
        weights = {group: whole - rest for group, rest in zip(groups, without, strict=True)}
        variants = len(groups)
        while halves := _halve_strongest(weights, MOST_VARIANTS - variants):
            without = _mean_values(self._scorer.score(_variants(text, words, halves)), values)
            weights |= {half: whole - rest for half, rest in zip(halves, without, strict=True)}
            variants += len(halves)
        return [
            WordWeight(*word, text[word.start : word.stop], float(np.clip(weight / group.words, -1, 1)))
            for group, weight in sorted(weights.items())
            for word in words[group.first : group.stop]
        ]


def _mean_values(probabilities: NDArray[np.float32], values: NDArray[np.float32]) -> list[float]:
    # Not `@`: for so few columns BLAS may warn of an invalid value among numbers that are none of ours.
    means: list[float] = (probabilities * values).sum(axis=1).tolist()
    return means


def _variants(text: str, words: Sequence[Word], groups: Sequence[_Group]) -> list[str]:
    return [leave_out(text, words[group.first].start, words[group.stop - 1].stop) for group in groups]


def _halve_strongest(weights: dict[_Group, float], variants: int) -> list[_Group]:
    """Take the heaviest groups out, and give the halves of those that have several words.

    Args:
        weights: Group to weight; what is halved is removed.
        variants: Most halves.
    """
    heaviest = sorted(weights, key=lambda group: (-abs(weights[group]), group))[:_HALVED_AT_ONCE]
    halved = [group for group in heaviest if group.words > 1][: variants // 2]
    for group in halved:
        del weights[group]
    return [half for group in halved for half in group.halves()]

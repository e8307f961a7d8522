"""Near-duplicate reviews, found with MinHash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rensa import RMinHash, RMinHashLSH

SHINGLE_WORDS = 3
SIMILARITY = 0.6
"""Share of common shingles (Jaccard) from which two reviews are twins."""
FEWEST_WORDS = 8
"""Shorter texts repeat by chance ("Great product, thank you"), so they have no twins."""
PERMUTATIONS = 128
BANDS = 32
"""128 permutations in 32 bands find 99.9 % of the pairs at a similarity of 0.7 and 98.8 % at 0.6."""
_CHUNK = 1024
"""Texts whose shingles are held at a time: they take thirty times the memory of the texts."""

_WORD = re.compile(r"\w+")


def normal_words(text: str) -> list[str]:
    """Give the words of a text, casefolded, without punctuation: what two copies of one review share."""
    return _WORD.findall(text.casefold())


class TwinIndex:
    """Finds near-twins among given texts.

    MinHash with banded locality-sensitive hashing finds the candidates; the signatures' estimate of the
    Jaccard similarity decides (Broder 1997; Leskovec et al., Mining of Massive Datasets, chapter 3).

    Args:
        among: The texts that others are held against.
    """

    def __init__(self, among: Sequence[str]) -> None:
        _, self._known = _signatures(among)
        self._index = _build_index(self._known)

    def find(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Say which texts have a near-twin in the index (texts,)."""
        positions, asked = _signatures(texts)
        twins = np.zeros(len(texts), dtype=bool)
        candidates = self._index.query_all(asked)
        for position, signature, found in zip(positions, asked, candidates, strict=True):
            twins[position] = any(signature.jaccard(self._known[key]) >= SIMILARITY for key in found)
        return twins


def near_duplicates(texts: Sequence[str], among: Sequence[str]) -> NDArray[np.bool_]:
    """Say which texts have a near-twin among others (texts,)."""
    return TwinIndex(among).find(texts)


def iter_twins(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Iterate over the pairs of near-twins among texts, lazily; the earlier position comes first.

    The same measure as `near_duplicates`. Give each text once: copies cost the square of their number.
    """
    positions, signatures = _signatures(texts)
    candidates = _build_index(signatures).query_all(signatures)
    for own, (signature, found) in enumerate(zip(signatures, candidates, strict=True)):
        for other in found:
            if own < other and signature.jaccard(signatures[other]) >= SIMILARITY:
                yield positions[own], positions[other]


def _signatures(texts: Sequence[str]) -> tuple[list[int], list[RMinHash]]:
    """Give the positions of the texts that are long enough to have twins, and their signatures."""
    from rensa import RMinHash

    positions: list[int] = []
    signatures: list[RMinHash] = []
    for start in range(0, len(texts), _CHUNK):
        found = {i: _shingles(text) for i, text in enumerate(texts[start : start + _CHUNK], start)}
        long_enough = [i for i, shingles in found.items() if shingles]
        positions += long_enough
        signatures += RMinHash.from_token_sets([found[i] for i in long_enough], PERMUTATIONS, 42)
    return positions, signatures


def _build_index(signatures: Sequence[RMinHash]) -> RMinHashLSH:
    from rensa import RMinHashLSH

    index = RMinHashLSH(SIMILARITY, PERMUTATIONS, BANDS)
    index.insert_many(signatures)
    return index


def _shingles(text: str) -> list[str]:
    words = normal_words(text)
    if len(words) < FEWEST_WORDS:
        return []
    return list(map(" ".join, zip(*(words[i:] for i in range(SHINGLE_WORDS)), strict=False)))

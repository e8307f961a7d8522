"""How many texts repeat an earlier one, counted in bounded memory."""

from collections import Counter
from hashlib import blake2b
from typing import Final

_MOST_KEPT: Final = 1 << 18


class DuplicateCounter:
    """Count texts that occurred before, word for word; of very many different ones a share is watched.

    Each text is known by 64 bits of its hash. Once more of them differ than are kept, only those whose hash
    ends in a zero bit are watched, then two, and so on: a fair sample of the different texts (Gibbons 2001,
    distinct sampling).

    Args:
        most_kept: How many different texts are kept at a time.
    """

    def __init__(self, most_kept: int = _MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._seen: Counter[int] = Counter()
        self._zero_bits = 0

    def add(self, text: str) -> None:
        """Take one text."""
        key = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
        if not self._is_watched(key):
            return
        self._seen[key] += 1
        while len(self._seen) > self._most_kept:
            self._zero_bits += 1
            self._seen = Counter({kept: n for kept, n in self._seen.items() if self._is_watched(kept)})

    @property
    def is_exact(self) -> bool:
        """Whether every text was watched, so that `repeats` is no estimate."""
        return self._zero_bits == 0

    @property
    def repeats(self) -> int:
        """Number of texts that occurred before."""
        return (self._seen.total() - len(self._seen)) << self._zero_bits

    def _is_watched(self, key: int) -> bool:
        return key & ((1 << self._zero_bits) - 1) == 0

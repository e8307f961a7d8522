"""The special tokens that a tokenizer puts around a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class SpecialTokens(NamedTuple):
    """Ids that stand before and behind every text (`[CLS]` and `[SEP]`, say)."""

    prefix: list[int]
    suffix: list[int]

    @property
    def total(self) -> int:
        """How many they are."""
        return len(self.prefix) + len(self.suffix)


def find_special_tokens(tokenizer: Tokenizer) -> SpecialTokens:
    """Learn from an encoded word what the tokenizer puts before and behind a text."""
    encoding = tokenizer.encode("a")
    bare = len(tokenizer.encode("a", add_special_tokens=False))
    before = encoding.special_tokens_mask.index(0)
    return SpecialTokens(encoding.ids[:before], encoding.ids[before + bare :])

"""Reviews to token ids: tokenised once through `datasets`, held as flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus.token_cache import TokensPart, hash_texts, keep_tokens

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TAIL_SHARE = 0.25
"""Share of a long review's tokens that come from its end: verdicts stand at both ends (Sun et al. 2019)."""

PART_REVIEWS = 50_000
"""Reviews that are tokenised before their tokens go to the cache: what memory holds at a time."""


class FlatIds(Protocol):
    """Token ids behind one another, in one array or in several files that read as one."""

    def __getitem__(self, tokens: slice, /) -> NDArray[np.int32]:
        """Give the ids from one offset to another."""


@dataclass(frozen=True)
class TokenisedReviews:
    """Tokenised examples, flat: example i holds `ids[offsets[i] : offsets[i + 1]]`.

    Attributes:
        ids: Token ids of all examples, special ones included (tokens,); maybe mapped from disk.
        offsets: Where each example starts (examples + 1,).
        allowed: The classes that each example's label allows (examples, labels), bool.
        cut: Tokens that were left out of long reviews, over all examples.
        cut_reviews: Reviews that were too long.
    """

    ids: FlatIds
    offsets: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    cut: int
    cut_reviews: int = 0

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each example (examples,)."""
        return np.diff(self.offsets)

    @cached_property
    def longest(self) -> int:
        """Tokens of the longest example."""
        return int(self.lengths.max())

    def example(self, index: int) -> NDArray[np.int32]:
        """Give the token ids of one example, a view."""
        return self.ids[self.offsets[index] : self.offsets[index + 1]]

    def select(self, examples: Sequence[int]) -> TokenisedReviews:
        """Give the examples at these positions, in memory; what was cut of them is not known any more."""
        rows = list(examples)
        lengths = self.lengths[rows]
        ids = [self.example(row) for row in rows]
        offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        return TokenisedReviews(np.concatenate(ids), offsets, self.allowed[rows], cut=0)


def tokenise(
    texts: Sequence[str],
    allowed: NDArray[np.bool_],
    tokenizer: Tokenizer,
    special: tuple[list[int], list[int]],
    max_length: int,
    cache: Path | None = None,
) -> TokenisedReviews:
    """Tokenise reviews through `datasets`; long ones keep their head and their tail.

    Args:
        texts: Composed and cleaned; at least one.
        allowed: The classes that each label allows (reviews, labels), bool.
        tokenizer: With truncation and padding off.
        special: Ids that go before and behind every review.
        max_length: Most tokens of an example, special ones counted.
        cache: Folder that keeps tokens between runs, found again by what they are made of and mapped into
            memory; None holds them in memory.

    Raises:
        OutputError: The cache cannot be written.
    """
    parts = iter_parts(texts, tokenizer, special, max_length)
    if cache is None:
        return _join(list(parts), allowed)
    made_of = (tokenizing_id(tokenizer, special, max_length), hash_texts(texts))
    tokens = keep_tokens(cache, made_of, parts)
    return TokenisedReviews(tokens.ids, tokens.offsets, allowed, tokens.cut, tokens.cut_reviews)


def tokenizing_id(tokenizer: Tokenizer, special: tuple[list[int], list[int]], max_length: int) -> str:
    """Spell out all that token ids depend on, the texts apart."""
    return repr((tokenizer.to_str(), special, max_length, TAIL_SHARE))


def iter_parts(
    texts: Sequence[str], tokenizer: Tokenizer, special: tuple[list[int], list[int]], max_length: int
) -> Iterator[TokensPart]:
    """Tokenise reviews part by part, lazily, on all cores (the tokenizer has threads of its own)."""
    import datasets

    prefix, suffix = special
    room = max_length - len(prefix) - len(suffix)

    def encode(batch: dict[str, list[str]]) -> dict[str, Any]:
        all_ids = [
            encoding.ids for encoding in tokenizer.encode_batch_fast(batch["text"], add_special_tokens=False)
        ]
        return {
            "input_ids": [prefix + _head_and_tail(ids, room) + suffix for ids in all_ids],
            "cut": [max(0, len(ids) - room) for ids in all_ids],
        }

    features = datasets.Features(
        {"input_ids": datasets.List(datasets.Value("int32")), "cut": datasets.Value("int32")}
    )
    datasets.disable_progress_bars()
    for start in range(0, len(texts), PART_REVIEWS):
        rows = datasets.Dataset.from_dict({"text": list(texts[start : start + PART_REVIEWS])})
        rows = rows.map(encode, batched=True, remove_columns="text", features=features, keep_in_memory=True)
        column = rows.data.column("input_ids").combine_chunks()
        yield TokensPart(
            ids=column.values.to_numpy(zero_copy_only=False),
            lengths=np.diff(column.offsets.to_numpy()),
            cut=rows.data.column("cut").to_numpy(),
        )


def _join(parts: Sequence[TokensPart], allowed: NDArray[np.bool_]) -> TokenisedReviews:
    lengths = np.concatenate([part.lengths for part in parts])
    cut = np.concatenate([part.cut for part in parts])
    return TokenisedReviews(
        ids=np.concatenate([part.ids for part in parts]),
        offsets=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
        allowed=allowed,
        cut=int(cut.sum()),
        cut_reviews=int(np.count_nonzero(cut)),
    )


def _head_and_tail(ids: list[int], room: int) -> list[int]:
    if len(ids) <= room:
        return ids
    tail = int(room * TAIL_SHARE)
    return ids[: room - tail] + ids[len(ids) - tail :]

"""Reviews to token ids: tokenised once through `datasets`, held as flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TAIL_SHARE = 0.25
"""Share of a long review's tokens that come from its end: verdicts stand at both ends (Sun et al. 2019)."""


@dataclass(frozen=True)
class TokenisedReviews:
    """Tokenised examples, flat: example i holds `ids[offsets[i] : offsets[i + 1]]`.

    Attributes:
        ids: Token ids of all examples, special ones included (tokens,).
        offsets: Where each example starts (examples + 1,).
        allowed: The classes that each example's label allows (examples, labels), bool.
        cut: Tokens that were left out of long reviews, over all examples.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    cut: int

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


def tokenise(
    texts: Sequence[str],
    allowed: NDArray[np.bool_],
    tokenizer: Tokenizer,
    special: tuple[list[int], list[int]],
    max_length: int,
) -> TokenisedReviews:
    """Tokenise reviews through `datasets`; long ones keep their head and their tail.

    Args:
        texts: Composed and cleaned; at least one.
        allowed: The classes that each label allows (reviews, labels), bool.
        tokenizer: With truncation and padding off.
        special: Ids that go before and behind every review.
        max_length: Most tokens of an example, special ones counted.
    """
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

    rows = datasets.Dataset.from_dict({"text": list(texts)})
    features = datasets.Features(
        {"input_ids": datasets.List(datasets.Value("int32")), "cut": datasets.Value("int32")}
    )
    datasets.disable_progress_bars()
    rows = rows.map(encode, batched=True, remove_columns="text", features=features, keep_in_memory=True)
    column = rows.data.column("input_ids").combine_chunks()
    return TokenisedReviews(
        ids=column.values.to_numpy(zero_copy_only=False),
        offsets=column.offsets.to_numpy().astype(np.int64),
        allowed=allowed,
        cut=int(np.sum(rows.data.column("cut").to_numpy())),
    )


def _head_and_tail(ids: list[int], room: int) -> list[int]:
    if len(ids) <= room:
        return ids
    tail = int(room * TAIL_SHARE)
    return ids[: room - tail] + ids[len(ids) - tail :]

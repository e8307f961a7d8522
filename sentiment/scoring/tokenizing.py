"""Texts to token ids, in bounded memory whatever the length of a text."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

PIECE_CHARACTERS: Final = 10_000
"""Longer texts are tokenised piece by piece: an encoding takes some 500 bytes a token while it lives."""

GROUP_CHARACTERS: Final = 500_000
"""Characters that are handed to the tokenizer's threads at once."""


def tokenize(tokenizer: Tokenizer, texts: Sequence[str]) -> list[NDArray[np.int32]]:
    """Give the token ids of each text, without special tokens and without truncation."""
    pieces_of_text: list[list[NDArray[np.int32]]] = [[] for _ in texts]
    for group in _iter_groups(texts):
        encodings = tokenizer.encode_batch_fast([piece for _, piece in group], add_special_tokens=False)
        for (index, _), encoding in zip(group, encodings, strict=True):
            pieces_of_text[index].append(np.array(encoding.ids, dtype=np.int32))
    return [pieces[0] if len(pieces) == 1 else np.concatenate(pieces) for pieces in pieces_of_text]


def _iter_groups(texts: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
    group: list[tuple[int, str]] = []
    characters = 0
    for index, text in enumerate(texts):
        for piece in split_text(_replace_lone_surrogates(text)):
            group.append((index, piece))
            characters += len(piece)
            if characters >= GROUP_CHARACTERS:
                yield group
                group, characters = [], 0
    if group:
        yield group


def split_text(text: str, size: int = PIECE_CHARACTERS) -> Iterator[str]:
    """Split a text into pieces of at most `size` characters that join to it, before a blank if possible."""
    start = 0
    while len(text) - start > size:
        blank = text.rfind(" ", start + 1, start + size + 1)
        stop = blank if blank > 0 else start + size
        yield text[start:stop]
        start = stop
    yield text[start:]


def _replace_lone_surrogates(text: str) -> str:
    # The tokenizer takes UTF-8 only. A surrogate pair becomes its character, a lone one U+FFFD.
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text

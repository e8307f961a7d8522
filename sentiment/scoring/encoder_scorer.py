"""A Scorer over a tokenizer and networks: windows, batches, softmax."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sentiment.measuring import softmax
from sentiment.model import Manifest
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.model.tokens import find_special_tokens
from sentiment.scoring.backends.forward import Crew, Forward, Sequences
from sentiment.scoring.scorer import ScoredTexts
from sentiment.scoring.tokenizing import tokenize
from sentiment.scoring.windows import merge_windows, plan_windows

SMALLEST_SHARE: Final = 256
"""Tokens for which it pays to have another network work too, where one batch would hold all there is."""


class EncoderScorer:
    """Score texts of any length with an encoder and its head.

    Every text is read whole, a long one by windows; identical texts in one call are scored once. Several
    threads may call: what one of them tokenises overlaps with what the networks compute for another.

    Args:
        tokenizer: Truncation and padding off.
        forwards: Networks of one kind, which share the batches.
        manifest: Labels and window length of the model.
        batch_tokens: Tokens (padding counted) in one batch. It does not show in the results beyond the
            rounding of the number format: 1e-6 in fp32, 5e-3 in bf16 (reviews-en on data/sample_reviews.csv,
            alone against in a batch: 3e-7 and 4e-3).
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        forwards: Sequence[Forward],
        manifest: Manifest,
        batch_tokens: int = 8192,
    ) -> None:
        self.labels = manifest.scheme.labels
        self._tokenizer = tokenizer
        self._crew = Crew(forwards)
        self._max_length = manifest.max_length
        self._batch_tokens = batch_tokens

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels), see `Scorer.score`."""
        return self.score_with_receipt(texts).probabilities

    def score_with_receipt(self, texts: Sequence[str]) -> ScoredTexts:
        """Give class probabilities, and the tokens and windows that were read for them."""
        positions = {text: position for position, text in enumerate(dict.fromkeys(texts))}
        cut = cut_windows(self._tokenizer, list(positions), self._max_length)
        merged = merge_windows(softmax(self._logits(cut.sequences)), cut.new_tokens, cut.window_counts)
        rows = [positions[text] for text in texts]
        return ScoredTexts(merged[rows], cut.token_counts[rows], cut.window_counts[rows])

    def _logits(self, sequences: Sequences) -> NDArray[np.float32]:
        """Run the networks over token ids, special tokens included; gives (sequences, labels)."""
        lengths = padded_lengths(np.array([len(ids) for ids in sequences], dtype=np.int64), self._max_length)
        batches = plan_batches(lengths, self._budget(int(lengths.sum())))
        logits = np.empty((len(sequences), len(self.labels)), dtype=np.float32)
        found = self._crew.run([[sequences[i] for i in batch] for batch in batches])
        for batch, rows in zip(batches, found, strict=True):
            logits[batch] = rows
        return logits

    def _budget(self, tokens: int) -> int:
        """Give the tokens of a batch: less than usual where that lets more networks work."""
        if self._crew.size == 1:
            return self._batch_tokens
        return min(self._batch_tokens, max(-(-tokens // self._crew.size), SMALLEST_SHARE))


class CutTexts(NamedTuple):
    """Texts as windows that a network reads.

    Attributes:
        sequences: Token ids of each window, special tokens included, the windows of a text in a row.
        new_tokens: (windows,) tokens that no earlier window of the text holds.
        token_counts: (texts,) tokens of each text, special tokens left out.
        window_counts: (texts,) windows of each text.
    """

    sequences: list[NDArray[np.int32]]
    new_tokens: NDArray[np.int64]
    token_counts: NDArray[np.int64]
    window_counts: NDArray[np.int64]


def cut_windows(tokenizer: Tokenizer, texts: Sequence[str], max_length: int) -> CutTexts:
    """Tokenise texts and cut them into windows of at most `max_length` tokens."""
    prefix, suffix = (np.array(ids, dtype=np.int32) for ids in find_special_tokens(tokenizer))
    capacity = max_length - len(prefix) - len(suffix)
    sequences, new_tokens, token_counts, window_counts = [], [], [], []
    for ids in tokenize(tokenizer, texts):
        windows = plan_windows(len(ids), capacity)
        token_counts.append(len(ids))
        window_counts.append(len(windows))
        for start, stop, new in windows:
            sequences.append(np.concatenate((prefix, ids[start:stop], suffix)))
            new_tokens.append(new)
    counts = (np.array(each, dtype=np.int64) for each in (new_tokens, token_counts, window_counts))
    return CutTexts(sequences, *counts)

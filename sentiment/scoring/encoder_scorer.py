"""A Scorer over a tokenizer and a network: windows, batches, softmax."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sentiment.measuring import softmax
from sentiment.model import Manifest
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.model.tokens import find_special_tokens
from sentiment.scoring.tokenizing import tokenize
from sentiment.scoring.windows import merge_windows, plan_windows


class Forward(Protocol):
    """The network alone: all that another backend has to bring."""

    def __call__(
        self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Give logits (rows, labels) of token ids (rows, length); the mask (rows, length) is 0 on padding."""
        ...


class EncoderScorer:
    """Score texts of any length with an encoder and its head.

    Every text is read whole, a long one by windows; identical texts in one call are scored once.

    Args:
        tokenizer: Truncation and padding off.
        forward: The network.
        manifest: Labels, window length and padding id of the model.
        batch_tokens: Tokens (padding counted) in one batch. It does not show in the results beyond the
            rounding of the number format: 1e-6 in fp32, 5e-3 in bf16 (reviews-en on data/sample_reviews.csv,
            alone against in a batch: 3e-7 and 4e-3).
    """

    def __init__(
        self, tokenizer: Tokenizer, forward: Forward, manifest: Manifest, batch_tokens: int = 8192
    ) -> None:
        self.labels = manifest.scheme.labels
        self._tokenizer = tokenizer
        self._forward = forward
        self._max_length = manifest.max_length
        self._pad_id = manifest.pad_id
        self._batch_tokens = batch_tokens
        self._special = [np.array(ids, dtype=np.int32) for ids in find_special_tokens(tokenizer)]

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give class probabilities (texts, labels), see `Scorer.score`."""
        positions = {text: position for position, text in enumerate(dict.fromkeys(texts))}
        prefix, suffix = self._special
        capacity = self._max_length - len(prefix) - len(suffix)
        sequences, new_tokens, window_counts = [], [], []
        for ids in tokenize(self._tokenizer, list(positions)):
            windows = plan_windows(len(ids), capacity)
            window_counts.append(len(windows))
            for start, stop, new in windows:
                sequences.append(np.concatenate((prefix, ids[start:stop], suffix)))
                new_tokens.append(new)
        merged = merge_windows(
            softmax(self._logits(sequences)),
            np.array(new_tokens, dtype=np.int64),
            np.array(window_counts, dtype=np.int64),
        )
        return merged[[positions[text] for text in texts]]

    def _logits(self, sequences: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """Run the network over sequences of token ids, special tokens included; gives (sequences, labels)."""
        lengths = padded_lengths(np.array([len(ids) for ids in sequences], dtype=np.int64), self._max_length)
        logits = np.empty((len(sequences), len(self.labels)), dtype=np.float32)
        for batch in plan_batches(lengths, self._batch_tokens):
            input_ids, attention_mask = self._pad([sequences[i] for i in batch], int(lengths[batch].max()))
            logits[batch] = self._forward(input_ids, attention_mask)
        return logits

    def _pad(
        self, sequences: Sequence[NDArray[np.int32]], length: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        input_ids = np.full((len(sequences), length), self._pad_id, dtype=np.int64)
        attention_mask = np.zeros_like(input_ids)
        for row, ids in enumerate(sequences):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        return input_ids, attention_mask

"""Integrated gradients: share what the network says among the tokens of a text; needs captum and torch."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from captum.attr import IntegratedGradients

from sentiment.model.tokens import find_special_tokens
from sentiment.scoring.explaining.explainer import EXPLAINED_CHARACTERS, WordWeight, class_values
from sentiment.scoring.explaining.words import split_words
from sentiment.scoring.tokenizing import split_text
from sentiment.scoring.windows import merge_windows, plan_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel

    from sentiment.model import Manifest

STEPS: Final = 32
MOST_STEPS: Final = 256
TOLERANCE: Final = 0.01
"""Steps are doubled until what the tokens share is what the label rests on, to so much of the scale."""
_BATCH_TOKENS: Final = 2048
"""Tokens whose gradients are held in memory at a time."""
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class IntegratedGradientsExplainer:
    """Weigh words by the gradients on the way from a text of padding to the text (Sundararajan et al. 2017).

    The weights of a text's words add up to what its label rests on (see `class_values`), less what the label
    of as much padding rests on: completeness. Each word has the tokens that end in it or behind it,
    punctuation included. A long text is read in windows as in scoring, each with the same say.

    Args:
        classifier: In evaluation mode, in fp32.
        tokenizer: Truncation and padding off.
        manifest: Labels, window length and padding of the model.
    """

    def __init__(self, classifier: PreTrainedModel, tokenizer: Tokenizer, manifest: Manifest) -> None:
        self._classifier = classifier
        self._tokenizer = tokenizer
        self._scheme = manifest.scheme
        self._special = find_special_tokens(tokenizer)
        self._capacity = manifest.max_length - self._special.total
        self._embed = classifier.get_input_embeddings()
        self._padding = torch.tensor(manifest.pad_id, device=classifier.device)

    def explain(self, texts: Sequence[str]) -> list[list[WordWeight]]:
        """Weigh the words of each text, see `Explainer.explain`."""
        return [self._explain(text[:EXPLAINED_CHARACTERS]) for text in texts]

    def _explain(self, text: str) -> list[WordWeight]:
        words = split_words(text)
        if not words:
            return []
        ids, ends = self._tokenize(text)
        starts = [word.start for word in words]
        weights = [0.0] * len(words)
        for end, weight in zip(ends, self._weigh_tokens(ids).tolist(), strict=True):
            weights[max(0, bisect_right(starts, end - 1) - 1)] += weight
        return [
            WordWeight(*word, text[word.start : word.stop], float(np.clip(weight, -1, 1)))
            for word, weight in zip(words, weights, strict=True)
        ]

    def _tokenize(self, text: str) -> tuple[list[int], list[int]]:
        """Give token ids, and where in the text each token ends."""
        ids: list[int] = []
        ends: list[int] = []
        begun = 0
        for piece in split_text(_SURROGATES.sub("\ufffd", text)):
            encoding = self._tokenizer.encode(piece, add_special_tokens=False)
            ids += encoding.ids
            ends += [begun + stop for _, stop in encoding.offsets]
            begun += len(piece)
        return ids, ends

    def _weigh_tokens(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Share the label of token ids among them."""
        windows = plan_windows(len(ids), self._capacity)
        read = [self._read(ids[window.start : window.stop]) for window in windows]
        new_tokens = np.array([window.new_tokens for window in windows])
        found = np.concatenate([self._probabilities(embedded).numpy(force=True) for embedded in read])
        merged = merge_windows(found, new_tokens, np.array([len(windows)]))
        values = torch.from_numpy(class_values(self._scheme, merged[0])).to(self._classifier.device)
        weights: NDArray[np.float64] = np.zeros(len(ids))
        for window, embedded, vote in zip(windows, read, new_tokens / new_tokens.sum(), strict=True):
            weights[window.start : window.stop] += vote * self._attribute(embedded, values)
        return weights

    def _read(self, ids: Sequence[int]) -> torch.Tensor:
        """Look a window up; gives (1, tokens, dimensions), special tokens included."""
        whole = [*self._special.prefix, *ids, *self._special.suffix]
        embedded: torch.Tensor = self._embed(torch.tensor([whole], device=self._classifier.device))
        return embedded.detach()

    def _probabilities(self, embedded: torch.Tensor) -> torch.Tensor:
        mask = torch.ones(embedded.shape[:2], dtype=torch.long, device=embedded.device)
        logits: torch.Tensor = self._classifier(inputs_embeds=embedded, attention_mask=mask).logits
        return logits.softmax(dim=-1)

    def _attribute(self, embedded: torch.Tensor, values: torch.Tensor) -> NDArray[np.float64]:
        """Share the label of a window among its tokens, special tokens left out."""
        first, last = len(self._special.prefix), embedded.shape[1] - len(self._special.suffix)
        baseline = embedded.clone()
        baseline[:, first:last] = self._embed(self._padding)
        method = IntegratedGradients(lambda batch: self._probabilities(batch) @ values)
        attribute: Callable[..., tuple[torch.Tensor, torch.Tensor]] = method.attribute
        steps = STEPS
        while True:
            shares, missing = attribute(
                embedded,
                baseline,
                n_steps=steps,
                internal_batch_size=max(1, _BATCH_TOKENS // embedded.shape[1]),
                return_convergence_delta=True,
            )
            if abs(missing.item()) <= TOLERANCE or steps >= MOST_STEPS:
                return shares[0, first:last].sum(dim=-1).double().numpy(force=True)
            steps *= 2

"""BERT for sequence classification over packed tokens: no padding at all, for inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention.varlen import varlen_attn

_LARGEST_HEAD: Final = 256
_HEAD_STEP: Final = 8
"""What the flash attention kernel takes: heads of a multiple of 8 dimensions, 256 at most."""


class Packing(NamedTuple):
    """Where the sequences of a batch lie in their concatenated tokens.

    Attributes:
        starts: (sequences + 1,) int32, the first token of each sequence, and the number of all tokens.
        longest: Tokens of the longest sequence; a number on the host, so that no kernel waits for it.
    """

    starts: Tensor
    longest: int


Attention = Callable[[Tensor, Tensor, Tensor, Packing, Packing], Tensor]
"""Query, key and value (tokens, heads, width), packing of queries and of keys; gives the query's shape."""


class PackedBert:
    """Give the logits of packed sequences.

    The same function of the same weights as transformers' BertForSequenceClassification, computed without
    what it does not need: no padding, one matrix for query, key and value, and in the last layer only the
    first token of each sequence, the one that the head reads.

    Args:
        weights: State dict of a BertForSequenceClassification.
        config: Its config.json, one that `can_pack` says yes to.
        device: Where it shall run.
        dtype: The number format that it shall compute in.
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        config: Mapping[str, Any],
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        parts = _Parts(
            {name: tensor.to(device, dtype) for name, tensor in weights.items()},
            heads=config["num_attention_heads"],
            norm_epsilon=config["layer_norm_eps"],
            attend=_attend_in_one if device.type == "cuda" else attend_one_by_one,
        )
        # Every token is of the first of BERT's two segments: one sum for all, taken before it is rounded.
        segment = weights["bert.embeddings.token_type_embeddings.weight"][0]
        positions = weights["bert.embeddings.position_embeddings.weight"] + segment
        self._words = parts.weights["bert.embeddings.word_embeddings.weight"]
        self._positions = positions.to(device, dtype)
        self._norm = parts.norm("bert.embeddings.LayerNorm")
        *self._layers, self._last_layer = [
            _Layer(parts, f"bert.encoder.layer.{i}") for i in range(config["num_hidden_layers"])
        ]
        self._pool = parts.dense("bert.pooler.dense")
        self._classify = parts.dense("classifier")

    def __call__(self, tokens: Tensor, packing: Packing) -> Tensor:
        """Give logits (sequences, labels) of concatenated token ids (tokens,), special tokens included."""
        first_places = packing.starts[:-1].repeat_interleave(packing.starts.diff(), output_size=len(tokens))
        places = torch.arange(len(tokens), dtype=torch.int32, device=tokens.device) - first_places
        words = functional.embedding(tokens, self._words)
        hidden = self._norm(words.add_(functional.embedding(places, self._positions)))
        for layer in self._layers:
            hidden = layer.transform(hidden, packing)
        first = self._last_layer.transform_first_tokens(hidden, packing)
        return self._classify(self._pool(first).tanh())


def can_pack(config: Mapping[str, Any]) -> bool:
    """Say whether `PackedBert` computes what a model's config.json describes."""
    if config["model_type"] != "bert" or config.get("architectures") != ["BertForSequenceClassification"]:
        return False
    head = config["hidden_size"] // config["num_attention_heads"]
    return (
        config.get("hidden_act", "gelu") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder", False)
        and config["num_hidden_layers"] > 0
        and head % _HEAD_STEP == 0
        and head <= _LARGEST_HEAD
    )


def runs_packed(device: torch.device, dtype: torch.dtype) -> bool:
    """Say whether a device has the kernel for packed attention in a number format: NVIDIA's since Ampere."""
    return (
        device.type == "cuda"
        and torch.version.cuda is not None
        and torch.cuda.get_device_capability(device) >= (8, 0)
        and dtype in (torch.bfloat16, torch.float16)
    )


def attend_one_by_one(query: Tensor, key: Tensor, value: Tensor, queries: Packing, keys: Packing) -> Tensor:
    """Attend within each sequence, one after the other: the reference, for devices without the kernel."""
    asked, there = queries.starts.diff().tolist(), keys.starts.diff().tolist()
    sequences = zip(
        torch.split(query.transpose(0, 1), asked, dim=1),
        torch.split(key.transpose(0, 1), there, dim=1),
        torch.split(value.transpose(0, 1), there, dim=1),
        strict=True,
    )
    attended = [functional.scaled_dot_product_attention(*parts) for parts in sequences]
    return torch.cat(attended, dim=1).transpose(0, 1)


def _attend_in_one(query: Tensor, key: Tensor, value: Tensor, queries: Packing, keys: Packing) -> Tensor:
    starts, longest = (queries.starts, keys.starts), (queries.longest, keys.longest)
    return cast(Tensor, varlen_attn(query, key, value, *starts, *longest))


class _Dense(NamedTuple):
    weight: Tensor
    bias: Tensor

    def __call__(self, hidden: Tensor) -> Tensor:
        return functional.linear(hidden, self.weight, self.bias)


class _Norm(NamedTuple):
    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, hidden: Tensor) -> Tensor:
        return functional.layer_norm(hidden, self.weight.shape, self.weight, self.bias, self.epsilon)


class _Parts(NamedTuple):
    """The weights by name, and what all layers share."""

    weights: Mapping[str, Tensor]
    heads: int
    norm_epsilon: float
    attend: Attention

    def dense(self, *names: str) -> _Dense:
        """Give a linear map; of several names one whose outputs lie side by side."""
        weight = torch.cat([self.weights[f"{name}.weight"] for name in names])
        return _Dense(weight, torch.cat([self.weights[f"{name}.bias"] for name in names]))

    def norm(self, name: str) -> _Norm:
        return _Norm(self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], self.norm_epsilon)


class _Layer:
    def __init__(self, parts: _Parts, name: str) -> None:
        attention = f"{name}.attention.self"
        self._query_key_value = parts.dense(*(f"{attention}.{part}" for part in ("query", "key", "value")))
        self._after_attention = parts.dense(f"{name}.attention.output.dense")
        self._attention_norm = parts.norm(f"{name}.attention.output.LayerNorm")
        self._widen = parts.dense(f"{name}.intermediate.dense")
        self._narrow = parts.dense(f"{name}.output.dense")
        self._output_norm = parts.norm(f"{name}.output.LayerNorm")
        self._heads = parts.heads
        self._attend = parts.attend

    def transform(self, hidden: Tensor, packing: Packing) -> Tensor:
        """Give the next hidden states (tokens, width)."""
        parts = self._query_key_value(hidden).view(len(hidden), 3, self._heads, -1)
        query, key, value = parts.unbind(1)
        return self._finish(self._attend(query, key, value, packing, packing), hidden)

    def transform_first_tokens(self, hidden: Tensor, packing: Packing) -> Tensor:
        """Give the next hidden states of the first token of each sequence (sequences, width)."""
        first = hidden.index_select(0, packing.starts[:-1])
        width = hidden.shape[1]
        weight, bias = self._query_key_value
        query = functional.linear(first, weight[:width], bias[:width]).view(len(first), self._heads, -1)
        parts = functional.linear(hidden, weight[width:], bias[width:]).view(len(hidden), 2, self._heads, -1)
        key, value = parts.unbind(1)
        alone = Packing(torch.arange(len(first) + 1, dtype=torch.int32, device=hidden.device), 1)
        return self._finish(self._attend(query, key, value, alone, packing), first)

    def _finish(self, attended: Tensor, hidden: Tensor) -> Tensor:
        """Do what a layer does behind its attention, token by token."""
        hidden = self._attention_norm(self._after_attention(attended.flatten(1)).add_(hidden))
        wide = functional.gelu(self._widen(hidden))
        return self._output_norm(self._narrow(wide).add_(hidden))

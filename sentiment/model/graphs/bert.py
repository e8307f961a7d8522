"""The forward pass of a BERT classifier, told once for every engine that runs graphs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from sentiment.model.graphs.operations import Array, Operations

Node = TypeVar("Node")

_WANTED = {
    "model_type": "bert",
    "architectures": ["BertForSequenceClassification"],
    "hidden_act": "gelu",
    "is_decoder": False,
    "add_cross_attention": False,
}
_POSITIONS = ("absolute", None)
_BUFFERS = ("bert.embeddings.position_ids",)


def can_build_graph(config: Mapping[str, Any]) -> bool:
    """Say whether `build_bert` tells the classifier that a config.json describes."""
    is_plain = all(config.get(key, wanted) == wanted for key, wanted in _WANTED.items())
    return is_plain and "model_type" in config and config.get("position_embedding_type", None) in _POSITIONS


@dataclass
class _Weights:
    """Weights by name, that knows which were taken."""

    arrays: Mapping[str, Array]

    def __post_init__(self) -> None:
        self.left = set(self.arrays) - set(_BUFFERS)

    def __call__(self, name: str) -> Array:
        self.left.discard(name)
        return self.arrays[name]

    def layer(self, name: str) -> tuple[Array, Array]:
        """Give the weight and the bias of a layer."""
        return self(f"{name}.weight"), self(f"{name}.bias")


def build_bert(
    ops: Operations[Node], weights: Mapping[str, Array], config: Mapping[str, Any], ids: Node, mask: Node
) -> Node:
    """Tell the forward pass, from token ids to logits (rows, labels); dropout is left out.

    The last layer is computed for the first token alone, which is all that the head reads: a sixth less work
    in six layers, and the same logits bit for bit in fp32. Scores are scaled by way of the query's weights.

    Args:
        ops: The graph under construction.
        weights: Hugging Face's names to float32 arrays.
        config: config.json of a model that `can_build_graph` accepts.
        ids: Token ids (rows, length).
        mask: 1 on tokens, 0 on padding (rows, length).

    Raises:
        LookupError: A weight is missing or left over.
    """
    take, width, heads = _Weights(weights), config["hidden_size"], config["num_attention_heads"]
    layers, epsilon = config["num_hidden_layers"], config["layer_norm_eps"]
    scale = np.float32((width // heads) ** -0.5)

    def normalise(x: Node, name: str) -> Node:
        return ops.layer_norm(x, *take.layer(f"{name}.LayerNorm"), epsilon)

    def dense(x: Node, name: str) -> Node:
        [out] = ops.linear(x, [take.layer(f"{name}.dense")])
        return out

    # One segment only: its embedding is the same for every token and goes along with the positions.
    positions = take("bert.embeddings.position_embeddings.weight")
    segments = take("bert.embeddings.token_type_embeddings.weight")
    x = ops.add(
        ops.embed(take("bert.embeddings.word_embeddings.weight"), ids),
        ops.first_rows(positions + segments[0], ids),
    )
    x, bias = normalise(x, "bert.embeddings"), ops.mask_bias(mask)
    for i in range(layers):
        at = f"bert.encoder.layer.{i}"
        query_weight, query_bias = take.layer(f"{at}.attention.self.query")
        query_layer = query_weight * scale, query_bias * scale
        key_layer, value_layer = (take.layer(f"{at}.attention.self.{name}") for name in ("key", "value"))
        if i < layers - 1:
            read = x
            query, key, value = ops.linear(x, [query_layer, key_layer, value_layer])
        else:
            read = ops.first_token(x)
            [query], [key, value] = ops.linear(read, [query_layer]), ops.linear(x, [key_layer, value_layer])
        query, key, value = (ops.split_heads(part, heads) for part in (query, key, value))
        attended = ops.attend(query, key, value, bias)
        x = ops.add(dense(ops.join_heads(attended, width), f"{at}.attention.output"), read)
        x = normalise(x, f"{at}.attention.output")
        widened = ops.gelu(dense(x, f"{at}.intermediate"))
        x = normalise(ops.add(dense(widened, f"{at}.output"), x), f"{at}.output")
    pooled = ops.tanh(ops.project(ops.drop_length(x), *take.layer("bert.pooler.dense")))
    logits = ops.project(pooled, *take.layer("classifier"))
    if take.left:
        raise LookupError(f"{len(take.left)} weights are left over: {', '.join(sorted(take.left)[:3])}")
    return logits

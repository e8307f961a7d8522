"""The operations that a classifier is made of: what an engine's dialect has to bring."""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Node = TypeVar("Node")
Array = NDArray[np.float32]

PADDING_BIAS: Final = np.float32(-30_000)
"""What is added to scores of padding: exp() of it is 0 in every number format, and it fits into fp16."""


class Operations(Protocol[Node]):
    """A graph under construction in the dialect of one engine; values of its nodes are float32.

    Shapes: `input_ids` and `attention_mask` are int64 (rows, length), both free; the mask is 0 on padding.
    """

    def embed(self, table: Array, ids: Node) -> Node:
        """Look rows of a table (entries, width) up by ids (rows, length)."""
        ...

    def first_rows(self, table: Array, ids: Node) -> Node:
        """Give the first rows of a table (entries, width), as many as `ids` (rows, length) are long."""
        ...

    def mask_bias(self, mask: Node) -> Node:
        """Turn a mask (rows, length) into what is added to scores: 0 on tokens, very negative on padding."""
        ...

    def linear(self, x: Node, layers: Sequence[tuple[Array, Array]]) -> list[Node]:
        """Apply linear layers, each a weight (out, in) and a bias (out,), to the same input."""
        ...

    def project(self, x: Node, weight: Array, bias: Array) -> Node:
        """Apply one linear layer to rows (rows, in), always in full precision."""
        ...

    def layer_norm(self, x: Node, weight: Array, bias: Array, epsilon: float) -> Node:
        """Normalise over the last axis."""
        ...

    def split_heads(self, x: Node, heads: int) -> Node:
        """Turn (rows, length, width) into (rows, heads, length, width / heads)."""
        ...

    def join_heads(self, x: Node, width: int) -> Node:
        """Undo `split_heads`."""
        ...

    def attend(self, query: Node, key: Node, value: Node, bias: Node) -> Node:
        """Give softmax(query key^T + bias) value, head by head."""
        ...

    def first_token(self, x: Node) -> Node:
        """Give the first token of each row and keep the axis: (rows, 1, width)."""
        ...

    def drop_length(self, x: Node) -> Node:
        """Drop a length axis of 1: (rows, width)."""
        ...

    def add(self, left: Node, right: Node) -> Node:
        """Add, broadcasting leading axes."""
        ...

    def gelu(self, x: Node) -> Node:
        """Apply the exact GELU (Hendrycks & Gimpel 2016)."""
        ...

    def tanh(self, x: Node) -> Node:
        """Apply tanh."""
        ...

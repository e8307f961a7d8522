"""Classifiers in the dialect of OpenVINO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.model.graphs.bert import build_bert
from sentiment.model.graphs.operations import PADDING_BIAS
from sentiment.model.graphs.quantising import quantise_rows
from sentiment.model.graphs.quiet_openvino import import_openvino

if TYPE_CHECKING:
    from sentiment.model.graphs.operations import Array


def build_openvino_model(
    weights: Mapping[str, Array], config: Mapping[str, Any], *, int8: bool = False
) -> Any:
    """Build a classifier: inputs `input_ids` and `attention_mask`, int64 (rows, length); output `logits`.

    Args:
        weights: Hugging Face's names to float32 arrays.
        config: config.json of a model that `can_build_graph` accepts.
        int8: Store the encoder's linear layers in eight bits. OpenVINO then multiplies in eight bits where it
            is compiled with a dynamic quantisation group: activations are rounded token by token, so that a
            text does not depend on its batch.

    Raises:
        LookupError: A weight is missing or left over.
    """
    ops = OpenVinoOperations(int8=int8)
    ids, mask = ops.input("input_ids"), ops.input("attention_mask")
    logits = build_bert(ops, weights, config, ids, mask)
    logits.output(0).set_names({"logits"})
    return import_openvino().Model([logits], [ids, mask], "classifier")


class OpenVinoOperations:
    """`Operations` for OpenVINO."""

    def __init__(self, *, int8: bool = False) -> None:
        self._openvino = import_openvino()
        self._ops = self._openvino.opset15
        self._int8 = int8

    def input(self, name: str) -> Any:
        """Add an input, int64 (rows, length)."""
        node = self._ops.parameter(self._openvino.PartialShape([-1, -1]), np.int64, name=name)
        node.output(0).set_names({name})
        return node

    def embed(self, table: Array, ids: Any) -> Any:
        """See `Operations.embed`."""
        return self._ops.gather(self._constant(table), ids, self._integer(0))

    def first_rows(self, table: Array, ids: Any) -> Any:
        """See `Operations.first_rows`."""
        length = self._ops.gather(self._ops.shape_of(ids), self._integers(1), self._integer(0))
        zero, one = self._integers(0), self._integers(1)
        return self._ops.slice(self._constant(table), zero, length, one, zero)

    def mask_bias(self, mask: Any) -> Any:
        """See `Operations.mask_bias`."""
        padding = self._ops.subtract(self._constant(np.float32(1)), self._ops.convert(mask, "f32"))
        bias = self._ops.multiply(padding, self._constant(PADDING_BIAS))
        return self._ops.unsqueeze(bias, self._integers(1, 2))

    def linear(self, x: Any, layers: Sequence[tuple[Array, Array]]) -> list[Any]:
        """See `Operations.linear`."""
        return [self._dense(x, self._weight(weight), bias[None, None]) for weight, bias in layers]

    def project(self, x: Any, weight: Array, bias: Array) -> Any:
        """See `Operations.project`."""
        return self._dense(x, self._constant(weight), bias[None])

    def _dense(self, x: Any, weight: Any, bias: Array) -> Any:
        product = self._ops.matmul(x, weight, transpose_a=False, transpose_b=True)
        return self._ops.add(product, self._constant(bias))

    def _weight(self, weight: Array) -> Any:
        if not self._int8:
            return self._constant(weight)
        values, scales = quantise_rows(weight)
        return self._ops.multiply(
            self._ops.convert(self._constant(values), "f32"), self._constant(scales[:, None])
        )

    def layer_norm(self, x: Any, weight: Array, bias: Array, epsilon: float) -> Any:
        """See `Operations.layer_norm`."""
        normal = self._ops.mvn(x, self._integers(-1), True, epsilon, "inside_sqrt")
        scaled = self._ops.multiply(normal, self._constant(weight[None, None]))
        return self._ops.add(scaled, self._constant(bias[None, None]))

    def split_heads(self, x: Any, heads: int) -> Any:
        """See `Operations.split_heads`."""
        parts = self._ops.reshape(x, self._integers(0, 0, heads, -1), special_zero=True)
        return self._swap(parts)

    def join_heads(self, x: Any, width: int) -> Any:
        """See `Operations.join_heads`."""
        return self._ops.reshape(self._swap(x), self._integers(0, 0, width), special_zero=True)

    def _swap(self, x: Any) -> Any:
        return self._ops.transpose(x, self._integers(0, 2, 1, 3))

    def attend(self, query: Any, key: Any, value: Any, bias: Any) -> Any:
        """See `Operations.attend`."""
        # Product by product: that becomes one kernel, too, 4 % faster than the attention operation's.
        scores = self._ops.add(self._ops.matmul(query, key, transpose_a=False, transpose_b=True), bias)
        return self._ops.matmul(self._ops.softmax(scores, 3), value, transpose_a=False, transpose_b=False)

    def first_token(self, x: Any) -> Any:
        """See `Operations.first_token`."""
        one = self._integers(1)
        return self._ops.slice(x, self._integers(0), one, one, one)

    def drop_length(self, x: Any) -> Any:
        """See `Operations.drop_length`."""
        return self._ops.squeeze(x, self._integers(1))

    def add(self, left: Any, right: Any) -> Any:
        """See `Operations.add`."""
        return self._ops.add(left, right)

    def gelu(self, x: Any) -> Any:
        """See `Operations.gelu`."""
        return self._ops.gelu(x, "erf")

    def tanh(self, x: Any) -> Any:
        """See `Operations.tanh`."""
        return self._ops.tanh(x)

    def _constant(self, array: Any) -> Any:
        return self._ops.constant(np.ascontiguousarray(array) if np.ndim(array) else array)

    def _integer(self, value: int) -> Any:
        return self._ops.constant(np.int64(value))

    def _integers(self, *values: int) -> Any:
        return self._ops.constant(np.array(values, dtype=np.int64))

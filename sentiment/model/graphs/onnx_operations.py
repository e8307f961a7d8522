"""Classifiers in the dialect of ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment.model.graphs.bert import build_bert
from sentiment.model.graphs.operations import PADDING_BIAS
from sentiment.model.graphs.quantising import quantise_rows

if TYPE_CHECKING:
    import onnx

    from sentiment.model.graphs.operations import Array

OPSET = 21
IR_VERSION = 10
"""What onnxruntime from 1.18 on reads; the file says so itself."""


def build_onnx_model(
    weights: Mapping[str, Array], config: Mapping[str, Any], *, int8: bool = False
) -> onnx.ModelProto:
    """Build a classifier: inputs `input_ids` and `attention_mask`, int64 (rows, length); output `logits`.

    Args:
        weights: Hugging Face's names to float32 arrays.
        config: config.json of a model that `can_build_graph` accepts.
        int8: Multiply in eight bits in the encoder's linear layers. Activations are rounded token by token,
            so that a text does not depend on its batch (onnxruntime's own dynamic quantisation takes one
            scale for a whole batch).

    Raises:
        LookupError: A weight is missing or left over.
    """
    from onnx import TensorProto, helper

    ops = OnnxOperations(int8=int8)
    logits = build_bert(ops, weights, config, "input_ids", "attention_mask")
    ops.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["rows", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    labels = len(weights["classifier.bias"])
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", labels])
    graph = helper.make_graph(ops.nodes, "classifier", inputs, [output], ops.constants)
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="sentiment")


class OnnxOperations:
    """`Operations` for ONNX; a node is the name of its output.

    Attributes:
        nodes: The nodes so far.
        constants: The constants so far.
    """

    def __init__(self, *, int8: bool = False) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._int8 = int8

    def embed(self, table: Array, ids: str) -> str:
        """See `Operations.embed`."""
        return self._node("Gather", self._constant(table), ids)

    def first_rows(self, table: Array, ids: str) -> str:
        """See `Operations.first_rows`."""
        length = self._node("Shape", ids, start=1, end=2)
        return self._node("Slice", self._constant(table), self._integers(0), length, self._integers(0))

    def mask_bias(self, mask: str) -> str:
        """See `Operations.mask_bias`."""
        from onnx import TensorProto

        ones = self._node("Cast", mask, to=TensorProto.FLOAT)
        padding = self._node("Sub", self._number(1), ones)
        bias = self._node("Mul", padding, self._constant(PADDING_BIAS))
        return self._node("Unsqueeze", bias, self._integers(1, 2))

    def linear(self, x: str, layers: Sequence[tuple[Array, Array]]) -> list[str]:
        """See `Operations.linear`."""
        if self._int8:
            return self._linear_int8(x, layers)
        products = [self._node("MatMul", x, self._constant(weight.T)) for weight, _ in layers]
        return [
            self.add(product, self._constant(bias))
            for product, (_, bias) in zip(products, layers, strict=True)
        ]

    def _linear_int8(self, x: str, layers: Sequence[tuple[Array, Array]]) -> list[str]:
        """Round activations to steps around 128, a scale for each token, and multiply whole numbers."""
        from onnx import TensorProto

        largest = self._node("ReduceMax", self._node("Abs", x), self._integers(-1), keepdims=1)
        steps = self._node("Mul", self._node("Max", largest, self._number(1e-9)), self._number(1 / 127))
        shifted = self._node("Add", self._node("Round", self._node("Div", x, steps)), self._number(128))
        rounded = self._node("Cast", shifted, to=TensorProto.UINT8)
        zero, outputs = self._constant(np.uint8(128)), []
        for weight, bias in layers:
            values, scales = quantise_rows(weight)
            product = self._node("MatMulInteger", rounded, self._constant(values.T), zero)
            exact = self._node("Cast", product, to=TensorProto.FLOAT)
            scaled = self._node("Mul", self._node("Mul", exact, steps), self._constant(scales))
            outputs.append(self.add(scaled, self._constant(bias)))
        return outputs

    def project(self, x: str, weight: Array, bias: Array) -> str:
        """See `Operations.project`."""
        return self._node("Gemm", x, self._constant(weight), self._constant(bias), transB=1)

    def layer_norm(self, x: str, weight: Array, bias: Array, epsilon: float) -> str:
        """See `Operations.layer_norm`."""
        constants = self._constant(weight), self._constant(bias)
        return self._node("LayerNormalization", x, *constants, axis=-1, epsilon=epsilon)

    def split_heads(self, x: str, heads: int) -> str:
        """See `Operations.split_heads`."""
        return self._swap(self._node("Reshape", x, self._integers(0, 0, heads, -1)))

    def join_heads(self, x: str, width: int) -> str:
        """See `Operations.join_heads`."""
        return self._node("Reshape", self._swap(x), self._integers(0, 0, width))

    def _swap(self, x: str) -> str:
        return self._node("Transpose", x, perm=[0, 2, 1, 3])

    def attend(self, query: str, key: str, value: str, bias: str) -> str:
        """See `Operations.attend`."""
        turned = self._node("Transpose", key, perm=[0, 1, 3, 2])
        scores = self.add(self._node("MatMul", query, turned), bias)
        return self._node("MatMul", self._node("Softmax", scores, axis=-1), value)

    def first_token(self, x: str) -> str:
        """See `Operations.first_token`."""
        return self._node("Slice", x, self._integers(0), self._integers(1), self._integers(1))

    def drop_length(self, x: str) -> str:
        """See `Operations.drop_length`."""
        return self._node("Squeeze", x, self._integers(1))

    def add(self, left: str, right: str) -> str:
        """See `Operations.add`."""
        return self._node("Add", left, right)

    def gelu(self, x: str) -> str:
        """See `Operations.gelu`."""
        return self._node("Gelu", x)

    def tanh(self, x: str) -> str:
        """See `Operations.tanh`."""
        return self._node("Tanh", x)

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        output = f"node_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _constant(self, array: NDArray[Any] | np.generic) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name))
        return name

    def _number(self, value: float) -> str:
        return self._constant(np.float32(value))

    def _integers(self, *values: int) -> str:
        return self._constant(np.array(values, dtype=np.int64))

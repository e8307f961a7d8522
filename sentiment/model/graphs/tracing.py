"""Graphs of classifiers that `build_bert` does not tell: traced by torch, then put into eight bits."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sentiment.model.graphs.onnx_operations import OnnxOperations
from sentiment.model.graphs.openvino_operations import OpenVinoOperations

if TYPE_CHECKING:
    import onnx
    import torch
    from transformers import PreTrainedModel

_SAMPLE: Final = (2, 8)
"""Rows and length that are traced; both stay free. No model reads fewer than 8 tokens."""


def trace_onnx_model(classifier: PreTrainedModel) -> onnx.ModelProto:
    """Trace a classifier: inputs `input_ids` and `attention_mask`, int64 (rows, length); output `logits`.

    Args:
        classifier: In evaluation mode, in fp32 and on the CPU.
    """
    import torch

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.classifier = classifier

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.classifier(input_ids=input_ids, attention_mask=attention_mask).logits
            return logits

    inputs = torch.ones(_SAMPLE, dtype=torch.int64)
    with _hushed_exporter(), torch.no_grad():
        program = torch.onnx.export(
            Logits().eval(),
            (inputs, inputs.clone()),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes=({0: "rows", 1: "length"},) * 2,
            dynamo=True,
            verbose=False,
        )
    model: onnx.ModelProto = program.model_proto  # type: ignore[union-attr]  # dynamo gives a program
    return model


@contextmanager
def _hushed_exporter() -> Iterator[None]:
    """Stop notices about torchvision and about torch's own deprecations."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def quantise_onnx_model(model: onnx.ModelProto) -> None:
    """Make the products with constant matrices multiply in eight bits, as `build_onnx_model` does.

    Tokens are rounded one by one, where onnxruntime's own dynamic quantisation takes one scale for a batch.
    The head (`Gemm`: one row a text) stays in fp32, as in `build_bert`.
    """
    from onnx import numpy_helper

    constants = {constant.name: constant for constant in model.graph.initializer}
    ops = OnnxOperations(int8=True)
    nodes: list[Any] = []
    for node in model.graph.node:
        weight = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2:
            nodes.append(node)
            continue
        matrix = numpy_helper.to_array(weight).T
        first = len(ops.nodes)
        ops.linear(node.input[0], [(matrix, np.zeros(len(matrix), dtype=np.float32))])
        nodes += ops.nodes[first:]
        nodes[-1].output[0] = node.output[0]
    used = {name for node in nodes for name in node.input}
    kept = [constant for constant in model.graph.initializer if constant.name in used]
    del model.graph.node[:], model.graph.initializer[:], model.graph.value_info[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend([*kept, *ops.constants])


def quantise_openvino_model(model: Any) -> None:
    """Store the matrices that tokens are multiplied with in eight bits, as `build_openvino_model` does."""
    ops = OpenVinoOperations(int8=True)
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul" or node.get_attributes()["transpose_b"]:
            continue
        x, weight = node.input_value(0), node.input_value(1).get_node()
        if weight.get_type_name() == "Constant" and weight.data.ndim == 2:
            [product] = ops.linear(x, [(weight.data.T, np.zeros(weight.data.shape[1], dtype=np.float32))])
            for target in node.output(0).get_target_inputs():
                target.replace_source_output(product.output(0))

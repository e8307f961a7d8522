"""Graphs that torch traces: rows and lengths stay free, and eight bits round token by token."""

from copy import deepcopy

import numpy as np
import onnxruntime
import pytest

from sentiment.model.graphs.quiet_openvino import import_openvino
from sentiment.model.graphs.tracing import quantise_onnx_model, quantise_openvino_model, trace_onnx_model
from tests.tiny import TINY_SHAPE


@pytest.fixture(scope="module")
def classifier():
    import torch
    from transformers import RobertaConfig, RobertaForSequenceClassification

    config = RobertaConfig(
        **TINY_SHAPE, vocab_size=300, max_position_embeddings=66, initializer_range=0.3, num_labels=5
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return RobertaForSequenceClassification(config).eval()


@pytest.fixture(scope="module")
def traced(classifier):
    return trace_onnx_model(classifier)


@pytest.fixture(scope="module")
def quantised(traced):
    model = deepcopy(traced)
    quantise_onnx_model(model)
    return model


def batch(rows, length):
    """Make token ids and a mask; the first row is half padding."""
    ids = np.random.default_rng(rows).integers(5, 300, (rows, length))
    mask = np.ones_like(ids)
    mask[0, length // 2 :] = 0
    ids[mask == 0] = 1
    return {"input_ids": ids, "attention_mask": mask}


def expect(classifier, inputs):
    import torch

    with torch.inference_mode():
        return classifier(**{name: torch.from_numpy(array) for name, array in inputs.items()}).logits.numpy()


def run_onnx(model, inputs):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


@pytest.mark.parametrize(("rows", "length"), [(1, 7), (3, 40), (5, 64)])
def test_rows_and_length_are_free(classifier, traced, rows, length):
    inputs = batch(rows, length)
    assert run_onnx(traced, inputs) == pytest.approx(expect(classifier, inputs), abs=1e-5)


def test_eight_bits_are_close_and_a_fraction_of_the_size(classifier, traced, quantised):
    inputs = batch(3, 40)
    assert run_onnx(quantised, inputs) == pytest.approx(expect(classifier, inputs), abs=0.2)
    kinds = [node.op_type for node in quantised.graph.node]
    assert kinds.count("MatMulInteger") == 12  # six in each layer
    assert kinds.count("Gemm") == 2  # the head
    assert quantised.ByteSize() < traced.ByteSize()


def test_a_text_does_not_depend_on_its_batch(quantised):
    inputs = batch(5, 40)
    together = run_onnx(quantised, inputs)
    alone = [
        run_onnx(quantised, {name: array[i : i + 1] for name, array in inputs.items()}) for i in range(5)
    ]
    assert np.concatenate(alone) == pytest.approx(together, abs=1e-5)


def test_openvino_stores_the_same_layers_in_eight_bits(classifier, traced):
    openvino = import_openvino()
    model = openvino.Core().read_model(traced.SerializeToString())
    quantise_openvino_model(model)

    kinds = [node.get_element_type().get_type_name() for node in model.get_ops() if is_constant(node)]
    assert kinds.count("i8") == 12
    inputs = batch(3, 40)
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    assert compiled(inputs)[0] == pytest.approx(expect(classifier, inputs), abs=0.2)


def is_constant(node):
    return node.get_type_name() == "Constant"

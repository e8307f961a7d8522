"""Graphs built from the weights alone give the logits of torch; conformance/test_scorers.py has the rest."""

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sentiment.model import open_model
from sentiment.model.graphs import build_onnx_model, build_openvino_model, can_build_graph
from sentiment.model.graphs.quantising import quantise_rows
from sentiment.model.graphs.quiet_openvino import import_openvino
from tests.tiny import build_tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return open_model(str(build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")))


@pytest.fixture(scope="module")
def inputs():
    ids = np.random.default_rng(0).integers(5, 100, (3, 12))
    mask = (np.arange(12) < np.array([[12], [7], [1]])).astype(np.int64)
    return {"input_ids": ids, "attention_mask": mask}


@pytest.fixture(scope="module")
def expected(model, inputs):
    classifier = model.load_classifier(torch.device("cpu"), torch.float32)
    with torch.inference_mode():
        return classifier(**{name: torch.from_numpy(array) for name, array in inputs.items()}).logits.numpy()


def run_openvino(network, inputs):
    compiled = import_openvino().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return compiled(inputs)["logits"]


def run_onnx(network, inputs):
    session = onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["logits"], inputs)[0]


@pytest.mark.parametrize(
    ("build", "run"), [(build_openvino_model, run_openvino), (build_onnx_model, run_onnx)], ids=["ov", "onnx"]
)
@pytest.mark.parametrize(("int8", "tolerance"), [(False, 1e-4), (True, 0.2)])
def test_the_logits_are_those_of_torch(model, inputs, expected, build, run, int8, tolerance):
    network = build(model.load_arrays(), model.load_config(), int8=int8)
    assert run(network, inputs) == pytest.approx(expected, abs=tolerance)


def test_openvino_reads_the_onnx_graph(model, inputs, expected):
    network = build_onnx_model(model.load_arrays(), model.load_config()).SerializeToString()
    core = import_openvino().Core()
    assert run_openvino(core.read_model(network), inputs) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("build", [build_openvino_model, build_onnx_model])
def test_weights_that_are_missing_or_left_over_are_refused(model, build):
    arrays_, config = model.load_arrays(), model.load_config()
    with pytest.raises(LookupError, match=r"bert\.encoder\.layer\.2\.attention"):
        build(arrays_, config | {"num_hidden_layers": 3})
    with pytest.raises(LookupError, match="16 weights are left over"):
        build(arrays_, config | {"num_hidden_layers": 1})


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "roberta"},
        {"architectures": ["BertForMaskedLM"]},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
    ],
)
def test_only_plain_bert_is_built(model, change):
    config = model.load_config()
    assert can_build_graph(config)
    assert not can_build_graph(config | change)
    assert not can_build_graph({})


@given(arrays.arrays(np.float32, (3, 7), elements=st.floats(-1e6, 1e6, width=32)))
def test_eight_bits_are_never_further_off_than_half_a_step(weight):
    values, scales = quantise_rows(weight)
    assert values.dtype == np.int8
    assert np.abs(values.astype(np.int32)).max() <= 127
    off = np.abs(values * scales[:, None] - weight)
    assert (off <= scales[:, None] * 0.501).all()

"""Architectures that no graph is told of: torch runs them, padded, and gives what transformers gives."""

import re

import numpy as np
import pytest

from sentiment.config import ComputeSettings
from sentiment.errors import ConfigError
from sentiment.judging.graph_export import FORMS, write_graph
from sentiment.model import open_model
from sentiment.model.encoder import hush_transformers
from sentiment.model.graphs import can_build_graph
from sentiment.scoring.backends import open_engine
from sentiment.scoring.backends.packed_bert import can_pack
from sentiment.scoring.loading import load_scorer
from tests.tiny import LINES
from tests.tiny_architectures import TOKENIZERS, build_tiny_architecture

TEXTS = [*LINES, "Das Kleid ist wunderschön.", "ok"]


@pytest.fixture(scope="module", params=TOKENIZERS)
def model(request, tmp_path_factory):
    return open_model(
        str(build_tiny_architecture(tmp_path_factory.mktemp("models") / "other", request.param))
    )


def pipeline_scores(folder):
    from transformers import pipeline

    hush_transformers()
    classify = pipeline("text-classification", model=str(folder), device="cpu", dtype="float32")
    found = classify(TEXTS, top_k=None, truncation=True)
    labels = open_model(str(folder)).manifest.scheme.labels
    by_label = [{entry["label"]: entry["score"] for entry in row} for row in found]
    return np.array([[row[label] for label in labels] for row in by_label])


def test_they_score_as_in_transformers(model):
    ours = load_scorer(str(model.path), device="cpu", precision="fp32").score(TEXTS)
    assert ours == pytest.approx(pipeline_scores(model.path), abs=1e-6)
    assert np.ptp(ours, axis=0).min() > 0.01  # else equal answers would prove nothing


def test_neither_a_graph_nor_packed_tokens_are_taken_for_them(model):
    config = model.load_config()
    assert not can_build_graph(config)
    assert not can_pack(config)


def test_the_summary_says_why_torch_runs_them(model):
    runs_on = open_engine(model, ComputeSettings(device="cpu"), list).runs_on
    assert re.fullmatch(r"torch \S+ \(no graph of this model runs here\)", runs_on["backend"])


def test_a_graph_backend_that_is_asked_for_is_refused(model):
    message = (
        "--backend openvino: cannot run other in any number format. Its architecture has no graph; "
        "python -m sentiment export MODEL DIRECTORY --to onnx makes one. Leave --backend and --precision out."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        open_engine(model, ComputeSettings(device="cpu", backend="openvino"), list)


def test_a_graph_of_relative_positions_can_be_traced(tmp_path):
    model = open_model(str(build_tiny_architecture(tmp_path / "tiny", "mpnet")))
    (tmp_path / "graph").mkdir()
    exported = write_graph(tmp_path / "graph", model, model.manifest, FORMS["onnx"])
    settings = {"backend": "onnxruntime", "device": "cpu", "precision": "fp32"}
    theirs = load_scorer(str(model.path), device="cpu", precision="fp32").score(TEXTS)
    assert load_scorer(str(exported.path), **settings).score(TEXTS) == pytest.approx(theirs, abs=1e-5)

"""The Scorer contract: add an implementation to `BUILDERS`, and it has to keep every promise below."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sentiment.config import ComputeSettings
from sentiment.judging.graph_export import FORMS, write_graph
from sentiment.labels import STARS
from sentiment.model import open_model
from sentiment.scoring import ReviewScorer, Scorer
from sentiment.scoring.backends import open_engine
from sentiment.scoring.encoder_scorer import EncoderScorer
from sentiment.serving import MicroBatchingScorer
from tests.fakes import FakeScorer
from tests.tiny import build_tiny_model

TEXTS = [
    "Lovely towel, soft and thick.",
    "bad",
    "It is all right for the price, neither good nor bad.",
    "The seam tore on the first day. " * 40,
    "It smells of plastic!",
]
ODD_TEXTS = [
    "",
    " ",
    "\n\0",
    "\ud800",
    "\udfff\ud800",
    "\u202e!",
    "\x1b[31m",
    "👍🏽",
    "中文",
    "a" * 5000,
    "[SEP]",
]


@dataclass(frozen=True)
class Candidate:
    """An implementation, and how far a text may move with its company."""

    scorer: Scorer
    tolerance: float


def encoder(directory: Path, backend: str, precision: str, tolerance: float) -> Candidate:
    model = open_model(str(directory))
    compute = ComputeSettings(backend=backend, device="cpu", precision=precision, batch_tokens=256)
    forwards = open_engine(model, compute, list).forwards
    return Candidate(EncoderScorer(model.load_tokenizer(), forwards, model.manifest, 256), tolerance)


def exported(directory: Path, name: str, tolerance: float) -> Candidate:
    form, folder = FORMS[name], directory.with_name(name)
    if not folder.exists():
        folder.mkdir()
        model = open_model(str(directory))
        write_graph(folder, model, model.manifest, form)
    return encoder(folder, form.backend, form.precision, tolerance)


def torch_fp32(directory: Path) -> Scorer:
    return encoder(directory, "torch", "fp32", 0).scorer


BUILDERS: dict[str, Callable[[Path], Candidate]] = {
    "fake": lambda directory: Candidate(FakeScorer(), 0),
    "torch fp32": lambda directory: encoder(directory, "torch", "fp32", 1e-6),
    "torch bf16": lambda directory: encoder(directory, "torch", "bf16", 2e-3),
    "openvino fp32": lambda directory: encoder(directory, "openvino", "fp32", 1e-6),
    "openvino bf16": lambda directory: encoder(directory, "openvino", "bf16", 2e-3),
    "openvino int8": lambda directory: encoder(directory, "openvino", "int8", 1e-6),
    "onnxruntime fp32": lambda directory: encoder(directory, "onnxruntime", "fp32", 1e-6),
    "onnxruntime int8": lambda directory: encoder(directory, "onnxruntime", "int8", 1e-6),
    "exported onnx": lambda directory: exported(directory, "onnx", 1e-6),
    "exported onnx-int8": lambda directory: exported(directory, "onnx-int8", 1e-6),
    "exported openvino": lambda directory: exported(directory, "openvino", 1e-6),
    "exported openvino-int8": lambda directory: exported(directory, "openvino-int8", 1e-6),
    "shared": lambda directory: Candidate(MicroBatchingScorer(torch_fp32(directory)), 1e-6),
    "review scorer": lambda directory: Candidate(ReviewScorer(torch_fp32(directory)), 1e-6),
}


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module", params=BUILDERS)
def candidate(request: pytest.FixtureRequest, tiny_model: Path) -> Candidate:
    return BUILDERS[request.param](tiny_model)


def test_a_row_a_text_and_a_column_a_label(candidate):
    probabilities = candidate.scorer.score(TEXTS)
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (len(TEXTS), len(candidate.scorer.labels))


def test_labels_are_in_id_order(candidate):
    assert candidate.scorer.labels == STARS.labels


@pytest.mark.parametrize("texts", [TEXTS, ODD_TEXTS], ids=["reviews", "odd texts"])
def test_rows_are_probabilities(candidate, texts):
    probabilities = candidate.scorer.score(texts)
    assert (probabilities >= 0).all()
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_order_is_kept(candidate):
    order = [3, 0, 4, 2, 1]
    straight = candidate.scorer.score(TEXTS)
    shuffled = candidate.scorer.score([TEXTS[i] for i in order])
    assert shuffled == pytest.approx(straight[order], abs=candidate.tolerance)


def test_a_text_alone_scores_as_among_others(candidate):
    together = candidate.scorer.score(TEXTS)
    alone = np.concatenate([candidate.scorer.score([text]) for text in TEXTS])
    assert alone == pytest.approx(together, abs=candidate.tolerance)


def test_a_repeated_text_scores_the_same_each_time(candidate):
    probabilities = candidate.scorer.score([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert probabilities[0] == pytest.approx(probabilities[2], abs=candidate.tolerance)


def test_no_text_gives_no_row(candidate):
    assert candidate.scorer.score([]).shape == (0, len(candidate.scorer.labels))


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("torch bf16", 0.03),
        ("openvino fp32", 1e-5),
        ("openvino bf16", 0.03),
        ("openvino int8", 0.05),
        ("onnxruntime fp32", 1e-5),
        ("onnxruntime int8", 0.05),
        ("exported onnx", 1e-5),
        ("exported onnx-int8", 0.05),
        ("exported openvino", 1e-5),
        ("exported openvino-int8", 0.05),
    ],
)
def test_every_backend_answers_as_torch_does_in_fp32(tiny_model, name, tolerance):
    texts = [*TEXTS, *ODD_TEXTS]
    expected = torch_fp32(tiny_model).score(texts)
    assert BUILDERS[name](tiny_model).scorer.score(texts) == pytest.approx(expected, abs=tolerance)

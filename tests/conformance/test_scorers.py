"""The Scorer contract: add an implementation to `BUILDERS`, and it has to keep every promise below."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from sentiment.labels import STARS
from sentiment.model import open_model
from sentiment.scoring import ReviewScorer, Scorer
from sentiment.scoring.encoder_scorer import EncoderScorer
from sentiment.scoring.torch_backend import TorchForward
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


def encoder(directory: Path, dtype: torch.dtype) -> EncoderScorer:
    model = open_model(str(directory))
    cpu = torch.device("cpu")
    forward = TorchForward(model.load_classifier(cpu, dtype), cpu)
    return EncoderScorer(model.load_tokenizer(), forward, model.manifest, batch_tokens=256)


BUILDERS: dict[str, Callable[[Path], Candidate]] = {
    "fake": lambda directory: Candidate(FakeScorer(), 0),
    "encoder fp32": lambda directory: Candidate(encoder(directory, torch.float32), 1e-6),
    "encoder bf16": lambda directory: Candidate(encoder(directory, torch.bfloat16), 2e-3),
    "review scorer": lambda directory: Candidate(ReviewScorer(encoder(directory, torch.float32)), 1e-6),
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

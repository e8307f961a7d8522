import numpy as np
import pytest
import torch
from accelerate import Accelerator
from transformers import BertConfig, BertForSequenceClassification

from sentiment.corpus import TokenisedReviews
from sentiment.model.heads import output_layer
from sentiment.training import evaluation
from sentiment.training.evaluation import evaluate_logits, read_inputs
from tests.tiny import TINY_SHAPE


class EchoModel(torch.nn.Module):
    """Gives the first token's id and the number of real tokens as logits, and notes what it was given."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def forward(self, input_ids, attention_mask):
        assert not self.training
        self.shapes.append(tuple(input_ids.shape))
        logits = torch.stack([input_ids[:, 0], attention_mask.sum(dim=1)], dim=1).float()
        return type("Output", (), {"logits": logits})()


@pytest.fixture
def reviews():
    lengths = np.random.default_rng(0).integers(1, 40, 200)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    ids = np.zeros(offsets[-1], dtype=np.int32)
    ids[offsets[:-1]] = np.arange(200)
    return TokenisedReviews(ids, offsets, np.ones((200, 2), dtype=bool), cut=0)


@pytest.mark.parametrize("tokens", [1, 200, 16_384])
def test_every_review_in_order(monkeypatch, reviews, tokens):
    monkeypatch.setattr(evaluation, "EVALUATION_TOKENS", tokens)
    model = EchoModel().train()
    logits = evaluate_logits(model, reviews, 0, Accelerator(cpu=True))
    np.testing.assert_array_equal(logits[:, 0], np.arange(200))
    np.testing.assert_array_equal(logits[:, 1], reviews.lengths)
    assert logits.dtype == np.float32
    assert model.training
    rows_of_one = [shape for shape in model.shapes if shape[0] > 1]
    assert all(rows * length <= tokens + 16 * rows for rows, length in rows_of_one)


def test_inputs_of_a_layer_in_order(monkeypatch, reviews):
    monkeypatch.setattr(evaluation, "EVALUATION_TOKENS", 200)
    config = BertConfig(**TINY_SHAPE, vocab_size=200, num_labels=2, initializer_range=0.3)
    model = BertForSequenceClassification(config).eval()
    read = read_inputs(model, output_layer(model), reviews, 0)
    with torch.no_grad():
        logits = output_layer(model)(read).numpy()
    np.testing.assert_allclose(logits, evaluate_logits(model, reviews, 0, Accelerator(cpu=True)), atol=1e-5)

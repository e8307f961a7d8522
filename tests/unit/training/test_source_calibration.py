"""Sources that are right at different confidences: told apart, calibrated, and learned by the head."""

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from sentiment.model.heads import find_head
from sentiment.training.loss import partial_label_losses
from sentiment.training.source_calibration import fit_source_calibration, learn_source_calibration

WIDTH, LABELS = 16, 3
HIDDEN = 64
SHOP, TWEETS = "shop", "tweets"


def make_reviews(rows, seed, factors=(2.0, 0.4), distance=3.0):
    """Draw features, logits, allowed classes and sources, whose logits are worth `factors` of themselves."""
    generator = np.random.default_rng(seed)
    number = np.arange(rows) % 2
    features = generator.normal(size=(rows, WIDTH))
    features[:, 0] += distance * number
    logits = generator.normal(size=(rows, LABELS)) * 2
    worth = logits * np.array(factors)[number][:, None]
    chances = np.exp(worth) / np.exp(worth).sum(axis=1, keepdims=True)
    labels = (generator.random((rows, 1)) > chances.cumsum(axis=1)).sum(axis=1).clip(max=LABELS - 1)
    allowed = torch.eye(LABELS, dtype=torch.bool)[labels]
    as_tensors = (torch.tensor(values, dtype=torch.float32) for values in (features, logits))
    return *as_tensors, allowed, [(SHOP, TWEETS)[own] for own in number]


def mean_loss(logits, allowed, sources, source):
    own = torch.tensor([each == source for each in sources])
    return float(partial_label_losses(logits[own], allowed[own]).mean())


def test_each_source_gets_the_temperature_that_it_needs():
    calibration = fit_source_calibration(*make_reviews(6_000, seed=0, distance=6.0))
    features, logits, allowed, sources = make_reviews(6_000, seed=1, distance=6.0)
    calibrated = calibration.apply(features, logits)
    for source, factor in ((SHOP, 2.0), (TWEETS, 0.4)):
        before = mean_loss(logits, allowed, sources, source)
        best = mean_loss(logits * factor, allowed, sources, source)
        assert mean_loss(calibrated, allowed, sources, source) - best < 0.1 * (before - best)


def test_the_likeness_to_the_sources_adds_up():
    features, logits, allowed, sources = make_reviews(400, seed=0)
    shares = fit_source_calibration(features, logits, allowed, sources).shares(features)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(400))
    right = shares.argmax(dim=1) == torch.tensor([sorted({SHOP, TWEETS}).index(source) for source in sources])
    assert right.float().mean() > 0.9


def test_sources_that_look_alike_are_calibrated_alike():
    features, logits, allowed, sources = make_reviews(4_000, seed=0, distance=0.0)
    calibration = fit_source_calibration(features, logits, allowed, sources)
    factors = (calibration.shares(features) @ calibration.slopes).exp()
    assert float(factors.max() / factors.min()) < 1.3


@pytest.mark.parametrize("rows", [2, 8, 40])
def test_few_rows_change_little(rows):
    features, logits, _, sources = make_reviews(rows, seed=0)
    every_one_right = torch.eye(LABELS, dtype=torch.bool)[logits.argmax(dim=1)]
    calibrated = fit_source_calibration(features, logits, every_one_right, sources).apply(features, logits)
    assert torch.isfinite(calibrated).all()
    assert float((calibrated.softmax(dim=1) - logits.softmax(dim=1)).abs().max()) < 0.05 + rows / 200


def test_a_feature_that_never_changes_does_no_harm():
    features, logits, allowed, sources = make_reviews(200, seed=0)
    features[:, 5] = 1.0
    assert torch.isfinite(
        fit_source_calibration(features, logits, allowed, sources).apply(features, logits)
    ).all()


class TestLearning:
    @pytest.fixture
    def model(self):
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=60,
            hidden_size=HIDDEN,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            num_labels=LABELS,
            initializer_range=0.2,
        )
        return BertForSequenceClassification(config)

    @staticmethod
    def reviews(model, rows=3_000):
        """Give summaries of two sources, what the labels allow, and the sources."""
        head = find_head(model)
        generator = torch.Generator().manual_seed(1)
        summaries = torch.randn((rows, HIDDEN), generator=generator)
        summaries[1::2, :8] += 2.0
        with torch.no_grad():
            worth = head(summaries) * torch.tensor([1.5, 0.5]).repeat(rows // 2)[:, None]
        labels = torch.multinomial(worth.softmax(dim=1), 1, generator=generator)[:, 0]
        return summaries, np.eye(LABELS, dtype=bool)[labels], [SHOP, TWEETS] * (rows // 2)

    def test_the_head_gives_what_was_fitted(self, model):
        head = find_head(model)
        summaries, allowed, sources = self.reviews(model)
        with torch.no_grad():
            features, before = head.read(summaries), head(summaries)
            found = learn_source_calibration(head, summaries, allowed, sources)
            wanted, after = found.apply(features, before).softmax(dim=1), head(summaries).softmax(dim=1)
        missed = float((after - wanted).abs().mean())
        assert missed < 0.2 * float((before.softmax(dim=1) - wanted).abs().mean())

    def test_nothing_but_the_head_changes(self, model):
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        head = find_head(model)
        own = {names[id(each)] for layer in (head.hidden, head.output) for each in layer.parameters()}
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        learn_source_calibration(head, *self.reviews(model, rows=200))
        changed = {
            name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])
        }
        assert changed == own
        assert own == {
            *(f"bert.pooler.dense.{part}" for part in ("weight", "bias")),
            *(f"classifier.{part}" for part in ("weight", "bias")),
        }

    def test_it_teaches_the_same_each_time(self, model):
        start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        found = []
        for _ in range(2):
            model.load_state_dict(start)
            learn_source_calibration(find_head(model), *self.reviews(model, rows=600))
            found.append(model.classifier.weight.detach().clone())
        assert torch.equal(*found)

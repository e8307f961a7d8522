import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from sentiment.config import TrainConfig
from sentiment.training.optimiser import build_optimiser, learning_rate, set_learning_rate
from tests.tiny import TINY_SHAPE

PEAK = 1e-3


def rates(total, **settings):
    config = TrainConfig(data=("reviews.csv",), output_dir="run", learning_rate=PEAK, **settings)
    return [learning_rate(step, total, config) for step in range(1, total + 1)]


def test_linear():
    found = rates(100, warmup_ratio=0.1)
    assert found[0] == pytest.approx(PEAK / 10)
    assert found[4] == pytest.approx(PEAK / 2)
    assert found[9] == PEAK
    assert found[10] == pytest.approx(PEAK * 90 / 91)
    assert found[54] == pytest.approx(PEAK * 46 / 91)
    assert found[99] == pytest.approx(PEAK / 91)


def test_cosine():
    found = rates(101, warmup_ratio=0.0, lr_scheduler_type="cosine")
    assert found[0] == PEAK
    assert found[50] == pytest.approx(PEAK * 0.5, rel=0.02)
    assert 0 < found[100] < PEAK / 1000
    assert found == sorted(found, reverse=True)


def test_constant():
    found = rates(10, warmup_ratio=0.2, lr_scheduler_type="constant")
    assert found == pytest.approx([PEAK / 2] + [PEAK] * 9)


@pytest.mark.parametrize("shape", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("ratio", [0.0, 0.06, 0.5, 1.0])
@pytest.mark.parametrize("total", [1, 2, 3, 7, 100])
def test_every_update_moves_and_none_goes_beyond_the_peak(shape, ratio, total):
    found = rates(total, warmup_ratio=ratio, lr_scheduler_type=shape)
    assert min(found) > 0
    assert max(found) == PEAK
    if shape == "linear":
        assert found.count(PEAK) == 1


def test_without_warm_up_the_first_update_has_the_peak():
    assert rates(10, warmup_ratio=0.0)[0] == PEAK


def test_all_warm_up_ends_at_the_peak():
    found = rates(10, warmup_ratio=1.0)
    assert found == pytest.approx([PEAK * step / 10 for step in range(1, 11)])


def test_a_share_of_the_updates_is_not_rounded_up_by_a_float():
    """0.07 * 100 is 7.000000000000001."""
    assert rates(100, warmup_ratio=0.07).index(PEAK) == 6


def test_biases_and_norms_do_not_decay_and_frozen_weights_are_left_out():
    model = torch.nn.Sequential(torch.nn.Embedding(5, 4), torch.nn.Linear(4, 3), torch.nn.LayerNorm(3))
    model[0].requires_grad_(False)
    config = TrainConfig(data=("reviews.csv",), output_dir="run", weight_decay=0.1)
    decaying, kept = build_optimiser(model, config).param_groups
    assert decaying["params"] == [model[1].weight]
    assert (decaying["weight_decay"], kept["weight_decay"]) == (0.1, 0.0)
    assert [parameter.shape for parameter in kept["params"]] == [(3,), (3,), (3,)]


def test_the_rate_is_set_for_every_group():
    optimiser = build_optimiser(torch.nn.Linear(2, 2), TrainConfig(data=("reviews.csv",), output_dir="run"))
    set_learning_rate(optimiser, 0.5)
    assert [group["lr"] for group in optimiser.param_groups] == [0.5, 0.5]


def test_lower_layers_learn_slower():
    config = BertConfig(**TINY_SHAPE, vocab_size=50)
    model = BertForSequenceClassification(config)
    settings = TrainConfig(data=("reviews.csv",), output_dir="run", layer_lr_decay=0.5)
    optimiser = build_optimiser(model, settings)
    set_learning_rate(optimiser, 1.0)
    rates = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    found = {name: rates[id(parameter)] for name, parameter in model.named_parameters()}
    assert found["classifier.weight"] == found["bert.pooler.dense.bias"] == 1.0
    assert found["bert.encoder.layer.1.output.dense.weight"] == 0.5
    assert found["bert.encoder.layer.0.attention.self.query.bias"] == 0.25
    assert found["bert.embeddings.word_embeddings.weight"] == 0.125
    assert len(rates) == len(list(model.parameters()))

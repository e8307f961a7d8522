"""Dropout with cheap masks drops what it should, and no more."""

import pytest
import torch
from torch import nn

from sentiment.training.dropout import WordDropout, speed_up_dropout


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_rate_is_met_and_the_mean_kept(rate, dtype):
    torch.manual_seed(0)
    ones = torch.ones(1000, 333, dtype=dtype)
    dropped = WordDropout(rate).train()(ones)

    assert dropped.dtype == dtype
    assert (dropped == 0).float().mean().item() == pytest.approx(rate, abs=0.003)
    assert dropped.float().mean().item() == pytest.approx(1, abs=0.01)
    assert len(dropped.unique()) == 2


def test_each_element_is_decided_alone():
    torch.manual_seed(0)
    kept = (WordDropout(0.3).train()(torch.ones(400_000)) != 0).float()
    for distance in (1, 2, 3, 4, 8):
        together = torch.corrcoef(torch.stack([kept[:-distance], kept[distance:]]))[0, 1]
        assert abs(together.item()) < 0.01


def test_evaluation_and_a_rate_of_zero_change_nothing():
    hidden = torch.randn(3, 5)
    assert WordDropout(0.5).eval()(hidden) is hidden
    assert WordDropout(0.0).train()(hidden) is hidden


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (5, 7, 3)])
def test_any_shape(shape):
    assert WordDropout(0.5).train()(torch.ones(shape)).shape == shape


def test_the_seed_decides():
    def draw():
        torch.manual_seed(7)
        return WordDropout(0.5).train()(torch.ones(100))

    assert torch.equal(draw(), draw())


def test_gradients_pass_where_elements_do():
    torch.manual_seed(0)
    hidden = torch.ones(100, requires_grad=True)
    dropped = WordDropout(0.5).train()(hidden)
    dropped.sum().backward()
    assert torch.equal(hidden.grad, dropped.detach())


def test_every_dropout_of_a_model_is_replaced():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.2)), nn.Dropout(0.4))
    speed_up_dropout(model)
    rates = [module.p for module in model.modules() if isinstance(module, WordDropout)]
    assert rates == [0.2, 0.4]
    assert not any(isinstance(module, nn.Dropout) for module in model.modules())

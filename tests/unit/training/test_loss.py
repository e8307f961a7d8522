import pytest
import torch
from torch.nn.functional import cross_entropy

from sentiment.training.loss import partial_label_loss


@pytest.fixture
def logits():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(6, 5, generator=generator).mul_(3).requires_grad_()


def one_class(ids):
    return torch.nn.functional.one_hot(torch.tensor(ids), 5).bool()


def gradient(loss, logits):
    return torch.autograd.grad(loss, logits)[0]


def test_with_one_class_allowed_it_is_cross_entropy(logits):
    ids = [0, 4, 2, 2, 1, 3]
    loss = partial_label_loss(logits, one_class(ids))
    expected = cross_entropy(logits, torch.tensor(ids), reduction="sum")
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(gradient(loss, logits), gradient(expected, logits))


def test_with_several_it_is_the_log_of_their_sum(logits):
    allowed = torch.zeros(6, 5, dtype=torch.bool)
    allowed[:3, :2] = True
    allowed[3:, 3:] = True
    loss = partial_label_loss(logits, allowed)
    expected = -torch.log((torch.softmax(logits, dim=-1) * allowed).sum(dim=-1)).sum()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(gradient(loss, logits), gradient(expected, logits))


def test_a_coarse_label_does_not_choose_among_its_classes():
    logits = torch.tensor([[1.0, 1.0, 0.0, 0.0, 0.0]], requires_grad=True)
    allowed = torch.tensor([[True, True, False, False, False]])
    slope = gradient(partial_label_loss(logits, allowed), logits)[0]
    assert slope[0] == slope[1] < 0


def test_allowing_everything_teaches_nothing(logits):
    loss = partial_label_loss(logits, torch.ones(6, 5, dtype=torch.bool))
    torch.testing.assert_close(loss, torch.tensor(0.0), atol=1e-5, rtol=0)
    torch.testing.assert_close(gradient(loss, logits), torch.zeros(6, 5), atol=1e-6, rtol=0)


def test_sixteen_bit_logits_are_taken_in_fp32():
    logits = torch.tensor([[30.0, -30.0]], dtype=torch.bfloat16)
    loss = partial_label_loss(logits, torch.tensor([[False, True]]))
    assert (loss.dtype, loss.item()) == (torch.float32, pytest.approx(60.0))


def test_confident_logits_do_not_overflow():
    logits = torch.tensor([[1e4, -1e4, 0.0]], requires_grad=True)
    loss = partial_label_loss(logits, torch.tensor([[False, True, True]]))
    assert loss.item() == pytest.approx(1e4)
    assert torch.isfinite(gradient(loss, logits)).all()

import copy

import pytest
import torch

from sentiment.training.state import (
    load_model_tensors,
    load_optimiser_tensors,
    model_tensors,
    optimiser_tensors,
)


class Classifier(torch.nn.Module):
    """Weights of every kind: frozen, trained, without a gradient, and a buffer."""

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.words = torch.nn.Embedding(7, 4)
        self.words.requires_grad_(False)
        self.norm = torch.nn.BatchNorm1d(4)
        self.head = torch.nn.Linear(4, 3)
        self.unused = torch.nn.Linear(2, 2)

    def forward(self, ids):
        return self.head(self.norm(self.words(ids)))


def build(seed=0):
    model = Classifier(seed)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return model, torch.optim.AdamW(trained, lr=0.1, fused=True)


def step(model, optimiser, times=1):
    for seed in range(times):
        ids = torch.randint(0, 7, (5,), generator=torch.Generator().manual_seed(seed))
        model(ids).square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()


def assert_same(tensors, expected):
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensors[name], expected[name]) for name in expected)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # in what torch.compile imports
@pytest.mark.parametrize("wrap", [lambda model: model, torch.compile], ids=["bare", "compiled"])
def test_names_are_those_of_the_bare_model(wrap):
    model, optimiser = build()
    step(model, optimiser)
    wrapped = wrap(model)
    assert_same(model_tensors(wrapped), model.state_dict())
    names = [name for layer in ("norm", "head") for name in (f"{layer}.weight", f"{layer}.bias")]
    expected = {f"{kind}.{name}" for kind in ("step", "exp_avg", "exp_avg_sq") for name in names}
    assert optimiser_tensors(wrapped, optimiser).keys() == expected


def test_a_round_trip_is_exact_and_training_goes_on_the_same():
    model, optimiser = build()
    step(model, optimiser, times=3)
    weights, state = model_tensors(model), optimiser_tensors(model, optimiser)
    other, its_optimiser = build(seed=1)
    load_model_tensors(other, weights)
    load_optimiser_tensors(other, its_optimiser, state)
    assert_same(model_tensors(other), weights)
    assert_same(optimiser_tensors(other, its_optimiser), state)
    step(model, optimiser, times=2)
    step(other, its_optimiser, times=2)
    assert_same(other.state_dict(), model.state_dict())


def test_copies_stay_as_they_are():
    model, optimiser = build()
    step(model, optimiser)
    weights, state = model_tensors(model), optimiser_tensors(model, optimiser)
    before = copy.deepcopy((weights, state))
    load_model_tensors(model, weights)
    load_optimiser_tensors(model, optimiser, state)
    step(model, optimiser, times=2)
    assert_same(weights, before[0])
    assert_same(state, before[1])


def test_weights_of_another_model():
    model, _ = build()
    weights = model_tensors(model)
    with pytest.raises(RuntimeError):
        load_model_tensors(model, {name: tensor for name, tensor in weights.items() if name != "head.bias"})
    with pytest.raises(RuntimeError):
        load_model_tensors(model, weights | {"head.bias": torch.zeros(9)})

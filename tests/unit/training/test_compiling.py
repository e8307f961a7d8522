"""Compiling is taken where it is measured to pay, and said."""

import time

import pytest
import torch
from accelerate import PartialState
from torch import nn

from sentiment.training import compiling


class Classifier(nn.Module):
    """A model with an encoder whose compiled form, a stand-in, takes another time."""

    def __init__(self):
        super().__init__()
        self.base_model = nn.Linear(3, 3)

    def forward(self, values):
        return self.base_model(values)


@pytest.fixture
def compiled_seconds(monkeypatch):
    """Let compiling put a call of known speed in the place of the encoder's."""

    def set_seconds(seconds):
        def compile_slowly(model):
            def call(values):
                if seconds is None:
                    raise RuntimeError("no compiler")
                time.sleep(seconds)
                return nn.functional.linear(values, model.base_model.weight, model.base_model.bias)

            model.base_model._compiled_call_impl = call

        monkeypatch.setattr(compiling, "compile_encoder", compile_slowly)

    return set_seconds


def plain_step(model):
    """A step that sleeps where the encoder is plain."""
    if model.base_model._compiled_call_impl is None:
        time.sleep(0.05)
    model(torch.rand(2, 3)).sum().backward()


@pytest.mark.parametrize(("seconds", "pays"), [(0.0, True), (0.2, False)])
def test_the_faster_one_is_taken(compiled_seconds, seconds, pays):
    compiled_seconds(seconds)
    model = Classifier()
    state = torch.get_rng_state()

    found, reason = compiling.try_compiling(model, lambda: plain_step(model))

    assert found is pays
    assert reason.startswith("a compiled step is ")
    assert reason.endswith("x as fast as a plain one")
    assert model.base_model._compiled_call_impl is None
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_machine_without_compiler_says_so(compiled_seconds):
    compiled_seconds(None)
    model = Classifier()

    assert compiling.try_compiling(model, lambda: plain_step(model)) == (
        False,
        "it cannot be compiled here (RuntimeError)",
    )
    assert model.base_model._compiled_call_impl is None


class Run:
    """What `resolve_compile` needs of a run."""

    class accelerator:  # noqa: N801
        @staticmethod
        def unwrap_model(model):
            return model

    def __init__(self):
        self.model = Classifier()

    def trial_step(self):
        return lambda: plain_step(self.model)


@pytest.mark.parametrize(
    ("wanted", "before", "expected"),
    [
        ("no", None, (False, "as asked")),
        ("yes", None, (True, "as asked")),
        ("auto", True, (True, "as before it was resumed")),
        ("auto", False, (False, "as before it was resumed")),
    ],
)
def test_what_is_asked_for_or_was_before_is_done(compiled_seconds, wanted, before, expected):
    compiled_seconds(0.0)
    run = Run()
    assert compiling.resolve_compile(wanted, run, before) == expected
    assert (run.model.base_model._compiled_call_impl is not None) is expected[0]


def test_auto_measures(compiled_seconds):
    PartialState(cpu=True)
    compiled_seconds(0.0)
    run = Run()
    is_compiled, reason = compiling.resolve_compile("auto", run)
    assert is_compiled
    assert reason.startswith("a compiled step is ")
    assert run.model.base_model._compiled_call_impl is not None

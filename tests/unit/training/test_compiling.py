"""Compiling is taken where it is measured to pay, and said."""

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


class Clock:
    """Stands in for the clock of the trial: a plain step takes 0.05 seconds."""

    def __init__(self):
        self.now = 0.0

    def plain_step(self, model):
        if model.base_model._compiled_call_impl is None:
            self.now += 0.05
        model(torch.rand(2, 3)).sum().backward()


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(compiling.time, "perf_counter", lambda: clock.now)
    return clock


@pytest.fixture
def compiled_seconds(clock, monkeypatch):
    """Let compiling put a call of known speed in the place of the encoder's."""

    def set_seconds(seconds):
        def compile_slowly(model):
            def call(values):
                if seconds is None:
                    raise RuntimeError("no compiler")
                clock.now += seconds
                return nn.functional.linear(values, model.base_model.weight, model.base_model.bias)

            model.base_model._compiled_call_impl = call

        monkeypatch.setattr(compiling, "compile_encoder", compile_slowly)

    return set_seconds


@pytest.mark.parametrize(
    ("seconds", "pays", "speedup"), [(0.01, True, "5.00"), (0.048, False, "1.04"), (0.2, False, "0.25")]
)
def test_the_faster_one_is_taken(clock, compiled_seconds, seconds, pays, speedup):
    compiled_seconds(seconds)
    model = Classifier()
    state = torch.get_rng_state()

    found, reason = compiling.try_compiling(model, lambda: clock.plain_step(model))

    assert found is pays
    assert reason == f"a compiled step is {speedup}x as fast as a plain one"
    assert model.base_model._compiled_call_impl is None
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_machine_without_compiler_says_so(clock, compiled_seconds):
    compiled_seconds(None)
    model = Classifier()

    assert compiling.try_compiling(model, lambda: clock.plain_step(model)) == (
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

    def __init__(self, clock):
        self.model = Classifier()
        self._clock = clock

    def trial_step(self):
        return lambda: self._clock.plain_step(self.model)


@pytest.mark.parametrize(
    ("wanted", "before", "expected"),
    [
        ("no", None, (False, "as asked")),
        ("yes", None, (True, "as asked")),
        ("auto", True, (True, "as before it was resumed")),
        ("auto", False, (False, "as before it was resumed")),
    ],
)
def test_what_is_asked_for_or_was_before_is_done(clock, compiled_seconds, wanted, before, expected):
    compiled_seconds(0.01)
    run = Run(clock)
    assert compiling.resolve_compile(wanted, run, before) == expected
    assert (run.model.base_model._compiled_call_impl is not None) is expected[0]


def test_auto_measures(clock, compiled_seconds):
    PartialState(cpu=True)
    compiled_seconds(0.01)
    run = Run(clock)
    is_compiled, reason = compiling.resolve_compile("auto", run)
    assert is_compiled
    assert reason == "a compiled step is 5.00x as fast as a plain one"
    assert run.model.base_model._compiled_call_impl is not None

import re

import pytest
import torch

from sentiment.errors import ConfigError
from sentiment.model import hardware, resolve_device, resolve_precision

CPU = torch.device("cpu")


def test_a_named_device():
    assert resolve_device("cpu") == (CPU, "as asked")


def test_auto_takes_the_first_there_is(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert resolve_device("auto") == (CPU, "the first of cuda, mps, cpu on this machine")


def test_a_device_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    message = "--device cuda: not on this machine. Found: cpu. Leave --device out."
    with pytest.raises(ConfigError, match=re.escape(message)):
        resolve_device("cuda")


@pytest.mark.parametrize(
    ("wanted", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)]
)
def test_a_named_precision(wanted, dtype):
    assert resolve_precision(wanted, CPU) == (dtype, "as asked")


@pytest.mark.parametrize(
    ("speedup", "dtype", "reason"),
    [
        (11.24, torch.bfloat16, "bf16 is 11.2x as fast as fp32 in a trial product on this CPU"),
        (1.5, torch.bfloat16, "bf16 is 1.5x as fast as fp32 in a trial product on this CPU"),
        (0.2, torch.float32, "bf16 is only 0.2x as fast as fp32 in a trial product on this CPU"),
    ],
)
def test_auto_on_a_cpu_goes_by_a_trial(monkeypatch, speedup, dtype, reason):
    monkeypatch.setattr(hardware, "_cpu_bf16_speedup", lambda: speedup)
    assert resolve_precision("auto", CPU) == (dtype, reason)


def test_the_trial_gives_a_ratio():
    assert hardware._cpu_bf16_speedup() > 0


@pytest.mark.parametrize(
    ("has_bf16", "dtype", "reason"),
    [
        (True, torch.bfloat16, "this GPU computes in bf16"),
        (False, torch.float16, "this GPU computes in fp16 but not in bf16"),
    ],
)
def test_auto_on_a_gpu(monkeypatch, has_bf16, dtype, reason):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bf16)
    assert resolve_precision("auto", torch.device("cuda")) == (dtype, reason)


def test_auto_on_mps():
    expected = (torch.float32, "16-bit formats are not measured on mps")
    assert resolve_precision("auto", torch.device("mps")) == expected

import os
import re
import sys

import pytest
import torch

from sentiment.errors import ConfigError, MissingExtraError
from sentiment.model import hardware, resolve_device, resolve_precision
from sentiment.model.hardware import find_device

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


def test_the_device_is_found_without_torch_where_there_is_no_driver(monkeypatch):
    monkeypatch.setattr(hardware, "has_gpu_driver", lambda: False)
    monkeypatch.setattr(hardware, "resolve_device", lambda wanted: pytest.fail("torch is not asked"))
    assert find_device("auto") == ("cpu", "the first of cuda, mps, cpu on this machine")
    assert find_device("cpu") == ("cpu", "as asked")


def test_torch_is_asked_where_there_is_a_driver(monkeypatch):
    monkeypatch.setattr(hardware, "has_gpu_driver", lambda: True)
    monkeypatch.setattr(hardware, "resolve_device", lambda wanted: (torch.device("cuda"), wanted))
    assert find_device("auto") == ("cuda", "auto")
    assert find_device("cuda") == ("cuda", "cuda")


def test_without_torch_it_is_the_cpu_or_a_line(monkeypatch):
    monkeypatch.setattr(hardware, "has_gpu_driver", lambda: True)
    monkeypatch.setattr(hardware.importlib.util, "find_spec", lambda name: None)
    assert find_device("auto")[0] == "cpu"
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError) as raised:
        find_device("cuda")
    assert str(raised.value) == (
        "--device cuda needs a package that is not installed. Missing: torch. "
        "Install it with: pip install -r requirements/train.txt."
    )


@pytest.mark.parametrize(
    ("platform", "machine", "libraries", "expected"),
    [
        ("linux", "x86_64", (), False),
        ("linux", "x86_64", ("libcuda.so.1",), True),
        ("win32", "AMD64", ("nvcuda.dll",), True),
        ("darwin", "arm64", (), True),
        ("darwin", "x86_64", (), False),
    ],
)
def test_a_driver_is_a_library_that_loads(monkeypatch, platform, machine, libraries, expected):
    def load(name):
        if name not in libraries:
            raise OSError(name)

    monkeypatch.setattr(hardware.ctypes, "CDLL", load)
    monkeypatch.setattr(hardware.sys, "platform", platform)
    monkeypatch.setattr(hardware.platform, "machine", lambda: machine)
    assert hardware.has_gpu_driver() is expected


@pytest.mark.parametrize(("asked", "expected"), [("3", 3), ("", None), ("0", None), ("many", None)])
def test_threads_are_those_asked_for_else_the_cores(monkeypatch, asked, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert hardware.count_threads() == (expected or cores)

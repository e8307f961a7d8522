"""Which device and number format a model runs in, and why."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import sys
import time
from typing import TYPE_CHECKING

from sentiment.errors import ConfigError, needing_extra

if TYPE_CHECKING:
    import torch

    from sentiment.config import Device, Precision

FIRST_FOUND = "the first of cuda, mps, cpu on this machine"

PRECISION_NAMES = {"torch.float32": "fp32", "torch.bfloat16": "bf16", "torch.float16": "fp16"}

CPU_SPEEDUP_WANTED = 1.5
"""bf16 must beat fp32 by this factor in the trial product: casts and element-wise work eat a smaller gain."""


GPU_DRIVERS = ("libcuda.so.1", "nvcuda.dll", "libamdhip64.so")
"""Libraries of which one is there wherever torch can find a GPU of NVIDIA or AMD."""


def find_device(wanted: Device) -> tuple[str, str]:
    """Give the device's name and the reason, as `resolve_device`, but load torch only where it may matter.

    Raises:
        ConfigError: The named device is not on this machine.
        MissingExtraError: A device other than the CPU is asked for, and torch is not installed.
    """
    if wanted == "cpu":
        return "cpu", "as asked"
    if wanted == "auto" and not (importlib.util.find_spec("torch") and has_gpu_driver()):
        return "cpu", FIRST_FOUND
    with needing_extra(f"--device {wanted}", "train"):
        device, reason = resolve_device(wanted)
    return device.type, reason


def has_gpu_driver() -> bool:
    """Say whether this machine may have a GPU that torch can use: a driver's library, or Apple's chips."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return any(_loads(name) for name in GPU_DRIVERS)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def count_threads() -> int:
    """Give the threads that a CPU backend shall use: `OMP_NUM_THREADS`, else the cores of this process."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resolve_device(wanted: Device) -> tuple[torch.device, str]:
    """Give the device and the reason it was taken.

    Raises:
        ConfigError: The named device is not on this machine.
    """
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        found = next(name for name, there in present.items() if there)
        return torch.device(found), FIRST_FOUND
    if not present[wanted]:
        have = ", ".join(name for name, there in present.items() if there)
        raise ConfigError(
            f"--device {wanted}: not on this machine.", f"Found: {have}.", "Leave --device out."
        )
    return torch.device(wanted), "as asked"


def resolve_precision(wanted: Precision, device: torch.device) -> tuple[torch.dtype, str]:
    """Give the number format of a model's weights and activations, and the reason it was taken.

    On a CPU `auto` times one matrix product of an encoder's shape in both formats, because bf16 is
    several times faster with AMX or AVX512-BF16 and many times slower without.
    """
    import torch

    if wanted != "auto":
        return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[wanted], "as asked"
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16, "this GPU computes in bf16"
        return torch.float16, "this GPU computes in fp16 but not in bf16"
    if device.type == "mps":
        return torch.float32, "16-bit formats are not measured on mps"
    speedup = _cpu_bf16_speedup()
    if speedup >= CPU_SPEEDUP_WANTED:
        return torch.bfloat16, f"bf16 is {speedup:.1f}x as fast as fp32 in a trial product on this CPU"
    return torch.float32, f"bf16 is only {speedup:.1f}x as fast as fp32 in a trial product on this CPU"


def _cpu_bf16_speedup() -> float:
    import torch

    def best_seconds(dtype: torch.dtype, runs: int) -> float:
        left, right = torch.ones(2048, 384, dtype=dtype), torch.ones(384, 1536, dtype=dtype)
        torch.matmul(left, right)
        seconds = []
        for _ in range(runs):
            start = time.perf_counter()
            torch.matmul(left, right)
            seconds.append(time.perf_counter() - start)
        return min(seconds)

    return best_seconds(torch.float32, 5) / best_seconds(torch.bfloat16, 5)

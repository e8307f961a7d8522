"""Which device and number format a model runs in, and why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sentiment.errors import ConfigError

if TYPE_CHECKING:
    import torch

    from sentiment.config import Device, Precision

CPU_SPEEDUP_WANTED = 1.5
"""bf16 must beat fp32 by this factor in the trial product: casts and element-wise work eat a smaller gain."""


def resolve_device(wanted: Device) -> tuple[torch.device, str]:
    """Give the device and the reason it was taken.

    Raises:
        ConfigError: The named device is not on this machine.
    """
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        found = next(name for name, there in present.items() if there)
        reason = "the first of cuda, mps, cpu on this machine"
        return torch.device(found), reason
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

"""Compiling the encoder where that pays, and saying so."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from accelerate.utils import broadcast_object_list

from sentiment.training.loop import FineTuning

COMPILE_SPEEDUP_WANTED = 1.1
"""A compiled step must beat a plain one by this factor: a smaller gain does not pay the compiler's minute."""
_STEPS = 3


def resolve_compile(wanted: str, tuning: FineTuning, before: bool | None = None) -> tuple[bool, str]:
    """Compile the encoder of a run, if the setting says so, and give whether it is compiled and why.

    Args:
        wanted: `no`, `yes`, or `auto`: the main process measures, and all do as it found.
        tuning: The run, its model prepared.
        before: What a run that is resumed did; `auto` does it again, since a second trial might differ.
    """
    model = tuning.accelerator.unwrap_model(tuning.model)
    if wanted != "auto":
        is_compiled, reason = wanted == "yes", "as asked"
    elif before is not None:
        is_compiled, reason = before, "as before it was resumed"
    else:
        is_compiled, reason = broadcast_object_list([*try_compiling(model, tuning.trial_step())])
    if is_compiled:
        compile_encoder(model)
    return is_compiled, reason


def compile_encoder(model: Any) -> None:
    """Compile a classifier's encoder in place, for any number of rows and tokens; lazy, at its first call."""
    model.base_model.compile(dynamic=True)


def restore_encoder(model: Any) -> None:
    """Make a classifier's encoder plain again, which has no graph that hooks would break."""
    model.base_model._compiled_call_impl = None  # what Module.compile sets, and has no way back from


def try_compiling(model: Any, step: Callable[[], None]) -> tuple[bool, str]:
    """Time a training step with the encoder plain and compiled; it is plain again afterwards.

    Args:
        model: The classifier.
        step: Runs forward and backward on a typical batch; its gradients are thrown away, and the random
            generators are put back.

    Returns:
        Whether compiling pays, and the reason.
    """
    plain = _best_seconds(model, step)
    compile_encoder(model)
    try:
        speedup = plain / _best_seconds(model, step)
    except (RuntimeError, OSError) as error:  # no compiler on this machine, or code that it cannot take
        return False, f"it cannot be compiled here ({type(error).__name__})"
    finally:
        restore_encoder(model)
    return speedup >= COMPILE_SPEEDUP_WANTED, f"a compiled step is {speedup:.2f}x as fast as a plain one"


def _best_seconds(model: torch.nn.Module, step: Callable[[], None]) -> float:
    seconds = []
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices):
        step()
        for _ in range(_STEPS):
            start = time.perf_counter()
            step()
            if devices:
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
    model.zero_grad(set_to_none=True)
    return min(seconds)

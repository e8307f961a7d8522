"""Checkpoints: written whole or not at all, verified at load, free of pickles."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.errors import CheckpointError
from sentiment.model.trust import file_sha256

if TYPE_CHECKING:
    import torch

DONE = "done.json"
WEIGHTS, BEST, AVERAGED, OPTIMISER, RANDOM, PROGRESS = (
    "model.safetensors",
    "best.safetensors",
    "averaged.safetensors",
    "optimiser.safetensors",
    "random.safetensors",
    "progress.json",
)


@dataclass
class Progress:
    """Where a run stands: everything that is not a tensor.

    Attributes:
        step: Updates done.
        best_score: Best validation figure so far (`best_metric`).
        best_step: The step that it was measured at; 0 before the first evaluation.
        evaluations_since_best: For early stopping.
    """

    step: int = 0
    best_score: float | None = None
    best_step: int = 0
    evaluations_since_best: int = 0


@dataclass
class RunState:
    """A checkpoint in memory.

    Attributes:
        progress: Where the run stands.
        weights: The model's tensors.
        best: The tensors of the best step so far, or None where that is this step or there is none yet.
        optimiser: Tensors of the optimiser, `STATE.PARAMETER` to tensor.
        random: State of the random generators, one tensor a process.
        scaler: State of the fp16 loss scaler; empty without one.
        averaged: The tensors with the mean of the last weights in them, or None where there is none.
    """

    progress: Progress
    weights: dict[str, torch.Tensor]
    best: dict[str, torch.Tensor] | None
    optimiser: dict[str, torch.Tensor]
    random: dict[str, torch.Tensor]
    scaler: Mapping[str, Any]
    averaged: dict[str, torch.Tensor] | None = None


def save_checkpoint(folder: Path, state: RunState, keep: int) -> Path:
    """Write a checkpoint under a temporary name, flush it, mark it done, give it its name; drop the oldest.

    Args:
        folder: The run's `checkpoints/`.
        state: What to write.
        keep: How many checkpoints stay.

    Returns:
        The checkpoint's folder, `step-000200`.
    """
    from safetensors.torch import save_file

    name = f"step-{state.progress.step:06d}"
    temporary, final = folder / f".{name}.partial", folder / name
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file(state.weights, temporary / WEIGHTS)
    save_file(state.optimiser, temporary / OPTIMISER)
    save_file(state.random, temporary / RANDOM)
    for file, tensors in ((BEST, state.best), (AVERAGED, state.averaged)):
        if tensors is not None:
            save_file(tensors, temporary / file)
    content = {"progress": asdict(state.progress), "scaler": state.scaler}
    (temporary / PROGRESS).write_text(json.dumps(content, indent=2), encoding="utf-8", newline="\n")
    hashes = {path.name: file_sha256(path) for path in sorted(temporary.iterdir())}
    for path in temporary.iterdir():
        _flush(path)
    (temporary / DONE).write_text(json.dumps(hashes, indent=2), encoding="utf-8", newline="\n")
    _flush(temporary / DONE)
    shutil.rmtree(final, ignore_errors=True)
    temporary.rename(final)
    for old in list_checkpoints(folder)[keep:]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def list_checkpoints(folder: Path) -> list[Path]:
    """Give the finished checkpoints, newest first."""
    found = [path.parent for path in folder.glob(f"step-*/{DONE}")]
    return sorted(found, key=lambda path: (len(path.name), path.name), reverse=True)


def load_newest_checkpoint(folder: Path) -> tuple[RunState, list[str]]:
    """Load the newest checkpoint whose every file has the hash that it was saved with.

    Returns:
        The state, and a warning for each newer checkpoint that was damaged and passed over.

    Raises:
        CheckpointError: There is none, or all are damaged.
    """
    warnings: list[str] = []
    for checkpoint in list_checkpoints(folder):
        fault = _fault(checkpoint)
        if fault is None:
            return _load(checkpoint), warnings
        warnings.append(f"{checkpoint}: damaged ({fault}); falling back to the one before.")
    found = f"{len(warnings)} found, all damaged." if warnings else "None was found."
    raise CheckpointError(
        f"{folder}: no checkpoint to resume from.", found, "Start again in a new --output-dir."
    )


def _fault(checkpoint: Path) -> str | None:
    try:
        hashes = json.loads((checkpoint / DONE).read_text(encoding="utf-8"))
        if not {WEIGHTS, OPTIMISER, RANDOM, PROGRESS} <= hashes.keys():
            return f"{DONE} does not name every file"
        for name, wanted in hashes.items():
            if file_sha256(checkpoint / name) != wanted:
                return f"{name} changed"
    except OSError as error:
        return f"{Path(error.filename).name} cannot be read"
    except (ValueError, AttributeError):
        return f"{DONE} is not readable"
    return None


def _load(checkpoint: Path) -> RunState:
    from safetensors.torch import load_file

    content = json.loads((checkpoint / PROGRESS).read_text(encoding="utf-8"))
    best, averaged = (checkpoint / file for file in (BEST, AVERAGED))
    return RunState(
        progress=Progress(**content["progress"]),
        weights=load_file(checkpoint / WEIGHTS),
        best=load_file(best) if best.is_file() else None,
        optimiser=load_file(checkpoint / OPTIMISER),
        random=load_file(checkpoint / RANDOM),
        scaler=content["scaler"],
        averaged=load_file(averaged) if averaged.is_file() else None,
    )

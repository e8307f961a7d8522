"""A model with what runs it: chosen, opened, and able to say why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sentiment.errors import needing_extra
from sentiment.model import ModelDirectory
from sentiment.model.hardware import find_device
from sentiment.scoring.backends.candidates import Candidate, find_candidates, version_of
from sentiment.scoring.backends.forward import Forward, Sequences
from sentiment.scoring.backends.onnxruntime_backend import open_onnxruntime
from sentiment.scoring.backends.openvino_backend import open_openvino
from sentiment.scoring.backends.trial import Memory, Verdict, try_out

if TYPE_CHECKING:
    from sentiment.config import ComputeSettings

OPENERS: Final[Mapping[str, Callable[[ModelDirectory, str], Sequence[Forward]]]] = {
    "openvino": open_openvino,
    "onnxruntime": open_onnxruntime,
}
CPU_BUDGET: Final = 8192
GPU_BUDGET: Final = 32_768

AS_ASKED: Final = "as asked"


@dataclass(frozen=True)
class Engine:
    """A model that is ready to run.

    Attributes:
        forwards: Its networks, which work side by side.
        batch_tokens: Tokens (padding counted) of a batch.
        runs_on: `backend`, `device`, `precision` and `batch`, each its value and the reason for it.
    """

    forwards: Sequence[Forward]
    batch_tokens: int
    runs_on: Mapping[str, str]


def open_engine(
    directory: ModelDirectory, compute: ComputeSettings, sample: Callable[[], Sequences]
) -> Engine:
    """Choose what runs a model, as far as settings leave it open, and load it.

    Args:
        directory: The model.
        compute: As asked.
        sample: Gives token ids of typical texts, at least one; called only where something is measured.

    Raises:
        ConfigError: What is asked for is not on this machine, or cannot run the model.
        ModelError: The model's files do not fit together, or nothing here runs them.
        MissingExtraError: A package that is asked for is not installed.
    """
    if directory.manifest.graph is not None and compute.device == "auto":
        device, device_reason = "cpu", "where exported graphs run"
    else:
        device, device_reason = find_device(compute.device)
    candidates = find_candidates(directory, compute, device)
    if candidates[0].backend == "torch":
        return _open_torch(directory, compute, device, device_reason)
    verdict, forwards = _choose(directory, compute, candidates, sample)
    why = _Reasons(compute, verdict.reason)
    return Engine(
        forwards,
        verdict.batch_tokens,
        {
            "backend": f"{versioned(verdict.backend)} ({why('backend')})",
            "device": f"{device} ({device_reason})",
            "precision": f"{verdict.precision} ({why('precision')})",
            "batch": f"{verdict.batch_tokens:,} tokens ({why('batch_tokens')})",
        },
    )


def _choose(
    directory: ModelDirectory,
    compute: ComputeSettings,
    candidates: Sequence[Candidate],
    sample: Callable[[], Sequences],
) -> tuple[Verdict, Sequence[Forward]]:
    """Take what settings leave no choice about, what is remembered, or what a trial finds now."""

    def open_candidate(candidate: Candidate) -> Sequence[Forward]:
        return OPENERS[candidate.backend](directory, candidate.precision)

    if len(candidates) == 1 and compute.batch_tokens is not None:
        return Verdict(*candidates[0], compute.batch_tokens), open_candidate(candidates[0])
    memory, forwards = Memory(directory, candidates), None
    verdict = memory.recall()
    if verdict is None:
        verdict, forwards = try_out(candidates, open_candidate, sample(), directory.manifest.max_length)
        memory.keep(verdict)
    forwards = forwards or open_candidate(Candidate(verdict.backend, verdict.precision))
    return replace(verdict, batch_tokens=compute.batch_tokens or verdict.batch_tokens), forwards


@dataclass
class _Reasons:
    """Why each setting has its value; what was measured is told once."""

    compute: ComputeSettings
    measured: str

    def __call__(self, setting: str) -> str:
        if getattr(self.compute, setting) not in ("auto", None):
            return AS_ASKED
        reason, self.measured = self.measured, "the fastest of those"
        return reason


def _open_torch(
    directory: ModelDirectory, compute: ComputeSettings, device: str, device_reason: str
) -> Engine:
    asked = "--backend torch" if compute.backend == "torch" else f"{directory.name} on {device}"
    with needing_extra(asked, "train"):
        from sentiment.scoring.backends.torch_backend import open_torch
    forwards, precision, precision_reason = open_torch(directory, device, compute.precision)
    default = GPU_BUDGET if device == "cuda" else CPU_BUDGET
    batch_reason = AS_ASKED if compute.batch_tokens else "the default"
    backend_reason = AS_ASKED if compute.backend == "torch" else "no graph of this model runs here"
    if device != "cpu":
        backend_reason = f"what runs on {device}"
    return Engine(
        forwards,
        compute.batch_tokens or default,
        {
            "backend": f"{versioned('torch')} ({backend_reason})",
            "device": f"{device} ({device_reason})",
            "precision": f"{precision} ({precision_reason})",
            "batch": f"{compute.batch_tokens or default:,} tokens ({batch_reason})",
        },
    )


def versioned(backend: str) -> str:
    """Name a backend with its version."""
    return f"{backend} {version_of(backend)}"

"""Which backends can run a model in which number formats, before anything is measured."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sentiment.errors import ConfigError, IncompatibleModelError
from sentiment.model.graphs import can_build_graph

if TYPE_CHECKING:
    from sentiment.config import ComputeSettings
    from sentiment.model import ModelDirectory

GRAPH_PRECISIONS: Final = {"openvino": ("fp32", "bf16", "int8"), "onnxruntime": ("fp32", "int8")}
"""Backends that run graphs, the likelier winner first, and the number formats of each."""

TORCH_PRECISIONS: Final = ("fp32", "bf16", "fp16")


class Candidate(NamedTuple):
    """A way to run a model."""

    backend: str
    precision: str

    def __str__(self) -> str:
        return f"{self.backend} {self.precision}"


def find_candidates(directory: ModelDirectory, compute: ComputeSettings, device: str) -> list[Candidate]:
    """List the ways to run a model that settings allow; torch comes with the precision that was asked for.

    Torch is left out on a CPU where a graph runs: it never won there (docs/performance.md), and importing
    it takes longer than scoring a small file.

    Raises:
        ConfigError: There is none.
        IncompatibleModelError: The directory holds a graph that nothing here runs.
    """
    if device != "cpu" or compute.backend == "torch":
        return [_torch_candidate(directory, compute, device)]
    wanted = [compute.backend] if compute.backend != "auto" else _installed()
    found = [
        Candidate(backend, precision)
        for backend in wanted
        for precision in _precisions(directory, backend)
        if compute.precision == precision
        or (compute.precision == "auto" and _may(directory, backend, precision))
    ]
    if found:
        return found
    if compute.backend != "auto":
        raise ConfigError(
            f"--backend {compute.backend}: cannot run {directory.name} in {_said(compute.precision)}.",
            _why_not(directory, compute.backend),
            "Leave --backend and --precision out.",
        )
    return [_torch_candidate(directory, compute, device)]


def _torch_candidate(directory: ModelDirectory, compute: ComputeSettings, device: str) -> Candidate:
    if directory.manifest.graph is not None:
        raise IncompatibleModelError(
            f"{directory.path}: an exported graph ({directory.manifest.graph.file}), for CPUs only.",
            f"Asked for: {compute.backend} on {device} in {_said(compute.precision)}.",
            "Leave --backend, --device and --precision out, or give the model that it was exported from.",
        )
    if compute.backend not in ("auto", "torch"):
        raise ConfigError(
            f"--backend {compute.backend}: runs on CPUs only.",
            f"Asked for: {device}.",
            "Add --device cpu, or leave --backend out.",
        )
    if compute.precision not in ("auto", *TORCH_PRECISIONS):
        raise ConfigError(
            f"--precision {compute.precision}: not with torch, which {directory.name} needs here.",
            f"Known: {', '.join(TORCH_PRECISIONS)}.",
            "Leave --precision out.",
        )
    return Candidate("torch", compute.precision)


def _installed() -> list[str]:
    packages = {"openvino": ("openvino",), "onnxruntime": ("onnxruntime", "onnx")}
    return [
        backend
        for backend in GRAPH_PRECISIONS
        if all(importlib.util.find_spec(name) for name in packages[backend])
    ]


def _precisions(directory: ModelDirectory, backend: str) -> Iterator[str]:
    """List the number formats that a backend can run this model in."""
    graph = directory.manifest.graph
    if graph is None:
        runs = GRAPH_PRECISIONS[backend] if can_build_graph(directory.load_config()) else ()
    elif backend == "onnxruntime" and not graph.file.endswith(".onnx"):
        runs = ()
    else:
        runs = ("int8",) if graph.precision == "int8" else ("fp32", "bf16")
    yield from (precision for precision in runs if precision in GRAPH_PRECISIONS[backend])


def _may(directory: ModelDirectory, backend: str, precision: str) -> bool:
    """Whether `auto` may choose it: eight bits only where the answers were measured and are the same."""
    if precision == "int8" and directory.manifest.graph is None:
        parity = directory.manifest.parity.get(f"{backend}-int8")
        return parity is not None and parity.is_usable
    if precision == "bf16":
        from sentiment.scoring.backends.openvino_backend import computes_bf16

        return computes_bf16()
    return True


def _why_not(directory: ModelDirectory, backend: str) -> str:
    known = ", ".join(_precisions(directory, backend))
    if known:
        return f"It can in: {known}."
    return "Its architecture has no graph; python -m sentiment export MODEL DIRECTORY --to onnx makes one."


def _said(precision: str) -> str:
    return "any number format" if precision == "auto" else precision

"""Which backends can run a model in which number formats, before anything is measured."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from sentiment.errors import ConfigError, IncompatibleModelError
from sentiment.model.graphs import can_build_graph

if TYPE_CHECKING:
    from sentiment.config import ComputeSettings
    from sentiment.model import ModelDirectory
    from sentiment.model.manifest import Graph

GRAPH_PRECISIONS: Final = {"openvino": ("fp32", "bf16", "int8"), "onnxruntime": ("fp32", "int8")}
"""Backends that run graphs, the likelier winner first, and the number formats of each."""

EXTRAS: Final = {"openvino": "score", "onnxruntime": "onnx"}
"""Backend to the requirements file that brings it."""

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
    wanted = [compute.backend] if compute.backend != "auto" else _installed(directory)
    found = [
        Candidate(backend, precision)
        for backend in wanted
        for precision in _precisions(directory, backend)
        if compute.precision == precision
        or (compute.precision == "auto" and _may(directory, compute, backend, precision))
    ]
    if found:
        return found
    if compute.backend == "auto" and compute.precision == "auto" and directory.manifest.graph is not None:
        raise _not_usable(directory, directory.manifest.graph)
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


def version_of(backend: str) -> str:
    """Give the version of a backend's package, under whichever name it was installed."""
    try:
        return importlib.metadata.version(backend)
    except importlib.metadata.PackageNotFoundError:  # onnxruntime-gpu and its like hold the same module
        version: str = importlib.import_module(backend).__version__
        return version


def _installed(directory: ModelDirectory) -> list[str]:
    """List the backends whose packages are there; onnx is what builds a graph, not what runs one."""
    packages = {"openvino": ["openvino"], "onnxruntime": ["onnxruntime"]}
    if directory.manifest.graph is None:
        packages["onnxruntime"].append("onnx")
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


def _may(directory: ModelDirectory, compute: ComputeSettings, backend: str, precision: str) -> bool:
    """Whether `auto` may choose it: eight bits, and graphs in files, only where their answers were measured.

    Whoever names the backend of a graph in a file takes it as it is.
    """
    if precision == "bf16":
        from sentiment.scoring.backends.openvino_backend import computes_bf16

        if not computes_bf16():
            return False
    if directory.manifest.graph is None:
        return precision != "int8" or _is_usable(directory, backend, precision)
    return compute.backend != "auto" or _is_usable(directory, backend, directory.manifest.graph.precision)


def _is_usable(directory: ModelDirectory, backend: str, precision: str) -> bool:
    parity = directory.manifest.parity.get(f"{backend}-{precision}")
    return parity is not None and parity.is_usable


def _not_usable(directory: ModelDirectory, graph: Graph) -> IncompatibleModelError:
    backend = "onnxruntime" if graph.file.endswith(".onnx") else "openvino"
    if _is_usable(directory, backend, graph.precision):
        return IncompatibleModelError(
            f"{directory.path}: an exported graph that was measured with {backend}.",
            f"Installed: {', '.join(_installed(directory)) or 'no package that runs graphs'}.",
            f"Install it with: pip install -r requirements/{EXTRAS[backend]}.txt.",
        )
    parity = directory.manifest.parity.get(f"{backend}-{graph.precision}")
    measured = f"Measured: {parity.verdict}." if parity else "Its answers were not measured."
    remedy = "Give the model that it was exported from" if parity else "Export it with --data LABELLED_FILE"
    return IncompatibleModelError(
        f"{directory.path}: an exported graph that is not marked as usable.",
        measured,
        f"{remedy}, or take it as it is with --backend {backend}.",
    )


def _why_not(directory: ModelDirectory, backend: str) -> str:
    known = ", ".join(_precisions(directory, backend))
    if known:
        return f"It can in: {known}."
    return "Its architecture has no graph; python -m sentiment export MODEL DIRECTORY --to onnx makes one."


def _said(precision: str) -> str:
    return "any number format" if precision == "auto" else precision

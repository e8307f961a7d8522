"""The ways to score that are compared, and what a process that runs one of them is told to do."""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from benchmarks.rivals import (
    BATCH,
    FP32_GRAPH,
    INT8_GRAPH,
    Probabilities,
    Score,
    open_pipeline,
    open_plain_onnx,
    open_sorted_torch,
)
from sentiment import load_scorer

TINY: Final = ["It does what it shall, and it came on time."] * 8
TINY_TOKENS: Final = 1024
"""Batch size while it is not known whether a variant is hopeless: with one given, ours try none out."""
PRODUCT_SHAPE: Final = (4096, 384, 1536)
PRODUCT_SECONDS: Final = 0.4


@dataclass(frozen=True)
class Setup:
    """What every variant is opened with.

    Attributes:
        model: A shipped model's name, or a model directory.
        plain: The same model in Hugging Face's form, with ONNX graphs beside it.
        longest: Tokens after which rivals cut a text.
        batch_tokens: Of ours; None leaves the choice to ours.
    """

    model: str
    plain: str
    longest: int
    batch_tokens: int | None = None


@dataclass(frozen=True)
class Variant:
    """A way to score.

    Attributes:
        open: Loads the model.
        rows: How many times the rows of the slowest variants it takes in a round.
        is_ours: Whether it cleans texts and reads them to their end.
        is_risky: Whether it may be a hundred times slower than fp32 where the CPU lacks instructions.
    """

    open: Callable[[Setup], Score]
    rows: int
    is_ours: bool = False
    is_risky: bool = False


def _open_ours(setup: Setup, backend: Any, precision: Any) -> Score:
    return load_scorer(
        setup.model, backend=backend, device="cpu", precision=precision, batch_tokens=setup.batch_tokens
    ).score


def _ours(backend: str, precision: str, rows: int) -> Variant:
    opener = partial(_open_ours, backend=backend, precision=precision)
    return Variant(opener, rows, is_ours=True, is_risky=precision == "bf16")


def _pipeline(batch_size: int) -> Variant:
    return Variant(lambda setup: open_pipeline(setup.plain, setup.longest, batch_size), rows=1)


def _plain_onnx(graph: str, rows: int) -> Variant:
    return Variant(lambda setup: open_plain_onnx(setup.plain, setup.longest, graph), rows)


ONE_AT_A_TIME: Final = "pipeline-one"
IN_BATCHES: Final = "pipeline-batches"
BATCHED_RIVALS: Final = ("sorted-torch-fp32", "plain-onnx-fp32", "plain-onnx-int8")
REFERENCE: Final = "ours-torch-fp32"
VARIANTS: Final = {
    ONE_AT_A_TIME: _pipeline(1),
    IN_BATCHES: _pipeline(BATCH),
    "sorted-torch-fp32": Variant(lambda setup: open_sorted_torch(setup.plain, setup.longest), rows=2),
    "plain-onnx-fp32": _plain_onnx(FP32_GRAPH, rows=2),
    "plain-onnx-int8": _plain_onnx(INT8_GRAPH, rows=6),
    REFERENCE: _ours("torch", "fp32", rows=6),  # all rows: its labels are what the others' are compared to
    "ours-torch-bf16": _ours("torch", "bf16", rows=6),
    "ours-onnxruntime-fp32": _ours("onnxruntime", "fp32", rows=2),
    "ours-onnxruntime-int8": _ours("onnxruntime", "int8", rows=6),
    "ours-openvino-fp32": _ours("openvino", "fp32", rows=2),
    "ours-openvino-bf16": _ours("openvino", "bf16", rows=6),
    "ours-openvino-int8": _ours("openvino", "int8", rows=6),
    "ours-auto": _ours("auto", "auto", rows=6),
}


class Process:
    """A process that does what it is told, one thing after the other; a context manager ends it."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function of a module over there; gives what it returns, or raises what it raises."""
        return self._pool.submit(work, *arguments).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()


_open: dict[str, Score] = {}
"""What this process has loaded."""


def open_variant(name: str, setup: Setup) -> None:
    """Load a variant in this process."""
    _open[name] = VARIANTS[name].open(setup)


def score_timed(name: str, texts: Sequence[str]) -> tuple[float, Probabilities]:
    """Score with a variant of this process; gives seconds, too."""
    start = time.perf_counter()
    probabilities = _open[name](texts)
    return time.perf_counter() - start, probabilities


def time_tiny_batch(name: str, setup: Setup) -> float:
    """Time a variant on a batch that even a hopeless one gets through, and let it go."""
    open_variant(name, replace(setup, batch_tokens=TINY_TOKENS))
    seconds = min(score_timed(name, TINY)[0] for _ in range(5))
    del _open[name]
    return seconds


def measure_product(dtype: str) -> float:
    """Measure the operations a second of a matrix product of an encoder's shape, the median of many."""
    import torch

    rows, inner, columns = PRODUCT_SHAPE
    left, right = torch.randn(rows, inner), torch.randn(inner, columns)
    left, right = left.to(getattr(torch, dtype)), right.to(getattr(torch, dtype))
    product = torch.empty(rows, columns, dtype=left.dtype)  # made once: new memory would cost as much
    torch.matmul(left, right, out=product)
    seconds: list[float] = []
    while sum(seconds) < PRODUCT_SECONDS:
        start = time.perf_counter()
        torch.matmul(left, right, out=product)
        seconds.append(time.perf_counter() - start)
    return 2 * rows * inner * columns / median(seconds)


def peak_memory() -> int:
    """Give the most memory that this process has held, in bytes."""
    if sys.platform == "linux":  # getrusage would count what the parent held when it started this process
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024
    from benchmarks.train import peak_memory as peak

    return peak()

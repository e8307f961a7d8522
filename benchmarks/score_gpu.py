"""Score the same reviews on a GPU with transformers' pipeline and with ours, in alternation.

    python -m benchmarks.score_gpu FILE.parquet ... --model DIR [--rows 2048] [--tokens 4000000] [--rounds 3]

Each FILE has a column `text`; the model directory stands alone (`python -m sentiment export reviews-en DIR`).
A round draws texts anew and numbers them, so that no two are equal, and takes the variants in another order.
Timed from strings to probabilities, tokenising included. The pipelines score the first ROWS texts of a round,
ours all of about TOKENS tokens: with ROWS they would be done before they are up to speed. Prints medians,
ratios to the first row, labels and probabilities against our fp32 (which, unlike a pipeline, reads a long
review to its end), the load of the GPU as its driver gives it, the peak memory of tensors, and the share of
the rate of a 16-bit matrix product, measured in the same run, that the model's own products reach.
"""

import argparse
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray

from sentiment.model import ModelDirectory, open_model
from sentiment.model.tokens import find_special_tokens
from sentiment.scoring.backends.forward import Forward, Sequences
from sentiment.scoring.backends.packed_torch import open_packed
from sentiment.scoring.backends.torch_backend import TorchForward
from sentiment.scoring.encoder_scorer import EncoderScorer
from sentiment.scoring.tokenizing import tokenize
from sentiment.scoring.windows import plan_windows

Probabilities = NDArray[np.float32]
Score = Callable[[Sequence[str]], Probabilities]

BUDGETS = (16_384, 32_768, 65_536, 131_072)
USUAL_BUDGET = 65_536
WINDOW = 4096
"""Texts that are handed to a scorer at once."""
CALLERS = 3
"""Windows that are under way at a time: one is tokenised while another one is scored."""
REFERENCE = "ours padded float32"


@dataclass
class Variant:
    """A way to score, and what was measured of it on one file.

    Attributes:
        name: For the table.
        score: Texts to probabilities.
        is_ours: Whether it takes all texts of a round, and reads them to their end.
        seconds: Of each timed round.
        load: Per cent of the time that the GPU was at work, of each round.
        peak: Bytes of tensors on the GPU.
        found: Probabilities of the first texts of all rounds.
    """

    name: str
    score: Score
    is_ours: bool = True
    seconds: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    peak: int = 0
    found: list[Probabilities] = field(default_factory=list)

    def run(self, texts: Sequence[str], rows: int, device: torch.device) -> None:
        """Score once, timed."""
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        with sampled_load(device) as samples:
            start = time.perf_counter()
            probabilities = self.score(texts if self.is_ours else texts[:rows])
            self.seconds.append(time.perf_counter() - start)
        self.load.append(statistics.mean(samples) if samples else float("nan"))
        self.found.append(probabilities[:rows])
        if device.type == "cuda":
            self.peak = max(self.peak, torch.cuda.max_memory_allocated(device))

    def warm_up(self, texts: Sequence[str], rows: int) -> None:
        """Score, untimed, and begin anew."""
        self.score(texts[: len(texts) // 3] if self.is_ours else texts[: rows // 2])
        self.seconds, self.load, self.peak, self.found = [], [], 0, []


@contextmanager
def sampled_load(device: torch.device) -> Iterator[list[float]]:
    """Collect how busy the GPU is, every 20 ms while the block runs; nothing where no driver says it."""
    samples: list[float] = []
    if device.type != "cuda":
        yield samples
        return
    import pynvml

    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(torch.cuda.current_device())
    except pynvml.NVMLError:
        yield samples
        return
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.02):
            samples.append(float(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def load_texts(path: Path) -> list[str]:
    """Give the texts of a file that are not empty."""
    column = pq.read_table(path, columns=["text"])["text"].to_pylist()
    return [text for text in column if text and text.strip()]


def draw(texts: Sequence[str], count: int, turn: int) -> list[str]:
    """Give texts that no round before has seen, in an order of their own."""
    return [f"{text} {turn}-{i}" for i, text in enumerate(random.Random(turn).choices(texts, k=count))]


def in_windows(scorer: EncoderScorer) -> Score:
    """Score any number of texts, window by window, several under way at a time."""
    callers = ThreadPoolExecutor(CALLERS)

    def score(texts: Sequence[str]) -> Probabilities:
        windows = [texts[start : start + WINDOW] for start in range(0, len(texts), WINDOW)]
        return np.concatenate(list(callers.map(scorer.score, windows)))

    return score


def with_pipeline(folder: str, device: torch.device, dtype: torch.dtype, labels: Sequence[str]) -> Score:
    """Score with transformers' pipeline in batches of 32."""
    from transformers import pipeline

    classify: Any = pipeline(
        "text-classification", model=folder, device=device, dtype=dtype, truncation=True, top_k=None
    )

    def score(texts: Sequence[str]) -> Probabilities:
        rows = classify(list(texts), batch_size=32)
        by_label = [{entry["label"]: entry["score"] for entry in row} for row in rows]
        return np.array([[row[label] for label in labels] for row in by_label], dtype=np.float32)

    return score


def build_variants(model: ModelDirectory, device: torch.device, half: torch.dtype) -> list[Variant]:
    """Load everything that is compared."""
    name, folder, labels = str(half).removeprefix("torch."), str(model.path), model.manifest.scheme.labels
    packed = open_packed(model, [device], half)

    def ours(forwards: Sequence[Forward], budget: int = USUAL_BUDGET) -> Score:
        return in_windows(EncoderScorer(model.load_tokenizer(), forwards, model.manifest, budget))

    def padded(dtype: torch.dtype) -> list[Forward]:
        manifest, classifier = model.manifest, model.load_classifier(device, dtype)
        return [TorchForward(classifier, device, manifest.pad_id, manifest.max_length) for _ in packed]

    return [
        Variant(
            "pipeline(batch_size=32) float32", with_pipeline(folder, device, torch.float32, labels), False
        ),
        Variant(f"pipeline(batch_size=32) {name}", with_pipeline(folder, device, half, labels), False),
        Variant(REFERENCE, ours(padded(torch.float32))),
        Variant(f"ours padded {name}", ours(padded(half))),
        *(Variant(f"ours packed {name} {budget:,}", ours(packed, budget)) for budget in BUDGETS),
    ]


def compare(
    variants: Sequence[Variant], rounds: Sequence[list[str]], rows: int, device: torch.device
) -> None:
    """Time the variants, a round after the other; the texts of the first round warm up."""
    for variant in variants:
        variant.warm_up(rounds[0], rows)
    for turn, texts in enumerate(rounds[1:]):
        for variant in random.Random(turn).sample(variants, len(variants)):
            variant.run(texts, rows, device)


def count_tokens(model: ModelDirectory, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count what is computed of each text: by a pipeline, which cuts it, and by ours, in windows."""
    tokenizer, longest = model.load_tokenizer(), model.manifest.max_length
    special = sum(map(len, find_special_tokens(tokenizer)))
    lengths = [len(ids) for ids in tokenize(tokenizer, texts)]
    cut = [min(length + special, longest) for length in lengths]
    whole = [
        sum(stop - start + special for start, stop, _ in plan_windows(length, longest - special))
        for length in lengths
    ]
    return np.array(cut), np.array(whole)


def print_table(
    variants: Sequence[Variant],
    tokens: tuple[NDArray[np.int64], NDArray[np.int64]],
    rows: int,
    share: float,
) -> None:
    """Print a line a variant.

    Args:
        variants: Measured.
        tokens: Of the texts of a round, cut and whole.
        rows: Texts that the pipelines scored.
        share: Share of the matrix product's rate that one token a second is.
    """
    reference = np.concatenate(next(variant.found for variant in variants if variant.name == REFERENCE))
    base = rows / statistics.median(variants[0].seconds)
    print(f"{'':34} reviews/s   tokens/s    ratio spread equal labels  largest diff  load peak MB of ceiling")
    for variant in variants:
        read = tokens[1] if variant.is_ours else tokens[0][:rows]
        seconds, found = statistics.median(variant.seconds), np.concatenate(variant.found)
        spread = (max(variant.seconds) - min(variant.seconds)) / seconds
        equal = (found.argmax(axis=1) == reference.argmax(axis=1)).mean()
        print(
            f"{variant.name:34} {len(read) / seconds:9,.0f} {read.sum() / seconds:10,.0f} "
            f"{len(read) / seconds / base:7.2f}x {spread:6.1%} {equal:12.2%} "
            f"{abs(found - reference).max():13.4f} {statistics.median(variant.load):4.0f}% "
            f"{variant.peak / 1e6:7,.0f} {read.sum() / seconds * share:10.1%}"
        )


class NoNetwork:
    """A network that takes no time: what is left is tokenising and Python."""

    def __init__(self, labels: int) -> None:
        self._labels = labels

    def __call__(self, sequences: Sequences) -> Probabilities:
        """Give logits that say nothing."""
        return np.zeros((len(sequences), self._labels), dtype=np.float32)


def rate_without_network(model: ModelDirectory, texts: Sequence[str]) -> float:
    """Measure the reviews a second of everything but the network."""
    forwards = [NoNetwork(len(model.manifest.scheme.labels))]
    score = in_windows(EncoderScorer(model.load_tokenizer(), forwards, model.manifest, USUAL_BUDGET))
    return best_rate(lambda: score(texts), len(texts), runs=3)


def rate_of_network(
    model: ModelDirectory, texts: Sequence[str], device: torch.device, half: torch.dtype
) -> float:
    """Measure the tokens a second of the packed network alone, on a batch that is tokenised before."""
    tokenizer = model.load_tokenizer()
    prefix, suffix = find_special_tokens(tokenizer)
    longest = model.manifest.max_length - len(prefix) - len(suffix)
    batch, tokens = [], 0
    for ids in tokenize(tokenizer, texts):
        if tokens < USUAL_BUDGET:
            batch.append(np.array([*prefix, *ids[:longest], *suffix], dtype=np.int32))
            tokens += len(batch[-1])
    forward, *_ = open_packed(model, [device], half)
    return best_rate(lambda: forward(batch), tokens)


def rate_of_product(device: torch.device, dtype: torch.dtype, size: int) -> float:
    """Measure the operations a second of a large matrix product."""
    left, right = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))

    def multiply() -> None:
        torch.matmul(left, right)
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return best_rate(multiply, 2 * size**3)


def best_rate(work: Callable[[], Any], amount: float, runs: int = 10) -> float:
    """Give the amount of work a second, the best of several runs."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return amount / min(seconds)


def operations_of_token(model: ModelDirectory) -> int:
    """Count the operations of a token in the matrix products of the layers; attention itself is left out."""
    config = model.load_classifier(torch.device("cpu"), torch.float32).config
    hidden, inner, layers = config.hidden_size, config.intermediate_size, config.num_hidden_layers
    return int(2 * layers * (4 * hidden**2 + 2 * hidden * inner))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--half", choices=("bfloat16", "float16"), default="bfloat16")
    parser.add_argument("--rows", type=int, default=2048)
    parser.add_argument("--tokens", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--product", type=int, default=8192, help="rows and columns of the matrix product")
    return parser.parse_args()


def main() -> None:
    """Print a table a file."""
    asked = parse_arguments()
    device, half, model = torch.device(asked.device), getattr(torch, asked.half), open_model(asked.model)
    ceiling, operations = rate_of_product(device, half, asked.product), operations_of_token(model)
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(
        f"{where}, torch {torch.__version__}: {asked.half} product {ceiling / 1e12:,.1f} TFLOP/s", flush=True
    )
    variants = build_variants(model, device, half)
    for path in asked.files:
        texts = load_texts(path)
        mean = count_tokens(model, draw(texts, 1000, 0))[1].mean()
        count = max(asked.rows, int(asked.tokens / mean))
        rounds = [draw(texts, count, turn) for turn in range(asked.rounds + 1)]
        compare(variants, rounds, asked.rows, device)
        print(f"\n{path.stem}: {count:,} texts a round, {mean:.0f} tokens each; {asked.rounds} rounds")
        print_table(variants, count_tokens(model, rounds[-1]), asked.rows, operations / ceiling)
        alone = rate_of_network(model, rounds[0], device, half)
        print(
            f"the packed network alone: {alone:,.0f} tokens/s, {alone * operations / ceiling:.1%} of ceiling"
        )
        print(f"all but the network: {rate_without_network(model, rounds[0]):,.0f} reviews/s", flush=True)


if __name__ == "__main__":
    main()

"""What was tried with the OpenVINO graph of the shipped model, each way beside the one that is used.

    python -m benchmarks.graphs [--corpora FOLDER] [--rows N] [--rounds N]

Variants run in alternation, on the same token ids, networks alone: tokenising is left out. Prints medians,
the ratio to the first line, and the share of labels (five stars) that equal those of fp32. Texts are those of
women's clothing, or of data/sample_reviews.csv where no folder is given. The calibrated ranges of NNCF are
measured where nncf is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.review_texts import iter_fresh, load_texts
from sentiment.model import ModelDirectory, open_model
from sentiment.model.batching import plan_batches
from sentiment.model.graphs.bert import build_bert
from sentiment.model.graphs.openvino_operations import OpenVinoOperations
from sentiment.model.graphs.quiet_openvino import import_openvino
from sentiment.scoring.backends import Crew
from sentiment.scoring.encoder_scorer import cut_windows

BUDGET, STEP = 2048, 16


class AllTokens(OpenVinoOperations):
    """Compute the last layer for every token, as BERT is written."""

    def first_token(self, x: Any) -> Any:
        """Keep all."""
        return x

    def drop_length(self, x: Any) -> Any:
        """Take the first token at last."""
        return self._ops.gather(x, self._integer(0), self._integer(1))


class AttentionOperation(OpenVinoOperations):
    """Leave attention to OpenVINO's own operation."""

    def attend(self, query: Any, key: Any, value: Any, bias: Any) -> Any:
        """Attend; the scale is in the query already."""
        one = self._constant(np.float32(1))
        return self._ops.scaled_dot_product_attention(query, key, value, bias, one)


class JoinedWeights(OpenVinoOperations):
    """Multiply with query, key and value in one product, and split the result."""

    def linear(self, x: Any, layers: Sequence[tuple[Any, Any]]) -> list[Any]:
        """Join the layers."""
        weight, bias = (np.concatenate(parts) for parts in zip(*layers, strict=True))
        [joined] = super().linear(x, [(weight, bias)])
        sizes = self._integers(*(len(bias) for _, bias in layers))
        parts = self._ops.variadic_split(joined, self._integer(2), sizes)
        return [parts.output(i) for i in range(len(layers))]


class Network:
    """A compiled network that takes padded batches.

    Args:
        network: The graph.
        precision: What it computes in.
        step: Lengths are rounded up to multiples of this.
        budget: Tokens of a batch.
        properties: More for the compiler.
    """

    def __init__(
        self, network: Any, precision: str, *, step: int = STEP, budget: int = BUDGET, **properties: Any
    ) -> None:
        hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision}
        compiled = import_openvino().Core().compile_model(network, "CPU", hints | properties)
        streams = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        self._crew = Crew([self._forward(compiled.create_infer_request()) for _ in range(streams)])
        self._step, self._budget = step, budget

    def _forward(self, request: Any) -> Callable[[Sequence[NDArray[np.int32]]], NDArray[np.float32]]:
        def forward(sequences: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
            lengths = np.array([len(ids) for ids in sequences])
            length = -(-int(lengths.max()) // self._step) * self._step
            mask = np.arange(length) < lengths[:, None]
            ids = np.zeros(mask.shape, dtype=np.int64)
            ids[mask] = np.concatenate(sequences)
            found: NDArray[np.float32] = request.infer([ids, mask.astype(np.int64)])[0].copy()
            return found

        return forward

    def __call__(self, sequences: Sequence[NDArray[np.int32]]) -> NDArray[np.int64]:
        """Give the likeliest class of each sequence."""
        lengths = -(-np.array([len(ids) for ids in sequences]) // self._step) * self._step
        batches = plan_batches(lengths, self._budget)
        labels = np.empty(len(sequences), dtype=np.int64)
        found = self._crew.run([[sequences[i] for i in batch] for batch in batches])
        for batch, logits in zip(batches, found, strict=True):
            labels[batch] = logits.argmax(axis=1)
        return labels


def build(model: ModelDirectory, kind: type[OpenVinoOperations] = OpenVinoOperations, **options: bool) -> Any:
    """Build the graph in a dialect."""
    ops = kind(**options)
    ids, mask = ops.input("input_ids"), ops.input("attention_mask")
    logits = build_bert(ops, model.load_arrays(), model.load_config(), ids, mask)
    return import_openvino().Model([logits], [ids, mask], "variant")


def build_variants(model: ModelDirectory, calibration: Sequence[NDArray[np.int32]]) -> dict[str, Network]:
    """Give every variant; the first line is what is used where bf16 pays."""
    plain, eight = build(model), build(model, int8=True)
    variants = {
        "bf16": Network(plain, "bf16"),
        "bf16, last layer for all tokens": Network(build(model, AllTokens), "bf16"),
        "bf16, attention operation": Network(build(model, AttentionOperation), "bf16"),
        "bf16, query, key, value joined": Network(build(model, JoinedWeights), "bf16"),
        "bf16, one stream": Network(plain, "bf16", NUM_STREAMS=1),
    }
    for step in (1, 4, 8, 32):
        variants[f"bf16, lengths rounded to {step}"] = Network(plain, "bf16", step=step)
    for budget in (512, 1024, 4096, 8192):
        variants[f"bf16, batches of {budget} tokens"] = Network(plain, "bf16", budget=budget)
    variants["fp32"] = Network(plain, "f32")
    for group in (0, 32, 128, 384):
        name = f"int8, a scale for {group} values" if group else "int8 weights alone"
        variants[name] = Network(eight, "f32", DYNAMIC_QUANTIZATION_GROUP_SIZE=group)
    if importlib.util.find_spec("nncf"):
        variants["int8, NNCF's ranges, rest bf16"] = Network(quantise(plain, calibration), "bf16")
    return variants


def quantise(network: Any, calibration: Sequence[NDArray[np.int32]]) -> Any:
    """Quantise with ranges that NNCF finds."""
    import nncf

    nncf.set_log_level("ERROR")
    rows = nncf.Dataset(
        calibration, lambda ids: [ids[None].astype(np.int64), np.ones((1, len(ids)), np.int64)]
    )
    return nncf.quantize(
        network.clone(), rows, model_type=nncf.ModelType.TRANSFORMER, preset=nncf.QuantizationPreset.MIXED
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpora", type=Path)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    model = open_model("reviews-en")
    tokenizer, limit = model.load_tokenizer(), model.manifest.max_length
    texts = iter_fresh(load_texts(asked.corpora, "middle"))
    parts = [list(itertools.islice(texts, asked.rows)) for _ in range(asked.rounds + 2)]
    rounds = [cut_windows(tokenizer, part, limit).sequences for part in parts]
    variants = build_variants(model, rounds.pop())
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    equal: dict[str, list[bool]] = {name: [] for name in variants}
    for turn, sequences in enumerate(rounds):
        expected = variants["fp32"](sequences)
        # In an order of its own each round: what runs behind a slow variant finds other caches and clocks.
        for name in random.Random(turn).sample(sorted(variants), len(variants)):
            network = variants[name]
            start = time.perf_counter()
            labels = network(sequences)
            if turn:  # the first round warms up
                seconds[name].append(time.perf_counter() - start)
                equal[name] += (labels == expected).tolist()
    tokens = sum(map(len, rounds[1])) / len(rounds[1])
    base = statistics.median(seconds["bf16"])
    print(f"{asked.rows} reviews a round, {tokens:.0f} tokens each; median of {asked.rounds} rounds")
    for name, values in seconds.items():
        median = statistics.median(values)
        rate = sum(map(len, rounds[1])) / median
        share = np.mean(equal[name])
        print(f"{name:34} {rate:9,.0f} tokens/s {base / median:6.2f}x   equal labels {share:7.2%}")


if __name__ == "__main__":
    main()

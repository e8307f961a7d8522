"""Score the same reviews in every way that a user might, in alternation: rates, ratios, memory, equal labels.

    python -m benchmarks.score --corpora ../shared/corpora
    python -m benchmarks.score                                      # the sample reviews alone
    python -m benchmarks.score --only ours-auto pipeline-batches --lengths middle --rows 256
    ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI python -m benchmarks.score  # torch and OpenVINO without AMX
    python -m benchmarks.score --linear                             # ten times the rows, ten times the time?
    python -m benchmarks.score --cold                               # whole commands, imports included

Each variant has a process of its own. Timed are strings in, probabilities out, tokenising included. A round
has texts that none before it had, takes the variants in an order of its own, and measures a matrix product of
an encoder's shape; a short round before the first warms up. Fast variants take more of a round's texts, and a
round has fewer long reviews than short ones, so that rates are of the same kind of reviews, not of the same.

Rivals get raw texts and cut them at the model's own length, as pipeline(truncation=True) does, or at --cut
tokens. Apart from the pipelines they sort texts by length into batches of 32 padded to the longest, as
SentenceTransformer.encode does. Ours clean texts and read them to their end, in windows. The columns:

    rows        reviews of a round
    reviews/s   median over rounds; spread is (largest - smallest) / median
    one, batch, best   times the rate of the pipeline one at a time, of the pipeline in batches, and of the
                best of the other rivals, each in the same round; the median over rounds
    tok/review  tokens that are read: special ones included, padding not, overlaps of windows twice
    tokens/s    of those
    ceiling     tokens/s x 2 operations for each weight of the encoder's linear layers, as a share of the
                faster product (fp32 or bf16). It counts the whole model for everybody, although ours leaves
                out most of the last layer, and no attention products.
    peak MB     the most memory that the process has held so far, some 60 of it for modules that all load
    sentiment, label   share of equal sentiments and of equal labels (stars) with our fp32 in torch

ONNX Runtime's kernels do not obey ONEDNN_MAX_CPU_ISA.
"""

import argparse
import os
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from benchmarks.review_texts import CORPORA, SAMPLED, count_rows, iter_fresh, load_texts
from benchmarks.rivals import export_graphs, export_plain
from benchmarks.score_table import Round, print_table
from benchmarks.score_variants import (
    REFERENCE,
    VARIANTS,
    Process,
    Setup,
    measure_product,
    open_variant,
    peak_memory,
    score_timed,
    time_tiny_batch,
)
from benchmarks.score_whole import compare_commands, compare_sizes
from sentiment.errors import SentimentError
from sentiment.model import open_model
from sentiment.model.hardware import count_threads

HOPELESS = 4.0
"""A bf16 variant that needs so many times as long as its fp32 for a tiny batch is left out."""


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="reviews-en")
    parser.add_argument("--corpora", type=Path, help="folder of corpora; without it, the sample's reviews")
    parser.add_argument("--lengths", nargs="+", choices=CORPORA, default=[*CORPORA])
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=[*VARIANTS], metavar="VARIANT")
    parser.add_argument("--rows", type=int, default=64, help="middle reviews of the slowest in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=count_threads())
    parser.add_argument("--cut", type=int, help="tokens at which rivals cut a text")
    parser.add_argument("--linear", type=int, nargs="?", const=1000, metavar="ROWS")
    parser.add_argument("--cold", action="store_true")
    asked = parser.parse_args(arguments)
    if asked.corpora is None:
        asked.lengths = [SAMPLED]
    return asked


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what was asked for."""
    asked = parse_arguments(arguments)
    for variable in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):  # what torch, ours and tokenizers go by
        os.environ[variable] = str(asked.threads)
    switch = os.environ.get("ONEDNN_MAX_CPU_ISA", "not set")
    print(f"{asked.model}, threads: {asked.threads}, ONEDNN_MAX_CPU_ISA: {switch}", flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        plain = str(Path(folder) / "plain")
        if asked.linear:
            compare_sizes(asked, stack.enter_context(Process()))
        elif asked.cold:
            stack.enter_context(Process()).run(export_plain, asked.model, plain)
            compare_commands(asked, plain)
        else:
            compare_variants(asked, plain, stack)


def compare_variants(asked: argparse.Namespace, plain: str, stack: ExitStack) -> None:
    """Print a table for each length."""
    model = open_model(asked.model)
    setup = Setup(asked.model, plain, asked.cut or model.manifest.max_length)
    names = [name for name in VARIANTS if name in asked.only or name == REFERENCE]
    tools = stack.enter_context(Process())
    if any(not VARIANTS[name].is_ours for name in names):
        tools.run(export_plain, asked.model, plain)
    if any(name.startswith("plain-onnx") for name in names):
        tools.run(export_graphs, plain)
    variants = open_variants(names, tools, setup, stack)
    for length in asked.lengths:
        texts = iter_fresh(load_texts(asked.corpora, length))
        rows = {name: count_rows(asked.rows * VARIANTS[name].rows, length) for name in variants}
        warm_up = {name: max(1, count // 3) for name, count in rows.items()}
        run_round(variants, tools, texts, warm_up, turn=0)
        rounds = [run_round(variants, tools, texts, rows, turn) for turn in range(1, asked.rounds + 1)]
        peaks = {name: process.run(peak_memory) for name, process in variants.items()}
        print(f"\n{length}: median of {asked.rounds} rounds")
        print_table(rounds, peaks, model, setup.longest)


def open_variants(names: Sequence[str], tools: Process, setup: Setup, stack: ExitStack) -> dict[str, Process]:
    """Load each variant in a process; those that cannot run here, or are hopeless, are named and left out."""
    opened = {}
    for name in names:
        try:
            if VARIANTS[name].is_risky:
                usual = name.replace("bf16", "fp32")
                times = tools.run(time_tiny_batch, name, setup) / tools.run(time_tiny_batch, usual, setup)
                if times > HOPELESS:
                    print(f"{name}: left out, {times:.0f} times as slow as {usual} on a tiny batch")
                    continue
            process = stack.enter_context(Process())
            process.run(open_variant, name, setup)
            opened[name] = process
        except SentimentError as error:
            print(f"{name}: left out. {error}")
    return opened


def run_round(
    variants: Mapping[str, Process], tools: Process, texts: Iterator[str], rows: Mapping[str, int], turn: int
) -> Round:
    """Measure the products, and score new texts with every variant, in an order of the round's own."""
    batch = list(islice(texts, max(rows.values())))
    products = {dtype: tools.run(measure_product, dtype) for dtype in ("float32", "bfloat16")}
    results = {
        name: variants[name].run(score_timed, name, batch[: rows[name]])
        for name in random.Random(turn).sample([*variants], len(variants))
    }
    return Round(batch, products, {name: results[name] for name in variants})


if __name__ == "__main__":
    main()

"""Whole runs: ten times the rows against the rows, and commands from start to end."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.review_texts import SAMPLE, count_rows, iter_fresh, load_texts
from benchmarks.score_variants import Process, Setup, open_variant, score_timed

ROOT = Path(__file__).parent.parent
OURS = "ours-auto"
TIMES = 10

SCRIPT = """\
import csv, sys
from transformers import pipeline
source, target, model = sys.argv[1:]
with open(source, encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
classify = pipeline("text-classification", model=model, device="cpu", truncation=True)
answers = classify([row["body"] for row in rows], batch_size=32)
with open(target, "w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, [*rows[0], "label", "score"])
    writer.writeheader()
    writer.writerows(row | answer for row, answer in zip(rows, answers))
"""
"""What a user would write instead of calling predict.py."""


def compare_sizes(asked: argparse.Namespace, process: Process) -> None:
    """Print how many times as long ours takes for ten times the rows, in alternation."""
    process.run(open_variant, OURS, Setup(asked.model, plain="", longest=0))
    for length in asked.lengths:
        texts, rows = iter_fresh(load_texts(asked.corpora, length)), count_rows(asked.linear, length)

        def seconds(count: int, texts: Iterator[str] = texts) -> float:
            return float(process.run(score_timed, OURS, list(islice(texts, count)))[0])

        seconds(rows)  # warms up
        pairs = [(seconds(rows), seconds(TIMES * rows)) for _ in range(asked.rounds)]
        few, many = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(many / few for few, many in pairs)
        print(
            f"{length}: {rows:,} reviews {few:.2f} s, {TIMES * rows:,} reviews {many:.2f} s,"
            f" ratio {ratio:.2f} ({ratio / TIMES - 1:+.1%}; medians of {asked.rounds} rounds)",
            flush=True,
        )


def compare_commands(asked: argparse.Namespace, plain: str) -> None:
    """Print the time of predict.py and of a script around pipeline() on the same file, in alternation."""
    seconds: dict[str, list[float]] = {
        "pipeline script": [],
        "predict.py, first": [],
        "predict.py, later": [],
    }
    for _ in range(asked.rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            script = folder / "script.py"
            script.write_text(SCRIPT, encoding="utf-8")
            ours = [str(ROOT / "predict.py"), str(SAMPLE), "--model", asked.model, "-o"]
            commands = {
                "predict.py, first": [*ours, str(folder / "first.csv")],
                "pipeline script": [str(script), str(SAMPLE), str(folder / "script.csv"), plain],
                "predict.py, later": [*ours, str(folder / "later.csv")],
            }
            # An empty cache: the first run finds no trial remembered, the later one that of the first.
            caches = {"HF_HOME": str(folder / "hub"), "XDG_CACHE_HOME": str(folder / "cache")}
            for command, arguments in commands.items():
                seconds[command].append(time_command(arguments, caches))
    print_commands(seconds)


def time_command(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a Python script; gives seconds from start to end.

    Raises:
        RuntimeError: It failed.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], env={**os.environ, **environment}, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: exit {done.returncode}. {done.stderr[-500:]}")
    return seconds


def print_commands(seconds: Mapping[str, Sequence[float]]) -> None:
    """Print a line a command; ratios are those of the same round, their median."""
    script = seconds["pipeline script"]
    print(f"{'':20} seconds smallest largest  of the script's")
    for command, own in seconds.items():
        ratio = statistics.median(mine / its for mine, its in zip(own, script, strict=True))
        print(f"{command:20} {statistics.median(own):7.2f} {min(own):8.2f} {max(own):7.2f} {ratio:16.1%}")

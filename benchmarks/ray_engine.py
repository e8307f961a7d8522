"""Score the same reviews in one process and on Ray's workers, in alternation, and compare speed and answers.

    python -m benchmarks.ray_engine [--rows N] [--rounds N] [-- FLAGS OF PREDICT ...]

Reviews are the bodies of data/sample_reviews.csv with a running number, so that no two are equal. All ways go
through the command line. The rate leaves out what it costs to begin (imports, Ray, a model in each worker):
one process says it itself, and Ray's is that of the parts that appear after each worker's first. A worker and
"one thread" have one thread. Without FLAGS fp32 is computed. Last come the costs of many files and parts.
"""

import argparse
import csv
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from sentiment.config import PredictConfig
from sentiment.scoring.distributed.parts import Part, open_inputs, read_as_one
from sentiment.scoring.distributed.ray_workers import connect_to_cluster, run_on_workers
from sentiment.tables import find_scales, resolve_roles

ROOT = Path(__file__).parent.parent
PARTS = 12
FILES, ROWS_OF_A_FILE, PARTS_HANDED_OUT = 100, 2000, 2000
RAY = ("--engine", "ray")
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
WAYS = {
    "one process, one thread": ((), ONE_THREAD),
    "one process, all cores": ((), {}),
    "ray, 1 worker": ((*RAY, "--workers", "1"), {}),
    "ray, 2 workers": ((*RAY, "--workers", "2"), {}),
}


def write_reviews(path: Path, rows: int, turn: int) -> None:
    """Write reviews that no round before has seen, in an order of their own."""
    with (ROOT / "data" / "sample_reviews.csv").open(encoding="utf-8", newline="") as file:
        bodies = [row["body"] for row in csv.DictReader(file) if len(row["body"].split()) > 3]
    texts = [f"{bodies[i % len(bodies)]} (order {turn}-{i})" for i in range(rows)]
    random.Random(turn).shuffle(texts)
    stars = [1 + i % 5 for i in range(rows)]
    pyarrow.parquet.write_table(pa.table({"review": texts, "stars": stars}), path)


def score(way: str, reviews: Path, rows: int, flags: list[str]) -> tuple[float, float, list[str | None]]:
    """Score a file as a user would; gives reviews a second, all seconds, and the labels."""
    arguments, environment = WAYS[way]
    workers = int(arguments[-1]) if arguments else 0
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / ("out" if workers else "out.parquet")
        parts = ("--part-rows", str(rows // PARTS)) if workers else ()
        command = [sys.executable, "-m", "sentiment", "predict", str(reviews), "-o", str(output)]
        start = time.perf_counter()
        done = subprocess.run(
            [*command, *arguments, *parts, *flags],
            cwd=ROOT,
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(done.stderr)
        files = sorted(output.glob("*.parquet")) if workers else [output]
        tables = [pyarrow.parquet.read_table(file, columns=["predicted_sentiment"]) for file in files]
        if workers:
            ends = sorted(file.stat().st_mtime for file in files)
            rate = rows / PARTS * (PARTS - workers) / (ends[-1] - ends[workers - 1])
        else:
            rate = float(re.search(r"([\d.,]+) reviews/s", done.stderr)[1].replace(",", ""))
    return rate, seconds, pa.concat_tables(tables)["predicted_sentiment"].to_pylist()


def look_at(part: Part) -> int:
    """Do next to nothing with a part."""
    return part.number


def print_overhead() -> None:
    """Print what is done once, and what a part costs beside its scoring."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            write_reviews(Path(folder) / f"{number}.parquet", ROWS_OF_A_FILE, number)
        start = time.perf_counter()
        files = open_inputs([f"{folder}/*.parquet"])
        opened = time.perf_counter()
        roles = replace(resolve_roles(read_as_one(files[:1])), rating="stars")
        find_scales(read_as_one(files), roles)
        passed = time.perf_counter()
    parts = [Part(number, 0, number, number + 1) for number in range(PARTS_HANDED_OUT)]
    config = PredictConfig(inputs=("reviews.parquet",), engine="ray", workers=1, device="cpu", quiet=True)
    with connect_to_cluster():
        answers = run_on_workers(config, partial(partial, look_at), parts)
        next(answers)
        first = time.perf_counter()
        deque(answers, maxlen=0)
        done = time.perf_counter()
    rows_a_second = FILES * ROWS_OF_A_FILE / (passed - opened)
    print(f"reading the footer of a file      {1000 * (opened - start) / FILES:8.2f} ms")
    print(f"looking for the scale of ratings  {rows_a_second:8,.0f} rows/s a worker")
    print(f"handing out a part                {1000 * (done - first) / PARTS_HANDED_OUT:8.2f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("flags", nargs="*", default=["--precision", "fp32"])
    asked = parser.parse_args()
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    begun: dict[str, list[float]] = {way: [] for way in WAYS}
    equal: dict[str, list[bool]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        reviews = Path(folder) / "reviews.parquet"
        for turn in range(asked.rounds):
            write_reviews(reviews, asked.rows, turn)
            first: list[str | None] = []
            for way in WAYS:
                rate, seconds, labels = score(way, reviews, asked.rows, asked.flags)
                first = first or labels
                rates[way].append(rate)
                begun[way].append(seconds - asked.rows / rate)
                equal[way] += [a == b for a, b in zip(labels, first, strict=True)]
    size = f"{asked.rows:,} reviews, median of {asked.rounds} rounds, {os.cpu_count()} cores"
    print(f"{size}: {' '.join(asked.flags)}")
    base = statistics.median(next(iter(rates.values())))
    for way in WAYS:
        rate, begin = statistics.median(rates[way]), statistics.median(begun[way])
        print(
            f"{way:24} {rate:8,.1f} reviews/s {rate / base:6.2f}x   begins in {begin:5.1f} s   "
            f"equal labels {sum(equal[way]) / len(equal[way]):7.2%}"
        )
    print_overhead()


if __name__ == "__main__":
    main()

"""Reading, cleaning, language and writing without a model: memory by rows, rate, and share of scoring time.

    python -m benchmarks.tables
    python -m benchmarks.tables --rows 1000000 10000000

The rows go through the real readers, roles, rating scale, cleaning, language detection, journal and writers;
only the model is replaced by one that takes no time. Each size runs in a process of its own, so that peak
memory is its own. The share of scoring time comes from scoring the first rows with the shipped model in the
same process, on the same rows.
"""

import argparse
import csv
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.train import peak_memory
from sentiment.config import PredictConfig
from sentiment.labels import STARS
from sentiment.scoring import ReviewScorer
from sentiment.scoring.job import resolve_job
from sentiment.scoring.loading import Models, open_models
from sentiment.scoring.predict import score
from sentiment.tables import open_readers

SAMPLE = Path(__file__).parents[1] / "data" / "sample_reviews.csv"
SCORED_ROWS = 2_000
"""Rows that the shipped model scores for the share."""


class ConstantScorer:
    """A Scorer that takes no time."""

    labels = STARS.labels

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give every text the same probabilities."""
        return np.tile(np.array([0.1, 0.1, 0.1, 0.2, 0.5], dtype=np.float32), (len(texts), 1))


class ConstantModels:
    """Stands where the opened models of a job stand."""

    def __init__(self, models: Models) -> None:
        self.default, self.others = models.default, models.others
        self.scheme, self.names = models.scheme, "constant"
        self.directories, self.thresholds, self.promises = models.directories, models.thresholds, {}

    def build_scorer(self, *_: object) -> ReviewScorer:
        """Give a scorer that detects languages like the real one, and judges in no time."""
        runs_on = {"device": "none", "precision": "none"}
        return ReviewScorer(ConstantScorer(), 0.7, runs_on, languages=("en",), detects_language=True)


def main() -> None:
    """Print a line for each number of rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument(
        "--output-format", default="csv", help="csv, tsv, jsonl, parquet, xlsx, sqlite, duckdb"
    )
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print("RESULT " + json.dumps(measure(arguments.one, arguments.output_format)))
        return
    share = in_own_process(0, arguments.output_format)["share"]
    print(f"tables: {share:.1%} of the time that the shipped model takes for the same {SCORED_ROWS:,} rows")
    print(f"{'rows':>12} {'reading alone':>16} {'everything':>16} {'peak':>10}")
    peaks = []
    for rows in arguments.rows:
        found = in_own_process(rows, arguments.output_format)
        peaks.append(found["peak"])
        print(
            f"{rows:>12,} {rows / found['reading']:>9,.0f} rows/s {rows / found['all']:>9,.0f} rows/s"
            f" {found['peak'] / 2**20:>7,.0f} MB"
        )
    if len(peaks) > 1:
        print(f"peak of the largest against the smallest: {peaks[-1] / peaks[0] - 1:+.1%}")


def in_own_process(rows: int, output_format: str) -> dict[str, float]:
    """Run one measurement as this same module, and read the figures that it prints."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.tables",
        "--output-format",
        output_format,
        "--one",
        str(rows),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    found: dict[str, float] = json.loads(done.stdout.rsplit("RESULT ", 1)[1])
    return found


def measure(rows: int, output_format: str) -> dict[str, float]:
    """Measure one size; 0 rows measures the share of scoring time."""
    models = open_models("reviews-en", ())
    constant = cast(Models, ConstantModels(models))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "reviews.csv")
        write_reviews(source, rows or SCORED_ROWS)
        output = str(Path(folder, f"scored.{output_format}"))
        if not rows:
            return {"share": share_of_scoring(source, output, models, constant)}
        start = time.perf_counter()
        with open_readers([source]) as reader:
            for _ in reader.rows():
                pass
        reading = time.perf_counter() - start
        return {"reading": reading, "all": run(source, output, constant)[0], "peak": float(peak_memory())}


def share_of_scoring(source: Path, output: str, models: Models, constant: Models) -> float:
    """Time everything but the model, and the model, in turn."""
    shares = []
    run(source, output, models)  # warms up both
    for _ in range(3):
        everything_else, writing = run(source, output, constant)
        _, scoring_and_writing = run(source, output, models)
        shares.append(everything_else / (scoring_and_writing - writing))
    return statistics.median(shares)


def run(source: Path, output: str, models: Models) -> tuple[float, float]:
    """Score a file as predict does; gives the seconds in all, and those after the model was loaded."""
    config = PredictConfig(inputs=(str(source),), output=output, quiet=True)
    start = time.perf_counter()
    with open_readers([source]) as reader:
        job = resolve_job(config, config.inputs, reader, models.scheme)
        summary = score(job, models)
    return time.perf_counter() - start, summary.seconds


def write_reviews(path: Path, rows: int) -> None:
    """Write the sample reviews over and over, each row numbered so that no two texts are the same."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        sample = [row for row in csv.DictReader(file) if row["body"]]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "review", "rating", "date", "product"])
        for number, row in zip(range(rows), itertools.cycle(sample)):
            text = f"{row['body']} (order {number})"
            writer.writerow(
                [number, row["title"], text, row["rating"], row["review_date"], row["product_handle"]]
            )


if __name__ == "__main__":
    main()

"""A report of many rows: time, rate, peak memory, and the size of what is written.

    python -m benchmarks.report
    python -m benchmarks.report --rows 100000 1000000 --form md

Scored rows are made up on the spot: five thousand products of which few are frequent, eighty countries, two
years of dates, ratings, texts of 5 to 60 words. Each size runs in a process of its own, so that peak memory
is its own. Rates are by processor time, which other work on the machine does not lengthen.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.train import peak_memory
from sentiment.labels import SENTIMENTS
from sentiment.reporting.build import build_report, find_all
from sentiment.reporting.output import resolve_targets, write_report
from sentiment.reporting.provenance import Provenance
from sentiment.reporting.scored_file import open_scored
from sentiment.tables import ColumnChoices, open_reader

COLUMNS = (
    "title", "body", "rating", "review_date", "product", "country", "predicted_sentiment",
    "predicted_confidence", "p_negative", "p_neutral", "p_positive", "predicted_stars", "review_status",
    "needs_review", "review_language", "stars_disagree",
)  # fmt: skip
WORDS = (
    "the", "towel", "lamp", "is", "soft", "bright", "and", "dries", "gives", "light", "very", "well", "but",
    "lost", "its", "colour", "after", "one", "wash", "it", "came", "late", "box", "was", "open", "nobody",
    "answered", "would", "buy", "again", "never", "too", "small", "just", "right", "for", "this", "price",
)  # fmt: skip
FIRST_DAY = datetime(2024, 1, 1)


def main() -> None:
    """Print a line for each number of rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--form", default="html", help="html, md or json")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print("RESULT " + json.dumps(measure(arguments.one, arguments.form)))
        return
    print(f"{'rows':>12} {'time':>10} {'processor':>10} {'rows/s':>10} {'peak':>10} {'page':>10}")
    for rows in arguments.rows:
        found = in_own_process(rows, arguments.form)
        print(
            f"{rows:>12,} {found['seconds']:>8.1f} s {found['processor']:>8.1f} s "
            f"{rows / found['processor']:>10,.0f} {found['peak'] / 2**20:>7,.0f} MB "
            f"{found['size'] / 1e3:>7,.0f} kB"
        )


def in_own_process(rows: int, form: str) -> dict[str, float]:
    """Measure one number of rows in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.report", "--one", str(rows), "--form", form]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    found: dict[str, float] = json.loads(lines[-1].removeprefix("RESULT "))
    return found


def measure(rows: int, form: str) -> dict[str, float]:
    """Make rows up, report on them, and measure seconds and bytes."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "made.scored.csv", Path(folder) / f"report.{form}"
        write_rows(source, rows)
        targets = resolve_targets([str(target)], [], "-o")
        start, started = time.perf_counter(), time.process_time()
        with open_reader(source) as reader:
            findings = find_all(
                open_scored(reader, ColumnChoices()), Provenance("python -m benchmarks.report")
            )
            report = build_report(findings)
        write_report(report, targets)
        return {
            "seconds": time.perf_counter() - start,
            "processor": time.process_time() - started,
            "peak": peak_memory(),
            "size": target.stat().st_size,
        }


def write_rows(path: Path, rows: int) -> None:
    """Write made-up scored rows, the same ones each time."""
    draws = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(make_row(draws, row / rows) for row in range(rows))


def make_row(draws: random.Random, progress: float) -> list[str]:
    """Make up one row; the texts get worse in the last quarter."""
    negative = draws.betavariate(0.5, 1.5 if progress < 0.75 else 1.2)
    neutral = (1 - negative) * draws.betavariate(0.5, 4)
    probabilities = (negative, neutral, 1 - negative - neutral)
    label = max(range(3), key=probabilities.__getitem__)
    stars = 1 + 4 * (probabilities[2] + probabilities[1] / 2)
    rating = round(min(5, max(1, draws.gauss(stars, 0.8))))
    day = FIRST_DAY + timedelta(days=730 * progress, minutes=draws.randrange(1440))
    needs_review = probabilities[label] < 0.63
    return [
        " ".join(draws.choices(WORDS, k=3)),
        " ".join(draws.choices(WORDS, k=draws.randrange(5, 60))),
        str(rating),
        f"{day:%d/%m/%Y %H:%M}",
        f"product {int(5000 * draws.random() ** 3)}",
        f"country {int(80 * draws.random() ** 2)}",
        SENTIMENTS[label],
        f"{probabilities[label]:.4f}",
        *(f"{probability:.4f}" for probability in probabilities),
        f"{stars:.2f}",
        "ok",
        "true" if needs_review else "false",
        "en",
        "true" if abs(stars - rating) >= 2 and not needs_review else "false",
    ]


if __name__ == "__main__":
    main()

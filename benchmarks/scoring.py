"""Score the same reviews with transformers' pipeline and with ours, in alternation, and compare the answers.

    python -m benchmarks.scoring [MODEL] [ROWS]

MODEL is a shipped model or a model directory (default: reviews-en), ROWS how many reviews (default: 256, the
bodies of data/sample_reviews.csv, repeated with a running number so that no two are equal). Prints medians,
ratios against the first row, and the share of labels that equal those of our fp32.
"""

import csv
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from sentiment import load_scorer
from sentiment.config import ExportConfig
from sentiment.judging.export import export
from sentiment.scoring.review_scorer import ReviewScorer

ROUNDS = 3
SAMPLE = Path(__file__).parent.parent / "data" / "sample_reviews.csv"


def load_texts(rows: int, turn: int) -> list[str]:
    """Give texts that no round before has seen."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        bodies = [row["body"] for row in csv.DictReader(file) if len(row["body"].split()) > 3]
    return [f"{bodies[i % len(bodies)]} (order {turn}-{i})" for i in range(rows)]


def best_labels(scorer: ReviewScorer, texts: list[str]) -> list[str]:
    """Give the likeliest class of each text."""
    return [scorer.labels[i] for i in scorer.score(texts).argmax(axis=1)]


def main() -> None:
    """Print the table."""
    from transformers import pipeline

    model = sys.argv[1] if len(sys.argv) > 1 else "reviews-en"
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain"
        export(ExportConfig(model=model, directory=str(plain)))
        classify = pipeline("text-classification", model=str(plain), device="cpu", truncation=True)
        fp32, auto = load_scorer(model, precision="fp32"), load_scorer(model)
        variants = {
            "pipeline(), one at a time": lambda texts: [classify(text)[0]["label"] for text in texts],
            "pipeline(batch_size=32)": lambda texts: [row["label"] for row in classify(texts, batch_size=32)],
            "ours, fp32": partial(best_labels, fp32),
            f"ours, {auto.runs_on['precision'].split()[0]}": partial(best_labels, auto),
        }
        seconds: dict[str, list[float]] = {name: [] for name in variants}
        answers: dict[str, list[str]] = {name: [] for name in variants}
        for turn in range(ROUNDS + 1):
            texts = load_texts(rows, turn)
            for name, score in variants.items():
                start = time.perf_counter()
                labels = score(texts)
                if turn:  # the first round warms up
                    seconds[name].append(time.perf_counter() - start)
                    answers[name] += labels
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    base = next(iter(medians.values()))
    print(f"{rows} reviews a round, median of {ROUNDS} rounds")
    for name, median in medians.items():
        equal = sum(a == b for a, b in zip(answers[name], answers["ours, fp32"], strict=True)) / len(
            answers[name]
        )
        print(f"{name:28} {rows / median:8,.1f} reviews/s {base / median:6.2f}x   equal labels {equal:6.1%}")


if __name__ == "__main__":
    main()

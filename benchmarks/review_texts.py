"""Texts to measure with: short, middle and long reviews of a corpora folder, or those that come along."""

import csv
import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

SAMPLE: Final = Path(__file__).parent.parent / "data" / "sample_reviews.csv"

CORPORA: Final = {
    "short": "semeval2017_4a.parquet",
    "middle": "womens_clothing.parquet",
    "long": "imdb50k.parquet",
}
"""Length to its file: tweets, reviews of women's clothing, film reviews."""

SAMPLED: Final = "sample"
"""The length of the reviews that come along: mixed."""

SHARES: Final = {"short": 3.0, "middle": 1.0, "long": 0.25, SAMPLED: 1.0}
"""Reviews of a length that take as long as a middle one."""


def load_texts(corpora: Path | None, length: str) -> list[str]:
    """Give different texts of a length: those of a corpus's test split, or the bodies of the sample."""
    if corpora is None:
        return load_sample()
    import pyarrow.parquet as pq

    table = pq.read_table(corpora / CORPORA[length], columns=["text"], filters=[("split", "=", "test")])
    return list(dict.fromkeys(text for text in table["text"].to_pylist() if text and text.strip()))


def count_rows(rows: int, length: str) -> int:
    """Give the number of reviews that take about as long as so many middle ones, at least one."""
    return max(1, round(rows * SHARES[length]))


def load_sample() -> list[str]:
    """Give the bodies of data/sample_reviews.csv that hold a few words."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        bodies = [row["body"] for row in csv.DictReader(file)]
    return list(dict.fromkeys(body for body in bodies if len(body.split()) > 3))


def iter_fresh(texts: Sequence[str], seed: int = 0) -> Iterator[str]:
    """Give texts in an order of their own, never one twice: from the second pass on they bear its number."""
    for turn in itertools.count(1):
        for text in random.Random(f"{seed} {turn}").sample(texts, len(texts)):
            yield text if turn == 1 else f"{text} (copy {turn})"

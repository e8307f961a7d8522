"""The labelled reviews that alternatives learn from and are measured on."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sentiment.config import read_toml
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.corpus.splitting import drop_near_duplicates
from sentiment.labels import SENTIMENT_OF_STARS, SENTIMENTS
from sentiment.training.data import first_by_content

COLUMNS: Final = LabelledColumns(label=("stars", "label"))


@dataclass(frozen=True)
class Reviews:
    """What is learned from, and what is measured.

    Attributes:
        train: Of all files together, free of near-twins of the reviews that are measured.
        tests: Name of a file to its reviews.
    """

    train: LabelledReviews
    tests: dict[str, LabelledReviews]


def find_files(corpora: Path, mixture: str) -> list[Path]:
    """Give the corpora of a training config, in a folder of them; this project's own sentences are none."""
    names = map(Path, read_toml(mixture, "the mixture")["data"])
    return [corpora / name.name for name in names if not name.is_relative_to("data")]


def load_reviews(files: Iterable[Path], train_rows: int, test_rows: int) -> Reviews:
    """Load at most so many rows of each split of each file, drawn by content: the same ones each time."""
    train, tests = LabelledReviews(), {}
    for path in files:
        reviews = load_files([str(path)], COLUMNS)
        train.extend(first_by_content(_of_split(reviews, "train"), train_rows))
        tests[path.stem] = first_by_content(_of_split(reviews, "test"), test_rows)
    return Reviews(drop_near_duplicates(train, [*tests.values()]), tests)


def read_sentiments(reviews: LabelledReviews) -> NDArray[np.intp]:
    """Give the position in `SENTIMENTS` that each label (reviews,) reads as."""
    names = [SENTIMENT_OF_STARS.get(label, label) for label in reviews.labels]
    return np.array([SENTIMENTS.index(name) for name in names], dtype=np.intp)


def fingerprint_texts(texts: Sequence[str]) -> str:
    """Give the hash of texts in their order."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()


def _of_split(reviews: LabelledReviews, split: str) -> LabelledReviews:
    return reviews.select(i for i, own in enumerate(reviews.splits) if own == split)

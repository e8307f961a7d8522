"""Judge reviews with emoji, and with emoticons, as they are and in words, and time the cleaning.

    python -m benchmarks.cleaning FOLDER [MODEL]

FOLDER holds labelled corpora as Parquet files (`text`, `title`, `label`, `split`); their validation rows are
read. MODEL is a shipped model or a model directory (default: reviews-en). Each row of a table stands against
the first one: labels that turned right and wrong, mean negative log-likelihood of the true label.
"""

import csv
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq

from sentiment import load_scorer
from sentiment.labels import SENTIMENTS
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.tables.values import cleaning
from sentiment.tables.values.emoji_words import ANY_EMOJI, EMOJI_WORDS, spell_emoji

SAMPLE = Path(__file__).parent.parent / "data" / "sample_reviews.csv"
HAPPY = re.compile(r"(?<![\w:;])(?:[:=;]['\u2019]?-?[)D\]]|[xX]D|\(:|<3|\^_\^|[:=]-?[pP])(?!\w)")
SAD = re.compile(r"(?<![\w:;])(?:[:=]['\u2019]?-?[(\[/|\\]|\)-?:|D:)(?![\w/])")
ROUNDS = 5


def iter_rows(folder: Path) -> Iterator[tuple[str | None, str, str]]:
    """Iterate over title, text and label of the validation rows of every labelled corpus."""
    for path in sorted(folder.glob("*.parquet")):
        if "label" in pq.read_schema(path).names:
            table = pq.read_table(
                path, columns=["title", "text", "label"], filters=[("split", "==", "validation")]
            )
            yield from zip(*(table[name].to_pylist() for name in ("title", "text", "label")), strict=True)


def drop_emoji(text: str) -> str:
    """Put a blank in the place of every emoji."""
    return ANY_EMOJI.sub(" ", text)


def name_emoticons(text: str) -> str:
    """Put the names of two faces in the place of emoticons."""
    return SAD.sub(" sad face ", HAPPY.sub(" smiling face ", text))


class Comparison:
    """Print how ways to prepare the same reviews do against the first of them."""

    def __init__(self, title: str, scorer: ReviewScorer, labels: list[str]) -> None:
        self._scorer = scorer
        self._truth = np.array([SENTIMENTS.index(label) for label in labels])
        self._first: np.ndarray | None = None
        print(f"\n{title:44} {'accuracy':>9} {'right':>6} {'wrong':>6} {'nll':>6}")

    def add(self, name: str, texts: list[str], spell: Callable[[str], str]) -> None:
        """Score the texts with `spell` in the place of the step that spells emoji."""
        with patch.object(cleaning, "spell_emoji", spell):
            found = self._scorer.scheme.sentiment_probabilities(self._scorer.score(texts))
        is_right = found.argmax(axis=1) == self._truth
        self._first = is_right if self._first is None else self._first
        nll = -np.log(found[np.arange(len(texts)), self._truth].clip(1e-6)).mean()
        gained, lost = (is_right & ~self._first).sum(), (~is_right & self._first).sum()
        print(f"{name:44} {is_right.mean():9.1%} {gained:+6} {-lost:6} {nll:6.3f}")


def microseconds(texts: list[str]) -> float:
    """Give the least time of some rounds, for one text."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for text in texts:
            cleaning.clean_text(text)
        seconds.append(time.perf_counter() - start)
    return min(seconds) / len(texts) * 1e6


def main() -> None:
    """Print the tables."""
    rows = list(iter_rows(Path(sys.argv[1])))
    scorer = load_scorer(sys.argv[2] if len(sys.argv) > 2 else "reviews-en", device="cpu", precision="fp32")
    with patch.object(cleaning, "spell_emoji", str):
        composed = [(cleaning.compose_text(title, text or ""), label) for title, text, label in rows]

    known = re.compile("[" + "".join(EMOJI_WORDS.values()) + "]")
    for title, pattern in (("reviews with emoji", ANY_EMOJI), ("reviews with emoji of clear meaning", known)):
        texts, labels = (
            list(column) for column in zip(*(r for r in composed if pattern.search(r[0])), strict=True)
        )
        comparison = Comparison(f"{len(texts)} {title}", scorer, labels)
        comparison.add("as they are", texts, str)
        comparison.add("a blank for each", texts, drop_emoji)
        comparison.add("words for those of clear meaning", texts, spell_emoji)
    emoticons = [row for row in composed if HAPPY.search(row[0]) or SAD.search(row[0])]
    texts, labels = (list(column) for column in zip(*emoticons, strict=True))
    comparison = Comparison(f"{len(texts)} reviews with emoticons", scorer, labels)
    comparison.add("as they are", texts, spell_emoji)
    comparison.add("words", [name_emoticons(text) for text in texts], spell_emoji)

    print(f"\n{'emoji alone':44} {'label':>9} {'confidence':>11}")
    for words, prediction in zip(
        EMOJI_WORDS, scorer.predict([each[0] for each in EMOJI_WORDS.values()]), strict=True
    ):
        print(f"{words:44} {prediction.label!s:>9} {prediction.confidence or 0:11.2f}")

    with SAMPLE.open(encoding="utf-8", newline="") as file:
        sample = [row["body"] for row in csv.DictReader(file)]
    print(f"\ncleaning: {microseconds(sample):.2f} microseconds a review of data/sample_reviews.csv,")
    print(f"{microseconds([text or '' for _, text, _ in rows]):.2f} of the corpora")


if __name__ == "__main__":
    main()

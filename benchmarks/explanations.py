"""How faithful explanations are: what becomes of a label as the words that are said to carry it go, or come.

    python -m benchmarks.explanations --corpora ../shared/corpora --rows 200

CORPORA holds labelled corpora as Parquet files (`text`, `title`, `split`). Of each named one, reviews are
drawn that the model calls negative or positive, of five words and more (weights tell towards positive or
negative, and so nothing of a neutral label). Their words are put in order by each way to explain, those that
speak most for the label first, and at random.

- deletion: probability of the label as a tenth of the words after the other is left out, from none to all;
- insertion: as they are put back into the emptied text, each at its place.

Told are the mean areas under both curves (RISE, Petsiuk, Das & Saenko 2018; the same curves, averaged, are
comprehensiveness and sufficiency of ERASER, DeYoung et al. 2020), with 95 % intervals over reviews, how far
each is from random order on the same reviews, and what explaining takes beside scoring.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from sentiment.config import ComputeSettings
from sentiment.labels import SENTIMENTS
from sentiment.model import open_model
from sentiment.scoring.explaining import Explainer, open_explainer
from sentiment.scoring.explaining.words import Word, leave_out, split_words
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.preparing import prepare
from sentiment.scoring.review_scorer import ReviewScorer

CORPORA: Final = ("amazon_earphones", "womens_clothing", "yelp10k", "us_airline")
TENTHS: Final = np.linspace(0, 1, 11)
FEWEST_WORDS: Final = 5

Array = np.ndarray


class Judged(NamedTuple):
    """A review as the model reads it, its words, and the sentiment that the model gives it."""

    text: str
    words: list[Word]
    label: int


class Outcome(NamedTuple):
    """Areas under the curves of each review, and seconds that explaining all took."""

    deletion: Array
    insertion: Array
    seconds: float


def probabilities(scorer: ReviewScorer, texts: Sequence[str]) -> Array:
    """Give the sentiments (texts, 3) of texts as they stand."""
    return scorer.scheme.sentiment_probabilities(scorer.score(texts))


def draw_reviews(path: Path, split: str, rows: int, scorer: ReviewScorer) -> list[Judged]:
    """Draw reviews of a corpus, always the same."""
    table = pq.read_table(path, columns=["title", "text"], filters=[("split", "==", split)]).to_pylist()
    drawn = [table[i] for i in np.random.default_rng(0).permutation(len(table))[: 2 * rows]]
    read = prepare(
        [row["text"] or "" for row in drawn], [row["title"] for row in drawn], detect_language=False
    )
    texts = [each.text for each in read if each.is_readable]
    labels = probabilities(scorer, texts).argmax(axis=1).tolist()
    judged = [Judged(text, split_words(text), label) for text, label in zip(texts, labels, strict=True)]
    wanted = (SENTIMENTS.index("negative"), SENTIMENTS.index("positive"))
    return [each for each in judged if each.label in wanted and len(each.words) >= FEWEST_WORDS][:rows]


def without(review: Judged, gone: Sequence[int]) -> str:
    """Give a review without some of its words."""
    text = review.text
    for place in sorted(gone, reverse=True):
        text = leave_out(text, *review.words[place])
    return text


def areas(review: Judged, order: Sequence[int], scorer: ReviewScorer) -> tuple[float, float]:
    """Give the areas under the deletion and the insertion curve of one order of a review's words."""
    cuts = np.rint(TENTHS * len(order)).astype(int).tolist()
    deleted = [without(review, order[:cut]) for cut in cuts]
    inserted = [without(review, order[cut:]) for cut in cuts]
    curve = probabilities(scorer, [*deleted, *inserted])[:, review.label]
    return (
        float(np.trapezoid(curve[: len(cuts)], TENTHS)),
        float(np.trapezoid(curve[len(cuts) :], TENTHS)),
    )


def order_by(explainer: Explainer) -> Callable[[Judged], list[int]]:
    """Put words in order by what they weigh for the label."""

    def order(review: Judged) -> list[int]:
        weights = [0.0] * len(review.words)
        for place, each in enumerate(explainer.explain([review.text])[0]):
            weights[place] = each.weight
        sign = 1 if SENTIMENTS[review.label] == "positive" else -1
        return sorted(range(len(weights)), key=lambda place: -sign * weights[place])

    return order


def order_at_random() -> Callable[[Judged], list[int]]:
    """Put words in a drawn order."""
    draws = np.random.default_rng(0)
    return lambda review: draws.permutation(len(review.words)).tolist()


def measure(reviews: Sequence[Judged], order: Callable[[Judged], list[int]], scorer: ReviewScorer) -> Outcome:
    """Order the words of all reviews, and follow the curves of each."""
    start = time.perf_counter()
    orders = [order(review) for review in reviews]
    seconds = time.perf_counter() - start
    found = np.array([areas(*each, scorer) for each in zip(reviews, orders, strict=True)])
    return Outcome(found[:, 0], found[:, 1], seconds)


def interval(values: Array) -> str:
    """Give a mean and its 95 % interval over reviews."""
    return f"{values.mean():6.3f} +-{1.96 * values.std(ddof=1) / np.sqrt(len(values)):.3f}"


def report(name: str, reviews: int, outcomes: dict[str, Outcome], plain: float) -> None:
    """Print the lines of one corpus, or of all."""
    chance = outcomes["random"]
    for method, found in outcomes.items():
        line = f"{name:17} {reviews:7} {method:21} {interval(found.deletion)} {interval(found.insertion)}"
        if method != "random":
            line += f"  {interval(found.deletion - chance.deletion)} "
            line += f"{interval(found.insertion - chance.insertion)} {found.seconds / plain:7.0f}x"
        print(line, flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=CORPORA)
    parser.add_argument("--split", default="test")
    parser.add_argument("--rows", type=int, default=200, help="reviews of each corpus")
    parser.add_argument("--model", default="reviews-en")
    parser.add_argument("--precision", default="auto", help="of scoring and occlusion; gradients are fp32")
    arguments = parser.parse_args()
    directory = open_model(arguments.model)
    compute = ComputeSettings(device="cpu", precision=arguments.precision)
    scorer = build_scorer(directory, compute)
    orders = {
        method: order_by(open_explainer(method, directory, scorer, compute))
        for method in ("occlusion", "integrated-gradients")
    }
    print(f"runs on: {scorer.runs_on['backend']}, {scorer.runs_on['precision']}")
    print(f"{'corpus':17} {'reviews':>7} {'order of words':21} {'deletion':>14} {'insertion':>14}  "
          f"{'beside random':>14} {'':>14} {'cost':>8}")  # fmt: skip
    everything: list[tuple[dict[str, Outcome], float, int]] = []
    for name in arguments.names:
        reviews = draw_reviews(arguments.corpora / f"{name}.parquet", arguments.split, arguments.rows, scorer)
        start = time.perf_counter()
        probabilities(scorer, [review.text for review in reviews])
        plain = time.perf_counter() - start
        found = {method: measure(reviews, order, scorer) for method, order in orders.items()}
        found["random"] = measure(reviews, order_at_random(), scorer)
        report(name, len(reviews), found, plain)
        everything.append((found, plain, len(reviews)))
    together = {
        method: Outcome(
            np.concatenate([found[method].deletion for found, _, _ in everything]),
            np.concatenate([found[method].insertion for found, _, _ in everything]),
            sum(found[method].seconds for found, _, _ in everything),
        )
        for method in (*orders, "random")
    }
    report("all", sum(n for _, _, n in everything), together, sum(plain for _, plain, _ in everything))


if __name__ == "__main__":
    main()

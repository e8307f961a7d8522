"""Ways to estimate shares, on sources that they were not fitted on.

    python -m benchmarks.shares CORPORA SCORES --split test

CORPORA holds labelled corpora as Parquet files (`text`, `title`, `label`, `split`). The model scores some
rows of each once, and keeps them in SCORES. Each source with reviews of all three sentiments is estimated in
turn, fitted on the held-out scores of the other sources: those of the model directory, or, where it has none,
of the validation rows. `--split left-out` takes what models of the recipe say of sources that were left out
of their training instead: nothing is scored, and no model has seen a source that it is estimated for.

- natural: the source as it is; in samples of 100, too.
- tilted: 400 rows, each sentiment e^z times as often beside the others, z normal with deviation 0.5.
- any: 400 rows of shares drawn evenly from all that there are (artificial prevalence protocol, Forman 2008).

Told are the mean absolute error of a share, in points; how often the 95 % interval holds the true one; and
its mean width, in points.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq
from scipy.optimize import nnls

from sentiment import load_scorer
from sentiment.labels import SENTIMENTS
from sentiment.measuring import ShareCounts, ShareEstimator, shares
from sentiment.model import open_model
from sentiment.model.held_out import HeldOutScores, load_held_out, save_held_out

PROTOCOLS: Final = ("natural", "natural, 100", "tilted", "any")
FEWEST: Final = 5
"""Of each sentiment, for a source to be estimated."""
DRAWS: Final = 20
TILTS: Final = (1.0, 1.5, 2.0, 3.0)

Array = np.ndarray
Estimate = Callable[[Array], Array]


class Sample(NamedTuple):
    """Reviews whose true shares are known."""

    protocol: str
    shares: Array
    rows: Array


def score_corpora(folder: Path, split: str, model: str, rows: int) -> HeldOutScores:
    """Score rows of a split of every labelled corpus, drawn at random."""
    scorer = load_scorer(model, device="cpu", detect_language=False)
    probabilities, truth, source, sources = [], [], [], []
    for path in sorted(folder.glob("*.parquet")):
        if "label" not in pq.read_schema(path).names:
            continue
        table = pq.read_table(
            path, columns=["title", "text", "label"], filters=[("split", "==", split)]
        ).to_pylist()
        drawn = [table[i] for i in np.random.default_rng(0).permutation(len(table))[:rows]]
        found = scorer.predict([row["text"] or "" for row in drawn], [row["title"] for row in drawn])
        judged = [(one, row) for one, row in zip(found, drawn, strict=True) if one.label is not None]
        probabilities += [[one.probabilities[name] for name in SENTIMENTS] for one, _ in judged]
        truth += [SENTIMENTS.index(row["label"]) for _, row in judged]
        source += [len(sources)] * len(judged)
        sources.append(path.stem)
        print(f"{path.stem}: {len(judged)} rows")
    place = np.array(source)
    found = np.array(probabilities, dtype=np.float32)
    return HeldOutScores(found, np.array(truth), place, SENTIMENTS, tuple(sources), False, place, "")


def keep_scores(path: Path, score: Callable[[], HeldOutScores]) -> HeldOutScores:
    """Read scores, or make and keep them."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_held_out(score(), path)
    return load_held_out(path)


def winners(probabilities: Array) -> Array:
    """Give a row of zeros and a one for each review."""
    return np.eye(3)[probabilities.argmax(axis=1)]


def adjust(features: Callable[[Array], Array], fitted: HeldOutScores) -> Estimate:
    """Solve for the shares that give the mean features: matrix form of Forman 2008 (Lipton et al. 2018)."""
    found = features(fitted.probabilities)
    confusion = np.stack([found[fitted.truth == name].mean(axis=0) for name in range(3)], axis=1)
    heavy = 1000.0

    def estimate(probabilities: Array) -> Array:
        mean = features(probabilities).mean(axis=0)
        solved, _ = nnls(np.vstack([confusion, np.full((1, 3), heavy)]), np.append(mean, heavy))
        return solved / solved.sum()

    return estimate


def maximise(fitted: HeldOutScores) -> Estimate:
    """Expectation maximisation of the shares (Saerens, Latinne & Decaestecker 2002)."""
    prior = np.bincount(fitted.truth, minlength=3) / len(fitted)

    def estimate(probabilities: Array) -> Array:
        found = prior
        for _ in range(200):
            weights = probabilities * (found / prior)
            found, before = (weights / weights.sum(axis=1, keepdims=True)).mean(axis=0), found
            if np.abs(found - before).max() < 1e-5:
                break
        return found

    return estimate


def build_rivals(fitted: HeldOutScores) -> dict[str, Estimate]:
    """Give every way that tells no interval."""
    return {
        "counts of labels": lambda rows: winners(rows).mean(axis=0),
        "adjusted counts (Forman 2008)": adjust(winners, fitted),
        "adjusted probabilities (Bella et al. 2010)": adjust(lambda rows: rows, fitted),
        "expectation maximisation (Saerens et al. 2002)": maximise(fitted),
        "mean probabilities (Bella et al. 2010)": lambda rows: rows.mean(axis=0),
    }


def iter_samples(truth: Array, random: np.random.Generator) -> Iterator[Sample]:
    """Draw samples of a source."""
    own = np.bincount(truth, minlength=3) / len(truth)
    by_name = [np.flatnonzero(truth == name) for name in range(3)]

    def draw(protocol: str, wanted: Array) -> Sample:
        counts = random.multinomial(400, wanted)
        rows = [random.choice(by_name[name], counts[name]) for name in range(3)]
        return Sample(protocol, wanted, np.concatenate(rows))

    yield Sample("natural", own, np.arange(len(truth)))
    for _ in range(DRAWS):
        yield Sample("natural, 100", own, random.integers(len(truth), size=100))
        tilted = own * np.exp(random.normal(0, 0.5, 3))
        yield draw("tilted", tilted / tilted.sum())
        yield draw("any", random.dirichlet(np.ones(3)))


def measure(judged: HeldOutScores, held_out: HeldOutScores) -> dict[str, dict[str, list[Array]]]:
    """Give, by way and protocol, an array [error, covered, width] for each sample."""
    random = np.random.default_rng(1)
    found: dict[str, dict[str, list[Array]]] = defaultdict(lambda: defaultdict(list))
    for place, name in enumerate(judged.sources):
        own = judged.select(judged.source == place)
        if np.bincount(own.truth, minlength=3).min() < FEWEST:
            continue
        others = held_out.select(np.array([held_out.sources[i] != name for i in held_out.source]))
        rivals = build_rivals(others)
        ours = {f"ours, tilt {tilt:g}": _fit(others, tilt) for tilt in TILTS}
        for sample in iter_samples(own.truth, random):
            rows = own.probabilities[sample.rows].astype(np.float64)
            for way, estimate in rivals.items():
                error = np.abs(estimate(rows) - sample.shares).mean()
                found[way][sample.protocol].append(np.array([error, np.nan, np.nan]))
            counts = ShareCounts(3)
            counts.add(rows)
            for way, estimator in ours.items():
                told = estimator.estimate(counts)
                low, high = np.array(told.low), np.array(told.high)
                error = np.abs(told.shares - sample.shares).mean()
                covered = ((low <= sample.shares) & (sample.shares <= high)).mean()
                found[way][sample.protocol].append(np.array([error, covered, (high - low).mean()]))
    return found


def _fit(scores: HeldOutScores, tilt: float) -> ShareEstimator:
    with patch.object(shares, "TILT", tilt):
        return ShareEstimator.fit(scores.probabilities, scores.truth, scores.source, scores.names)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", type=Path)
    parser.add_argument("scores", type=Path)
    parser.add_argument("--split", default="validation", choices=["validation", "test", "left-out"])
    parser.add_argument("--model", default="reviews-en")
    parser.add_argument("--rows", type=int, default=900, help="of a corpus, at most")
    options = parser.parse_args()

    def scores_of(split: str) -> HeldOutScores:
        path = options.scores / f"{split}.safetensors"
        return keep_scores(path, lambda: score_corpora(options.corpora, split, options.model, options.rows))

    directory = open_model(options.model)
    held_out = directory.load_held_out() or scores_of("validation")
    judged = None
    if options.split == "left-out":
        judged = held_out = directory.load_left_out() or parser.error(
            "the model keeps no scores of left-out sources"
        )
    found = measure(judged or scores_of(options.split), held_out)
    kind = "unseen sources" if held_out.unseen else "seen sources, unseen rows"
    print(f"{options.split} rows of {options.model}; fitted on {len(held_out):,} held-out rows ({kind})")
    print(f"{'error in points, covered, width':48}" + "".join(f"{name:>24}" for name in PROTOCOLS))
    for way, by_protocol in found.items():
        means = [np.mean(by_protocol[protocol], axis=0) for protocol in PROTOCOLS]
        cells = [
            f"{100 * error:10.1f}" + (" " * 14 if np.isnan(covered) else f"{covered:8.2f}{100 * width:6.1f}")
            for error, covered, width in means
        ]
        print(f"{way:48}" + "".join(cells))


if __name__ == "__main__":
    main()

"""Test the promise of `needs_review` on reviews that no threshold was fitted on.

    python -m benchmarks.promise reviews-en --corpora ../shared/corpora
    python -m benchmarks.promise reviews-en --held-out runs/study/held_out.safetensors

For each target accuracy: the threshold that the model's held-out scores give, the share of reviews that it is
expected to answer, and on how many of their sources it keeps the promise. Then, on what it was not fitted on:

    groups      each group of sources in turn: the threshold is fitted on all other groups and tested on this
                one, which is what a promise is worth on kinds of text that are not among those it rests on
    test files  with --corpora: the test split of each file that the model was trained on, one by one, and all
                of them, each counting alike

A cell is the share answered, then the share of those that is right. `holds` and `fails` are verdicts that are
95 % sure (Clopper & Pearson 1934, one-sided); without a word the reviews do not tell. A promise is about a
mixture: where single groups fail and all of them together hold, it has kept its word.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sentiment.config import ComputeSettings, EvaluateConfig
from sentiment.judging.labelled_files import LabelledFile, load_labelled_files
from sentiment.measuring import Promise, fit_promise, judge_names
from sentiment.measuring.kept_promise import check_promise
from sentiment.model import ModelDirectory, open_model
from sentiment.model.held_out import HeldOutScores, check_held_out_fits, load_held_out
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.scorer import Scorer
from sentiment.studies.output import lay_out
from sentiment.training.data import allowed_classes

VERDICTS = {"holds": " holds", "does not hold": " fails", "cannot be told": ""}

SHOWN = 3
"""Names of sources that a line has room for."""


@dataclass(frozen=True)
class Judged:
    """Predictions for reviews of one kind.

    Attributes:
        name: Of the group or file.
        confidence: (n,) of each prediction.
        right: (n,) whether it is right.
    """

    name: str
    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model")
    parser.add_argument(
        "--held-out", type=Path, help="scores to fit on; by default those that the model keeps"
    )
    parser.add_argument("--corpora", type=Path, help="folder of the files that the model was trained on")
    parser.add_argument("--rows-per-file", type=int, default=2000)
    parser.add_argument("--targets", type=float, nargs="+", default=[0.85, 0.9, 0.95])
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    asked = parse_arguments(arguments)
    directory = open_model(asked.model)
    scores = load_scores(directory, asked.held_out)
    promises = {target: fit_promise(scores, target) for target in asked.targets}
    kind = "sources left out of training" if scores.unseen else "validation rows"
    print(f"{directory.name}: {len(scores):,} held-out scores, {kind} ({scores.origin}).\n")
    print(render_promises(promises))
    groups = split_groups(scores)
    if len(groups) > 1:
        print("\nEach group by a threshold that the others gave\n")
        others = [
            {target: fit_promise(scores.select(scores.group != own), target) for target in asked.targets}
            for own in groups
        ]
        print(render_tests(groups.values(), others))
    if asked.corpora is not None:
        print("\nTest splits by the threshold above\n")
        files = list(judge_files(directory, asked.corpora, asked.rows_per_file))
        print(render_tests(files, [promises] * len(files)))


def load_scores(directory: ModelDirectory, path: Path | None) -> HeldOutScores:
    """Give the scores of a file, or those that the model keeps."""
    kept = directory.load_left_out() or directory.load_held_out()
    scores = kept if path is None else load_held_out(path)
    if scores is None:
        raise SystemExit(f"{directory.path}: keeps no held-out scores; name a file with --held-out.")
    check_held_out_fits(scores, directory.manifest.scheme, path or directory.path)
    return scores


def split_groups(scores: HeldOutScores) -> dict[int, Judged]:
    """Take the scores apart by what was left out together."""
    groups = {}
    for own in np.unique(scores.group).tolist():
        part = scores.select(scores.group == own)
        names = [scores.sources[i] for i in np.unique(part.source)]
        rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        groups[own] = Judged(", ".join(names[:SHOWN]) + rest, part.confidence, part.right)
    return groups


def judge_files(directory: ModelDirectory, corpora: Path, rows: int) -> Iterable[Judged]:
    """Score reviews of the test split of each file that the model was trained on."""
    sources = sorted({source for counts in directory.manifest.facts["rows"].values() for source in counts})
    paths = [str(path) for source in sources if (path := corpora / f"{source}.parquet").is_file()]
    config = EvaluateConfig(
        data=tuple(paths), label_column=("stars", "label"), split="test", rows_per_file=rows, quiet=True
    )
    scheme = directory.manifest.scheme
    files = load_labelled_files(config, scheme)
    scorer = build_scorer(directory, ComputeSettings())
    for name, file in files.items():
        yield judge_file(name, file, scorer, directory)


def judge_file(name: str, file: LabelledFile, scorer: Scorer, directory: ModelDirectory) -> Judged:
    """Score the reviews of a file as predict.py would."""
    scheme = directory.manifest.scheme
    probabilities = scorer.score(file.reviews.texts)
    _, named, truth = judge_names(probabilities, allowed_classes(file.reviews, scheme), scheme)
    return Judged(name, named.max(axis=1), named.argmax(axis=1) == truth)


def render_promises(promises: Mapping[float, Promise]) -> str:
    """Lay out what was fitted, a line for each target."""
    rows = [["target", "threshold", "answered", "right of those", "lower bound", "fitted on", "sources kept"]]
    for target, promise in promises.items():
        fitted = ["none", "0.0%", "", ""]
        if promise.accuracy is not None and promise.lower_bound is not None:
            fitted = [f"{promise.threshold:.3f}", f"{promise.coverage:.1%}"]
            fitted += [f"{promise.accuracy:.1%}", f"{promise.lower_bound:.1%}"]
        kept = f"{len(promise.kept_on)} of {len(promise.sources)}"
        rows.append([f"{target:.0%}", *fitted, f"{promise.reviews:,}", kept])
    return lay_out(rows)


def render_tests(tested: Iterable[Judged], fits: Sequence[Mapping[float, Promise]]) -> str:
    """Lay out how promises went where they were not fitted.

    Args:
        tested: Groups or files.
        fits: For each of them, target to the promise that is tested on it.
    """
    targets = list(fits[0])
    rows = [["", "reviews", *(f"{target:.0%}" for target in targets)]]
    shares: dict[float, list[tuple[float, float]]] = {target: [] for target in targets}
    for judged, promises in zip(tested, fits, strict=True):
        cells = []
        for target, promise in promises.items():
            found = check_promise(judged.confidence, judged.right, promise.threshold, target)
            accuracy = "" if found.accuracy is None else f" {found.accuracy:.1%}"
            cells.append(f"{found.coverage:.1%}{accuracy}{VERDICTS[found.verdict]}")
            shares[target].append((found.coverage, found.coverage * (found.accuracy or 0.0)))
        rows.append([judged.name, f"{len(judged.right):,}", *cells])
    rows.append(["all, each counting alike", "", *(_mean(shares[target]) for target in targets)])
    reached = [f"{_count_reached(shares[target], target)} of {len(fits)}" for target in targets]
    rows.append(["reached the target", "", *reached])
    return lay_out(rows)


def _mean(shares: Sequence[tuple[float, float]]) -> str:
    answered, right = np.array(shares).mean(axis=0)
    return f"{answered:.1%} {right / answered:.1%}" if answered else "0.0%"


def _count_reached(shares: Sequence[tuple[float, float]], target: float) -> int:
    # An answered share of 0 breaks no promise; a hair's breadth is what sums of floats are off.
    return sum(right >= target * answered - 1e-9 for answered, right in shares)


if __name__ == "__main__":
    main()

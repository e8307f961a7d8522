"""Compare the shipped model with what people score reviews with: right, calibrated, fast, small, cheap?

    pip install -r requirements/alternatives.txt
    python -m benchmarks.alternatives --corpora ../shared/corpora
    python -m benchmarks.alternatives --corpora ../shared/corpora --rows 100 --only VADER TF-IDF

    reviews-en   the shipped model, as `load_scorer` opens it on the CPU
    VADER, TextBlob   lexicons; their polarity reads as probabilities as in `evaluate --baselines`
    TF-IDF       logistic regression over words and word pairs, taught by rows of reviews-en's own mixture
    SetFit       the same encoder, taught by a few labelled reviews of each sentiment from those rows
    SST-2 alone  the same encoder fine-tuned on SST-2 and nothing else, in transformers' pipeline

All read the same texts, test reviews of every file of the mixture. Means are over files, every file
counting the same; intervals are of those means, reviews drawn within their file. The columns:

    +-            half of the 95 % interval
    pos/neg, balanced, ECE   over negative and positive reviews, p_neutral left aside: fair to all
    of three, macro-F1, ECE of three   over the files that hold neutral reviews
    pooled ECE, of three   calibration errors of all reviews together: of few ones they are too large
    no class for  share of all reviews whose sentiment an alternative has no class for
    worst file    the lowest balanced accuracy
    reviews/s     median over rounds, each with texts of its own; the ratio to reviews-en is of the same round
    start s       a whole process that scores one review, imports included; the median of three
    model MB      what is scored with: weights, lexicons; packages MB what has to be installed, Python aside
    peak MB       the most memory of a process that scores the texts of one round
    $/million     at $0.05 for a core and hour, an assumption

What was learned and answered lies in --output; nothing is learned again from the same reviews, or scored
again by the same files, so that a run that was broken off goes on.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.alternatives_costs import measure_processes, measure_rates, measure_sizes, summarise_rates
from benchmarks.alternatives_data import Reviews, find_files, load_reviews, read_sentiments
from benchmarks.alternatives_figures import compare_means, measure_means
from benchmarks.alternatives_learning import Lesson, learn_once
from benchmarks.alternatives_predictions import predict_files
from benchmarks.alternatives_scorers import ALTERNATIVES, OURS
from benchmarks.alternatives_table import render_costs, render_right
from benchmarks.review_texts import iter_fresh
from sentiment.judging.results import opened_results, save_results

MIXTURE: Final = "configs/reviews-en.toml"


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpora", type=Path, required=True, help="folder of corpora")
    parser.add_argument("--output", type=Path, default=Path("runs/alternatives"))
    parser.add_argument("--only", nargs="+", choices=ALTERNATIVES, default=[*ALTERNATIVES], metavar="SCORER")
    parser.add_argument("--rows", type=int, default=1000, help="test reviews of a file, at most")
    parser.add_argument("--train-rows", type=int, default=3000, help="training reviews of a file, at most")
    parser.add_argument("--shots", type=int, default=64, help="reviews of a sentiment for SetFit")
    parser.add_argument("--setfit-iterations", type=int, default=20, help="pairs of a kind and review")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--speed-rows", type=int, default=256, help="reviews of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--resamples", type=int, default=1000, help="behind the intervals")
    asked = parser.parse_args(arguments)
    asked.only = [name for name in ALTERNATIVES if name in asked.only or name == OURS]
    return asked


def main(arguments: Sequence[str] | None = None) -> None:
    """Let learn, score, measure; print the tables."""
    asked = parse_arguments(arguments)
    for variable in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):  # what torch, ours and tokenizers go by
        os.environ[variable] = str(asked.threads)
    asked.output.mkdir(parents=True, exist_ok=True)
    say("Loading the corpora ...")
    reviews = load_reviews(find_files(asked.corpora, MIXTURE), asked.train_rows, asked.rows)
    lesson = Lesson(reviews.train, asked.shots, asked.setfit_iterations)
    scorers: dict[str, dict[str, Any]] = {}
    for name in asked.only:
        say(f"{name} ...")
        scorers[name] = {"learned": learn_once(name, asked.output, lesson)}
    rows = {name: len(own) for name, own in reviews.tests.items()}
    print(f"{sum(rows.values()):,} test reviews of {len(rows)} files; threads: {asked.threads}\n")
    measure_right(scorers, asked, reviews)
    print(render_right(scorers), flush=True)
    save(asked, rows, scorers)
    measure_costs(scorers, asked, reviews)
    print(f"\n{render_costs(scorers)}")
    save(asked, rows, scorers)


def save(asked: argparse.Namespace, rows: Mapping[str, int], scorers: Mapping[str, Any]) -> None:
    """Write every figure to `figures.json`."""
    figures = {
        "date": datetime.now(UTC).date().isoformat(),
        "settings": {name: str(value) for name, value in vars(asked).items()},
        "rows": rows,
        "scorers": scorers,
    }
    with opened_results(str(asked.output / "figures.json")) as output:
        if output is not None:
            save_results(output, figures)


def measure_right(scorers: Mapping[str, dict[str, Any]], asked: argparse.Namespace, reviews: Reviews) -> None:
    """Add how right each is, and how far ours is ahead of it."""
    texts = {name: own.texts for name, own in reviews.tests.items()}
    truths = {name: read_sentiments(own) for name, own in reviews.tests.items()}
    resampled = {}
    for name, figures in scorers.items():
        right, resampled[name] = measure_means(
            predict_files(name, asked.output, texts), truths, asked.resamples
        )
        ahead = compare_means(
            scorers[OURS].get("mean", right["mean"]), right["mean"], resampled[OURS], resampled[name]
        )
        figures.update(right, ours_ahead=ahead)


def measure_costs(scorers: Mapping[str, dict[str, Any]], asked: argparse.Namespace, reviews: Reviews) -> None:
    """Add what each costs: rates, processes, bytes."""
    names = [*scorers]
    fresh = iter_fresh([text for own in reviews.tests.values() for text in own.texts])
    say("Speed, in alternation ...")
    rates = summarise_rates(
        measure_rates(names, asked.output, fresh, asked.speed_rows, asked.rounds), asked.threads
    )
    say("Starts and memory ...")
    processes = measure_processes(names, asked.output, [next(fresh) for _ in range(asked.speed_rows)])
    sizes = measure_sizes(names, asked.output)
    for name, figures in scorers.items():
        figures["costs"] = rates[name] | processes[name] | sizes[name]


def say(text: str) -> None:
    """Tell how far it is, on stderr."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

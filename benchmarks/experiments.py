"""Training settings beside each other: one small, fixed draw of a mixture, one row of figures a setting.

    python -m benchmarks.experiments --corpora ../shared/corpora
    python -m benchmarks.experiments --corpora ../shared/corpora --only baseline lora-8 --seeds 0 1
    python -m benchmarks.experiments --corpora ../shared/corpora --table

Each setting changes a few fields of one baseline (`EXPERIMENTS`) and trains in a process of its own. The rows
are drawn once from the train and validation splits of the corpora that a configuration names; test rows are
never read. Figures are means over the corpora, of at most `VALIDATION_ROWS` validation rows each.
Results go to a file as they come, and what is in it is not run again.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.alternatives_data import find_files
from sentiment.config import TrainConfig
from sentiment.corpus import LabelledReviews, load_files, sample_evenly
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.labels import SENTIMENTS, LabelScheme

VALIDATION_ROWS = 200
CALIBRATION_ROWS = 50
"""Of the validation rows of a corpus, those that the temperature is fitted on; the others are measured."""
BASELINE: Mapping[str, Any] = {
    "label_column": ("stars", "label"),
    "label_scheme": "stars",
    "max_length": 64,
    "freeze_embeddings": True,
    "dropout": 0.0,
    "epochs": 1,
    "batch_size": 32,
    "learning_rate": 2e-4,
    "mixed_precision": "bf16",
    "bootstrap_resamples": 0,
    "checkpoint_every": 100_000,
    "evaluation_rows": 100,
    "cache_dir": "none",
    "charts": False,
    "device": "cpu",
    "quiet": True,
}
STAR_OF_SENTIMENT = dict(zip(SENTIMENTS, ("1 star", "3 stars", "5 stars"), strict=True))


@dataclass(frozen=True)
class Experiment:
    """What one setting changes.

    Attributes:
        changes: Fields of TrainConfig.
        mixture: How many rows each corpus gives (`limit_rows`).
        coarse: What labels without stars teach: the sum of their stars (`partial`), one star each (`named`),
            nothing (`none`).
        dropped: Share of the training rows, those of the greatest doubt in an audit, that is left out.
    """

    changes: Mapping[str, Any] = field(default_factory=dict)
    mixture: str = "equal"
    coarse: str = "partial"
    dropped: float = 0.0


EXPERIMENTS: Mapping[str, Experiment] = {
    "baseline": Experiment(),
    "mixture-square-root": Experiment(mixture="square-root"),
    "mixture-proportional": Experiment(mixture="proportional"),
    "mixture-natural": Experiment(mixture="natural"),
    "max-length-32": Experiment({"max_length": 32}),
    "max-length-128": Experiment({"max_length": 128}),
    "lora-8": Experiment({"peft": "lora", "lora_rank": 8, "learning_rate": 1e-3}),
    "lora-32": Experiment({"peft": "lora", "lora_rank": 32, "learning_rate": 1e-3}),
    "coarse-named": Experiment(coarse="named"),
    "coarse-left-out": Experiment(coarse="none"),
    "smoothing-0.05": Experiment({"label_smoothing": 0.05}),
    "smoothing-0.1": Experiment({"label_smoothing": 0.1}),
    "ordinal-0.5": Experiment({"ordinal_weight": 0.5}),
    "ordinal-2": Experiment({"ordinal_weight": 2.0}),
    "average-0.25": Experiment({"average_weights": 0.25}),
    "average-0.5": Experiment({"average_weights": 0.5}),
    "augment-typos": Experiment({"augment": ("typos",)}),
    "augment-emoji": Experiment({"augment": ("emoji",)}),
    "augment-all": Experiment({"augment": ("typos", "casing", "emoji")}),
    "audit-2": Experiment(dropped=0.02),
    "audit-5": Experiment(dropped=0.05),
}
FIGURES = ("pos/neg", "balanced", "macro-F1", "stars =", "stars +-1", "ECE")


def main() -> None:
    """Run what is missing in the results, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpora", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--config", default="configs/reviews-en.toml", help="names the corpora")
    parser.add_argument("--output", type=Path, default=Path("runs/experiments"))
    parser.add_argument("--only", nargs="+", default=list(EXPERIMENTS), choices=EXPERIMENTS, metavar="NAME")
    parser.add_argument("--train-rows", type=int, default=5_000, help="drawn when --output is new")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--timeout", type=int, default=900, help="seconds that one run may take")
    parser.add_argument("--table", action="store_true", help="print the table of what has been run")
    parser.add_argument("--run", nargs=2, metavar=("NAME", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run_here(arguments.run[0], int(arguments.run[1]), arguments)
        return
    results = arguments.output / "results.jsonl"
    if not arguments.table:
        run_missing(arguments, results)
    print_table(read_results(results))


def run_missing(arguments: argparse.Namespace, results: Path) -> None:
    """Run every setting and seed that the results lack, each in a process of its own."""
    prepare(arguments)
    done = {(row["name"], row["seed"]) for row in read_results(results)}
    passed_on = ["--corpora", str(arguments.corpora), "--config", arguments.config]
    passed_on += ["--output", str(arguments.output)]
    for seed in arguments.seeds:
        for name in arguments.only:
            if (name, seed) in done:
                continue
            command = [sys.executable, "-m", "benchmarks.experiments", *passed_on, "--run", name, str(seed)]
            try:
                subprocess.run(command, check=True, timeout=arguments.timeout)
            except subprocess.SubprocessError as error:
                print(f"{name}, seed {seed}: {error}", file=sys.stderr)


def prepare(arguments: argparse.Namespace) -> None:
    """Draw the rows of every mixture, once: a Parquet file a corpus."""
    ready = arguments.output / "data" / "ready"
    if ready.exists():
        return
    columns = LabelledColumns(label=("stars", "label"))
    files = find_files(arguments.corpora, arguments.config)
    loaded = {file.stem: load_files([str(file)], columns) for file in files}
    parts = {
        (name, split): reviews.select(i for i, own in enumerate(reviews.splits) if own == split)
        for name, reviews in loaded.items()
        for split in ("train", "validation")
    }
    sizes = {name: len(parts[name, "train"]) for name in loaded if len(parts[name, "train"])}
    for mixture in {experiment.mixture for experiment in EXPERIMENTS.values()}:
        folder = ready.with_name(mixture)
        folder.mkdir(parents=True, exist_ok=True)
        for name, limit in limit_rows(sizes, arguments.train_rows, mixture).items():
            train = draw(parts[name, "train"], limit, evenly=mixture != "natural")
            validation = draw(parts[name, "validation"], VALIDATION_ROWS, evenly=False)
            train.extend(validation)
            write(train, folder / f"{name}.parquet")
    ready.touch()


def limit_rows(sizes: Mapping[str, int], rows: int, mixture: str) -> dict[str, int]:
    """Give the training rows of each corpus.

    Args:
        sizes: How many each corpus has.
        rows: How many they give together.
        mixture: `proportional` or `square-root` to their size; otherwise the same number each, as far as
            they have them.
    """
    power = {"proportional": 1.0, "square-root": 0.5}.get(mixture, 0.0)
    limits: dict[str, int] = {}
    left = float(sum(size**power for size in sizes.values()))
    # Small corpora first: what they cannot give goes to the others.
    for name, size in sorted(sizes.items(), key=lambda item: item[1]):
        limits[name] = min(size, round((rows - sum(limits.values())) * size**power / left))
        left -= size**power
    return limits


def draw(reviews: LabelledReviews, limit: int, *, evenly: bool) -> LabelledReviews:
    """Draw at most `limit` reviews, over the labels evenly or as they come, the same ones each time."""
    labels = reviews.labels if evenly else [""] * len(reviews)
    return reviews.select(sample_evenly(labels, limit, seed=0))


def write(reviews: LabelledReviews, path: Path) -> None:
    """Write reviews with their stars where they have them, else with their sentiment."""
    is_coarse = [label in SENTIMENTS for label in reviews.labels]
    pairs = list(zip(reviews.labels, is_coarse, strict=True))
    columns = {
        "text": reviews.texts,
        "stars": [None if coarse else label for label, coarse in pairs],
        "label": [label if coarse else None for label, coarse in pairs],
        "split": reviews.splits,
    }
    pq.write_table(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}), path)


def run_here(name: str, seed: int, arguments: argparse.Namespace) -> None:
    """Train one setting in this process, measure it on the validation rows, and add it to the results."""
    from sentiment.training.data import load_training_data
    from sentiment.training.train import train

    experiment = EXPERIMENTS[name]
    start = time.perf_counter()
    files = sorted((arguments.output / "data" / experiment.mixture).glob("*.parquet"))
    settings = {**BASELINE, **experiment.changes, "data": [str(file) for file in files], "seed": seed}
    with TemporaryDirectory() as run:
        config = TrainConfig.model_validate(settings | {"output_dir": run})
        data = load_training_data(config)
        rows, held_out = data.splits["train"], data.splits["validation"]
        if experiment.dropped:
            rows = drop_doubtful(rows, experiment.dropped)
        rows = read_coarsely(rows, experiment.coarse)
        places = [np.arange(count) for count in Counter(held_out.sources).values()]  # they lie file by file
        is_measured = np.concatenate(places) >= CALIBRATION_ROWS
        calibration = held_out.select(np.flatnonzero(~is_measured).tolist())
        train(config, data=replace(data, splits={"train": rows, "validation": calibration}))
        figures = measure(config, held_out.select(np.flatnonzero(is_measured).tolist()), data.scheme)
    seconds = round(time.perf_counter() - start, 1)
    row = {"name": name, "seed": seed, "rows": len(rows), "seconds": seconds, **figures}
    with (arguments.output / "results.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(row) + "\n")
    print({key: value for key, value in row.items() if key != "files"}, flush=True)


def read_coarsely(reviews: LabelledReviews, how: str) -> LabelledReviews:
    """Give training reviews with their coarse labels as they are, as one star each, or without those."""
    if how == "named":
        reviews = reviews.select(range(len(reviews)))
        reviews.labels = [STAR_OF_SENTIMENT.get(label, label) for label in reviews.labels]
    if how == "none":
        return reviews.select(i for i, label in enumerate(reviews.labels) if label not in SENTIMENTS)
    return reviews


def drop_doubtful(reviews: LabelledReviews, share: float) -> LabelledReviews:
    """Leave out the share of the reviews whose labels an audit doubts most."""
    from sentiment.config import AuditConfig
    from sentiment.judging.audit import find_all

    found = find_all(reviews, AuditConfig(data=("-",), quiet=True, device="cpu", precision="bf16"))
    worst = {finding.review for finding in found.findings[: round(share * len(reviews))]}
    return reviews.select(i for i in range(len(reviews)) if i not in worst)


def measure(config: TrainConfig, reviews: LabelledReviews, scheme: LabelScheme) -> dict[str, Any]:
    """Measure the finished model on each corpus's reviews: `files`, and the means over them."""
    import torch
    from accelerate import Accelerator

    from sentiment.measuring import measure_reviews, softmax
    from sentiment.model import open_model
    from sentiment.model.encoder import load_tokenizer, resolve_encoder
    from sentiment.training.data import given_stars, tokenise_reviews
    from sentiment.training.evaluation import evaluate_logits

    tokenizer = load_tokenizer(resolve_encoder(config.encoder))
    tokens = tokenise_reviews(reviews, scheme, tokenizer, config.max_length)
    directory = open_model(f"{config.output_dir}/model")
    model = directory.load_classifier(torch.device("cpu"), torch.bfloat16)
    logits = evaluate_logits(model, tokens, directory.manifest.pad_id, Accelerator(cpu=True))
    probabilities, stars, sources = softmax(logits), given_stars(reviews), np.array(reviews.sources)
    files = {}
    for source in sorted(set(reviews.sources)):
        own = sources == source
        files[source] = pick_figures(
            measure_reviews(probabilities[own], tokens.allowed[own], scheme, stars[own])
        )
    means = {name: _mean([found[name] for found in files.values() if name in found]) for name in FIGURES}
    return {**means, "files": files}


def pick_figures(figures: Mapping[str, Any]) -> dict[str, float]:
    """Pick the figures of the table that a corpus has."""
    found = {
        "pos/neg": figures["polarity"]["accuracy"],
        "balanced": figures["polarity"]["balanced_accuracy"],
        "macro-F1": figures["classes"]["macro_f1"],
        "ECE": figures["classes"]["calibration_error"],
    }
    if "stars" in figures:
        found |= {"stars =": figures["stars"]["exact"], "stars +-1": figures["stars"]["within_one"]}
    return found


def read_results(path: Path) -> list[dict[str, Any]]:
    """Read the results so far."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print means over the seeds, the difference to the baseline, and how far its seeds lie apart."""
    base = [row for row in rows if row["name"] == "baseline"]
    print("| setting | seeds | rows | seconds | " + " | ".join(FIGURES) + " |")
    print("|---|" + "---:|" * (3 + len(FIGURES)))
    for name in EXPERIMENTS:
        mine = [row for row in rows if row["name"] == name]
        if not mine:
            continue
        cells = [
            name,
            str(len(mine)),
            f"{mine[0]['rows']:,}",
            f"{_mean([row['seconds'] for row in mine]):.0f}",
        ]
        for figure in FIGURES:
            mean = _mean([row[figure] for row in mine])
            change = mean - _mean([row[figure] for row in base])
            cells.append(f"{mean:.3f}" if name == "baseline" else f"{mean:.3f} ({100 * change:+.1f})")
        print("| " + " | ".join(cells) + " |")
    if len(base) > 1:
        spread = (f"{100 * statistics.stdev([row[figure] for row in base]):.1f}" for figure in FIGURES)
        print("| deviation of the baseline's seeds, points | | | | " + " | ".join(spread) + " |")


def _mean(values: Sequence[float]) -> float:
    return statistics.mean(values) if values else math.nan


if __name__ == "__main__":
    main()

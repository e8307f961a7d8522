"""Few labels: the accuracy of train.py's few-labels recipe beside plain fine-tuning.

    python -m benchmarks.few_labels ../shared/corpora/{sst2_glue,us_airline,amazon_earphones}.parquet

Every run draws its training reviews anew from the train rows of a file, the same number of each label, and is
measured on up to 1,000 validation rows; test rows are not read. `plain` has train.py's defaults but for
batches of 16 and as many updates as suit so few rows (at least 200, and 20 epochs). `frozen head` is a
logistic regression on what the head reads of the untouched encoder, `warm-up` the same after the recipe's
distillation, and `few-labels` the whole recipe. Nothing is chosen by the measured rows: all figures are those
of the last update. Results go to a file as they come, and what is in it is not run again.
"""

import argparse
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from sentiment.config import TrainConfig
from sentiment.corpus import LabelledReviews, TokenisedReviews, load_files, resolve_scheme, sample_evenly
from sentiment.corpus.source_rows import LabelledColumns
from sentiment.labels import LabelScheme
from sentiment.measuring import measure_reviews, softmax
from sentiment.model import resolve_device
from sentiment.model.encoder import load_tokenizer, resolve_encoder
from sentiment.model.heads import output_layer
from sentiment.training.batches import BatchPlan, collate
from sentiment.training.building import build_model
from sentiment.training.data import first_by_content, tokenise_reviews
from sentiment.training.evaluation import evaluate_logits, read_inputs
from sentiment.training.few_labels import few_label_settings, fit_head, warm_up
from sentiment.training.loss import partial_label_losses
from sentiment.training.optimiser import build_optimiser, learning_rate, set_learning_rate
from sentiment.training.precision import resolve_mixed_precision

VALIDATION_ROWS = 1_000
PLAIN_UPDATES, PLAIN_EPOCHS = 200, 20
VARIANTS = ("plain", "plain 3e-5", "frozen head", "warm-up", "few-labels")


@dataclass(frozen=True)
class Task:
    """One small training set and what it is measured on."""

    scheme: LabelScheme
    train: TokenisedReviews
    validation: TokenisedReviews
    config: TrainConfig
    pad_id: int


def main() -> None:
    """Run what is missing in the results, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", help="labelled files with a split column")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--label-scheme", default="auto", help="binary leaves neutral reviews out")
    parser.add_argument("--sizes", type=int, nargs="+", default=[8, 16, 32, 64], help="reviews of each label")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--max-length", type=int, default=64)
    parser.add_argument("--variants", nargs="+", default=["plain", "few-labels"], choices=VARIANTS)
    parser.add_argument("--results", default="few_labels.jsonl", help="JSON Lines, read and appended")
    arguments = parser.parse_args()
    results = Path(arguments.results)
    for file in arguments.data:
        run_file(file, arguments, results)
    print_table(read_results(results))


def run_file(file: str, arguments: argparse.Namespace, results: Path) -> None:
    """Run every size, seed and variant on one file that the results lack."""
    name = f"{Path(file).stem} {arguments.label_scheme}".removesuffix(" auto")
    done = {(row["file"], row["size"], row["seed"], row["variant"]) for row in read_results(results)}
    reviews = load_files([file], LabelledColumns(label=(arguments.label_column,)))
    for size in arguments.sizes:
        for seed in arguments.seeds:
            for variant in arguments.variants:
                if (name, size, seed, variant) in done:
                    continue
                start = time.perf_counter()
                task = draw_task(reviews, arguments, size, seed)
                for measured, figures in run(variant, task):
                    row = {"file": name, "size": size, "seed": seed, "variant": measured, **figures}
                    row["seconds"] = round(time.perf_counter() - start, 1)
                    with results.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(row) + "\n")
                    print(json.dumps(row), flush=True)


def draw_task(reviews: LabelledReviews, arguments: argparse.Namespace, size: int, seed: int) -> Task:
    """Draw `size` training reviews of each label by the seed, and the same validation reviews every time."""
    scheme, _ = resolve_scheme(arguments.label_scheme, reviews.kinds, Counter(reviews.labels))
    parts = {
        split: reviews.select(
            i
            for i, own in enumerate(reviews.splits)
            if own == split and scheme.allowed_classes(reviews.labels[i])
        )
        for split in ("train", "validation")
    }
    rows = sample_evenly(parts["train"].labels, size * len(scheme.labels), seed)
    config = TrainConfig(
        data=("-",), output_dir="unused", max_length=arguments.max_length, seed=seed, cache_dir="none"
    )
    tokenizer = load_tokenizer(resolve_encoder(config.encoder))
    small = first_by_content(parts["validation"], VALIDATION_ROWS)
    train, validation = (
        tokenise_reviews(part, scheme, tokenizer, config.max_length)
        for part in (parts["train"].select(rows), small)
    )
    return Task(scheme, train, validation, config, int(tokenizer.pad_token_id))


def run(variant: str, task: Task) -> Iterator[tuple[str, dict[str, float]]]:
    """Train one variant; yields its name and figures, and those of the steps before it."""
    device, _ = resolve_device("auto")
    precision, _ = resolve_mixed_precision(task.config, device)
    accelerator = Accelerator(mixed_precision=precision, cpu=device.type == "cpu")
    model = accelerator.prepare(build_model(task.config, task.scheme, device))
    if variant.startswith("plain"):
        config = plain_settings(task, 3e-5 if variant.endswith("3e-5") else task.config.learning_rate)
        fine_tune(model, task, config)
    elif variant == "frozen head":
        features = read_inputs(model.eval(), output_layer(model), task.train, task.pad_id)
        fit_head(model, features, torch.from_numpy(task.train.allowed))
    else:
        list(warm_up(model, task.train, task.config, task.pad_id))
        if variant == "few-labels":
            yield "warm-up", measure(model, task, accelerator)
            fine_tune(model, task, few_label_settings(task.config, len(task.train))[0])
    yield variant, measure(model, task, accelerator)


def plain_settings(task: Task, rate: float) -> TrainConfig:
    """Give train.py's settings for plain fine-tuning, with enough updates."""
    updates_per_epoch = math.ceil(len(task.train) / 16)
    epochs = max(PLAIN_EPOCHS, math.ceil(PLAIN_UPDATES / updates_per_epoch))
    changes = {"batch_size": 16, "epochs": float(epochs), "learning_rate": rate}
    return task.config.model_copy(update=changes)


def fine_tune(model: Any, task: Task, config: TrainConfig) -> None:
    """Do what the loop does, without its checkpoints and evaluations."""
    torch.manual_seed(config.seed)
    optimiser = build_optimiser(model, config)
    plan = BatchPlan(task.train.lengths, config.batch_size, config.seed)
    total = math.ceil(plan.updates_per_epoch * config.epochs)
    model.train()
    for step, examples in plan.updates(0):
        if step > total:
            break
        set_learning_rate(optimiser, learning_rate(step, total, config))
        batch = collate(task.train, examples, task.pad_id, model.device)
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        partial_label_losses(logits, batch["allowed"]).mean().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)


def measure(model: Any, task: Task, accelerator: Accelerator) -> dict[str, float]:
    """Measure accuracy, macro-F1 and loss on the validation reviews."""
    logits = evaluate_logits(model.eval(), task.validation, task.pad_id, accelerator)
    figures = measure_reviews(softmax(logits), task.validation.allowed, task.scheme)
    return {
        "accuracy": figures["accuracy"],
        "macro_f1": figures["classes"]["macro_f1"],
        "loss": figures["loss"],
    }


def read_results(path: Path) -> list[dict[str, Any]]:
    """Read the results so far."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print means and standard errors over seeds, and the paired difference to plain fine-tuning."""
    found = {(row["file"], row["size"], row["variant"], row["seed"]): row for row in rows}
    cells = sorted({key[:2] for key in found})
    columns = f"{'of each':>7} {'variant':12} {'seeds':>5} {'accuracy':>16} {'macro-F1':>16}  minus plain"
    print(f"{'file':24} {columns}")
    for file, size in cells:
        for variant in VARIANTS:
            seeds = sorted(key[3] for key in found if key[:3] == (file, size, variant))
            if not seeds:
                continue
            mine = [found[file, size, variant, seed] for seed in seeds]
            plain = [found.get((file, size, "plain", seed)) for seed in seeds]
            shown = [_with_error([row[name] for row in mine]) for name in ("accuracy", "macro_f1")]
            gains = [m["accuracy"] - p["accuracy"] for m, p in zip(mine, plain, strict=True) if p]
            gain = _with_error(gains, "+") if gains and variant != "plain" else ""
            print(f"{file:24} {size:7} {variant:12} {len(seeds):5} {shown[0]:>16} {shown[1]:>16}  {gain}")


def _with_error(values: list[float], sign: str = "") -> str:
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return f"{statistics.mean(values):{sign}.3f} +- {error:.3f}"


if __name__ == "__main__":
    main()

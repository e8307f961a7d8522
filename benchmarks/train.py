"""Training speed beside a plain Accelerate loop and transformers.Trainer: same data, same updates, one run.

    python -m benchmarks.train ../shared/corpora/us_airline.parquet --label-column label
    python -m benchmarks.train ../shared/corpora/us_airline.parquet --label-column label --accuracy

The sides take turns, each in a process of its own, so that a noisy minute hits all of them and peak memory is
each one's own. The plain sides are what a reader of the libraries' examples would write: shuffled batches
padded to their longest, library defaults everywhere. With --accuracy each side trains whole epochs with
several seeds, and the validation accuracies are compared instead.
"""

import argparse
import contextlib
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sentiment.config import TrainConfig

SIDES = ("plain loop, fp32", "plain loop, bf16 autocast", "Trainer, bf16", "ours")
WARM_UP = 4


def main() -> None:
    """Measure every side in turn and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", help="labelled files")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=192)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--updates", type=int, default=24, help="updates of a side in a round, after warm-up")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accuracy", action="store_true", help="compare accuracies after whole epochs")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print("RESULT " + json.dumps(run_side(arguments)))
    elif arguments.accuracy:
        compare_accuracy(arguments)
    else:
        compare_speed(arguments)


def compare_speed(arguments: argparse.Namespace) -> None:
    """Print tokens per second, memory and utilisation of every side, medians over the rounds."""
    rounds = [{side: in_own_process(side, seed) for side in SIDES} for seed in range(arguments.rounds)]
    threads = rounds[0]["ours"]["threads"]
    print(f"{threads} threads, {arguments.updates} updates of {arguments.batch_size} reviews")
    print(f"median of {arguments.rounds} rounds; x: against the first line; padded: tokens with padding")
    print(
        f"{'':26} {'tokens/s':>9} {'x':>6} {'padded/s':>9} {'x':>6} {'waiting':>8} {'peak GB':>8} {'MFU':>6}"
    )
    base: dict[str, float] = {}
    for side in SIDES:
        results = [each[side] for each in rounds]
        figures = {name: statistics.median(result[name] for result in results) for name in results[0]}
        base = base or figures
        print(
            f"{side:26} {figures['tokens']:9,.0f} {figures['tokens'] / base['tokens']:6.2f}"
            f" {figures['padded']:9,.0f} {figures['padded'] / base['padded']:6.2f}"
            f" {figures['waiting']:8.2%} {figures['peak_gb']:8.2f} {figures['utilisation']:6.1%}"
        )


def compare_accuracy(arguments: argparse.Namespace) -> None:
    """Print the validation accuracy of every side, mean and standard error over the seeds."""
    print(f"validation accuracy after {arguments.epochs:g} epochs, seeds {arguments.seeds}")
    for side in SIDES:
        found = [in_own_process(side, seed)["accuracy"] for seed in arguments.seeds]
        error = statistics.stdev(found) / math.sqrt(len(found)) if len(found) > 1 else math.nan
        print(
            f"{side:26} {statistics.mean(found):.4f} +- {error:.4f}  ({', '.join(f'{a:.4f}' for a in found)})"
        )


def in_own_process(side: str, seed: int) -> dict[str, float]:
    """Run one side as this same module, and read the figures that it prints."""
    command = [sys.executable, "-m", "benchmarks.train", *sys.argv[1:], "--side", side, "--seed", str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    found: dict[str, float] = json.loads(done.stdout.rsplit("RESULT ", 1)[1])
    return found


def run_side(arguments: argparse.Namespace) -> dict[str, float]:
    """Train one side; gives tokens per second and memory, or accuracy."""
    import torch

    side = arguments.side
    with tempfile.TemporaryDirectory() as folder:
        config = TrainConfig(
            data=tuple(arguments.data),
            label_column=(arguments.label_column,),
            batch_size=arguments.batch_size,
            max_length=arguments.max_length,
            learning_rate=arguments.learning_rate,
            epochs=arguments.epochs if arguments.accuracy else 1000.0,
            early_stopping_patience=0,
            evaluate_every=0 if arguments.accuracy else 10**6,
            checkpoint_every=10**6,
            seed=arguments.seed,
            cache_dir="none",
            charts=False,
            bootstrap_resamples=0,
            output_dir=str(Path(folder, "run")),
            quiet=True,
        )
        stop_after = None if arguments.accuracy else WARM_UP + arguments.updates
        train_side = {"plain": plain_loop, "Train": trainer, "ours": ours}[side[:5].strip()]
        steps, accuracy = train_side(config, "bf16" in side, stop_after)
    if arguments.accuracy:
        return {"accuracy": accuracy}
    seconds, tokens, padded, waited = (sum(column) for column in zip(*steps[WARM_UP:], strict=True))
    length = tokens / (len(steps[WARM_UP:]) * config.batch_size)
    dtype = torch.float32 if "fp32" in side else torch.bfloat16
    return {
        "tokens": tokens / seconds,
        "padded": padded / seconds,
        "waiting": waited / seconds,
        "peak_gb": peak_memory() / 2**30,
        "utilisation": tokens / seconds * flops_per_token(length) / product_rate(dtype),
        "threads": torch.get_num_threads(),
    }


Steps = list[tuple[float, int, int, float]]
"""Seconds, tokens, tokens with padding, and seconds spent waiting for data, of each update."""


def load(config: TrainConfig) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    """Give the label scheme, and tokenised examples of each split, as the libraries' examples do."""
    from sentiment.model.encoder import load_tokenizer, resolve_encoder
    from sentiment.training.data import allowed_classes, load_training_data

    data = load_training_data(config)
    tokenizer = load_tokenizer(resolve_encoder(config.encoder))
    splits = {}
    for split, reviews in data.splits.items():
        encoded = tokenizer(reviews.texts, truncation=True, max_length=config.max_length)["input_ids"]
        labels = allowed_classes(reviews, data.scheme).argmax(axis=1)
        splits[split] = [{"input_ids": ids, "label": int(i)} for ids, i in zip(encoded, labels, strict=True)]
    return (data.scheme, tokenizer), splits


def build_plain(config: TrainConfig, scheme: Any) -> Any:
    """Build the classifier with the library's defaults, dropout in attention included."""
    from sentiment.model.encoder import build_classifier, resolve_encoder

    source = resolve_encoder(config.encoder)
    return build_classifier(source, scheme, dropout=0.1, attention_dropout=0.1, max_length=config.max_length)


def plain_loop(config: TrainConfig, bf16: bool, stop_after: int | None) -> tuple[Steps, float]:
    """Train as accelerate's examples do."""
    import torch
    from accelerate import Accelerator
    from accelerate.utils import set_seed
    from transformers import DataCollatorWithPadding, get_linear_schedule_with_warmup

    accelerator = Accelerator(mixed_precision="bf16" if bf16 else "no")
    set_seed(config.seed)
    (scheme, tokenizer), splits = load(config)
    loader = torch.utils.data.DataLoader(
        splits["train"],
        batch_size=config.batch_size,
        shuffle=True,
        collate_fn=DataCollatorWithPadding(tokenizer),
    )
    model = build_plain(config, scheme)
    optimiser = torch.optim.AdamW(model.parameters(), lr=config.learning_rate)
    model, optimiser, loader = accelerator.prepare(model, optimiser, loader)
    total = math.ceil(len(loader) * config.epochs)
    schedule = get_linear_schedule_with_warmup(optimiser, int(total * config.warmup_ratio), total)
    steps: Steps = []
    model.train()
    for batch, waited in timed(forever(loader), stop_after or total):
        start = time.perf_counter()
        accelerator.backward(model(**batch).loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        tokens = int(batch["attention_mask"].sum())
        steps.append((time.perf_counter() - start + waited, tokens, batch["input_ids"].numel(), waited))
    return steps, 0.0 if stop_after else accuracy_of(model, splits["validation"], tokenizer)


def trainer(config: TrainConfig, bf16: bool, stop_after: int | None) -> tuple[Steps, float]:
    """Train with transformers.Trainer."""
    import torch
    from transformers import DataCollatorWithPadding, Trainer, TrainerCallback, TrainingArguments

    (scheme, tokenizer), splits = load(config)
    steps: Steps = []

    class Clock(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            steps.append((time.perf_counter(), collate.tokens, collate.padded, 0.0))

    class Counting(DataCollatorWithPadding):
        tokens = padded = 0

        def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
            batch: dict[str, Any] = super().__call__(features)
            self.tokens, self.padded = int(batch["attention_mask"].sum()), batch["input_ids"].numel()
            return batch

    collate = Counting(tokenizer)
    settings = TrainingArguments(
        output_dir=config.output_dir,
        per_device_train_batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        warmup_steps=config.warmup_ratio,
        num_train_epochs=config.epochs,
        max_steps=stop_after or -1,
        bf16=bf16,
        use_cpu=not torch.cuda.is_available(),
        seed=config.seed,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        logging_strategy="no",
    )
    model = build_plain(config, scheme)
    begun = time.perf_counter()
    Trainer(
        model=model, args=settings, train_dataset=splits["train"], data_collator=collate, callbacks=[Clock()]
    ).train()
    ends = [begun, *(step[0] for step in steps)]
    steps = [(end - start, *step[1:]) for start, end, step in zip(ends, ends[1:], steps, strict=False)]
    return steps, 0.0 if stop_after else accuracy_of(model, splits["validation"], tokenizer)


class _EnoughError(Exception):
    """Ends a timed run of ours from a callback."""


def ours(config: TrainConfig, bf16: bool, stop_after: int | None) -> tuple[Steps, float]:
    """Train with train.py's own function and defaults."""
    from sentiment.training.events import Event, StepDone
    from sentiment.training.train import train

    done: list[StepDone] = []

    class Recorder:
        def on_event(self, event: Event) -> None:
            if isinstance(event, StepDone):
                done.append(event)
                if len(done) == stop_after:
                    raise _EnoughError

    with contextlib.suppress(_EnoughError):
        train(config, [Recorder()])
    if stop_after is None:
        metrics = json.loads(Path(config.output_dir, "metrics.json").read_text(encoding="utf-8"))
        return [], metrics["validation"]["accuracy"]
    return [(step.seconds, step.tokens, step.padded_tokens, step.data_seconds) for step in done], 0.0


def forever(loader: Any) -> Iterator[dict[str, Any]]:
    """Pass over a loader again and again."""
    while True:
        yield from loader


def timed(batches: Iterator[dict[str, Any]], count: int) -> Iterator[tuple[dict[str, Any], float]]:
    """Yield so many batches, and the seconds that each was waited for."""
    for _ in range(count):
        start = time.perf_counter()
        batch = next(batches)
        yield batch, time.perf_counter() - start


def accuracy_of(model: Any, examples: list[dict[str, Any]], tokenizer: Any) -> float:
    """Measure a plain side's model on the validation rows."""
    import torch

    model.eval()
    right = 0
    order = sorted(examples, key=lambda example: len(example["input_ids"]))
    with torch.inference_mode():
        for i in range(0, len(order), 64):
            part = order[i : i + 64]
            batch = tokenizer.pad([{"input_ids": each["input_ids"]} for each in part], return_tensors="pt")
            found = model(**batch).logits.argmax(dim=-1)
            right += int((found == torch.tensor([each["label"] for each in part])).sum())
    return right / len(examples)


def flops_per_token(length: float) -> float:
    """Count operations of a training step per token of the default encoder: products, 3 x forward."""
    layers, width, inner = 6, 384, 1536
    products = 4 * width * width + 2 * width * inner + 2 * length * width
    return 3 * 2 * layers * products


def product_rate(dtype: Any) -> float:
    """Measure the device's own rate for an encoder's matrix product, operations per second."""
    import torch

    left, right = torch.ones(4096, 384, dtype=dtype), torch.ones(384, 1536, dtype=dtype)
    return 2 * 4096 * 384 * 1536 / best_seconds(lambda: left @ right)


def best_seconds(work: Callable[[], object]) -> float:
    """Time something a few times; gives the best."""
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return float(np.min(seconds))


def peak_memory() -> int:
    """Give the most memory that this process has held, in bytes."""
    import psutil

    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()

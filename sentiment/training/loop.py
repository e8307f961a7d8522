"""The fine-tuning loop: a generator of events that knows neither files nor console."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from numpy.typing import NDArray

from sentiment.config import TrainConfig
from sentiment.corpus import TokenisedReviews
from sentiment.errors import CheckpointError, TrainingError
from sentiment.labels import LabelScheme
from sentiment.measuring import measure_reviews, softmax
from sentiment.threads import map_ahead
from sentiment.training.averaging import AveragedWeights
from sentiment.training.batches import BatchPlan, collate, micro_batches, number_labels
from sentiment.training.checkpoints import Progress, RunState
from sentiment.training.evaluation import evaluate_logits
from sentiment.training.events import CheckpointSaved, EvaluationDone, Event, RunStopped, StepDone
from sentiment.training.loss import Objective
from sentiment.training.optimiser import learning_rate, set_learning_rate
from sentiment.training.state import (
    load_model_tensors,
    load_optimiser_tensors,
    model_tensors,
    optimiser_tensors,
)


class Update(NamedTuple):
    """What one process needs for one optimiser update.

    Attributes:
        step: Its number; the first is 1.
        examples: Positions of its examples, over all processes (examples,).
        weight: Sum of the examples' weights, over all processes.
        batches: This process's micro-batches, as `collate` gives them; one without examples stands for none.
    """

    step: int
    examples: NDArray[np.int64]
    weight: float
    batches: list[dict[str, torch.Tensor]]


@dataclass
class FineTuning:
    """A run in progress: the model, what it learns from, and where it stands.

    Attributes:
        config: The settings.
        accelerator: Devices, processes and mixed precision.
        model: Prepared by the accelerator.
        optimiser: Prepared by the accelerator.
        train: Training examples.
        validation: Validation examples.
        scheme: What the head predicts.
        objective: What training minimises.
        taught: The teacher's logits of the training examples (examples, labels), or None.
        pad_id: Token id that fills a batch up.
        save: Writes a state as a checkpoint and gives its place; called on the main process.
        progress: Steps done and best step.
        best: Weights of the best step, on the CPU; only on the main process.
    """

    config: TrainConfig
    accelerator: Accelerator
    model: torch.nn.Module
    optimiser: Any
    train: TokenisedReviews
    validation: TokenisedReviews
    scheme: LabelScheme
    objective: Objective
    taught: NDArray[np.float32] | None
    pad_id: int
    save: Callable[[RunState], str]
    progress: Progress = field(default_factory=Progress)
    best: dict[str, torch.Tensor] | None = None

    @cached_property
    def plan(self) -> BatchPlan:
        """The order of examples."""
        per_process = self.config.batch_size * self.config.gradient_accumulation_steps
        labels = number_labels(self.train.allowed) if self.config.oversample else None
        size = per_process * self.accelerator.num_processes
        return BatchPlan(self.train.lengths, size, self.config.seed, labels)

    @cached_property
    def averaged(self) -> AveragedWeights:
        """The mean of the last weights, which is evaluated and kept in place of single ones."""
        before = math.floor(self.total_steps * (1 - self.config.average_weights))
        return AveragedWeights(self.model, first_step=before + 1)

    @property
    def total_steps(self) -> int:
        """Updates of the whole run."""
        return max(1, math.ceil(round(self.plan.updates_per_epoch * self.config.epochs, 6)))

    def run(self) -> Iterator[Event]:
        """Train from where the run stands to its end, and yield what happens.

        The best weights are kept in `best`.

        Raises:
            TrainingError: The loss, the gradient or an output on validation is not finite; every process
                raises it at the same step.
        """
        total = self.total_steps
        every = self.config.evaluate_every or self.plan.updates_per_epoch
        self.model.train()
        # Each update is prepared while the one before runs.
        with closing(map_ahead(self._prepare, self.plan.updates(self.progress.step), ahead=2)) as updates:
            while self.progress.step < total and not self._is_stale():
                start = time.perf_counter()
                update = next(updates)
                yield self._take(update, start, time.perf_counter())
                self.progress.step = update.step
                self.averaged.add(update.step)
                if update.step % every == 0 or update.step == total:
                    yield self._evaluate()
                if update.step % self.config.checkpoint_every == 0 or update.step == total:
                    yield self._checkpoint()
        since = self.progress.evaluations_since_best
        stale = f"no better validation {self.config.best_metric} in {since} evaluations"
        yield RunStopped(self.progress.step, stale if self.progress.step < total else "all updates are done")

    def _prepare(self, planned: tuple[int, NDArray[np.int64]]) -> Update:
        step, examples = planned
        accelerator = self.accelerator
        rows = micro_batches(
            examples, self.config.batch_size, accelerator.process_index, accelerator.num_processes
        )
        # A process without a row in a small last update still joins the all-reduce, with a loss of zero.
        batches = [
            collate(self.train, mine if len(mine) else examples[:1], self.pad_id, accelerator.device)
            for mine in rows
        ]
        for mine, batch in zip(rows, batches, strict=True):
            batch["allowed"] = batch["allowed"][: len(mine)]
            if self.taught is not None:
                batch["taught"] = torch.from_numpy(self.taught[mine]).to(accelerator.device)
        weight = float(self.objective.weights(self.train.allowed[examples]).sum())
        return Update(step, examples, weight, batches)

    def _take(self, update: Update, asked: float, start: float) -> StepDone:
        """Take one optimiser update; `asked` and `start` tell when it was asked for and when it was there."""
        step, examples = update.step, update.examples
        rate = learning_rate(step, self.total_steps, self.config)
        set_learning_rate(self.optimiser, rate)
        loss_sum = self._accumulate_gradients(update)
        loss = float(self.accelerator.reduce(loss_sum, reduction="sum")) / update.weight
        if not math.isfinite(loss):
            raise self._diverged(f"The loss is {loss} at step {step} (learning rate {rate:.2e}).")
        norm = self.accelerator.clip_grad_norm_(self.model.parameters(), self.config.max_grad_norm)
        is_finite = norm is None or math.isfinite(norm)
        if not is_finite and self.accelerator.scaler is None:  # the scaler of fp16 skips such an update
            raise self._diverged(f"The gradient is {norm:.1f} at step {step} (learning rate {rate:.2e}).")
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        return StepDone(
            step=step,
            epoch=step / self.plan.updates_per_epoch,
            loss=loss,
            learning_rate=rate,
            grad_norm=float(norm) if norm is not None else math.nan,
            tokens=int(self.plan.lengths[examples].sum()),
            seconds=time.perf_counter() - asked,
            data_seconds=start - asked,
            padded_tokens=sum(batch["input_ids"].numel() for batch in update.batches),
        )

    def _diverged(self, fact: str) -> TrainingError:
        return TrainingError(
            fact,
            f"The checkpoints before it are kept; the best step so far is {self.progress.best_step}.",
            "Lower --learning-rate, or train with --mixed-precision no.",
        )

    def _accumulate_gradients(self, update: Update) -> torch.Tensor:
        """Add up the gradient of the update's mean loss; give the sum of this process's losses."""
        accelerator = self.accelerator
        total = torch.zeros((), device=accelerator.device)
        for i, batch in enumerate(update.batches):
            is_last = i == len(update.batches) - 1
            with nullcontext() if is_last else accelerator.no_sync(self.model):
                loss = self._loss_of(batch)
                # Processes average their gradients; the factor makes that the mean over the whole update.
                accelerator.backward(loss * (accelerator.num_processes / update.weight))
            total += loss.detach()
        return total

    def trial_step(self) -> Callable[[], None]:
        """Give a forward and backward pass over the first micro-batch of the run, to time it."""
        batch = self._prepare((1, self.plan.epoch(0)[0])).batches[0]
        return lambda: self.accelerator.backward(self._loss_of(batch))

    def _loss_of(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        output = self.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        if not len(batch["allowed"]):
            nothing: torch.Tensor = output.logits.sum() * 0
            return nothing
        return self.objective(output.logits, batch["allowed"], batch.get("taught"))

    def _evaluate(self) -> EvaluationDone:
        start = time.perf_counter()
        with self.averaged.worn():
            logits = evaluate_logits(self.model, self.validation, self.pad_id, self.accelerator)
        if not np.isfinite(logits).all():
            raise self._diverged(f"The model's outputs are not finite after step {self.progress.step}.")
        figures = headline(measure_reviews(softmax(logits), self.validation.allowed, self.scheme))
        score = figures[self.config.best_metric]
        best = self.progress.best_score is None or self._is_better(score, self.progress.best_score)
        if best:
            self.progress.best_score, self.progress.best_step = score, self.progress.step
            self.progress.evaluations_since_best = 0
            with self.averaged.worn():
                self.best = model_tensors(self.model)
        else:
            self.progress.evaluations_since_best += 1
        return EvaluationDone(self.progress.step, figures, best, time.perf_counter() - start)

    def _is_better(self, score: float, than: float) -> bool:
        return score < than if self.config.best_metric == "loss" else score > than

    def _is_stale(self) -> bool:
        patience = self.config.early_stopping_patience
        return 0 < patience <= self.progress.evaluations_since_best

    def _checkpoint(self) -> CheckpointSaved:
        random = {f"cpu.{i}": state for i, state in enumerate(gather_object([torch.get_rng_state()]))}
        if (kind := self.accelerator.device.type) != "cpu":
            states = gather_object([torch.get_device_module(kind).get_rng_state()])
            random |= {f"{kind}.{i}": state for i, state in enumerate(states)}
        # Weights that are spread over processes are put together by all of them, and written by the main one.
        weights = model_tensors(self.model)
        averaged = self.averaged.tensors()
        optimiser = optimiser_tensors(self.model, self.optimiser.optimizer)
        place = ""
        if self.accelerator.is_main_process:
            scaler = self.accelerator.scaler.state_dict() if self.accelerator.scaler else {}
            is_told = averaged is None and self.progress.best_step == self.progress.step
            best = None if is_told else self.best
            state = RunState(self.progress, weights, best, optimiser, random, scaler, averaged)
            place = self.save(state)
        self.accelerator.wait_for_everyone()
        return CheckpointSaved(self.progress.step, place)

    def restore(self, state: RunState) -> None:
        """Put a checkpoint's state back: weights, optimiser, random generators, loss scaler, progress.

        Raises:
            CheckpointError: It is of a run with another model, or on another number of processes.
        """
        self._check_processes(state)
        self.progress = state.progress
        try:
            load_model_tensors(self.model, state.weights)
        except RuntimeError as error:
            raise CheckpointError(
                f"The checkpoint of step {state.progress.step} is of another model.",
                "The encoder or the labels have changed since the run began.",
                "Start again in a new --output-dir.",
            ) from error
        if state.averaged is not None:
            self.averaged.restore(state.averaged)
        self.best = state.weights if state.best is None and state.progress.best_step else state.best
        load_optimiser_tensors(self.model, self.optimiser.optimizer, state.optimiser)
        self._restore_random(state)

    def _check_processes(self, state: RunState) -> None:
        before = sum(name.startswith("cpu.") for name in state.random)
        now = self.accelerator.num_processes
        if before != now:
            raise CheckpointError(
                f"The checkpoint of step {state.progress.step} is of a run on another number of processes.",
                f"It had {before}, this one has {now}.",
                f"Start it on {before}, or start again in a new --output-dir.",
            )

    def _restore_random(self, state: RunState) -> None:
        process = self.accelerator.process_index
        torch.set_rng_state(state.random[f"cpu.{process}"])
        kind = self.accelerator.device.type
        if kind != "cpu" and f"{kind}.{process}" in state.random:
            torch.get_device_module(kind).set_rng_state(state.random[f"{kind}.{process}"])
        if self.accelerator.scaler and state.scaler:
            self.accelerator.scaler.load_state_dict(dict(state.scaler))


def headline(figures: dict[str, Any]) -> dict[str, float]:
    """Pick the few figures that a line of progress shows."""
    line = {name: figures[name] for name in ("loss", "accuracy")}
    line["macro_f1"] = figures["classes"]["macro_f1"]
    if "polarity" in figures:
        line["positive_vs_negative"] = figures["polarity"]["accuracy"]
    return line

"""The fine-tuning loop: a generator of events that knows neither files nor console."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

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
from sentiment.training.batches import BatchPlan, collate, micro_batches
from sentiment.training.checkpoints import Progress, RunState
from sentiment.training.evaluation import evaluate_logits
from sentiment.training.events import CheckpointSaved, EvaluationDone, Event, RunStopped, StepDone
from sentiment.training.loss import partial_label_loss
from sentiment.training.optimiser import learning_rate, set_learning_rate


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
        pad_id: Token id that fills a batch up.
        save: Writes a state as a checkpoint and gives its place; called on the main process.
        progress: Steps done and best step.
        best: Weights of the best step, on the CPU.
    """

    config: TrainConfig
    accelerator: Accelerator
    model: torch.nn.Module
    optimiser: Any
    train: TokenisedReviews
    validation: TokenisedReviews
    scheme: LabelScheme
    pad_id: int
    save: Callable[[RunState], str]
    progress: Progress = field(default_factory=Progress)
    best: dict[str, torch.Tensor] | None = None

    @property
    def plan(self) -> BatchPlan:
        """The order of examples."""
        per_process = self.config.batch_size * self.config.gradient_accumulation_steps
        return BatchPlan(self.train.lengths, per_process * self.accelerator.num_processes, self.config.seed)

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
        plan, total = self.plan, self.total_steps
        every = self.config.evaluate_every or plan.updates_per_epoch
        self.model.train()
        for step, examples in plan.updates(self.progress.step):
            if step > total or self._is_stale():
                break
            yield self._update(step, examples, plan)
            self.progress.step = step
            if step % every == 0 or step == total:
                yield self._evaluate()
            if step % self.config.checkpoint_every == 0 or step == total:
                yield self._checkpoint()
        stale = f"no lower validation loss in {self.progress.evaluations_since_best} evaluations"
        yield RunStopped(self.progress.step, stale if self.progress.step < total else "all updates are done")

    def _update(self, step: int, examples: NDArray[np.int64], plan: BatchPlan) -> StepDone:
        start = time.perf_counter()
        rate = learning_rate(step, self.total_steps, self.config)
        set_learning_rate(self.optimiser, rate)
        loss_sum = self._accumulate_gradients(examples)
        loss = float(self.accelerator.reduce(loss_sum, reduction="sum")) / len(examples)
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
            epoch=step / plan.updates_per_epoch,
            loss=loss,
            learning_rate=rate,
            grad_norm=float(norm) if norm is not None else math.nan,
            tokens=int(plan.lengths[examples].sum()),
            seconds=time.perf_counter() - start,
        )

    def _diverged(self, fact: str) -> TrainingError:
        return TrainingError(
            fact,
            f"The checkpoints before it are kept; the best step so far is {self.progress.best_step}.",
            "Lower --learning-rate, or train with --mixed-precision no.",
        )

    def _accumulate_gradients(self, examples: NDArray[np.int64]) -> torch.Tensor:
        """Add up the gradient of the update's mean loss; give the sum of this process's losses."""
        accelerator = self.accelerator
        batches = micro_batches(
            examples, self.config.batch_size, accelerator.process_index, accelerator.num_processes
        )
        total = torch.zeros((), device=accelerator.device)
        for i, rows in enumerate(batches):
            is_last = i == len(batches) - 1
            # A process without a row in a small last update still joins the all-reduce, with a loss of zero.
            batch = collate(self.train, rows if len(rows) else examples[:1], self.pad_id, accelerator.device)
            with nullcontext() if is_last else accelerator.no_sync(self.model):
                output = self.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
                loss = partial_label_loss(output.logits, batch["allowed"])
                if not len(rows):
                    loss = loss * 0
                # Processes average their gradients; the weight makes that the mean over the whole update.
                accelerator.backward(loss * (accelerator.num_processes / len(examples)))
            total += loss.detach()
        return total

    def _evaluate(self) -> EvaluationDone:
        start = time.perf_counter()
        logits = evaluate_logits(self.model, self.validation, self.pad_id, self.accelerator)
        if not np.isfinite(logits).all():
            raise self._diverged(f"The model's outputs are not finite after step {self.progress.step}.")
        figures = headline(measure_reviews(softmax(logits), self.validation.allowed, self.scheme))
        best = self.progress.best_loss is None or figures["loss"] < self.progress.best_loss
        if best:
            self.progress.best_loss, self.progress.best_step = figures["loss"], self.progress.step
            self.progress.evaluations_since_best = 0
            self.best = self.weights()
        else:
            self.progress.evaluations_since_best += 1
        return EvaluationDone(self.progress.step, figures, best, time.perf_counter() - start)

    def _is_stale(self) -> bool:
        patience = self.config.early_stopping_patience
        return 0 < patience <= self.progress.evaluations_since_best

    def weights(self) -> dict[str, torch.Tensor]:
        """Copy the model's tensors to the CPU."""
        state = self.accelerator.unwrap_model(self.model).state_dict()
        return {name: tensor.detach().cpu().clone().contiguous() for name, tensor in state.items()}

    def _checkpoint(self) -> CheckpointSaved:
        random = {f"cpu.{i}": state for i, state in enumerate(gather_object([torch.get_rng_state()]))}
        if self.accelerator.device.type == "cuda":
            states = gather_object([torch.cuda.get_rng_state()])
            random |= {f"cuda.{i}": state for i, state in enumerate(states)}
        place = ""
        if self.accelerator.is_main_process:
            scaler = self.accelerator.scaler.state_dict() if self.accelerator.scaler else {}
            best = self.best if self.progress.best_step != self.progress.step else None
            state = RunState(self.progress, self.weights(), best, self._optimiser_tensors(), random, scaler)
            place = self.save(state)
        self.accelerator.wait_for_everyone()
        return CheckpointSaved(self.progress.step, place)

    def _named_parameters(self) -> list[tuple[str, torch.nn.Parameter]]:
        model = self.accelerator.unwrap_model(self.model)
        return [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]

    def _optimiser_tensors(self) -> dict[str, torch.Tensor]:
        state = self.optimiser.optimizer.state
        return {
            f"{kind}.{name}": value.detach().cpu().clone()
            for name, parameter in self._named_parameters()
            for kind, value in state[parameter].items()
        }

    def restore(self, state: RunState) -> None:
        """Put a checkpoint's state back: weights, optimiser, random generators, loss scaler, progress.

        Raises:
            CheckpointError: It is of a run with another model, or on another number of processes.
        """
        self._check_processes(state)
        self.progress = state.progress
        try:
            self.accelerator.unwrap_model(self.model).load_state_dict(state.weights, strict=True)
        except RuntimeError as error:
            raise CheckpointError(
                f"The checkpoint of step {state.progress.step} is of another model.",
                "The encoder or the labels have changed since the run began.",
                "Start again in a new --output-dir.",
            ) from error
        self.best = self.weights() if state.best is None and state.progress.best_step else state.best
        self._restore_optimiser(state)
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

    def _restore_optimiser(self, state: RunState) -> None:
        slots: dict[str, dict[str, torch.Tensor]] = {}
        for key, tensor in state.optimiser.items():
            kind, name = key.split(".", 1)
            slots.setdefault(name, {})[kind] = tensor
        for name, parameter in self._named_parameters():
            # fused AdamW keeps its step count in a tensor beside the moments, on the parameter's device
            self.optimiser.optimizer.state[parameter] = {
                kind: tensor.to(parameter.device) for kind, tensor in slots.get(name, {}).items()
            }

    def _restore_random(self, state: RunState) -> None:
        process = self.accelerator.process_index
        torch.set_rng_state(state.random[f"cpu.{process}"])
        if f"cuda.{process}" in state.random:
            torch.cuda.set_rng_state(state.random[f"cuda.{process}"])
        if self.accelerator.scaler and state.scaler:
            self.accelerator.scaler.load_state_dict(dict(state.scaler))


def headline(figures: dict[str, Any]) -> dict[str, float]:
    """Pick the few figures that a line of progress shows."""
    line = {name: figures[name] for name in ("loss", "accuracy")}
    line["macro_f1"] = figures["classes"]["macro_f1"]
    if "polarity" in figures:
        line["positive_vs_negative"] = figures["polarity"]["accuracy"]
    return line

"""The train verb: from settings to a run directory with a model in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import broadcast_object_list

from sentiment.config import TrainConfig
from sentiment.corpus import TokenisedReviews
from sentiment.corpus.labelling import shown_labels
from sentiment.corpus.token_cache import describe_cache, resolve_cache_folder
from sentiment.errors import ConfigError
from sentiment.model import resolve_device
from sentiment.model.encoder import load_tokenizer, resolve_encoder
from sentiment.model.tokens import find_special_tokens
from sentiment.training.building import build_model
from sentiment.training.checkpoints import RunState, load_newest_checkpoint, save_checkpoint
from sentiment.training.compiling import resolve_compile
from sentiment.training.data import (
    TrainingData,
    describe_cut,
    load_training_data,
    positions_by_content,
    tokenise_splits,
)
from sentiment.training.distillation import ask_teacher
from sentiment.training.events import Callback, Console, Event, JsonlLog, Note, RunStarted
from sentiment.training.few_labels import FEW, few_label_settings, resolve_recipe, warm_up
from sentiment.training.finishing import finish
from sentiment.training.loop import FineTuning
from sentiment.training.loss import build_objective
from sentiment.training.memory import naming_full_memory
from sentiment.training.mixing import check_mix
from sentiment.training.optimiser import build_optimiser
from sentiment.training.precision import resolve_mixed_precision
from sentiment.training.processes import note_launcher
from sentiment.training.provenance import describe_environment, hash_data
from sentiment.training.run_directory import (
    CHECKPOINTS_NAME,
    EVENTS_NAME,
    check_same_data,
    prepare_run_directory,
    read_run_facts,
    resolve_resume,
)
from sentiment.training.streaming import load_streamed
from sentiment.training.trackers import build_tracker, tracker_arguments

PATIENCE = timedelta(hours=12)
"""How long processes wait for each other: one may read its files (`--stream`) long after the others."""

Tell = Callable[[Event], None]
"""Tells the listeners of the main process; does nothing on the others."""


def train(config: TrainConfig, callbacks: Sequence[Callback] = (), data: TrainingData | None = None) -> None:
    """Fine-tune an encoder as the settings say; leaves a run directory (docs/architecture.md).

    Args:
        config: The settings.
        callbacks: Listeners beside the run's own log and console; the main process calls them.
        data: What to train on, where a study has prepared it.

    Raises:
        SentimentError: As documented in `sentiment.errors`; a run directory in use is a ConfigError.
    """
    with naming_full_memory(config):
        _train(config, callbacks, data)


def _train(config: TrainConfig, callbacks: Sequence[Callback], data: TrainingData | None) -> None:
    run = Path(config.output_dir)
    resume, resume_reason = resolve_resume(run, config)
    before = read_run_facts(run) if resume else {}
    owns_processes = not torch.distributed.is_initialized()
    accelerator, where = _build_accelerator(config, run, before.get("mixed_precision"))
    if accelerator.is_main_process:
        prepare_run_directory(run, config)
    accelerator.wait_for_everyone()
    tell = _open_listeners(config, run, accelerator, callbacks)

    tokenizer = load_tokenizer(resolve_encoder(config.encoder))
    if data is None and config.stream:
        data = load_streamed(config, tokenizer, accelerator)
    data = data or load_training_data(config)
    _check_best_metric(config, data)
    check_mix(config, data.scheme)
    hashes = _hash_data(config, data, accelerator)
    if resume:
        check_same_data(run, before.get("data_sha256", {}), hashes)
    with accelerator.local_main_process_first():  # the others find the token ids in the cache
        tokens = tokenise_splits(data, tokenizer, config)
    cache = resolve_cache_folder(config.cache_dir)
    kept = [describe_cache(cache)] if cache else []
    cut = describe_cut(tokens["train"], config.max_length)
    for note in (*data.notes, cut, *kept, *where, *note_launcher()):
        tell(Note(note))
    recipe, config = _choose_recipe(config, data, accelerator, tell)
    tuning = _build_tuning(config, accelerator, data, tokens, int(tokenizer.pad_token_id), tell)
    compiled = _compile(tuning, before.get("compiled"), tell)
    facts = _describe_run(data, hashes, tuning) | {"recipe": recipe, "compiled": compiled}
    if resume:
        _restore(run, tuning, resume_reason, tell)
    if recipe == "few-labels" and tuning.progress.step == 0:
        special = find_special_tokens(tokenizer.backend_tokenizer)
        model = accelerator.unwrap_model(tuning.model)
        for event in warm_up(model, tuning.train, config, tuning.pad_id, special):
            tell(event)
    tell(RunStarted(tuning.progress.step, tuning.total_steps, facts))
    for event in tuning.run():
        tell(event)
    for note in finish(run, tuning, data, tokens, tokenizer, facts):
        tell(Note(note))
    for tracker in accelerator.trackers:
        tracker.finish()
    if owns_processes:  # a study trains in them again
        accelerator.state.destroy_process_group()


def _build_accelerator(config: TrainConfig, run: Path, before: str | None) -> tuple[Accelerator, list[str]]:
    """Build the accelerator, and say in words where and how it computes."""
    device, device_reason = resolve_device(config.device)
    trackers = tracker_arguments(config, run)
    PartialState(cpu=device.type == "cpu", timeout=PATIENCE)
    # A trial decides `auto`, and the main process's counts: another's might come out differently.
    precision, reason = broadcast_object_list([*resolve_mixed_precision(config, device, before)])
    accelerator = Accelerator(mixed_precision=precision, cpu=device.type == "cpu", **trackers)
    where = f"Device: {accelerator.device} ({device_reason}). Precision: {precision} ({reason})."
    if accelerator.device.type == "cpu":
        return accelerator, [where]
    unequal = "Two runs of one seed may differ in their last digits here: the device adds in no fixed order."
    return accelerator, [where, unequal]


def _open_listeners(
    config: TrainConfig, run: Path, accelerator: Accelerator, callbacks: Sequence[Callback]
) -> Tell:
    listeners: list[Callback] = []
    if accelerator.is_main_process:
        tracker = build_tracker(config, accelerator)
        listeners += [JsonlLog(run / EVENTS_NAME), *callbacks]
        listeners += [] if config.quiet else [Console()]
        listeners += [] if tracker is None else [tracker]

    def tell(event: Event) -> None:
        for listener in listeners:
            listener.on_event(event)

    return tell


def _choose_recipe(
    config: TrainConfig, data: TrainingData, accelerator: Accelerator, tell: Tell
) -> tuple[str, TrainConfig]:
    """Give the recipe, and the settings that go with it."""
    if data.streamed:
        if config.recipe == "auto" and data.streamed.tokens.allowed.sum(axis=0).max() <= FEW:
            tell(
                Note(
                    "Few labels: --stream has no recipe for them. Leave it out, and few-labels takes over, "
                    f"which is meant for up to {FEW} reviews of a label."
                )
            )
        return "finetune", config
    labels = data.splits["train"].labels
    recipe, reason = resolve_recipe(config, labels)
    if recipe == "finetune":
        return recipe, config
    tell(Note(f"Recipe: {recipe} ({reason})."))
    config, notes = few_label_settings(config, len(labels), accelerator.num_processes)
    for note in notes:
        tell(Note(note))
    return recipe, config


def _build_tuning(
    config: TrainConfig,
    accelerator: Accelerator,
    data: TrainingData,
    tokens: Mapping[str, TokenisedReviews],
    pad_id: int,
    tell: Tell,
) -> FineTuning:
    model = build_model(config, data.scheme, accelerator.device)
    model, optimiser = accelerator.prepare(model, build_optimiser(model, config))
    validation = tokens["validation"]
    if config.evaluation_rows is not None:
        texts = data.splits["validation"].texts
        validation = validation.select(positions_by_content(texts, config.evaluation_rows))
    run, objective = Path(config.output_dir), build_objective(config, data.scheme, tokens["train"].allowed)
    if objective.note:
        tell(Note(objective.note))
    taught = None
    if config.teacher is not None:
        tell(Note(f"Teacher: {config.teacher} reads the training reviews, once."))
        # Of a changed copy it reads the original: what it says of that is what the copy should be taken for.
        texts = data.splits["train"].as_written
        taught = ask_teacher(config, config.teacher, texts, data.scheme, accelerator)

    def save(state: RunState) -> str:
        checkpoint = save_checkpoint(run / CHECKPOINTS_NAME, state, config.keep_checkpoints)
        return checkpoint.relative_to(run).as_posix()

    tuning = FineTuning(
        config=config,
        accelerator=accelerator,
        model=model,
        optimiser=optimiser,
        train=tokens["train"],
        validation=validation,
        scheme=data.scheme,
        objective=objective,
        taught=taught,
        pad_id=pad_id,
        save=save,
    )
    if config.oversample:
        drawn, rows = tuning.plan.examples_per_epoch, len(tuning.train)
        tell(Note(f"Oversampling: a pass draws {drawn:,} reviews of {rows:,}, each label equally often."))
    return tuning


def _compile(tuning: FineTuning, before: bool | None, tell: Tell) -> bool:
    is_compiled, reason = resolve_compile(tuning.config.torch_compile, tuning, before)
    if tuning.config.torch_compile != "no":
        tell(Note(f"Encoder compiled: {'yes' if is_compiled else 'no'} ({reason})."))
    return is_compiled


def _restore(run: Path, tuning: FineTuning, reason: str, tell: Tell) -> None:
    state, warnings = load_newest_checkpoint(run / CHECKPOINTS_NAME)
    tuning.restore(state)
    for note in (f"Resuming: {reason}.", *warnings):
        tell(Note(note))


def _check_best_metric(config: TrainConfig, data: TrainingData) -> None:
    if config.best_metric == "positive_vs_negative" and not data.scheme.has_sentiment:
        raise ConfigError(
            "--best-metric positive_vs_negative: the labels are no sentiments.",
            f"Found: {shown_labels(data.scheme.labels)}.",
            "Take loss, accuracy or macro_f1.",
        )


def _hash_data(config: TrainConfig, data: TrainingData, accelerator: Accelerator) -> dict[str, str]:
    """Give what `hash_data` does on every process; the main one reads the files."""
    hashes = [hash_data(config, data.splits.values()) if accelerator.is_main_process else {}]
    broadcast_object_list(hashes)
    return hashes[0]


def _describe_run(data: TrainingData, hashes: Mapping[str, str], tuning: FineTuning) -> dict[str, Any]:
    parameters = list(tuning.model.parameters())
    return {
        "rows": data.counts(),
        "leaks": data.leaks.facts(),
        "data_sha256": hashes,
        "train_tokens": int(tuning.train.lengths.sum()),
        "train_tokens_cut": tuning.train.cut,
        "labels": list(data.scheme.labels),
        "device": str(tuning.accelerator.device),
        "mixed_precision": tuning.accelerator.mixed_precision,
        "processes": tuning.accelerator.num_processes,
        "parameters": sum(p.numel() for p in parameters),
        "trained_parameters": sum(p.numel() for p in parameters if p.requires_grad),
        **describe_environment(),
    }

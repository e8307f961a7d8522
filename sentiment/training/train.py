"""The train verb: from settings to a run directory with a model in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from sentiment.config import TrainConfig, load_settings, save_settings
from sentiment.errors import ConfigError, OutputError
from sentiment.labels import LabelScheme
from sentiment.measuring import fit_review_threshold, fit_temperature, measure_reviews, softmax
from sentiment.model import Manifest, resolve_device, save_model
from sentiment.model.card import render_card
from sentiment.model.encoder import build_classifier, file_sha256, load_tokenizer, resolve_encoder
from sentiment.model.heads import fold_temperature
from sentiment.training.checkpoints import RunState, load_newest_checkpoint, save_checkpoint
from sentiment.training.data import TrainingData, first_by_content, given_stars, load_training_data, tokenise_reviews
from sentiment.training.evaluation import evaluate_logits
from sentiment.training.events import Callback, Console, Event, JsonlLog, Note, RunStarted
from sentiment.training.loop import FineTuning
from sentiment.training.optimiser import build_optimiser
from sentiment.training.precision import resolve_mixed_precision
from sentiment.training.provenance import describe_environment

CONFIG_NAME, EVENTS_NAME, METRICS_NAME, CHECKPOINTS_NAME, MODEL_NAME = (
    "config.toml",
    "events.jsonl",
    "metrics.json",
    "checkpoints",
    "model",
)
REVIEW_TARGET_ACCURACY = 0.9
"""The shipped promise: of the reviews that do not need a person, at least this share has the right sentiment."""

NOT_PART_OF_A_RUN = {"resume", "quiet", "output_dir", "keep_checkpoints"}
"""Settings that may differ between a run and its continuation."""


def train(config: TrainConfig) -> None:
    """Fine-tune an encoder as the settings say; leaves a run directory (docs/architecture.md).

    Raises:
        SentimentError: As documented in `sentiment.errors`; a run directory that is not empty is a ConfigError.
    """
    device, device_reason = resolve_device(config.device)
    precision, precision_reason = resolve_mixed_precision(config, device)
    accelerator = Accelerator(mixed_precision=precision, cpu=device.type == "cpu")
    run = Path(config.output_dir)
    if accelerator.is_main_process:
        _prepare_folder(run, config)
    accelerator.wait_for_everyone()
    listeners = _listeners(run, config) if accelerator.is_main_process else []

    data = load_training_data(config)
    tuning, tokenizer = _build(config, accelerator, data, run)
    for note in data.notes:
        _tell(listeners, Note(note))
    _tell(listeners, Note(f"Device: {accelerator.device} ({device_reason}). Precision: {precision} ({precision_reason})."))
    if config.resume:
        state, warnings = load_newest_checkpoint(run / CHECKPOINTS_NAME)
        tuning.restore(state)
        for warning in warnings:
            _tell(listeners, Note(warning))
    facts = _facts(config, data, tuning, precision)
    _tell(listeners, RunStarted(tuning.progress.step, tuning.total_steps, facts))
    for event in tuning.run():
        _tell(listeners, event)
    _finish(run, tuning, data, tokenizer, facts, listeners)


def _prepare_folder(run: Path, config: TrainConfig) -> None:
    saved = run / CONFIG_NAME
    if config.resume:
        if not saved.is_file():
            raise ConfigError(f"{run}: nothing to resume.", f"{CONFIG_NAME} is missing.", "Start it without --resume.")
        before = load_settings(TrainConfig, {}, str(saved)).model_dump()
        now = config.model_dump()
        changed = [name for name in now if now[name] != before[name] and name not in NOT_PART_OF_A_RUN]
        if changed:
            shown = "; ".join(f"{name} was {before[name]!r}, now {now[name]!r}" for name in changed)
            raise ConfigError(f"{run}: --resume with other settings.", f"{shown}.", "Give the settings of the run.")
        return
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise ConfigError(f"{run}: the run directory is not empty.", remedy="Choose another --output-dir, or continue it with --resume.")
    try:
        run.mkdir(parents=True, exist_ok=True)
        save_settings(config, saved)
    except OSError as error:
        raise OutputError(f"{run}: cannot be written.", f"({error.strerror})", "Choose another --output-dir.") from error


def _listeners(run: Path, config: TrainConfig) -> list[Callback]:
    listeners: list[Callback] = [JsonlLog(run / EVENTS_NAME)]
    return listeners if config.quiet else [*listeners, Console()]


def _tell(listeners: Sequence[Callback], event: Event) -> None:
    for listener in listeners:
        listener.on_event(event)


def _build(config: TrainConfig, accelerator: Accelerator, data: TrainingData, run: Path) -> tuple[FineTuning, Any]:
    set_seed(config.seed)
    source = resolve_encoder(config.encoder)
    model = build_classifier(
        source,
        data.scheme,
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        max_length=config.max_length,
    )
    tokenizer = load_tokenizer(source)
    if config.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    if accelerator.device.type == "cpu":
        # The fused kernel's backward pass takes half of a step on CPU; plain products are 1.8x as fast
        # (docs/performance.md).
        model.set_attn_implementation("eager")
    model, optimiser = accelerator.prepare(model, build_optimiser(model, config))
    validation = data.splits["validation"]
    if config.evaluation_rows is not None:
        validation = first_by_content(validation, config.evaluation_rows)

    def save(state: RunState) -> str:
        return str(save_checkpoint(run / CHECKPOINTS_NAME, state, config.keep_checkpoints).relative_to(run).as_posix())

    tuning = FineTuning(
        config=config,
        accelerator=accelerator,
        model=model,
        optimiser=optimiser,
        train=tokenise_reviews(data.splits["train"], data.scheme, tokenizer, config.max_length),
        validation=tokenise_reviews(validation, data.scheme, tokenizer, config.max_length),
        scheme=data.scheme,
        pad_id=int(tokenizer.pad_token_id),
        save=save,
    )
    return tuning, tokenizer


def _facts(config: TrainConfig, data: TrainingData, tuning: FineTuning, precision: str) -> dict[str, Any]:
    files = [*config.data, *config.validation_file, *config.test_file]
    tokens = int(tuning.train.lengths.sum())
    return {
        "rows": data.counts(),
        "data_sha256": {Path(name).name: file_sha256(Path(name)) for name in files},
        "train_tokens": tokens,
        "train_tokens_cut": tuning.train.cut,
        "labels": list(data.scheme.labels),
        "device": str(tuning.accelerator.device),
        "mixed_precision": precision,
        "processes": tuning.accelerator.num_processes,
        "parameters": sum(p.numel() for p in tuning.model.parameters()),
        "trained_parameters": sum(p.numel() for p in tuning.model.parameters() if p.requires_grad),
        **describe_environment(),
    }


def _finish(
    run: Path, tuning: FineTuning, data: TrainingData, tokenizer: Any, facts: dict[str, Any], listeners: list[Callback]
) -> None:
    """Calibrate the best weights on the whole validation split, measure, and write the model directory."""
    config, accelerator, scheme = tuning.config, tuning.accelerator, data.scheme
    model = accelerator.unwrap_model(tuning.model)
    if tuning.best is not None:
        model.load_state_dict(tuning.best, strict=True)

    def logits_of(split: str) -> tuple[Any, Any]:
        reviews = tokenise_reviews(data.splits[split], scheme, tokenizer, config.max_length)
        return evaluate_logits(tuning.model, reviews, tuning.pad_id, accelerator), reviews.allowed

    logits, allowed = logits_of("validation")
    temperature = fit_temperature(logits, allowed)
    threshold, promise = _fit_review_threshold(softmax(logits / temperature), allowed, scheme)
    stars = given_stars(data.splits["validation"])
    figures = {"validation": measure_reviews(softmax(logits / temperature), allowed, scheme, stars)}
    if "test" in data.splits:
        logits, allowed = logits_of("test")
        figures["test"] = measure_reviews(
            softmax(logits / temperature), allowed, scheme, given_stars(data.splits["test"])
        )
    if not accelerator.is_main_process:
        return
    fold_temperature(model, temperature)
    manifest = Manifest(
        name=run.name,
        scheme=scheme,
        max_length=config.max_length,
        pad_id=tuning.pad_id,
        encoder={"name": config.encoder, "sha256": resolve_encoder(config.encoder).sha256 or ""},
        files={},
        temperature=temperature,
        review_threshold=threshold,
        facts={
            "trained": datetime.now(UTC).date().isoformat(),
            "best_step": tuning.progress.best_step,
            "review_promise": promise,
            "settings": config.model_dump(mode="json"),
            "figures": figures,
            **facts,
        },
    )
    manifest = save_model(run / MODEL_NAME, model, tokenizer, manifest)
    (run / MODEL_NAME / "README.md").write_text(render_card(manifest), encoding="utf-8")
    (run / METRICS_NAME).write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for split, values in figures.items():
        _tell(listeners, Note(f"{split}: {describe_figures(values)}"))
    _tell(listeners, Note(f"Model: {run / MODEL_NAME} (temperature {temperature:.3f}; best step {tuning.progress.best_step})."))


def _fit_review_threshold(probabilities: Any, allowed: Any, scheme: LabelScheme) -> tuple[float, dict[str, Any]]:
    if scheme.name == "stars":
        sentiments = scheme.sentiment_probabilities(probabilities)
        right = scheme.sentiment_probabilities(allowed.astype(np.float32)) > 0
        probabilities, allowed = sentiments, right
    correct = allowed[np.arange(len(allowed)), probabilities.argmax(axis=1)]
    found = fit_review_threshold(probabilities.max(axis=1), correct, REVIEW_TARGET_ACCURACY)
    promise = {"target_accuracy": REVIEW_TARGET_ACCURACY, "fitted_on": "validation", **vars(found)}
    return found.threshold, promise


def describe_figures(figures: dict[str, Any]) -> str:
    """Put the figures of a split into one line."""
    parts = [f"{figures['reviews']} reviews", f"accuracy {figures['accuracy']:.4f}"]
    parts.append(f"macro-F1 {figures['classes']['macro_f1']:.4f}")
    parts.append(f"calibration error {figures['classes']['calibration_error']:.4f}")
    if "polarity" in figures:
        parts.append(f"positive against negative {figures['polarity']['accuracy']:.4f}")
    if "stars" in figures:
        parts.append(f"stars exact {figures['stars']['exact']:.4f}, within one {figures['stars']['within_one']:.4f}")
    return ", ".join(parts) + "."

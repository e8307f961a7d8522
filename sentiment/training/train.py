"""The train verb: from settings to a run directory with a model in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accelerate import Accelerator
from accelerate.utils import set_seed

from sentiment.config import TrainConfig
from sentiment.model import resolve_device
from sentiment.model.encoder import build_classifier, load_tokenizer, resolve_encoder
from sentiment.model.trust import file_sha256
from sentiment.training.checkpoints import RunState, load_newest_checkpoint, save_checkpoint
from sentiment.training.data import TrainingData, first_by_content, load_training_data, tokenise_reviews
from sentiment.training.events import Callback, Console, Event, JsonlLog, Note, RunStarted
from sentiment.training.finishing import finish
from sentiment.training.loop import FineTuning
from sentiment.training.optimiser import build_optimiser
from sentiment.training.precision import resolve_mixed_precision
from sentiment.training.provenance import describe_environment
from sentiment.training.run_directory import CHECKPOINTS_NAME, EVENTS_NAME, prepare_run_directory

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def train(config: TrainConfig, callbacks: Sequence[Callback] = ()) -> None:
    """Fine-tune an encoder as the settings say; leaves a run directory (docs/architecture.md).

    Args:
        config: The settings.
        callbacks: Listeners beside the run's own log and console; the main process calls them.

    Raises:
        SentimentError: As documented in `sentiment.errors`; a run directory in use is a ConfigError.
    """
    device, device_reason = resolve_device(config.device)
    precision, precision_reason = resolve_mixed_precision(config, device)
    accelerator = Accelerator(mixed_precision=precision, cpu=device.type == "cpu")
    run = Path(config.output_dir)
    if accelerator.is_main_process:
        prepare_run_directory(run, config)
    accelerator.wait_for_everyone()
    listeners = _listeners(run, config, callbacks) if accelerator.is_main_process else []

    data = load_training_data(config)
    tokenizer = load_tokenizer(resolve_encoder(config.encoder))
    tuning = _build_tuning(config, accelerator, data, tokenizer)
    for note in data.notes:
        _tell(listeners, Note(note))
    where = f"Device: {accelerator.device} ({device_reason})."
    _tell(listeners, Note(f"{where} Precision: {precision} ({precision_reason})."))
    if config.resume:
        state, warnings = load_newest_checkpoint(run / CHECKPOINTS_NAME)
        tuning.restore(state)
        for warning in warnings:
            _tell(listeners, Note(warning))
    facts = _describe_run(config, data, tuning)
    _tell(listeners, RunStarted(tuning.progress.step, tuning.total_steps, facts))
    for event in tuning.run():
        _tell(listeners, event)
    for note in finish(run, tuning, data, tokenizer, facts):
        _tell(listeners, Note(note))
    accelerator.end_training()


def _listeners(run: Path, config: TrainConfig, callbacks: Sequence[Callback]) -> list[Callback]:
    own: list[Callback] = [JsonlLog(run / EVENTS_NAME)]
    if not config.quiet:
        own.append(Console())
    return [*own, *callbacks]


def _tell(listeners: Sequence[Callback], event: Event) -> None:
    for listener in listeners:
        listener.on_event(event)


def _build_tuning(
    config: TrainConfig, accelerator: Accelerator, data: TrainingData, tokenizer: PreTrainedTokenizerBase
) -> FineTuning:
    model = _build_model(config, data, accelerator.device.type)
    model, optimiser = accelerator.prepare(model, build_optimiser(model, config))
    validation = data.splits["validation"]
    if config.evaluation_rows is not None:
        validation = first_by_content(validation, config.evaluation_rows)
    run = Path(config.output_dir)

    def save(state: RunState) -> str:
        checkpoint = save_checkpoint(run / CHECKPOINTS_NAME, state, config.keep_checkpoints)
        return checkpoint.relative_to(run).as_posix()

    return FineTuning(
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


def _build_model(config: TrainConfig, data: TrainingData, device_type: str) -> PreTrainedModel:
    set_seed(config.seed)
    model = build_classifier(
        resolve_encoder(config.encoder),
        data.scheme,
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        max_length=config.max_length,
    )
    if config.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    if device_type == "cpu":
        # The fused kernel's backward pass takes half of a step on CPU; plain products are 1.8x as fast
        # (docs/performance.md).
        model.set_attn_implementation("eager")
    return model


def _describe_run(config: TrainConfig, data: TrainingData, tuning: FineTuning) -> dict[str, Any]:
    files = [Path(name) for name in (*config.data, *config.validation_file, *config.test_file) if name != "-"]
    parameters = list(tuning.model.parameters())
    return {
        "rows": data.counts(),
        "data_sha256": {file.name: file_sha256(file) for file in files},
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

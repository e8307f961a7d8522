"""The model that a run trains: encoder and head, as the settings want them on this device."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from accelerate.utils import set_seed

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError, needing_extra
from sentiment.labels import LabelScheme
from sentiment.model import ModelDirectory, open_model
from sentiment.model.encoder import build_classifier, encoder_sha256, resolve_encoder
from sentiment.training.dropout import speed_up_dropout

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel


def open_of_same_labels(flag: str, name: str, scheme: LabelScheme, kind: str = "model") -> ModelDirectory:
    """Open the model that a flag names, which has to predict what the run does.

    Raises:
        ModelError: It cannot be opened.
        ConfigError: It predicts other labels.
    """
    directory = open_model(name)
    labels = directory.manifest.scheme.labels
    if labels != scheme.labels:
        other_scheme = "" if scheme.name == "custom" else "--label-scheme, or "
        raise ConfigError(
            f"{flag} {name}: it predicts other labels than this run.",
            f"Found: {', '.join(labels)}; wanted: {', '.join(scheme.labels)}.",
            f"Give {other_scheme}another {kind}.",
        )
    return directory


def describe_encoder(config: TrainConfig) -> dict[str, str]:
    """Name the pretrained encoder and its hash; of a finished model that goes on, those of its own."""
    source = resolve_encoder(config.encoder)
    if source.is_model:
        return open_model(source.location).manifest.encoder
    return {"name": config.encoder, "sha256": encoder_sha256(source)}


def build_model(
    config: TrainConfig, scheme: LabelScheme, device: torch.device
) -> PreTrainedModel | PeftModel:
    """Build the classifier, seeded, on the CPU and in fp32.

    Raises:
        ModelError: As `build_classifier`.
        ConfigError: The encoder cannot be trained with these settings.
        MissingExtraError: `peft` is wanted and not installed.
    """
    set_seed(config.seed)
    source = resolve_encoder(config.encoder)
    begin: Callable[..., PreTrainedModel] = partial(build_classifier, source)
    if source.is_model:
        begin = open_model(source.location).continue_classifier
    model = begin(
        scheme,
        dropout=config.dropout,
        attention_dropout=config.attention_dropout,
        max_length=max(config.max_length, config.window_length or 0),
    )
    if config.freeze_embeddings:
        model.get_input_embeddings().requires_grad_(False)
    if device.type == "cpu":
        # The fused kernel's backward pass takes half of a step on CPU; plain products are 1.8x as fast
        # (docs/performance.md).
        model.set_attn_implementation("eager")
        speed_up_dropout(model)
    if config.gradient_checkpointing:
        if not model.supports_gradient_checkpointing:
            raise ConfigError(
                f"--gradient-checkpointing: {config.encoder} cannot do it.",
                f"transformers has none for {model.config.model_type}.",
                "Lower --batch-size and raise --gradient-accumulation-steps instead.",
            )
        model.activation_checkpointing_enable({"use_reentrant": False})
    return model if config.peft == "none" else add_adapters(model, config)


def add_adapters(model: PreTrainedModel, config: TrainConfig) -> PeftModel:
    """Freeze a classifier but for its head, and put small trained matrices beside every linear layer.

    LoRA: Hu et al. 2021; DoRA: Liu et al. 2024; IA3: Liu et al. 2022. `merge_adapters` folds them in.

    Raises:
        MissingExtraError: peft is not installed.
        ConfigError: peft does not know which layers of this architecture IA3 rescales.
    """
    with needing_extra(f"--peft {config.peft}", "peft"):
        import peft

    settings: peft.PeftConfig
    if config.peft == "ia3":
        from peft.utils.constants import TRANSFORMERS_MODELS_TO_IA3_TARGET_MODULES_MAPPING as IA3_LAYERS

        # IA3 rescales keys, values and the inner layer; peft knows which those are for the usual encoders.
        if model.config.model_type not in IA3_LAYERS:
            raise ConfigError(
                f"--peft ia3: not with {config.encoder}.",
                f"peft does not say what it rescales in {model.config.model_type}.",
                "Take --peft lora or --peft dora.",
            )
        settings = peft.IA3Config(task_type=peft.TaskType.SEQ_CLS)
    else:
        settings = peft.LoraConfig(
            task_type=peft.TaskType.SEQ_CLS,
            r=config.lora_rank,
            lora_alpha=2 * config.lora_rank,
            lora_dropout=config.dropout,
            target_modules="all-linear",
            use_dora=config.peft == "dora",
        )
    with warnings.catch_warnings():
        # peft 0.21 asks by the old name of activation checkpointing.
        warnings.filterwarnings("ignore", message="`is_gradient_checkpointing`", category=FutureWarning)
        return peft.get_peft_model(model, settings)


def merge_adapters(model: Any) -> PreTrainedModel:
    """Fold a model's adapters into its weights; a model without any is given back as it is."""
    merged: PreTrainedModel = model.merge_and_unload() if hasattr(model, "merge_and_unload") else model
    return merged

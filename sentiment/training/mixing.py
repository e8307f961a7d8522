"""Weights of two models of one origin, mixed into one model that knows something of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError
from sentiment.labels import LabelScheme
from sentiment.model.encoder import resolve_encoder
from sentiment.training.building import build_model, describe_encoder, open_of_same_labels
from sentiment.training.state import load_model_tensors, model_tensors

if TYPE_CHECKING:
    from sentiment.training.loop import FineTuning


def check_mix(config: TrainConfig, scheme: LabelScheme) -> None:
    """See before a training that what it shall be mixed with will fit.

    Raises:
        ModelError: The model of `mix_with` cannot be opened.
        ConfigError: It predicts other labels, or was made from another encoder.
    """
    if config.mix_with is None:
        return
    theirs = open_of_same_labels("--mix-with", config.mix_with, scheme).manifest.encoder
    ours = describe_encoder(config)
    if theirs["sha256"] != ours["sha256"]:
        raise ConfigError(
            f"--mix-with {config.mix_with}: it was made from another encoder.",
            f"Found: {theirs['name']}; wanted: {ours['name']}, in the same version.",
            "Weights can only be mixed where both began with the same ones.",
        )


def mix(tuning: FineTuning) -> None:
    """Take the weights a part of the way to those of another model, or back to what training began with.

    Between two models of one origin lies one that keeps most of what both know, at the cost of one (Wortsman
    et al. 2022, "Robust fine-tuning of zero-shot models" and "Model soups"). Its probabilities are flatter
    than theirs, which the calibration makes up for. An encoder without a head gives none to mix with: the
    head stays as it was trained.
    """
    config = tuning.config
    weights = model_tensors(tuning.model)
    if weights:  # of several processes the main one has them
        other = config.model_copy(update={"encoder": config.mix_with or config.encoder})
        model = build_model(other, tuning.scheme, torch.device("cpu"))
        theirs = model_tensors(model)
        mixed = "" if resolve_encoder(other.encoder).is_model else f"{model.base_model_prefix}."
        weights = {
            name: torch.lerp(tensor, theirs[name].to(tensor), config.mix_share)
            if tensor.is_floating_point() and name.startswith(mixed)
            else tensor
            for name, tensor in weights.items()
        }
    load_model_tensors(tuning.model, weights)


def describe_mix(config: TrainConfig) -> str:
    """Say what `mix` did."""
    other = config.mix_with or f"{config.encoder}, where training began"
    return f"Weights: {config.mix_share:g} of {other}, the rest as trained."

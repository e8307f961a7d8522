"""The optimiser's parameter groups, and the learning rate as a function of the step."""

import math
from typing import Any

import torch
from torch import nn

from sentiment.config import TrainConfig


def build_optimiser(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Build AdamW (Loshchilov & Hutter 2019) over what is trained; vectors (biases, norms) do not decay."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)


def learning_rate(step: int, total_steps: int, config: TrainConfig) -> float:
    """Give the rate of an update.

    It rises in a line over `warmup_ratio` of the updates, is at its peak on the last of them, and falls by
    `lr_scheduler_type` to reach zero one update after the last.

    Args:
        step: 1 for the first update.
        total_steps: Updates of the whole run.
        config: Peak rate, warm-up and shape.
    """
    warmup = math.ceil(round(total_steps * config.warmup_ratio, 6))  # 0.07 * 100 is a little more than 7
    if step <= warmup:
        return config.learning_rate * step / warmup
    left = (total_steps + 1 - step) / (total_steps + 1 - max(warmup, 1))
    shape = {"linear": left, "cosine": 0.5 * (1 - math.cos(math.pi * left)), "constant": 1.0}
    return config.learning_rate * min(1.0, shape[config.lr_scheduler_type])


def set_learning_rate(optimiser: Any, rate: float) -> None:
    """Set the rate of every parameter group."""
    for group in optimiser.param_groups:
        group["lr"] = rate

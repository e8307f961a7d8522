"""The optimiser's parameter groups, and the learning rate as a function of the step."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from sentiment.config import TrainConfig

_LAYER = re.compile(r"\.(\d+)\.")
"""The number of a layer in a parameter's name (`bert.encoder.layer.3.output.dense.weight`)."""


def build_optimiser(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Build AdamW (Loshchilov & Hutter 2019) over what is trained; vectors (biases, norms) do not decay.

    With `layer_lr_decay` below 1 each layer learns at that factor of the rate of the one above it, the
    embeddings slowest (Howard & Ruder 2018; Clark et al. 2020, ELECTRA). Every group carries its factor as
    `rate_scale`.
    """
    depths = layer_depths(model)
    top = max(depths.values())
    groups: dict[tuple[float, float], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            scale = config.layer_lr_decay ** (top - depths[name])
            decay = config.weight_decay if parameter.ndim >= 2 else 0.0
            group = {"params": [], "weight_decay": decay, "rate_scale": scale}
            groups.setdefault((scale, decay), group)["params"].append(parameter)
    return torch.optim.AdamW(list(groups.values()), lr=config.learning_rate, fused=True)


def minimise(parameters: Sequence[torch.Tensor], loss: Callable[[], torch.Tensor]) -> None:
    """Bring parameters to a valley of a loss over all examples at once (L-BFGS, strong Wolfe conditions)."""
    optimiser = torch.optim.LBFGS(parameters, max_iter=200, line_search_fn="strong_wolfe")

    def evaluate() -> torch.Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(evaluate)  # type: ignore[no-untyped-call]


def layer_depths(model: nn.Module) -> dict[str, int]:
    """Give how deep each parameter lies: 0 for embeddings, n for layer n, above the last for the head.

    Adapters lie where the layer is that they adapt.
    """
    found = {name: _LAYER.search(name) for name, _ in model.named_parameters()}
    numbers = {name: int(match[1]) if match else None for name, match in found.items()}
    layers = 1 + max((number for number in numbers.values() if number is not None), default=-1)
    return {
        name: (0 if "embed" in name else layers + 1) if number is None else number + 1
        for name, number in numbers.items()
    }


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
    """Set the rate of every parameter group, each by its own scale."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["rate_scale"]

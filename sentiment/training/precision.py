"""The number format of training, and why."""

import torch

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError
from sentiment.model import resolve_precision

_AS_MIXED = {torch.float32: "no", torch.bfloat16: "bf16", torch.float16: "fp16"}


def resolve_mixed_precision(
    config: TrainConfig, device: torch.device, before: str | None = None
) -> tuple[str, str]:
    """Give Accelerate's `mixed_precision` and the reason it was taken.

    Args:
        config: The settings.
        device: Where the model trains.
        before: What the run that is resumed took; `auto` takes it again, since a second trial might differ.

    Raises:
        ConfigError: fp16 on a CPU, whose kernels and loss scaler do not support it.
    """
    if config.mixed_precision == "auto" and before:
        return before, "as before it was resumed"
    if config.mixed_precision == "auto":
        dtype, reason = resolve_precision("auto", device)
        return _AS_MIXED[dtype], reason
    if config.mixed_precision == "fp16" and device.type == "cpu":
        raise ConfigError("--mixed-precision fp16 does not train on a CPU.", remedy="Take bf16, no or auto.")
    return config.mixed_precision, "as asked"

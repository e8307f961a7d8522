"""The head of a classifier: found in any architecture, calibrated by folding temperature and biases in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sentiment.errors import IncompatibleModelError

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel


def output_layer(model: PreTrainedModel) -> nn.Linear:
    """Give the linear layer that makes the logits.

    Raises:
        IncompatibleModelError: The architecture ends in something else.
    """
    from torch import nn

    # Some architectures define the head before the encoder, others after it.
    encoder = set(model.base_model.modules())
    layers = [module for module in model.modules() if isinstance(module, nn.Linear) and module not in encoder]
    if layers and layers[-1].out_features == model.config.num_labels:
        return layers[-1]
    raise IncompatibleModelError(f"{type(model).__name__}: its head does not end in a linear layer.")


def fold_calibration(model: PreTrainedModel, temperature: float, biases: Sequence[float] = ()) -> None:
    """Divide the logits by a temperature and add a bias to each, for good, inside the output layer.

    Temperature scaling: Guo et al. 2017, "On Calibration of Modern Neural Networks".

    Raises:
        IncompatibleModelError: There are biases, and the layer has no place for them.
    """
    import torch

    layer = output_layer(model)
    if biases and layer.bias is None:
        raise IncompatibleModelError(f"{type(model).__name__}: its output layer has no biases to calibrate.")
    with torch.no_grad():
        layer.weight.div_(temperature)
        if layer.bias is not None:
            layer.bias.div_(temperature)
            layer.bias.add_(torch.tensor(biases or 0.0))

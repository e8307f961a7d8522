"""The head of a classifier: found in any architecture, calibrated by folding temperature and biases in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentiment.errors import IncompatibleModelError

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Head:
    """The layers that make logits of what an encoder says of a review as a whole.

    Attributes:
        hidden: Reads that (reviews, width).
        activate: Stands between the layers.
        output: Makes the logits (reviews, labels).
    """

    hidden: nn.Linear
    activate: Callable[[torch.Tensor], torch.Tensor]
    output: nn.Linear

    def read(self, summaries: torch.Tensor) -> torch.Tensor:
        """Give what the output layer reads (reviews, width) of what the hidden layer does."""
        return self.activate(self.hidden(summaries))

    def __call__(self, summaries: torch.Tensor) -> torch.Tensor:
        """Give logits (reviews, labels) of what the hidden layer reads."""
        logits: torch.Tensor = self.output(self.read(summaries))
        return logits


def find_head(model: PreTrainedModel) -> Head | None:
    """Find the head of a model by watching it read three tokens; None where it has no hidden layer.

    Architectures name and place that layer as they like (BERT has it in the encoder, as its pooler), so it is
    the linear layer that runs last before the output layer and, activated, gives what that one reads.
    """
    import torch
    from torch import nn
    from torch.nn import functional

    seen: list[tuple[nn.Linear, torch.Tensor, torch.Tensor]] = []

    def note(layer: Any, given: tuple[torch.Tensor, ...], made: torch.Tensor) -> None:
        seen.append((layer, given[0], made))

    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            ids = torch.tensor([[2, 3, 4]], device=model.device)
            model(input_ids=ids, attention_mask=torch.ones_like(ids))
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
    output = output_layer(model)
    order = [layer for layer, _, _ in seen]
    place = order.index(output)
    hidden, given, made = seen[place - 1]
    read = seen[place][1]
    for activate in (torch.tanh, functional.gelu, torch.relu):
        if given.ndim == 2 and made.shape == read.shape and torch.allclose(activate(made), read, atol=1e-5):
            return Head(hidden, activate, output)
    return None


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

"""The mean of a model's weights over the last updates of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch

from sentiment.training.state import load_model_tensors, model_tensors, trained_parameters


class AveragedWeights:
    """A running mean of the trained weights, which a model can wear.

    Weights at the end of a run lie around a good point rather than on it, and their mean is nearer to it
    (Polyak & Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging"; Izmailov et al. 2018,
    "Averaging Weights Leads to Wider Optima and Better Generalization").

    Args:
        model: The model that trains, prepared; of one that is spread over processes, each averages its share.
        first_step: The first update whose weights count.
    """

    def __init__(self, model: torch.nn.Module, first_step: int) -> None:
        self._model = model
        self._first_step = first_step
        self._means: list[torch.Tensor] = []

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Take the weights after an update into the mean, if they count; no update may be left out."""
        count = step - self._first_step + 1
        if count == 1:
            self._means = [weight.detach().clone() for weight in self._weights()]
        elif count > 1:
            for mean, weight in zip(self._means, self._weights(), strict=True):
                mean.add_(weight - mean, alpha=1 / count)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Let the model have the mean, where there is one, inside a `with` block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def tensors(self) -> dict[str, torch.Tensor] | None:
        """Give `model_tensors` with the mean in them; None before there is one."""
        if not self._means:
            return None
        with self.worn():
            return model_tensors(self._model)

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take the mean out of what `tensors` gave; the model keeps its own weights."""
        own = [weight.detach().clone() for weight in self._weights()]
        load_model_tensors(self._model, tensors)
        self._means = own
        self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        if not self._means:
            return
        for mean, weight in zip(self._means, self._weights(), strict=True):
            kept = weight.detach().clone()
            weight.copy_(mean)
            mean.copy_(kept)

    def _weights(self) -> list[torch.nn.Parameter]:
        return list(trained_parameters(self._model).values())

"""The torch backend: GPUs, and architectures that no graph is built of."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch

from sentiment.model import resolve_precision
from sentiment.model.hardware import PRECISION_NAMES
from sentiment.scoring.backends.forward import pad

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sentiment.config import Precision
    from sentiment.model import ModelDirectory
    from sentiment.scoring.backends.forward import Sequences


class TorchForward:
    """Run a classifier's forward pass in torch, over padded batches.

    Args:
        classifier: In evaluation mode, on `device`, in the number format that it shall compute in.
        device: Where its weights are.
        pad_id: Id that fills a batch up.
        max_length: Tokens of the longest window.
    """

    def __init__(
        self, classifier: torch.nn.Module, device: torch.device, pad_id: int, max_length: int
    ) -> None:
        self._classifier = classifier
        self._device = device
        self._pad_id = pad_id
        self._max_length = max_length

    def __call__(self, sequences: Sequences) -> NDArray[np.float32]:
        """Give logits (sequences, labels), see `Forward`."""
        input_ids, attention_mask = pad(sequences, self._pad_id, self._max_length)
        with torch.inference_mode():
            logits = self._classifier(
                input_ids=torch.from_numpy(input_ids).to(self._device),
                attention_mask=torch.from_numpy(attention_mask).to(self._device),
            ).logits
        array: NDArray[np.float32] = logits.float().cpu().numpy()
        return array


def open_torch(directory: ModelDirectory, device: str, wanted: str) -> tuple[list[TorchForward], str, str]:
    """Load a model into torch; gives a forward for each GPU, the number format, and the reason for it.

    Args:
        directory: A model with weights.
        device: cuda, mps or cpu.
        wanted: Number format, or `auto`.

    Raises:
        IncompatibleModelError: The weights do not fit config.json.
    """
    dtype, reason = resolve_precision(cast("Precision", wanted), torch.device(device))
    places = [torch.device(device)]
    if device == "cuda":
        places = [torch.device(device, i) for i in range(torch.cuda.device_count())]
    manifest = directory.manifest
    forwards = [
        TorchForward(directory.load_classifier(place, dtype), place, manifest.pad_id, manifest.max_length)
        for place in places
    ]
    return forwards, PRECISION_NAMES[str(dtype)], reason

"""The torch backend: the only module of scoring that imports torch."""

import numpy as np
import torch
from numpy.typing import NDArray


class TorchForward:
    """Run a classifier's forward pass in torch.

    Args:
        classifier: In evaluation mode, on `device`, in the number format that it shall compute in.
        device: Where its weights are.
    """

    def __init__(self, classifier: torch.nn.Module, device: torch.device) -> None:
        self._classifier = classifier
        self._device = device

    def __call__(
        self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Give logits (rows, labels), see `Forward`."""
        with torch.inference_mode():
            logits = self._classifier(
                input_ids=torch.from_numpy(input_ids).to(self._device),
                attention_mask=torch.from_numpy(attention_mask).to(self._device),
            ).logits
        array: NDArray[np.float32] = logits.float().cpu().numpy()
        return array

"""The torch backend: GPUs, and architectures that no graph is built of."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Final, cast

import torch

from sentiment.model import resolve_precision
from sentiment.model.hardware import PRECISION_NAMES
from sentiment.scoring.backends.forward import Forward, pad
from sentiment.scoring.backends.out_of_memory import HalvingForward
from sentiment.scoring.backends.packed_bert import can_pack, runs_packed
from sentiment.scoring.backends.packed_torch import open_packed

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


def open_torch(directory: ModelDirectory, device: str, wanted: str) -> tuple[list[Forward], str, str]:
    """Load a model into torch; gives forwards on each GPU, the number format, and the reason for it.

    Plain BERT runs over packed tokens where the GPU has a kernel for them, all else over padded batches.

    Args:
        directory: A model with weights.
        device: cuda, mps or cpu.
        wanted: Number format, or `auto`.

    Raises:
        IncompatibleModelError: The weights do not fit config.json.
    """
    dtype, reason = resolve_precision(cast("Precision", wanted), torch.device(device))
    precision = PRECISION_NAMES[str(dtype)]
    if device != "cuda":
        return [_open_padded(directory, torch.device(device), dtype)], precision, reason
    places = [torch.device(device, i) for i in range(torch.cuda.device_count())]
    forwards: list[Forward]
    if can_pack(directory.load_config()) and all(runs_packed(place, dtype) for place in places):
        forwards = [*open_packed(directory, places, dtype)]
    else:
        forwards = [_open_padded(directory, place, dtype) for place in places]
    return [HalvingForward(forward, _tell) for forward in forwards], precision, reason


def _open_padded(directory: ModelDirectory, device: torch.device, dtype: torch.dtype) -> TorchForward:
    manifest = directory.manifest
    classifier = directory.load_classifier(device, dtype)
    return TorchForward(classifier, device, manifest.pad_id, manifest.max_length)


_UNTOLD: Final = threading.Lock()


def _tell(text: str) -> None:
    """Tell the user, once a process: what one GPU or model says of memory, the others would say, too."""
    if _UNTOLD.acquire(blocking=False):  # and never released: networks work in threads side by side
        print(text, file=sys.stderr)

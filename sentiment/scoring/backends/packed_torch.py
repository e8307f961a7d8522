"""The torch backend for packed tokens: sequences of token ids in, logits out, one wait a batch."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.model import ModelDirectory
from sentiment.scoring.backends.forward import Sequences
from sentiment.scoring.backends.packed_bert import PackedBert, Packing

FORWARDS_OF_DEVICE: Final = 2
"""Batches that a device has under way: one is copied and launched while another one is computed."""


class PackedTorchForward:
    """Run a packed network.

    Each one has a CUDA stream of its own. Two that share a network keep a GPU busy: one copies and launches
    while the other computes.

    Args:
        network: May be shared.
        device: Where its weights are.
    """

    def __init__(self, network: PackedBert, device: torch.device) -> None:
        self._network = network
        self._device = device
        self._stream = None
        if device.type == "cuda":
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            self._stream.wait_stream(torch.cuda.current_stream(device))  # the weights are being copied there

    def __call__(self, sequences: Sequences) -> NDArray[np.float32]:
        """Give logits (rows, labels), see `Forward`."""
        lengths = [len(ids) for ids in sequences]
        tokens = sum(lengths)
        # Ids and starts in one buffer: one copy, and from pinned memory it does not wait.
        packed = torch.empty(
            tokens + len(lengths) + 1, dtype=torch.int32, pin_memory=self._stream is not None
        )
        ids, starts = packed.numpy()[:tokens], packed.numpy()[tokens:]
        np.concatenate(sequences, out=ids)
        starts[0] = 0
        np.cumsum(lengths, dtype=np.int32, out=starts[1:])
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            there = packed.to(self._device, non_blocking=True)
            logits = self._network(there[:tokens], Packing(there[tokens:], max(lengths)))
            array: NDArray[np.float32] = logits.float().cpu().numpy()
        return array


def open_packed(
    directory: ModelDirectory, devices: Sequence[torch.device], dtype: torch.dtype
) -> list[PackedTorchForward]:
    """Load a model that `can_pack` says yes to, a replica on each device and some forwards for each replica.

    Raises:
        IncompatibleModelError: As `ModelDirectory.load_classifier`, which checks the weights.
    """
    classifier = directory.load_classifier(torch.device("cpu"), torch.float32)
    weights, config = classifier.state_dict(), classifier.config.to_dict()
    replicas = [(PackedBert(weights, config, device, dtype), device) for device in devices]
    return [PackedTorchForward(*replica) for _ in range(FORWARDS_OF_DEVICE) for replica in replicas]

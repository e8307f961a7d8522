"""The network alone: what a backend has to bring, and what several of one kind do side by side."""

from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sentiment.model.batching import padded_lengths
from sentiment.threads import Task, Workers

Sequences = Sequence[NDArray[np.int32]]
"""Token ids of some windows of text, special tokens included; none is longer than the model reads."""


class Forward(Protocol):
    """A network that is ready to run; one call at a time."""

    def __call__(self, sequences: Sequences) -> NDArray[np.float32]:
        """Give logits (sequences, labels) of at least one sequence; padding is its own business."""
        ...


class Crew:
    """Networks of one kind that work side by side: streams of a CPU, or a replica on each GPU.

    Args:
        forwards: At least one. Each runs one batch at a time, whatever the number of callers.

    Attributes:
        size: How many there are.
    """

    def __init__(self, forwards: Sequence[Forward]) -> None:
        self.size = len(forwards)
        self._idle: SimpleQueue[Forward] = SimpleQueue()
        for forward in forwards:
            self._idle.put(forward)
        self._workers = Workers(self.size)

    def run(self, batches: Sequence[Sequences]) -> Iterator[NDArray[np.float32]]:
        """Give the logits of each batch, in order; may be called from several threads."""
        return _results([self._workers.begin(self._run_one, batch) for batch in batches])

    def _run_one(self, sequences: Sequences) -> NDArray[np.float32]:
        forward = self._idle.get()
        try:
            return forward(sequences)
        finally:
            self._idle.put(forward)


def _results(tasks: Sequence[Task[NDArray[np.float32]]]) -> Iterator[NDArray[np.float32]]:
    try:
        for task in tasks:
            yield task.result()
    finally:
        for task in tasks:
            task.drop()


def pad(sequences: Sequences, pad_id: int, limit: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put sequences into one array, for backends that take no packed tokens.

    Args:
        sequences: At least one.
        pad_id: Id that fills rows up.
        limit: Longest length that the model reads.

    Returns:
        Token ids and mask, both (sequences, length); the mask is 0 on padding. The length is that of the
        longest sequence, rounded up so that few shapes come up.
    """
    lengths = np.array([len(ids) for ids in sequences], dtype=np.int64)
    length = int(padded_lengths(lengths, limit).max())
    mask = np.arange(length) < lengths[:, None]
    input_ids = np.full(mask.shape, pad_id, dtype=np.int64)
    input_ids[mask] = np.concatenate(sequences)
    return input_ids, mask.astype(np.int64)

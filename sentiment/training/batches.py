"""Which examples make which update: a plan that depends on the seed, not on how the work is shared out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import TokenisedReviews
from sentiment.model.batching import padded_lengths

if TYPE_CHECKING:
    import torch

GROUP_UPDATES = 50
"""Updates whose examples are drawn together and sorted by length: little padding, and still random order."""


@dataclass(frozen=True)
class BatchPlan:
    """The order of examples in a run.

    Global batches are drawn first and shared out among processes and micro-batches after, so that
    (batch 8, accumulation 1), (4, 2) and two processes of (4, 1) see the same updates.

    Attributes:
        lengths: Tokens of each example (examples,).
        update_size: Examples in one update, over all processes and micro-batches.
        seed: Seed of the order.
        labels: Number of each example's label (examples,), to draw every label equally often
            (`number_labels`); None to draw every example once.
    """

    lengths: NDArray[np.int64]
    update_size: int
    seed: int
    labels: NDArray[np.int64] | None = None

    @cached_property
    def examples_per_epoch(self) -> int:
        """Examples drawn in one pass: with `labels`, as many of each label as the commonest has."""
        if self.labels is None:
            return len(self.lengths)
        counts = np.bincount(self.labels)
        return int(counts.max() * np.count_nonzero(counts))

    @property
    def updates_per_epoch(self) -> int:
        """Updates in one pass; the last may be smaller."""
        return -(-self.examples_per_epoch // self.update_size)

    def epoch(self, epoch: int) -> list[NDArray[np.int64]]:
        """Give the updates of one pass, each the positions of its examples.

        Every example occurs once, or, with `labels`, as often as any other of its label but for one: each is
        read at least once, and a pass grows to the commonest label's rows times the labels.
        """
        generator = np.random.default_rng((self.seed, epoch))
        order = generator.permutation(self._draw(generator))
        updates: list[NDArray[np.int64]] = []
        for start in range(0, len(order), self.update_size * GROUP_UPDATES):
            group = order[start : start + self.update_size * GROUP_UPDATES]
            group = group[np.argsort(self.lengths[group], kind="stable")]
            updates += [group[i : i + self.update_size] for i in range(0, len(group), self.update_size)]
        return [updates[i] for i in generator.permutation(len(updates))]

    def _draw(self, generator: np.random.Generator) -> NDArray[np.int64]:
        """Give the positions of one pass, in no order: of each label all, again, and a part at random."""
        if self.labels is None:
            return np.arange(len(self.lengths))
        most = np.bincount(self.labels).max()
        drawn = []
        for label in np.unique(self.labels):
            rows = np.flatnonzero(self.labels == label)
            drawn += [np.tile(rows, most // len(rows)), generator.permutation(rows)[: most % len(rows)]]
        return np.concatenate(drawn)

    def updates(self, start_step: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield (step, examples) from after `start_step` on, without end; steps count from 1."""
        epoch, skip = divmod(start_step, self.updates_per_epoch)
        step = start_step
        while True:
            for examples in self.epoch(epoch)[skip:]:
                step += 1
                yield step, examples
            epoch, skip = epoch + 1, 0


def number_labels(allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number labels by the classes that they allow: (examples, labels), bool, to (examples,), from 0 on."""
    return np.unique(allowed, axis=0, return_inverse=True)[1].astype(np.int64)


def micro_batches(
    update: NDArray[np.int64], batch_size: int, process: int, processes: int
) -> list[NDArray[np.int64]]:
    """Give one process its micro-batches of an update.

    Every process gets at least one, which may be empty where the update has fewer examples than there are
    processes: all must take part in the gradient's all-reduce.
    """
    share = update[process::processes]
    return [share[i : i + batch_size] for i in range(0, len(share), batch_size)] or [share]


def collate(
    reviews: TokenisedReviews, examples: NDArray[np.int64], pad_id: int, device: torch.device
) -> dict[str, torch.Tensor]:
    """Pad examples to their longest, rounded up.

    Returns:
        `input_ids` and `attention_mask` (examples, length), int64, and `allowed` (examples, labels), bool.
    """
    import torch

    # Never longer than the longest example: the encoder may have no positions beyond it.
    length = int(padded_lengths(reviews.lengths[examples], limit=reviews.longest).max())
    ids = np.full((len(examples), length), pad_id, dtype=np.int64)
    mask = np.zeros((len(examples), length), dtype=np.int64)
    for row, example in enumerate(examples):
        tokens = reviews.example(int(example))
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    # Copied before it goes on: what is copied behind its back, from memory that is given up here, arrives
    # as something else on Apple's chips (pytorch/pytorch#189690), and comes no sooner on others.
    return {
        "input_ids": torch.from_numpy(ids).to(device),
        "attention_mask": torch.from_numpy(mask).to(device),
        "allowed": torch.from_numpy(reviews.allowed[examples]).to(device),
    }

"""A full GPU: the batch is halved until it fits."""

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.errors import OutOfMemoryError
from sentiment.scoring.backends.forward import Forward, Sequences


class HalvingForward:
    """Score a batch in two halves where it does not fit into the memory of the GPU.

    What did not fit once is halved beforehand from then on: running out of memory costs more than a batch.

    Args:
        forward: What runs out of memory.
        say: Told once, in a sentence for the user.
    """

    def __init__(self, forward: Forward, say: Callable[[str], None]) -> None:
        self._forward = forward
        self._say = say
        self._too_many_tokens = math.inf

    def __call__(self, sequences: Sequences) -> NDArray[np.float32]:
        """Give logits (rows, labels), see `Forward`.

        Raises:
            OutOfMemoryError: Not even one sequence fits.
        """
        tokens = sum(len(ids) for ids in sequences)
        if tokens < self._too_many_tokens or len(sequences) == 1:
            try:
                return self._forward(sequences)
            except torch.OutOfMemoryError as error:
                if len(sequences) == 1:
                    raise OutOfMemoryError(
                        f"The GPU has no memory for a single review of {tokens:,} tokens.",
                        remedy="Free the memory that other programs hold, or take --device cpu.",
                    ) from error
        self._remember(tokens)
        half = len(sequences) // 2
        return np.concatenate((self(sequences[:half]), self(sequences[half:])))

    def _remember(self, tokens: int) -> None:
        if self._too_many_tokens == math.inf:
            self._say(
                f"The GPU has no memory for a batch of {tokens:,} tokens: it is scored in halves. "
                f"Give --batch-tokens {tokens // 2}, or free the memory that other programs hold."
            )
        if tokens < self._too_many_tokens:
            self._too_many_tokens = tokens
            torch.cuda.empty_cache()  # what is left over from the attempt lies in blocks of the wrong size

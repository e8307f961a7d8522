"""A device without memory for an update."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

from sentiment.config import TrainConfig
from sentiment.errors import OutOfMemoryError

_SAID: Final = ("out of memory", "can't allocate memory")
"""By MPS and by a CPU, which have no exception of their own."""


@contextmanager
def naming_full_memory(config: TrainConfig) -> Iterator[None]:
    """Turn what torch raises where a device has no memory left into one line with its remedy.

    Raises:
        OutOfMemoryError: Such an error came.
    """
    try:
        yield
    except RuntimeError as error:
        if not _is_full(error):
            raise
        raise OutOfMemoryError(
            "The device has no memory left.",
            f"--batch-size is {config.batch_size}, --max-length {config.max_length}.",
            "Lower --batch-size and raise --gradient-accumulation-steps by as much, or add "
            "--gradient-checkpointing.",
        ) from error


def _is_full(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in _SAID)

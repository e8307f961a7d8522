"""A device without memory for an update."""

from collections.abc import Iterator
from contextlib import contextmanager

from accelerate.utils.memory import should_reduce_batch_size

from sentiment.config import TrainConfig
from sentiment.errors import OutOfMemoryError


@contextmanager
def naming_full_memory(config: TrainConfig) -> Iterator[None]:
    """Turn what torch raises where a device has no memory left into one line with its remedy.

    Raises:
        OutOfMemoryError: Such an error came.
    """
    try:
        yield
    except RuntimeError as error:
        if not should_reduce_batch_size(error):
            raise
        raise OutOfMemoryError(
            "The device has no memory left.",
            f"--batch-size is {config.batch_size}, --max-length {config.max_length}.",
            "Lower --batch-size and raise --gradient-accumulation-steps by as much, or add "
            "--gradient-checkpointing.",
        ) from error

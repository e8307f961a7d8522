"""Work that is shared out among the processes of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from accelerate.utils import gather_object

from sentiment.errors import SentimentError

if TYPE_CHECKING:
    from accelerate import Accelerator

Item = TypeVar("Item")
Result = TypeVar("Result")


def share_out(
    accelerator: Accelerator, items: Sequence[Item], work: Callable[[Item], Result]
) -> list[Result]:
    """Let each process work on every n-th item, and give all processes all results, in the items' order.

    Raises:
        SentimentError: That of the first process that had one, on all of them.
    """
    mine: list[Result] | SentimentError
    try:
        mine = [work(item) for item in items[accelerator.process_index :: accelerator.num_processes]]
    except SentimentError as error:
        mine = error
    results: list[Any] = [None] * len(items)
    for process, done in enumerate(gather_object([mine])):
        if isinstance(done, SentimentError):
            raise done
        results[process :: accelerator.num_processes] = done
    return results

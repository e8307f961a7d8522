"""The processes of a run: work that is shared out among them, and the launcher that starts them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from accelerate.utils import gather_object

from sentiment.errors import SentimentError

if TYPE_CHECKING:
    from accelerate import Accelerator

Item = TypeVar("Item")
Result = TypeVar("Result")


def note_launcher() -> list[str]:
    """Warn of a launcher that could not start this run again.

    torch 2.13 keeps one store through all restarts of `torchrun`, in which the processes of before have left
    their addresses: the restarted ones try to reach them, and wait (docs/scaling.md).
    """
    restarts = int(os.environ.get("TORCHELASTIC_MAX_RESTARTS", "0"))
    if restarts == 0 or os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return []
    variable = "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1"
    return [f"If torchrun restarts this run, it may hang: start torchrun with {variable}."]


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

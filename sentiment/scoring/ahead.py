"""Work that is begun before its result is asked for."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(function: Callable[[Item], Result], items: Iterable[Item], ahead: int) -> Iterator[Result]:
    """Apply a function to items, lazily and in order, up to `ahead` of them at a time in threads.

    Items are taken in the caller's thread. An exception comes out at the place of its item; what was begun
    behind it is waited for, and no more is begun.

    Args:
        function: May run in several threads at once.
        items: Read at most `ahead` further than what was given.
        ahead: At least 1.
    """
    begun: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(ahead, thread_name_prefix="ahead") as threads:
        try:
            for item in items:
                begun.append(threads.submit(function, item))
                if len(begun) == ahead:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()

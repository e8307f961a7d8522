"""Work in threads, begun before its result is asked for, by one who may be interrupted at any moment."""

from _thread import start_new_thread
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Task(Generic[Result]):
    """Work that was handed over."""

    def __init__(self, function: Callable[..., Result], arguments: Sequence[Any]) -> None:
        self._function = function
        self._arguments = arguments
        self._outcome: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()
        self._is_dropped = False

    def result(self) -> Result:
        """Wait for the result, and give it or raise what the work raised; may be asked once."""
        result, error = self._outcome.get()
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # None only where the work gave None

    def drop(self) -> None:
        """Leave it undone if it has not begun; nobody may ask for its result any more."""
        self._is_dropped = True

    def run(self) -> None:
        """Do the work, in the thread of the caller; never raises."""
        if self._is_dropped:
            return
        try:
            self._outcome.put((self._function(*self._arguments), None))
        except BaseException as error:  # whatever it is, it belongs to who asks for the result
            self._outcome.put((None, error))


class Workers:
    """Threads that do tasks in the order in which they are handed over.

    What an executor of `concurrent.futures` is, but no interruption of its user wedges it. Those hand over by
    conditions, which are Python code: where a signal raises in the midst of it (Ctrl-C), a lock stays taken
    that the other side then waits for without end. `SimpleQueue` is written in C, and is never left half-way.

    Those that nobody refers to any more end by themselves, and none keeps the process from ending.

    Example:
        >>> with Workers(2) as workers:
        ...     tasks = [workers.begin(len, word) for word in ("one", "three")]
        ...     [task.result() for task in tasks]
        [3, 5]

    Args:
        size: How many threads, at least 1.
    """

    _present = 0

    def __init__(self, size: int) -> None:
        self._tasks: SimpleQueue[Task[Any] | None] = SimpleQueue()
        self._gone: SimpleQueue[None] = SimpleQueue()
        for _ in range(size):
            # Not `Thread`: it waits for its start by a condition. Counted afterwards: one thread too few may
            # be waited for at the end, not one too many.
            start_new_thread(_work, (self._tasks, self._gone))
            self._present += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if self._present:  # nobody refers to them any more, and they were not closed
            _send_home(self._tasks, self._present)

    def begin(self, function: Callable[..., Result], *arguments: Any) -> Task[Result]:
        """Hand over a task."""
        task = Task(function, arguments)
        self._tasks.put(task)
        return task

    def close(self) -> None:
        """Wait for the tasks that run, leave the others undone, and end the threads; again is harmless."""
        present, self._present = self._present, 0
        with suppress(Empty):
            while True:
                self._tasks.get_nowait()
        _send_home(self._tasks, present)
        for _ in range(present):
            self._gone.get()


def _work(tasks: SimpleQueue[Task[Any] | None], gone: SimpleQueue[None]) -> None:
    # Refers to no `Workers`, which could not be collected while its threads wait for tasks.
    while (task := tasks.get()) is not None:
        task.run()
        del task  # what it holds may be large, and the next may be long in coming
    gone.put(None)


def _send_home(tasks: SimpleQueue[Task[Any] | None], threads: int) -> None:
    for _ in range(threads):
        tasks.put(None)


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Generator[Result, None, None]:
    """Apply a function to items, lazily and in order, up to `ahead` of them at a time in threads.

    Items are taken in the caller's thread. An exception comes out at the place of its item; what was begun
    behind it is waited for, and no more is begun.

    Args:
        function: May run in several threads at once.
        items: Read at most `ahead` further than what was given.
        ahead: At least 1.
    """
    begun: deque[Task[Result]] = deque()
    with Workers(ahead) as workers:
        for item in items:
            begun.append(workers.begin(function, item))
            if len(begun) == ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

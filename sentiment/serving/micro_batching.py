"""Micro-batching: requests of many callers at once become batches of one function, in a bounded queue."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import accumulate, pairwise
from threading import Condition, Lock, Thread
from typing import Generic, Protocol, Self, TypeVar


class Rows(Protocol):
    """Answers in order that can be sliced: a list, a numpy array."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: slice, /) -> Self: ...


Item = TypeVar("Item")
Answers = TypeVar("Answers", bound=Rows)


class QueueFullError(Exception):
    """As much waits as may wait: what a web API answers with status 429."""


class QueueClosedError(Exception):
    """The queue was closed and takes nothing new: what a web API answers with status 503."""


@dataclass(frozen=True)
class Limits:
    """How much is taken at once, and how much and how long it may wait before.

    Attributes:
        max_batch_tokens: Tokens in one batch; a request that is larger goes alone.
        max_wait_seconds: How long, from its arrival on, the first request of a batch waits for company; only
            where company is to be expected: until as many are there as in the batch before.
        max_waiting_tokens: A request is let in while fewer tokens than these wait, whatever its own size, so
            that none is too large for an empty queue. Divided by the model's tokens a second, this is the
            longest wait.
    """

    max_batch_tokens: int = 8192
    max_wait_seconds: float = 0.005
    max_waiting_tokens: int = 65_536


@dataclass(frozen=True)
class Counters:
    """What a `MicroBatcher` has done so far, at one moment.

    Attributes:
        requests: Requests that were given to the function; one that is cancelled before counts nowhere.
        items: Items in them.
        batches: Batches that they made.
        busy_seconds: Time spent in the function.
        waiting_requests: Requests that wait now; one that is cancelled does until its turn comes.
        waiting_tokens: Tokens in them.
    """

    requests: int = 0
    items: int = 0
    batches: int = 0
    busy_seconds: float = 0.0
    waiting_requests: int = 0
    waiting_tokens: int = 0

    @property
    def mean_batch_items(self) -> float:
        """Items in a batch on average, 0 before the first."""
        return self.items / self.batches if self.batches else 0.0


@dataclass(frozen=True)
class _Request(Generic[Item, Answers]):
    items: tuple[Item, ...]
    tokens: int
    arrived: float
    future: Future[Answers]


class MicroBatcher(Generic[Item, Answers]):
    """Answer as a function does, but call it with the items of all who ask meanwhile.

    One thread of its own calls the function, which need not be thread-safe. The next batch fills while it
    runs, and starts when it is full, when it has as many requests as the one before (a lone caller never
    waits for company), or when its first request has waited long enough. Requests are taken in order and
    never split. One that fails fails alone: a batch that raises is tried again in halves.

    `close` ends the thread (`with contextlib.closing(MicroBatcher(...)) as predict:`). A process that forgets
    it ends all the same. The thread does not survive a fork.

    Example:
        >>> predict = MicroBatcher(load_scorer("reviews-en").predict, estimate_tokens)
        >>> predict(["Lovely fabric."])[0].label
        'positive'

    Args:
        function: Gives answers for items, row i for item i; is never given the items of no request.
        tokens_of: Gives the work in an item, for `limits`; any unit will do.
        limits: When a batch is full, and when the queue is.
    """

    def __init__(
        self,
        function: Callable[[Sequence[Item]], Answers],
        tokens_of: Callable[[Item], int],
        limits: Limits | None = None,
    ) -> None:
        self._function = function
        self._tokens_of = tokens_of
        self._limits = limits or Limits()
        self._closed = False
        self._waiting: deque[_Request[Item, Answers]] = deque()
        self._waiting_tokens = 0
        self._last_batch_requests = 0
        self._requests = self._items = self._batches = 0
        self._busy_seconds = 0.0
        self._lock = Lock()
        self._arrival = Condition(self._lock)
        self._room = Condition(self._lock)
        # A daemon: the interpreter would wait for any other thread when it ends.
        self._thread = Thread(target=self._serve, name="micro-batcher", daemon=True)
        self._thread.start()

    def __call__(self, items: Sequence[Item]) -> Answers:
        """Give the answers for some items, row i for item i; wait for room in the queue as long as it takes.

        Raises:
            QueueClosedError: The queue is closed, or was while this call waited for room.
        """
        future = self.submit(items, timeout_seconds=None)
        try:
            return future.result()
        finally:
            future.cancel()  # an interrupted caller wants no answer any more

    async def call_async(self, items: Sequence[Item]) -> Answers:
        """Give the answers for some items without blocking the event loop.

        A task that is cancelled while its request waits costs the function nothing.

        Raises:
            QueueFullError: The queue is full.
            QueueClosedError: The queue is closed.
        """
        return await asyncio.wrap_future(self.submit(items))

    def submit(self, items: Sequence[Item], timeout_seconds: float | None = 0.0) -> Future[Answers]:
        """Hand over items; their answers come with the future, which can be cancelled until its batch starts.

        Args:
            items: Any number, 0 too.
            timeout_seconds: How long to wait for room in the queue; None for as long as it takes.

        Raises:
            QueueFullError: There was no room in that time.
            QueueClosedError: The queue is closed, or was while this call waited for room.
        """
        # At least 1, so that requests without items are bounded, too.
        tokens = max(1, sum(self._tokens_of(item) for item in items))
        request = _Request[Item, Answers](tuple(items), tokens, time.monotonic(), Future())
        with self._lock:
            self._room.wait_for(lambda: self._closed or self._has_room(), timeout_seconds)
            if self._closed:
                raise QueueClosedError("The queue is closed: it takes no more requests.")
            if not self._has_room():
                raise QueueFullError(
                    f"The queue is full. {self._waiting_tokens:,} tokens are waiting, "
                    f"the limit is {self._limits.max_waiting_tokens:,}. Try again later."
                )
            self._waiting.append(request)
            self._waiting_tokens += tokens
            self._arrival.notify()
        return request.future

    def counters(self) -> Counters:
        """Give what was done so far and what waits now."""
        with self._lock:
            return Counters(
                self._requests,
                self._items,
                self._batches,
                self._busy_seconds,
                len(self._waiting),
                self._waiting_tokens,
            )

    def close(self) -> None:
        """Take no more requests, answer those that wait, and end the thread; again is harmless."""
        with self._lock:
            self._closed = True
            self._arrival.notify()
            self._room.notify_all()
        self._thread.join()

    def _has_room(self) -> bool:
        return self._waiting_tokens < self._limits.max_waiting_tokens

    def _serve(self) -> None:
        while self._wait_for_batch():
            if batch := self._take_batch():
                self._answer(batch)

    def _wait_for_batch(self) -> bool:
        """Wait until a batch may start; False once the queue is closed and empty."""
        with self._lock:
            self._arrival.wait_for(lambda: self._waiting or self._closed)
            if self._waiting:
                waited = time.monotonic() - self._waiting[0].arrived
                self._arrival.wait_for(self._is_batch_due, self._limits.max_wait_seconds - waited)
            return bool(self._waiting)

    def _is_batch_due(self) -> bool:
        # Callers that wait for their answers before they ask again come back as many as they were.
        is_company_complete = len(self._waiting) >= self._last_batch_requests
        is_full = self._waiting_tokens >= self._limits.max_batch_tokens
        return is_company_complete or is_full or self._closed

    def _take_batch(self) -> list[_Request[Item, Answers]]:
        """Take what fits into a batch, at least one request; leave out, and drop, what was cancelled."""
        batch: list[_Request[Item, Answers]] = []
        left = self._limits.max_batch_tokens
        with self._lock:
            while self._waiting and (not batch or self._waiting[0].tokens <= left):
                request = self._waiting.popleft()
                self._waiting_tokens -= request.tokens
                if request.future.set_running_or_notify_cancel():
                    batch.append(request)
                    left -= request.tokens
            self._last_batch_requests = len(batch)
            self._requests += len(batch)
            self._items += sum(len(request.items) for request in batch)
            self._batches += bool(batch)
            self._room.notify_all()
        return batch

    def _answer(self, batch: Sequence[_Request[Item, Answers]]) -> None:
        """Answer each request of a batch; halve a batch that raises until the request that does is alone."""
        try:
            shares = self._call_function(batch)
        except BaseException as error:  # whatever it is, it belongs to a caller, and the thread goes on
            if len(batch) == 1:
                batch[0].future.set_exception(error)
                return
        else:
            for request, share in zip(batch, shares, strict=True):
                request.future.set_result(share)
            return
        middle = len(batch) // 2
        self._answer(batch[:middle])
        self._answer(batch[middle:])

    def _call_function(self, batch: Sequence[_Request[Item, Answers]]) -> list[Answers]:
        """Give each request of a batch its share of the function's answers."""
        items = [item for request in batch for item in request.items]
        started = time.monotonic()
        try:
            answers = self._function(items)
        finally:
            seconds = time.monotonic() - started
            with self._lock:
                self._busy_seconds += seconds
        if len(answers) != len(items):
            # Shared out, they would reach the wrong callers.
            raise ValueError(f"{len(answers)} answers were given for {len(items)} items.")
        ends = accumulate((len(request.items) for request in batch), initial=0)
        return [answers[start:end] for start, end in pairwise(ends)]

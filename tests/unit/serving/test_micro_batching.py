import asyncio
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event, Semaphore

import numpy as np
import pytest

from sentiment.scoring import ReviewScorer
from sentiment.serving import (
    Counters,
    Limits,
    MicroBatcher,
    MicroBatchingScorer,
    QueueClosedError,
    QueueFullError,
    estimate_tokens,
)
from tests.fakes import FakeScorer
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
"""Seconds after which something that never came is a failed test and no endless one."""
NEVER = 3600.0


class Gate:
    """A function that answers in capitals once it may, fails on 'bad', and keeps what it was asked."""

    def __init__(self):
        self.calls = []
        self._entered = Semaphore(0)
        self._passes = Semaphore(0)

    def __call__(self, items):
        self.calls.append(list(items))
        self._entered.release()
        assert self._passes.acquire(timeout=PATIENCE)
        if "bad" in items:
            raise ArithmeticError("bad")
        return [item.upper() for item in items]

    def wait_until_asked(self):
        assert self._entered.acquire(timeout=PATIENCE)

    def open(self, calls=1000):
        self._passes.release(calls)


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def build(gate):
    """Build batchers over the gate, each item a token; close them in the end."""
    batchers = []

    def build_one(function=gate, **limits):
        limits = {"max_wait_seconds": 0.0, **limits}
        batchers.append(MicroBatcher(function, lambda item: 1, Limits(**limits)))
        return batchers[-1]

    yield build_one
    gate.open()
    for batcher in batchers:
        batcher.close()


def keep_busy(batcher, gate):
    """Have the function called, so that everything that comes next waits."""
    future = batcher.submit(["busy"])
    gate.wait_until_asked()
    return future


def batch_two(batcher, gate):
    """Open the gate and have two requests answered in one batch, so that two are expected again."""
    keep_busy(batcher, gate)
    futures = [batcher.submit(["1"]), batcher.submit(["2"])]
    gate.open()
    assert [future.result(PATIENCE) for future in futures] == [["1"], ["2"]]
    assert gate.calls == [["busy"], ["1", "2"]]


def test_requests_that_come_while_the_function_is_busy_make_one_batch(build, gate):
    batcher = build()
    busy = keep_busy(batcher, gate)
    futures = [batcher.submit(items) for items in (["a"], ["b", "c"], [], ["d"])]
    gate.open()
    assert [future.result(PATIENCE) for future in (busy, *futures)] == [
        ["BUSY"],
        ["A"],
        ["B", "C"],
        [],
        ["D"],
    ]
    assert gate.calls == [["busy"], ["a", "b", "c", "d"]]


def test_a_batch_takes_whole_requests_in_order_while_they_fit(build, gate):
    batcher = build(max_batch_tokens=3)
    keep_busy(batcher, gate)
    futures = [batcher.submit(list(items)) for items in ("ab", "c", "de", "fghij", "k")]
    gate.open()
    assert ["".join(future.result(PATIENCE)) for future in futures] == ["AB", "C", "DE", "FGHIJ", "K"]
    assert ["".join(items) for items in gate.calls[1:]] == ["abc", "de", "fghij", "k"]


def test_a_lone_caller_never_waits_for_company(build, gate):
    gate.open()
    batcher = build(max_wait_seconds=NEVER)
    assert [batcher([item]) for item in "abc"] == [["A"], ["B"], ["C"]]


def test_a_batch_starts_with_as_many_requests_as_the_one_before(build, gate):
    batcher = build(max_wait_seconds=NEVER)
    batch_two(batcher, gate)
    futures = [batcher.submit([item]) for item in "ab"]
    assert [future.result(PATIENCE) for future in futures] == [["A"], ["B"]]
    assert gate.calls[2:] == [["a", "b"]]


def test_a_full_batch_starts_with_fewer(build, gate):
    batcher = build(max_batch_tokens=3, max_wait_seconds=NEVER)
    batch_two(batcher, gate)
    assert batcher(["a", "b", "c"]) == ["A", "B", "C"]


def test_a_request_without_company_is_answered_after_the_wait(build, gate):
    batcher = build(max_wait_seconds=0.001)
    batch_two(batcher, gate)
    assert batcher(["a"]) == ["A"]


def test_items_are_those_at_the_time_of_the_call(build, gate):
    batcher = build()
    keep_busy(batcher, gate)
    items = ["a"]
    future = batcher.submit(items)
    items.append("b")
    gate.open()
    assert future.result(PATIENCE) == ["A"]


def test_a_full_queue_refuses_at_once(build, gate):
    batcher = build(max_waiting_tokens=2)
    keep_busy(batcher, gate)
    futures = [batcher.submit([item]) for item in "ab"]
    message = r"^The queue is full\. 2 tokens are waiting, the limit is 2\. Try again later\.$"
    with pytest.raises(QueueFullError, match=message):
        batcher.submit(["c"])
    with pytest.raises(QueueFullError, match=message):
        asyncio.run(batcher.call_async(["c"]))
    with pytest.raises(QueueFullError, match=message):
        batcher.submit(["c"], timeout_seconds=0.001)
    gate.open()
    assert [future.result(PATIENCE) for future in futures] == [["A"], ["B"]]
    assert ["c"] not in gate.calls


def test_requests_without_items_fill_the_queue_too(build, gate):
    batcher = build(max_waiting_tokens=1)
    keep_busy(batcher, gate)
    batcher.submit([])
    with pytest.raises(QueueFullError):
        batcher.submit([])


def test_a_call_waits_for_room(build, gate):
    about_to_wait = Event()

    def tokens_of(item):
        if item == "late":
            about_to_wait.set()
        return 1

    batcher = MicroBatcher(gate, tokens_of, Limits(max_waiting_tokens=1, max_wait_seconds=0.0))
    keep_busy(batcher, gate)
    waiting = batcher.submit(["a"])
    with ThreadPoolExecutor() as callers:
        late = callers.submit(batcher, ["late"])
        assert about_to_wait.wait(PATIENCE)
        gate.open()
        assert late.result(PATIENCE) == ["LATE"]
    assert waiting.result(PATIENCE) == ["A"]
    batcher.close()


def test_a_request_larger_than_every_limit_is_answered(build, gate):
    gate.open()
    batcher = build(max_batch_tokens=1, max_waiting_tokens=1)
    assert batcher(list("abc")) == ["A", "B", "C"]


def test_a_request_that_fails_fails_alone(build, gate):
    batcher = build()
    keep_busy(batcher, gate)
    futures = [batcher.submit(items) for items in (["a"], ["b", "bad"], ["c"], ["d"])]
    gate.open()
    answers = [futures[i].result(PATIENCE) for i in (0, 2, 3)]
    assert answers == [["A"], ["C"], ["D"]]
    error = futures[1].exception(PATIENCE)
    assert repr(error) == "ArithmeticError('bad')"
    assert error.__context__ is None
    assert batcher(["e"]) == ["E"]


def test_each_failing_request_has_its_own_error(build, gate):
    batcher = build()
    keep_busy(batcher, gate)
    futures = [batcher.submit(["bad"]) for _ in range(3)]
    gate.open()
    errors = [future.exception(PATIENCE) for future in futures]
    assert {str(error) for error in errors} == {"bad"}
    assert len({id(error) for error in errors}) == 3


def test_even_an_exit_ends_in_the_caller(build):
    def leave(items):
        raise SystemExit(3)

    batcher = build(leave)
    for _ in range(2):
        with pytest.raises(SystemExit):
            batcher(["a"])


def test_a_wrong_number_of_answers_reaches_nobody(build):
    batcher = build(lambda items: items[1:])
    with pytest.raises(ValueError, match=r"^1 answers were given for 2 items\.$"):
        batcher(["a", "b"])


def test_answers_that_cannot_be_shared_out_are_an_error_too(build):
    batcher = build(set)
    for _ in range(2):
        with pytest.raises(TypeError):
            batcher(["a", "b"])


def test_an_interrupted_caller_costs_nothing(build, gate, monkeypatch):
    class InterruptedFuture(Future):
        def result(self, timeout=None):
            raise KeyboardInterrupt

    batcher = build()
    keep_busy(batcher, gate)
    monkeypatch.setattr("sentiment.serving.micro_batching.Future", InterruptedFuture)
    with pytest.raises(KeyboardInterrupt):
        batcher(["a"])
    gate.open()
    batcher.close()
    assert gate.calls == [["busy"]]


def test_a_cancelled_request_costs_nothing(build, gate):
    batcher = build()
    keep_busy(batcher, gate)
    given_up, kept = batcher.submit(["a"]), batcher.submit(["b"])
    assert given_up.cancel()
    gate.open()
    assert kept.result(PATIENCE) == ["B"]
    assert gate.calls == [["busy"], ["b"]]


def test_a_batch_of_cancelled_requests_is_none(build, gate):
    batcher = build()
    keep_busy(batcher, gate)
    assert batcher.submit(["a"]).cancel()
    gate.open()
    batcher.close()
    assert gate.calls == [["busy"]]
    assert batcher.counters().batches == 1


def test_a_request_whose_batch_has_started_is_not_cancelled(build, gate):
    batcher = build()
    busy = keep_busy(batcher, gate)
    assert not busy.cancel()
    gate.open()
    assert busy.result(PATIENCE) == ["BUSY"]


def test_tasks_share_batches_and_a_cancelled_one_costs_nothing(build, gate):
    batcher = build()

    async def ask():
        keep_busy(batcher, gate)
        tasks = [asyncio.create_task(batcher.call_async([item])) for item in "abc"]
        await asyncio.sleep(0)  # each task runs until it waits for its answer
        tasks[1].cancel()
        await asyncio.sleep(0)
        gate.open()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(ask())
    assert (answers[0], answers[2]) == (["A"], ["C"])
    assert isinstance(answers[1], asyncio.CancelledError)
    assert gate.calls == [["busy"], ["a", "c"]]


def test_a_task_that_is_cancelled_during_its_batch_disturbs_nobody(build, gate):
    batcher = build()

    async def ask():
        keep_busy(batcher, gate)
        tasks = [asyncio.create_task(batcher.call_async([item])) for item in "ab"]
        await asyncio.sleep(0)
        gate.open(calls=1)
        gate.wait_until_asked()
        tasks[0].cancel()
        await asyncio.sleep(0)
        gate.open()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(ask())
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1] == ["B"]
    assert gate.calls == [["busy"], ["a", "b"]]


def test_an_error_reaches_the_task_that_waits_for_it(build, gate):
    gate.open()
    with pytest.raises(ArithmeticError):
        asyncio.run(build().call_async(["bad"]))


def test_close_answers_what_waits_at_once_and_takes_no_more(build, gate):
    batcher = build(max_wait_seconds=NEVER)
    batch_two(batcher, gate)
    future = batcher.submit(["a"])
    batcher.close()
    batcher.close()
    assert future.result(0) == ["A"]
    with pytest.raises(QueueClosedError, match=r"^The queue is closed: it takes no more requests\.$"):
        batcher(["b"])


def test_close_refuses_who_waits_for_room(build, gate):
    batcher = build(max_waiting_tokens=1)
    keep_busy(batcher, gate)
    waiting = batcher.submit(["a"])
    with ThreadPoolExecutor() as callers:
        late = callers.submit(batcher, ["late"])
        closing = callers.submit(batcher.close)
        with pytest.raises(QueueClosedError):
            late.result(PATIENCE)
        gate.open()
        closing.result(PATIENCE)
    assert waiting.result(0) == ["A"]


def test_a_process_ends_with_a_batcher_that_was_never_closed():
    code = (
        "from threading import Event\n"
        "from sentiment.serving import MicroBatcher\n"
        "MicroBatcher(lambda items: Event().wait(), len).submit(['a'])\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=PATIENCE)


def test_counters_tell_what_was_done_and_what_waits(build, gate):
    batcher = build()
    assert batcher.counters() == Counters()
    assert batcher.counters().mean_batch_items == 0
    keep_busy(batcher, gate)
    futures = [batcher.submit(["a", "b", "c"]), batcher.submit(["d"])]
    waiting = batcher.counters()
    assert (waiting.requests, waiting.items, waiting.batches) == (1, 1, 1)
    assert (waiting.waiting_requests, waiting.waiting_tokens) == (2, 4)
    gate.open()
    for future in futures:
        future.result(PATIENCE)
    done = batcher.counters()
    assert (done.requests, done.items, done.batches) == (3, 5, 2)
    assert (done.waiting_requests, done.waiting_tokens) == (0, 0)
    assert done.busy_seconds > 0
    assert done.mean_batch_items == 2.5


def test_a_scorer_is_shared_by_threads_and_tasks(build):
    inner = FakeScorer()
    scorer = MicroBatchingScorer(inner, Limits(max_batch_tokens=1))
    assert scorer.labels == inner.labels
    expected = FakeScorer().score(["good", "bad"])
    assert np.array_equal(scorer.score(["good", "bad"]), expected)
    assert np.array_equal(asyncio.run(scorer.score_async(["good", "bad"])), expected)
    assert scorer.counters().items == 4
    scorer.close()
    with pytest.raises(QueueClosedError):
        scorer.score(["good"])


def test_predictions_are_batched_as_scores_are(build):
    scorer = ReviewScorer(FakeScorer())
    reviews = ["good towel", "bad towel", ""]
    assert build(scorer.predict)(reviews) == scorer.predict(reviews)


@pytest.mark.parametrize(("text", "tokens"), [("", 2), ("abc", 2), ("Lovely fabric.", 5)])
def test_tokens_are_estimated_from_characters(text, tokens):
    assert estimate_tokens(text) == tokens

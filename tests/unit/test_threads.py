import gc
import sys
import threading
from queue import SimpleQueue

import pytest

from sentiment.threads import Workers, map_ahead
from tests.patience import PATIENCE


def test_results_keep_the_order_of_their_items_whatever_takes_longer():
    later_is_done = threading.Event()

    def work(item):
        if item == 0:
            assert later_is_done.wait(PATIENCE)
        elif item == 1:
            later_is_done.set()
        return item * 10

    assert list(map_ahead(work, range(5), 2)) == [0, 10, 20, 30, 40]


def test_items_are_taken_no_further_than_was_said():
    taken = []

    def items():
        for item in range(10):
            taken.append(item)
            yield item

    results = map_ahead(str, items(), 3)
    assert next(results) == "0"
    assert taken == [0, 1, 2]
    assert next(results) == "1"
    assert taken == [0, 1, 2, 3]


def test_items_are_taken_in_the_thread_of_the_caller():
    threads = []

    def items():
        threads.append(threading.current_thread())
        yield 1

    list(map_ahead(str, items(), 2))
    assert threads == [threading.current_thread()]


def test_an_exception_comes_out_at_its_place_and_no_more_is_begun():
    begun = []

    def work(item):
        begun.append(item)
        if item == 1:
            raise ValueError("one")
        return item

    results = map_ahead(work, range(100), 2)
    assert next(results) == 0
    with pytest.raises(ValueError, match="one"):
        list(results)
    assert max(begun) <= 3


def test_nothing_gives_nothing():
    assert list(map_ahead(str, [], 2)) == []


def interrupted(point):
    """Use map_ahead in a thread and interrupt it at its `point`-th step, as Ctrl-C would the main thread.

    Returns:
        What became of it: "interrupted", "done", or "lost" where it hangs or something else came out.
    """
    steps = 0
    seen = SimpleQueue()

    def trace(frame, event, argument):
        nonlocal steps
        if frame.f_code.co_name == "__del__":  # what is raised there is told, and goes nowhere
            return None
        steps += 1
        if steps == point:
            raise KeyboardInterrupt
        return trace

    def use():
        sys.settrace(trace)
        try:
            list(map_ahead(str, range(3), 2))
            seen.put("done")
        except KeyboardInterrupt:
            seen.put("interrupted")
        finally:
            sys.settrace(None)

    thread = threading.Thread(target=use, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return "lost" if seen.empty() else seen.get()


@pytest.fixture
def no_collection():
    """Keep the garbage collector from calling back (Hypothesis listens to it) in the midst of what is traced.

    What is raised there is told, and goes nowhere, like what `__del__` raises.
    """
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_an_interruption_comes_through_wherever_it_hits():
    outcomes = []
    while "done" not in outcomes:
        outcomes.append(interrupted(len(outcomes) + 1))
    assert len(outcomes) > 50
    assert set(outcomes[:-1]) == {"interrupted"}


def test_tasks_are_done_in_the_order_in_which_they_are_handed_over():
    done = []
    with Workers(1) as workers:
        tasks = [workers.begin(done.append, item) for item in range(100)]
        assert [task.result() for task in tasks] == [None] * 100
    assert done == list(range(100))


def test_closed_workers_have_finished_what_ran_and_left_the_rest():
    begun, may_end, done = threading.Event(), threading.Event(), []

    def work(item):
        begun.set()
        assert may_end.wait(PATIENCE)
        done.append(item)

    workers = Workers(1)
    for item in range(3):
        workers.begin(work, item)
    assert begun.wait(PATIENCE)
    threading.Timer(0.05, may_end.set).start()
    workers.close()
    assert done == [0]
    workers.close()


def test_a_dropped_task_is_not_begun():
    may_end, done = threading.Event(), []
    with Workers(1) as workers:
        workers.begin(may_end.wait, PATIENCE)
        dropped = workers.begin(done.append, "dropped")
        last = workers.begin(done.append, "last")
        dropped.drop()
        may_end.set()
        last.result()
    assert done == ["last"]


def test_an_exception_of_any_kind_belongs_to_who_asks_for_the_result():
    def fail():
        raise SystemExit("enough")

    with Workers(1) as workers:
        task = workers.begin(fail)
        assert workers.begin(len, "two").result() == 3
        with pytest.raises(SystemExit, match="enough"):
            task.result()


class Farewell:
    """Says so when the thread that holds it ends."""

    def __init__(self, gone):
        self._gone = gone

    def __del__(self):
        self._gone.put("home")


def test_workers_that_nobody_refers_to_go_home():
    gone = SimpleQueue()

    workers = Workers(2)
    there = threading.Barrier(2)

    def enter():
        there.wait(PATIENCE)
        kept.here = Farewell(gone)

    kept = threading.local()
    tasks = [workers.begin(enter) for _ in range(2)]
    for task in tasks:
        task.result()
    assert gone.empty()
    del workers, task, tasks
    gc.collect()
    assert [gone.get(timeout=PATIENCE) for _ in range(2)] == ["home"] * 2

import threading

import pytest

from sentiment.scoring.ahead import map_ahead


def test_results_keep_the_order_of_their_items_whatever_takes_longer():
    later_is_done = threading.Event()

    def work(item):
        if item == 0:
            assert later_is_done.wait(30)
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

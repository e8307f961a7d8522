import numpy as np
import pytest

from sentiment.scoring.windows import Window, merge_windows, plan_windows


def test_a_short_review_is_one_window():
    assert plan_windows(5, capacity=10, overlap=4) == [Window(0, 5, 5)]
    assert plan_windows(10, capacity=10, overlap=4) == [Window(0, 10, 10)]


def test_nothing_is_one_empty_window_that_has_a_vote():
    assert plan_windows(0, capacity=10, overlap=4) == [Window(0, 0, 1)]


def test_windows_overlap_and_the_last_one_is_moved_back_to_be_full():
    assert plan_windows(19, capacity=10, overlap=4) == [Window(0, 10, 10), Window(6, 16, 6), Window(9, 19, 3)]


def test_a_window_shorter_than_the_overlap_still_moves_forward():
    assert plan_windows(6, capacity=4, overlap=32) == [Window(0, 4, 4), Window(2, 6, 2)]
    assert plan_windows(3, capacity=1, overlap=32) == [Window(0, 1, 1), Window(1, 2, 1), Window(2, 3, 1)]


def test_windows_vote_with_the_tokens_they_bring():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.0, 1.0]], dtype=np.float32)
    merged = merge_windows(probabilities, np.array([5, 3, 1]), np.array([1, 2]))
    assert merged.dtype == np.float32
    assert merged[0] == pytest.approx([0.9, 0.1])
    assert merged[1] == pytest.approx([0.6, 0.4])


def test_no_reviews_merge_to_no_rows():
    nothing = np.array([], dtype=np.int64)
    assert merge_windows(np.empty((0, 5), dtype=np.float32), nothing, nothing).shape == (0, 5)

import numpy as np

from sentiment.model.batching import padded_lengths, plan_batches


def test_lengths_are_rounded_up_but_not_beyond_the_model():
    assert padded_lengths(np.array([1, 16, 17, 90, 100]), limit=100).tolist() == [16, 16, 32, 96, 100]


def test_the_longest_come_first_and_a_batch_is_filled_by_tokens():
    batches = plan_batches(np.array([16, 64, 16, 32, 16, 16]), budget=64)
    assert [batch.tolist() for batch in batches] == [[1], [3, 0], [2, 4, 5]]


def test_one_longer_than_the_budget_goes_alone():
    assert [batch.tolist() for batch in plan_batches(np.array([512, 512]), budget=64)] == [[0], [1]]


def test_a_mixture_of_lengths_gives_few_shapes():
    lengths = padded_lengths(np.random.default_rng(0).integers(1, 256, 5000), limit=256)
    shapes = {(len(batch), int(lengths[batch].max())) for batch in plan_batches(lengths, budget=8192)}
    assert len(shapes) <= 256 // 16 + 1


def test_nothing_gives_no_batch():
    assert plan_batches(np.array([], dtype=np.int64), budget=64) == []

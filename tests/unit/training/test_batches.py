import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpus import TokenisedReviews
from sentiment.model.batching import LENGTH_STEP
from sentiment.training.batches import GROUP_UPDATES, BatchPlan, collate, micro_batches, number_labels

LENGTHS = np.random.default_rng(0).integers(3, 60, 1003)


def steps(plan, start, count):
    return [(step, examples.tolist()) for step, examples in itertools.islice(plan.updates(start), count)]


@pytest.mark.parametrize("size", [1, 8, 64, 1003, 5000])
def test_every_example_once_an_epoch(size):
    plan = BatchPlan(LENGTHS, size, seed=3)
    updates = plan.epoch(0)
    assert len(updates) == plan.updates_per_epoch
    assert sorted(np.concatenate(updates)) == list(range(1003))
    assert sorted({len(update) for update in updates}) in ([size], [1003], sorted({1003 % size, size}))


def test_the_order_depends_on_seed_and_epoch_alone():
    first = [update.tolist() for update in BatchPlan(LENGTHS, 8, seed=3).epoch(0)]
    assert first == [update.tolist() for update in BatchPlan(LENGTHS, 8, seed=3).epoch(0)]
    assert first != [update.tolist() for update in BatchPlan(LENGTHS, 8, seed=4).epoch(0)]
    assert first != [update.tolist() for update in BatchPlan(LENGTHS, 8, seed=3).epoch(1)]


@pytest.mark.parametrize("start", [0, 1, 7, 125, 126, 127, 252, 300])
def test_a_later_start_continues_exactly(start):
    plan = BatchPlan(LENGTHS, 8, seed=3)
    assert plan.updates_per_epoch == 126
    assert steps(plan, start, 30) == steps(plan, 0, start + 30)[start:]


def test_updates_count_from_one_across_epochs():
    plan = BatchPlan(LENGTHS[:10], 4, seed=0)
    assert [step for step, _ in steps(plan, 0, 7)] == [1, 2, 3, 4, 5, 6, 7]


def test_examples_of_one_update_have_like_lengths():
    lengths = np.random.default_rng(0).integers(3, 60, 8 * GROUP_UPDATES * 4)
    spread = [np.ptp(lengths[update]) for update in BatchPlan(lengths, 8, seed=0).epoch(0)]
    assert np.mean(spread) < 3


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(1, 70), st.integers(0, 5))
def test_oversampling_draws_labels_equally_and_rows_evenly(labels, size, epoch):
    labels = np.array(labels)
    plan = BatchPlan(np.arange(len(labels)) + 3, size, seed=1, labels=labels)
    updates = plan.epoch(epoch)
    drawn = np.bincount(np.concatenate(updates), minlength=len(labels))
    commonest = np.bincount(labels).max()
    for label in set(labels.tolist()):
        times = drawn[labels == label]
        assert times.sum() == commonest
        assert 1 <= times.min() >= times.max() - 1
    assert len(updates) == plan.updates_per_epoch
    assert {len(update) for update in updates} <= {size, drawn.sum() % size}
    again = BatchPlan(np.arange(len(labels)) + 3, size, seed=1, labels=labels).epoch(epoch)
    assert [update.tolist() for update in updates] == [update.tolist() for update in again]


def test_oversampling_continues_exactly_and_draws_other_copies_each_epoch():
    labels = np.repeat([0, 1, 2], [703, 200, 100])
    plan = BatchPlan(LENGTHS, 8, seed=3, labels=labels)
    assert plan.updates_per_epoch == -(-3 * 703 // 8) == 264
    for start in (0, 1, 263, 264, 265, 530):
        assert steps(plan, start, 30) == steps(plan, 0, start + 30)[start:]
    often = [np.flatnonzero(np.bincount(np.concatenate(plan.epoch(epoch))) == 8).tolist() for epoch in (0, 1)]
    assert len(often[0]) == len(often[1]) == 3
    assert often[0] != often[1]


def test_oversampling_of_even_labels_draws_every_example_once():
    plan = BatchPlan(LENGTHS[:1000], 8, seed=3, labels=np.arange(1000) % 4)
    assert sorted(np.concatenate(plan.epoch(0))) == list(range(1000))


def test_labels_are_numbered_by_what_they_allow():
    allowed = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 0], [1, 1, 0]], dtype=bool)
    first, second, third, fourth = number_labels(allowed).tolist()
    assert first == fourth
    assert {first, second, third} == {0, 1, 2}


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 5, 8])
@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_micro_batches_share_an_update_out(processes, size, batch_size):
    update = np.arange(100, 100 + size)
    shares = [micro_batches(update, batch_size, process, processes) for process in range(processes)]
    assert all(len(share) >= 1 for share in shares)
    assert all(len(batch) <= batch_size for share in shares for batch in share)
    assert sorted(np.concatenate([batch for share in shares for batch in share])) == update.tolist()
    sizes = [sum(map(len, share)) for share in shares]
    assert max(sizes) - min(sizes) <= 1


def reviews_of(*lengths):
    ids = np.arange(1, sum(lengths) + 1, dtype=np.int32)
    allowed = np.eye(len(lengths), 2, dtype=bool)
    return TokenisedReviews(ids, np.concatenate([[0], np.cumsum(lengths)]), allowed, cut=0)


def test_a_batch_is_padded_to_a_rounded_length():
    reviews = reviews_of(3, 5, 40)
    batch = collate(reviews, np.array([1, 0]), pad_id=99, device=torch.device("cpu"))
    assert batch["input_ids"].tolist() == [[4, 5, 6, 7, 8] + [99] * 11, [1, 2, 3] + [99] * 13]
    assert batch["attention_mask"].sum(dim=1).tolist() == [5, 3]
    assert batch["allowed"].tolist() == [[False, True], [True, False]]
    assert (batch["input_ids"].dtype, batch["input_ids"].shape[1]) == (torch.int64, LENGTH_STEP)


def test_padding_never_goes_beyond_the_longest_example():
    """An encoder of 40 positions has none for the 41st token, padding or not."""
    batch = collate(reviews_of(3, 40), np.array([1]), pad_id=0, device=torch.device("cpu"))
    assert batch["input_ids"].shape == (1, 40)

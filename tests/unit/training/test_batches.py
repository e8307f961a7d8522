import itertools

import numpy as np
import pytest
import torch

from sentiment.corpus import TokenisedReviews
from sentiment.model.batching import LENGTH_STEP
from sentiment.training.batches import GROUP_UPDATES, BatchPlan, collate, micro_batches

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

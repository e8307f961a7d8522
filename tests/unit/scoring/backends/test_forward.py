import threading

import numpy as np
import pytest

from sentiment.scoring.backends import Crew, pad
from tests.patience import PATIENCE


def sequences(*lengths):
    return [np.arange(1, length + 1, dtype=np.int32) for length in lengths]


def test_padding_goes_behind_and_the_mask_says_where():
    ids, mask = pad(sequences(3, 17), pad_id=9, limit=192)
    assert ids.shape == mask.shape == (2, 32)  # lengths are rounded up to few shapes
    assert ids[0].tolist() == [1, 2, 3] + [9] * 29
    assert mask.sum(axis=1).tolist() == [3, 17]
    assert ids[1, :17].tolist() == list(range(1, 18))


def test_padding_never_exceeds_what_the_model_reads():
    ids, _ = pad(sequences(20), pad_id=0, limit=24)
    assert ids.shape == (1, 24)


class Counting:
    """A network that counts how many of its calls overlap."""

    def __init__(self, together):
        self.busy = False
        self._together = together

    def __call__(self, batch):
        assert not self.busy
        self.busy = True
        self._together.wait(PATIENCE)
        self.busy = False
        return np.array([[len(batch)]], dtype=np.float32)


def test_networks_of_a_crew_work_at_the_same_time_and_one_batch_each():
    together = threading.Barrier(2)
    crew = Crew([Counting(together), Counting(together)])
    batches = [sequences(*[1] * size) for size in (1, 2, 3, 4)]
    assert [rows.item() for rows in crew.run(batches)] == [1, 2, 3, 4]


def test_several_callers_share_a_crew():
    crew = Crew([lambda batch: np.array([[len(batch)]], dtype=np.float32)])
    found = {}

    def call(size):
        found[size] = [rows.item() for rows in crew.run([sequences(*[1] * size)] * 5)]

    threads = [threading.Thread(target=call, args=(size,)) for size in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {size: [size] * 5 for size in (1, 2, 3)}


def test_batches_behind_one_that_fails_are_left():
    seen, is_told = [], threading.Event()

    def forward(batch):
        seen.append(len(batch))
        if len(batch) == 1:
            raise ValueError("the first")
        assert is_told.wait(PATIENCE)
        return np.zeros((1, 1), dtype=np.float32)

    crew = Crew([forward])
    with pytest.raises(ValueError, match="the first"):
        list(crew.run([sequences(*[1] * size) for size in (1, 2, 3, 4)]))
    is_told.set()
    list(crew.run([sequences(*[1] * 9)]))
    assert seen in ([1, 9], [1, 2, 9])

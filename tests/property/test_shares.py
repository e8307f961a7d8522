"""Shares: whatever is counted, in whatever order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentiment.measuring import ShareCounts, ShareEstimator

NAMES = ("a", "b", "c", "d")


def draw_estimator(seed, sources):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(4), size=60)
    return ShareEstimator.fit(
        probabilities, random.integers(4, size=60), random.integers(sources, size=60), NAMES
    )


weights = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda row: sum(row) > 0.01)
rows = st.lists(weights.map(lambda row: [weight / sum(row) for weight in row]), min_size=1, max_size=40)


def count(probabilities):
    counts = ShareCounts(4)
    counts.add(probabilities)
    return counts


@given(rows, st.integers(0, 50), st.integers(1, 6), st.booleans())
def test_shares_are_shares_within_their_intervals(probabilities, seed, sources, within_file):
    found = draw_estimator(seed, sources).estimate(count(probabilities), within_file=within_file)
    assert abs(sum(found.shares) - 1) < 1e-9
    assert abs(sum(found.uncorrected) - 1) < 1e-9
    for low, share, high in zip(found.low, found.shares, found.high, strict=True):
        assert 0 <= low <= share <= high <= 1


@given(rows, st.integers(0, 40), st.randoms(use_true_random=False))
def test_order_and_parts_do_not_matter(probabilities, cut, random):
    whole = count(probabilities)
    shuffled = list(probabilities)
    random.shuffle(shuffled)
    parts = count(shuffled[:cut])
    parts.merge(count(shuffled[cut:]))
    assert parts == whole
    assert whole.reviews == sum(whole.winners) == len(probabilities)

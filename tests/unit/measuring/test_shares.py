"""Estimated shares against shares that are known."""

import numpy as np
import pytest

from sentiment.measuring import ShareCounts, ShareEstimator

NAMES = ("negative", "neutral", "positive")


def draw_source(random, rows, *, bias=(0.0, 0.0, 0.0), spread=0.0, shares=None):
    """Draw a source of its own shares; its model is calibrated but for `bias` and an error of its own."""
    shares = random.dirichlet([8, 4, 16]) if shares is None else np.asarray(shares)
    calibrated = random.dirichlet(2 * shares, size=rows)
    truth = (calibrated.cumsum(axis=1) < random.random((rows, 1))).sum(axis=1).clip(max=2)
    distorted = calibrated * np.exp(np.asarray(bias) + random.normal(0, spread, 3))
    return distorted / distorted.sum(axis=1, keepdims=True), truth, shares


def fit_on_sources(random, sources, rows, **errors):
    drawn = [draw_source(random, rows, **errors) for _ in range(sources)]
    probabilities = np.concatenate([source[0] for source in drawn])
    truth = np.concatenate([source[1] for source in drawn])
    return ShareEstimator.fit(probabilities, truth, np.repeat(np.arange(sources), rows), NAMES)


def count(probabilities):
    counts = ShareCounts(3)
    counts.add(probabilities)
    return counts


def test_a_perfect_model_gives_its_counts():
    truth = np.tile([0, 1, 2], 200)
    estimator = ShareEstimator.fit(np.eye(3)[truth], truth, np.repeat([0, 1, 2], 200), NAMES)
    found = estimator.estimate(count(np.eye(3)[[0] * 20 + [1] * 30 + [2] * 50]))
    assert found.names == NAMES
    assert found.uncorrected == (0.2, 0.3, 0.5)
    assert found.shares == pytest.approx((0.2, 0.3, 0.5), abs=1e-6)
    assert found.reviews == 100


def test_shares_are_unbiased_and_intervals_cover_a_further_source():
    random = np.random.default_rng(0)
    errors = {"bias": (0.3, -0.4, 0.0), "spread": 0.2}
    misses, covered, plain = [], [], []
    for _ in range(200):
        estimator = fit_on_sources(random, 12, 150, **errors)
        probabilities, _, shares = draw_source(random, 500, **errors)
        found = estimator.estimate(count(probabilities))
        misses.append(found.shares - shares)
        plain.append(probabilities.mean(axis=0) - shares)
        covered.append((found.low <= shares) & (shares <= found.high))
    bias, error = np.mean(misses, axis=0), np.std(misses, axis=0) / np.sqrt(200)
    assert (np.abs(bias) < 3 * error + 0.003).all()
    assert np.abs(np.mean(plain, axis=0)).max() > 0.03
    # 95 % promised; three standard errors of 200 simulated files below it.
    assert (np.mean(covered, axis=0) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)).all()


def test_intervals_within_a_file_cover_what_sampling_does():
    random = np.random.default_rng(1)
    estimator = fit_on_sources(random, 20, 1000)
    shares, covered = (0.3, 0.2, 0.5), []
    for _ in range(300):
        found = estimator.estimate(count(draw_source(random, 200, shares=shares)[0]), within_file=True)
        covered.append((np.array(found.low) <= shares) & (shares <= np.array(found.high)))
    assert (np.mean(covered, axis=0) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)).all()


def test_intervals_say_how_little_few_reviews_tell():
    random = np.random.default_rng(2)
    estimator = fit_on_sources(random, 12, 150, spread=0.2)
    probabilities, _, _ = draw_source(random, 5000)
    widths = []
    for rows in (1, 10, 100, 5000):
        found = estimator.estimate(count(probabilities[:rows]))
        widths.append(found.high[2] - found.low[2])
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 0.9
    within = estimator.estimate(count(probabilities), within_file=True)
    assert within.shares == found.shares
    assert within.high[2] - within.low[2] < widths[-1] / 2


def test_sources_that_lie_further_apart_widen_the_intervals():
    def width(spread):
        random = np.random.default_rng(3)
        found = fit_on_sources(random, 15, 400, spread=spread).estimate(count(draw_source(random, 1000)[0]))
        return found.high[0] - found.low[0]

    assert width(0.0) < width(0.3) < width(0.8)


def test_a_source_is_compared_within_the_classes_that_it_has():
    # Half a probability goes to neutral, which this source does not label: nothing is wrong with the rest.
    truth = np.array([0, 2] * 100)
    probabilities = np.full((200, 3), [0.25, 0.5, 0.25])
    estimator = ShareEstimator.fit(probabilities, truth, np.zeros(200, dtype=int), NAMES)
    assert estimator.effects.mean == pytest.approx([0, 0, 0], abs=1e-6)
    assert estimator.effects.freedom.tolist() == [0, 0, 0]


def test_sources_of_one_class_each_leave_the_mean_probabilities_as_they_are():
    truth = np.repeat([0, 1, 2], 10)
    estimator = ShareEstimator.fit(np.full((30, 3), 1 / 3), truth, truth, NAMES)
    found = estimator.estimate(count([[0.7, 0.1, 0.2], [0.5, 0.1, 0.4]]))
    assert found.shares == pytest.approx((0.6, 0.1, 0.3))


def test_a_class_that_never_wins_and_never_is_stays_away():
    truth = np.array([0, 2] * 100)
    probabilities = np.eye(3)[truth]
    estimator = ShareEstimator.fit(probabilities, truth, np.repeat([0, 1], 100), NAMES)
    found = estimator.estimate(count(probabilities))
    assert found.shares[1] == found.low[1] == 0
    assert found.high[1] < 0.15


def test_no_reviews_have_no_shares():
    estimator = fit_on_sources(np.random.default_rng(4), 3, 50)
    with pytest.raises(ValueError, match=r"^ShareEstimator: no reviews to estimate shares of\.$"):
        estimator.estimate(ShareCounts(3))

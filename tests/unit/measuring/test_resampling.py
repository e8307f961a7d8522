"""Every figure under resampling: equal to the plain bootstrap, and as trustworthy as it says."""

from functools import partial

import numpy as np
import pytest

from sentiment.labels import BINARY, STARS, TERNARY, LabelScheme
from sentiment.measuring import (
    bootstrap_interval,
    find_intervals,
    measure_reviews,
    measure_with_intervals,
    metrics,
    percentile_interval,
    resample_figures,
    resampling,
    softmax,
)

LETTERS = LabelScheme("custom", ("a", "b", "c", "d"))
RESAMPLES = 40


def simulate(reviews, scheme=STARS, seed=1, hit=2.0):
    """Draw true classes, and the probabilities of a model whose logits lift them by `hit`."""
    draws = np.random.default_rng(seed)
    labels = len(scheme.labels)
    truth = draws.integers(labels, size=reviews)
    logits = draws.normal(size=(reviews, labels))
    logits[np.arange(reviews), truth] += hit
    # Rounded, so that scores tie as those of a lexicon do.
    return softmax(np.round(logits, 1)), np.eye(labels, dtype=bool)[truth], truth


def leaves(figures, path=()):
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, name))
        else:
            yield (*path, name), value


def look_up(figures, path):
    for name in path:
        figures = figures[name]
    return np.nan if figures is None else figures


@pytest.mark.parametrize("scheme", [STARS, TERNARY, BINARY, LETTERS], ids=lambda scheme: scheme.name)
def test_every_resampled_figure_is_that_of_the_plain_bootstrap(scheme):
    probabilities, allowed, truth = simulate(60, scheme)
    stars = np.where(truth % 2, np.nan, truth + 1.0)
    measure = partial(measure_reviews, probabilities, allowed, scheme, stars)
    resampled = dict(leaves(resample_figures(measure, 60, RESAMPLES)))
    one_by_one = []

    def statistic(probabilities, allowed, stars):
        one_by_one.append(measure_reviews(probabilities, allowed, scheme, stars))
        return one_by_one[-1]["accuracy"]

    plain = bootstrap_interval(statistic, probabilities, allowed, stars, resamples=RESAMPLES)

    assert len(resampled) >= 15
    for path, values in resampled.items():
        expected = [look_up(figures, path) for figures in one_by_one]
        np.testing.assert_allclose(values, expected, atol=1e-9, err_msg=str(path))
    assert percentile_interval(resampled["accuracy",]) == pytest.approx(plain)


def test_every_figure_has_an_interval_and_nothing_else_has():
    probabilities, allowed, truth = simulate(200)
    measure = partial(measure_reviews, probabilities, allowed, STARS, truth + 1.0)
    figures = measure_with_intervals(measure, 200, RESAMPLES)

    intervals = dict(leaves(figures.pop("intervals")))
    assert intervals.keys() == {path for path, value in leaves(figures) if isinstance(value, float)}
    assert all(low <= look_up(figures, path) <= high for path, (low, high) in intervals.items())


def test_no_resamples_give_no_intervals():
    probabilities, allowed, _ = simulate(20)
    measure = partial(measure_reviews, probabilities, allowed, STARS)

    assert measure_with_intervals(measure, 20, 0) == measure()


def test_blocks_change_nothing(monkeypatch):
    probabilities, allowed, _ = simulate(30)
    measure = partial(measure_reviews, probabilities, allowed, STARS)
    whole = resample_figures(measure, 30, RESAMPLES)["classes"]["auc"]
    monkeypatch.setattr(resampling, "_BLOCK_CELLS", 7 * 30)

    blocks = resample_figures(measure, 30, RESAMPLES)["classes"]["auc"]

    assert blocks.shape == (RESAMPLES,)
    np.testing.assert_allclose(blocks, whole)


def test_an_undecided_figure_has_no_interval():
    probabilities, _, _ = simulate(20)
    allowed = np.zeros((20, 5), dtype=bool)
    allowed[:, 4] = True  # one side alone: no AUC
    figures = measure_with_intervals(partial(measure_reviews, probabilities, allowed, STARS), 20, RESAMPLES)

    assert figures["polarity"]["auc"] is None
    assert figures["intervals"]["polarity"]["auc"] is None


def test_a_resample_without_a_sided_review_decides_no_polarity():
    probabilities, allowed, _ = simulate(4, TERNARY)
    allowed[:] = [[False, True, False]] * 3 + [[True, False, False]]
    measure = partial(measure_reviews, probabilities, allowed, TERNARY)

    values = resample_figures(measure, 4, 200)["polarity"]["accuracy"]

    assert 0 < np.isnan(values).mean() < 0.6  # (3/4)^4 of the resamples hold no negative review
    assert set(values[~np.isnan(values)]) <= {0.0, 1.0}


def test_the_calibration_error_is_reflected_and_holds_the_figure():
    figures, draws = {"calibration_error": 0.02}, {"calibration_error": np.linspace(0.025, 0.045, 101)}
    assert find_intervals(figures, draws)["calibration_error"] == pytest.approx([0.0, 0.02])

    figures = {"calibration_error": 0.10}
    draws = {"calibration_error": np.linspace(0.09, 0.13, 101)}
    assert find_intervals(figures, draws, level=1.0)["calibration_error"] == pytest.approx([0.07, 0.11])


def test_the_intervals_cover_the_truth_as_often_as_they_say():
    def measure(probabilities, allowed):
        return partial(measure_reviews, probabilities, allowed, STARS)

    truth = measure(*simulate(100_000, seed=0)[:2])()
    paths = [
        ("loss",),
        ("accuracy",),
        ("classes", "macro_f1"),
        ("classes", "auc"),
        ("polarity", "balanced_accuracy"),
    ]
    covered = np.zeros(len(paths))
    for seed in range(1, 101):
        probabilities, allowed, _ = simulate(200, seed=seed)
        figures = measure_with_intervals(measure(probabilities, allowed), 200, 150)
        for i, path in enumerate(paths):
            low, high = look_up(figures["intervals"], path)
            covered[i] += low <= look_up(truth, path) <= high

    # 95 of 100, give or take three standard errors.
    assert ((covered >= 88) & (covered < 100)).all(), covered


@pytest.mark.parametrize(
    "metric",
    [metrics.auc, metrics.brier_score, metrics.log_loss, metrics.expected_calibration_error],
)
def test_counts_of_one_are_the_reviews_themselves(metric):
    probabilities, _, truth = simulate(50)

    alone = metric(probabilities, truth, counts=np.ones((3, 50)))

    assert isinstance(metric(probabilities, truth), float)
    np.testing.assert_allclose(alone, [metric(probabilities, truth)] * 3)

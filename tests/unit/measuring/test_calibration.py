"""Temperatures and thresholds against planted truths."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sentiment.measuring import Calibration, fit_biases, fit_review_threshold, fit_temperature
from sentiment.measuring.calibration import NEVER_ANSWER, TEMPERATURE_RANGE, is_sure

STARS = 5


def planted(temperature, rows, seed=0):
    """Draw logits, and the star that each row's softmax(logits / temperature) draws."""
    draws = np.random.default_rng(seed)
    logits = draws.normal(0.0, 3.0, size=(rows, STARS))
    noise = draws.gumbel(size=(rows, STARS))
    return logits, (logits / temperature + noise).argmax(axis=1)


def coarsened(stars, seed=0):
    """Allow the star itself for half of the rows, and every star of its sentiment for the others."""
    sentiment_of_star = np.array([0, 0, 1, 2, 2])
    same_sentiment = sentiment_of_star[stars][:, None] == sentiment_of_star
    is_coarse = np.random.default_rng(seed).random(len(stars)) < 0.5
    return np.where(is_coarse[:, None], same_sentiment, np.eye(STARS, dtype=bool)[stars])


def loss(logits, allowed, temperature):
    weights = np.exp(logits / temperature)
    return -np.log((weights * allowed).sum(axis=1) / weights.sum(axis=1)).mean()


@pytest.mark.parametrize("temperature", [0.25, 1.0, 2.5, 8.0])
def test_a_planted_temperature_is_found(temperature):
    logits, stars = planted(temperature, rows=8000)

    assert fit_temperature(logits, np.eye(STARS, dtype=bool)[stars]) == pytest.approx(temperature, rel=0.06)


def test_nine_right_of_ten_are_told_with_a_probability_of_nine_tenths():
    is_right = np.arange(10) < 9

    temperature = fit_temperature([[40.0, 0.0]] * 10, np.column_stack((is_right, ~is_right)))

    assert temperature == pytest.approx(40 / math.log(9), rel=1e-5)


@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_coarse_labels_find_it_too(temperature):
    logits, stars = planted(temperature, rows=8000)

    assert fit_temperature(logits, coarsened(stars)) == pytest.approx(temperature, rel=0.06)


@pytest.mark.parametrize("rows", [1, 2, 3, 10, 50])
def test_it_is_never_worse_than_no_temperature_and_no_grid_is_better(rows):
    for seed in range(10):
        draws = np.random.default_rng(seed)
        logits = draws.normal(0.0, 6.0, size=(rows, STARS))
        allowed = coarsened(draws.integers(STARS, size=rows), seed)

        best = loss(logits, allowed, fit_temperature(logits, allowed))

        assert best <= loss(logits, allowed, 1.0) + 1e-12
        assert best <= min(loss(logits, allowed, t) for t in np.geomspace(*TEMPERATURE_RANGE, 30)) + 1e-6


def test_labels_that_allow_everything_leave_the_logits_alone():
    assert fit_temperature([[3.0, 1.0], [0.0, 2.0]], np.ones((2, 2), dtype=bool)) == 1.0


def test_reviews_that_are_all_right_stop_at_the_end_of_the_range():
    assert fit_temperature([[0.3, 0.0]], [[True, False]]) == pytest.approx(TEMPERATURE_RANGE[0], rel=1e-3)
    assert fit_temperature([[0.3, 0.0]], [[False, True]]) == pytest.approx(TEMPERATURE_RANGE[1], rel=1e-3)


def test_large_logits_neither_overflow_nor_warn():
    assert math.isfinite(fit_temperature([[5000.0, -5000.0], [0.0, 9000.0]], [[False, True], [False, True]]))


@pytest.mark.parametrize(
    ("logits", "allowed", "message"),
    [
        (np.empty((0, 2)), np.empty((0, 2)), "fit_temperature: no reviews to fit on."),
        ([[1.0, 2.0]], [True], "fit_temperature: needs logits and allowed (n, labels), not (1, 2) and (1,)."),
        ([[1.0, math.inf]], [[True, False]], "fit_temperature: some logits are not finite numbers."),
        ([[1.0, 2.0], [1.0, 2.0]], [[1, 0], [0, 0]], "fit_temperature: review 1 allows no class."),
    ],
    ids=["no rows", "other shape", "not finite", "nothing allowed"],
)
def test_a_temperature_needs_reviews_with_labels(logits, allowed, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        fit_temperature(logits, allowed)


def reviews(rows, seed):
    """Draw confidences, and labels that are right exactly as often as the confidence says."""
    draws = np.random.default_rng(seed)
    confidence = 0.4 + 0.6 * draws.beta(6.0, 1.0, size=rows)
    return confidence, draws.random(rows) < confidence


def test_a_threshold_reports_what_it_answers():
    confidence, correct = reviews(5000, seed=0)

    fitted = fit_review_threshold(confidence, correct, target_accuracy=0.95)

    answered = is_sure(confidence, fitted.threshold)
    right = int(correct[answered].sum())
    exact = binomtest(right, fitted.answered, 0.95, alternative="greater")
    assert 0 < fitted.threshold < 1
    assert fitted.answered == answered.sum()
    assert fitted.coverage == answered.mean()
    assert fitted.accuracy == right / fitted.answered
    assert fitted.lower_bound == pytest.approx(exact.proportion_ci(0.95, method="exact").low)
    assert fitted.lower_bound >= 0.95


def test_the_promise_holds_at_the_promised_rate():
    # At the true accuracy of the drawn reviews, E[confidence | confidence >= t], at most 10 % may fall short;
    # 300 fits leave that share a standard error of 1.7 %.
    population, _ = reviews(200_000, seed=1)
    target, fits = 0.93, 300

    fitted = [
        fit_review_threshold(*reviews(600, seed), target, confidence_level=0.9) for seed in range(2, fits + 2)
    ]

    thresholds = np.array([fit.threshold for fit in fitted if fit.answered])
    short = sum(population[is_sure(population, threshold)].mean() < target for threshold in thresholds)
    assert len(thresholds) > fits / 2
    assert short / fits <= 0.1 + 0.03


def test_a_lower_target_answers_no_fewer():
    confidence, correct = reviews(5000, seed=3)

    coverages = [
        fit_review_threshold(confidence, correct, target).coverage for target in (0.98, 0.95, 0.9, 0.5)
    ]

    assert coverages == sorted(coverages)
    assert coverages[-1] == 1.0


def test_nothing_is_answered_where_no_threshold_keeps_the_promise():
    confidence = np.linspace(0.5, 1.0, 400)

    fitted = fit_review_threshold(confidence, np.arange(400) % 2 == 0, target_accuracy=0.9)

    assert (fitted.threshold, fitted.coverage, fitted.answered) == (NEVER_ANSWER, 0.0, 0)
    assert fitted.accuracy is None
    assert fitted.lower_bound is None
    assert not is_sure(np.float32(confidence), fitted.threshold).any()


def test_a_confidence_meets_a_threshold_as_it_is_written():
    assert is_sure(np.float32([0.45, 0.44996, 0.44994, 0.4501]), 0.45).tolist() == [True, True, False, True]


@given(st.lists(st.floats(0.2, 1.0), min_size=1, max_size=50))
def test_a_fitted_threshold_has_the_places_of_a_written_confidence(confidence):
    fitted = fit_review_threshold(confidence, np.ones(len(confidence)), target_accuracy=0.5)
    assert fitted.threshold == float(f"{fitted.threshold:.4f}")
    assert fitted.answered in (0, is_sure(confidence, fitted.threshold).sum())


def test_too_few_reviews_promise_nothing_even_if_all_are_right():
    assert fit_review_threshold(np.ones(20), np.ones(20), target_accuracy=0.95).answered == 0
    assert fit_review_threshold(np.ones(80), np.ones(80), target_accuracy=0.95).answered == 80


def test_the_walk_ends_at_the_first_threshold_that_fails():
    confidence = np.repeat([0.9, 0.8, 0.7], [300, 60, 3000])
    correct = np.repeat([True, False, True], [300, 60, 3000])

    fitted = fit_review_threshold(confidence, correct, target_accuracy=0.9)

    assert (fitted.threshold, fitted.answered) == (0.9, 300)
    assert fit_review_threshold(confidence, np.ones(3360), target_accuracy=0.9).threshold == 0.7


def test_equal_confidences_are_answered_together():
    confidence = np.repeat([0.9, 0.6], 300)
    correct = np.repeat([True, False], 300)

    fitted = fit_review_threshold(confidence, correct, target_accuracy=0.9)

    assert (fitted.threshold, fitted.answered, fitted.accuracy) == (0.9, 300, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], 0.9), "no reviews to fit on."),
        (([0.9], [True, False], 0.9), "needs confidence and correct (n,), not (1,) and (2,)."),
        (([math.nan], [True], 0.9), "some confidences are not finite numbers."),
        (([0.9], [True], 1.0), "target_accuracy must lie between 0 and 1, not 1."),
        (([0.9], [True], 0.9, 0.0), "confidence_level must lie between 0 and 1, not 0."),
    ],
    ids=["no rows", "other length", "not finite", "certain target", "no confidence"],
)
def test_a_threshold_needs_reviews_and_shares(arguments, message):
    with pytest.raises(ValueError, match=f"^fit_review_threshold: {re.escape(message)}$"):
        fit_review_threshold(*arguments)


def test_biases_give_back_the_shares_that_classes_come_in():
    """Logits that expect five classes evenly, of reviews that come in other shares."""
    generator = np.random.default_rng(5)
    shares = np.array([0.1, 0.05, 0.1, 0.25, 0.5])
    stars = generator.choice(5, size=20_000, p=shares)
    logits = generator.normal(size=(len(stars), 5)) + 2 * np.eye(5)[stars]
    found = fit_biases(logits, np.eye(5, dtype=bool)[stars])
    # Of normal scores around 2 for the own class, twice the score and the log of the share are the truth.
    assert found.temperature == pytest.approx(0.5, rel=0.05)
    np.testing.assert_allclose(found.biases, np.log(shares) - np.log(shares).mean(), atol=0.1)
    calibrated = found.apply(logits)
    probabilities = np.exp(calibrated) / np.exp(calibrated).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities.mean(axis=0), shares, atol=0.005)


def test_a_class_that_no_label_names_has_a_finite_bias():
    found = fit_biases([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]] * 20, np.eye(3, dtype=bool)[[0, 1] * 20])
    assert np.isfinite(found.biases).all()
    assert found.biases[2] == min(found.biases)


def test_logits_keep_their_format():
    logits = np.zeros((2, 3), dtype=np.float32)
    assert Calibration(2.0, (0.1, 0.2, -0.3)).apply(logits).dtype == np.float32
    np.testing.assert_array_equal(Calibration(2.0).apply(logits + 1), logits + 0.5)

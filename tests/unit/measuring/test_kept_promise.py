"""Verdicts about a promise: as sure as they say, and honest about what they cannot tell."""

import numpy as np
import pytest

from sentiment.measuring import fit_review_threshold
from sentiment.measuring.kept_promise import check_promise, find_promisable, reviews_to_promise


def reviews(answered, right, unanswered=0):
    """Give confidence and correctness: `right` of the answered ones, none of the others."""
    confidence = np.array([0.9] * answered + [0.4] * unanswered)
    return confidence, np.arange(answered + unanswered) < right


@pytest.mark.parametrize(
    ("answered", "right", "verdict"),
    [
        (1000, 930, "holds"),
        (1000, 860, "does not hold"),
        (1000, 905, "cannot be told"),
        (12, 12, "cannot be told"),
    ],
)
def test_the_verdict_needs_a_bound_on_its_side(answered, right, verdict):
    found = check_promise(*reviews(answered, right), threshold=0.5, target_accuracy=0.9)

    assert found.verdict == verdict
    assert found.lower_bound < right / answered <= found.upper_bound
    assert (found.needed is None) == (verdict != "cannot be told")


def test_what_is_not_answered_breaks_no_promise():
    found = check_promise(*reviews(100, 100, unanswered=100), threshold=0.5, target_accuracy=0.95)

    assert (found.verdict, found.coverage, found.accuracy) == ("holds", 0.5, 1.0)


def test_nothing_answered_tells_nothing():
    found = check_promise(*reviews(0, 0, unanswered=5), threshold=0.5, target_accuracy=0.9)

    assert (found.verdict, found.coverage, found.accuracy) == ("cannot be told", 0.0, None)
    assert found.lower_bound is found.upper_bound is found.needed is None


@pytest.mark.parametrize(("right", "verdict"), [(94, "holds"), (86, "does not hold")])
def test_as_many_reviews_as_are_said_to_be_needed_tell(right, verdict):
    few = check_promise(*reviews(100, right, unanswered=25), threshold=0.5, target_accuracy=0.9)
    share = few.needed / 125

    many = check_promise(
        *reviews(round(100 * share), round(right * share), unanswered=round(25 * share)),
        threshold=0.5,
        target_accuracy=0.9,
    )

    assert few.verdict == "cannot be told"
    assert many.verdict == verdict


def test_what_lies_at_the_target_is_not_told_by_any_number():
    assert check_promise(*reviews(100, 90), threshold=0.5, target_accuracy=0.9).needed is None


@pytest.mark.parametrize(("truth", "lie"), [(0.90, "holds"), (0.8999, "holds"), (0.9, "does not hold")])
def test_a_verdict_is_wrong_in_at_most_5_of_100_samples(truth, lie):
    draws = np.random.default_rng(0)
    wrong = 0
    for _ in range(400):
        right = draws.random(300) < truth
        wrong += check_promise(np.full(300, 0.9), right, 0.5, target_accuracy=0.9).verdict == lie

    assert wrong <= 29  # 20, and two standard errors


def test_so_many_right_reviews_can_be_promised_and_fewer_cannot():
    needed = reviews_to_promise(0.95)
    confidence = np.linspace(1, 0.5, needed)

    assert fit_review_threshold(confidence, np.ones(needed, dtype=bool), 0.95).answered == needed
    assert needed < 250 < reviews_to_promise(0.99)
    assert reviews_to_promise(0.9999999) is None


def test_the_highest_accuracy_that_can_be_promised():
    draws = np.random.default_rng(0)
    confidence = draws.random(400)
    right = draws.random(400) < 0.8

    share = find_promisable(confidence, right)

    assert 0.6 <= share <= 0.85
    assert fit_review_threshold(confidence, right, share).answered
    assert not fit_review_threshold(confidence, right, share + 0.01).answered
    assert find_promisable(confidence[:1], right[:1] & False) is None

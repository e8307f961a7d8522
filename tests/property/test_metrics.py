"""The figures equal scikit-learn's for any labels and scores."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk

from sentiment.measuring import metrics

LABELS = 4

close = pytest.approx


@st.composite
def label_pairs(draw):
    """Draw predicted and true ids of the same length."""
    rows = draw(st.integers(1, 60))
    ids = hnp.arrays(np.int64, rows, elements=st.integers(0, LABELS - 1))
    return draw(ids), draw(ids)


@st.composite
def distributions(draw, labels=LABELS):
    """Draw rows that sum to 1, with ties among them, and true ids."""
    rows = draw(st.integers(1, 60))
    weights = draw(hnp.arrays(np.int64, (rows, labels), elements=st.integers(0, 6))) + 1e-3
    truth = draw(hnp.arrays(np.int64, rows, elements=st.integers(0, labels - 1)))
    return weights / weights.sum(axis=1, keepdims=True), truth


@given(label_pairs())
def test_label_figures(pair):
    predictions, references = pair
    with warnings.catch_warnings():
        # scikit-learn warns of predicted classes that never occur.
        warnings.simplefilter("ignore", UserWarning)
        balanced = sk.balanced_accuracy_score(references, predictions)
    assert metrics.accuracy(predictions, references) == close(sk.accuracy_score(references, predictions))
    assert metrics.balanced_accuracy(predictions, references) == close(balanced)
    assert metrics.macro_f1(predictions, references) == close(
        sk.f1_score(references, predictions, average="macro", zero_division=np.nan)
    )


@given(label_pairs())
def test_per_class_figures(pair):
    predictions, references = pair
    ids = list(range(LABELS))
    theirs = sk.precision_recall_fscore_support(references, predictions, labels=ids, zero_division=np.nan)

    for ours, expected in zip(metrics.per_class(predictions, references, LABELS), theirs, strict=True):
        np.testing.assert_allclose(ours, expected)


@given(label_pairs())
def test_confusion(pair):
    predictions, references = pair
    np.testing.assert_array_equal(
        metrics.confusion_matrix(predictions, references, LABELS),
        sk.confusion_matrix(references, predictions, labels=list(range(LABELS))),
    )


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([-2.0, 0.0, 0.25, 0.5, 0.75, 1.0, 3.5])), max_size=60
    ).filter(lambda rows: len({is_member for is_member, _ in rows}) == 2)
)
def test_binary_auc(rows):
    truth, scores = map(np.array, zip(*rows, strict=True))

    assert metrics.binary_auc(scores, truth) == close(sk.roc_auc_score(truth, scores))


@given(distributions())
def test_auc_of_many_labels(sample):
    probabilities, truth = sample
    present = np.unique(truth)
    if len(present) < 2:
        assert np.isnan(metrics.auc(probabilities, truth))
        return
    theirs = [sk.roc_auc_score(truth == label, probabilities[:, label]) for label in present]

    assert metrics.auc(probabilities, truth) == close(np.mean(theirs))


@given(distributions())
def test_scores_of_probabilities(sample):
    probabilities, truth = sample
    ids = list(range(LABELS))

    assert metrics.log_loss(probabilities, truth) == close(sk.log_loss(truth, probabilities, labels=ids))
    assert metrics.brier_score(probabilities, truth) == close(
        sk.brier_score_loss(truth, probabilities, labels=ids, scale_by_half=False)
    )


@given(distributions(labels=2))
def test_scores_of_two_labels(sample):
    probabilities, truth = sample
    theirs = sk.brier_score_loss(truth, probabilities[:, 1], pos_label=1, scale_by_half=False)

    assert metrics.brier_score(probabilities, truth) == close(theirs)
    assert metrics.log_loss(probabilities, truth) == close(sk.log_loss(truth, probabilities, labels=[0, 1]))


@given(distributions(), st.integers(1, 20))
def test_calibration_error_is_the_textbook_sum_over_bins(sample, bins):
    probabilities, truth = sample
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    expected = 0.0
    for i in range(bins):
        # Ends as i / bins * bins rounds in floating point, so that a confidence on an end counts once.
        inside = np.maximum(np.ceil(confidence * bins), 1) == i + 1
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())

    assert metrics.expected_calibration_error(probabilities, truth, bins) == close(expected, abs=1e-12)


@given(st.lists(st.tuples(st.floats(1, 5), st.integers(1, 5)), min_size=1, max_size=60))
def test_star_figures(rows):
    expected, given_stars = map(np.array, zip(*rows, strict=True))

    exact = metrics.stars_exact(expected, given_stars)
    within_one = metrics.stars_within_one(expected, given_stars)

    assert metrics.stars_mean_absolute_error(expected, given_stars) == close(
        sk.mean_absolute_error(given_stars, expected)
    )
    assert exact == close(sk.accuracy_score(given_stars, np.floor(expected + 0.5)))
    assert exact <= within_one


@given(distributions(), st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_of_reviews(sample, shuffler):
    probabilities, truth = sample
    order = list(range(len(truth)))
    shuffler.shuffle(order)

    for metric in (metrics.auc, metrics.expected_calibration_error, metrics.brier_score, metrics.log_loss):
        assert metric(probabilities[order], truth[order]) == close(metric(probabilities, truth), nan_ok=True)

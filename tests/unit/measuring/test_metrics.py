"""Figures on small cases worked out by hand, and what each does at the edges."""

import math

import numpy as np
import pytest

from sentiment.measuring import metrics

IDS = [
    metrics.accuracy,
    metrics.balanced_accuracy,
    metrics.macro_f1,
    metrics.per_class,
    metrics.confusion_matrix,
]
SCORES = [metrics.binary_auc]
STARS = [metrics.stars_exact, metrics.stars_within_one, metrics.stars_mean_absolute_error]
DISTRIBUTIONS = [
    metrics.expected_calibration_error,
    metrics.debiased_calibration_error,
    metrics.brier_score,
    metrics.log_loss,
]
TABLES = [metrics.auc, *DISTRIBUTIONS]


def test_accuracy_is_the_share_of_right_labels():
    assert metrics.accuracy([0, 1, 2, 2], [0, 1, 1, 2]) == 0.75


def test_balanced_accuracy_sees_through_a_constant_answer():
    assert metrics.balanced_accuracy([1] * 10, [1] * 9 + [0]) == 0.5


def test_balanced_accuracy_leaves_out_classes_that_never_occur():
    assert metrics.balanced_accuracy([0, 2, 1, 1], [0, 0, 1, 1]) == 0.75


def test_macro_f1_counts_a_class_that_is_only_predicted():
    assert metrics.macro_f1([0, 2], [0, 0]) == pytest.approx((2 / 3 + 0) / 2)


def test_one_class_alone_is_measured_by_its_own_recall():
    assert metrics.balanced_accuracy([0, 0, 1], [0, 0, 0]) == pytest.approx(2 / 3)
    assert metrics.macro_f1([0, 0, 0], [0, 0, 0]) == 1.0


def test_per_class_is_nan_where_nothing_decides():
    figures = metrics.per_class([0, 1, 1], [0, 0, 1], num_labels=4)

    np.testing.assert_allclose(figures.precision, [1.0, 0.5, math.nan, math.nan])
    np.testing.assert_allclose(figures.recall, [0.5, 1.0, math.nan, math.nan])
    np.testing.assert_allclose(figures.f1, [2 / 3, 2 / 3, math.nan, math.nan])
    np.testing.assert_array_equal(figures.support, [2, 1, 0, 0])


def test_confusion_has_the_truth_in_rows():
    matrix = metrics.confusion_matrix(predictions=[1, 1, 2], references=[0, 1, 2])

    np.testing.assert_array_equal(matrix, [[0, 1, 0], [0, 1, 0], [0, 0, 1]])


def test_confusion_keeps_room_for_classes_that_never_occur():
    assert metrics.confusion_matrix([0], [0], num_labels=3).shape == (3, 3)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.1, 0.2, 0.8, 0.9], 1.0),
        ([0.9, 0.8, 0.2, 0.1], 0.0),
        ([5, 5, 5, 5], 0.5),
        ([0.1, 0.5, 0.5, 0.9], 0.875),
    ],
    ids=["separated", "upside down", "all tied", "one tie of four pairs"],
)
def test_auc_counts_pairs_and_half_for_ties(scores, expected):
    assert metrics.binary_auc(scores, [0, 0, 1, 1]) == expected


def test_auc_of_two_labels_is_that_of_the_second():
    probabilities = [[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.2, 0.8]]

    assert metrics.auc(probabilities, [0, 0, 1, 1]) == metrics.binary_auc([0.1, 0.6, 0.4, 0.8], [0, 0, 1, 1])


def test_auc_of_more_labels_is_the_mean_over_those_that_occur():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.6, 0.3, 0.1]])
    areas = [
        metrics.binary_auc(probabilities[:, 0], [1, 0, 1]),
        metrics.binary_auc(probabilities[:, 1], [0, 1, 0]),
    ]

    assert metrics.auc(probabilities, [0, 1, 0]) == np.mean(areas)


def test_auc_of_one_class_is_not_decided():
    assert math.isnan(metrics.binary_auc([0.1, 0.9], [1, 1]))
    assert math.isnan(metrics.auc([[0.2, 0.8], [0.3, 0.7]], [1, 1]))
    assert math.isnan(metrics.auc([[0.2, 0.3, 0.5], [0.3, 0.3, 0.4]], [2, 2]))


def test_calibration_error_weighs_the_gap_of_each_bin():
    # Bin of 0.9: one of two right, gap 0.4. Bin of 0.6: right, gap 0.4.
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]]

    assert metrics.expected_calibration_error(probabilities, [0, 1, 1]) == pytest.approx(0.4)


def test_calibration_error_takes_a_bin_with_its_upper_end():
    # With two bins 0.5 stands in the lower: alone there, and wrong.
    probabilities = [[0.5, 0.5], [0.0, 1.0]]

    assert metrics.expected_calibration_error(probabilities, [1, 1], bins=2) == pytest.approx(0.25)
    assert metrics.expected_calibration_error(probabilities, [1, 1], bins=1) == pytest.approx(0.25)


def simulate_confidence(reviews, gap, draws):
    """Draw probabilities of two labels and truths that are right less often than the confidence by `gap`."""
    confidence = 0.55 + 0.44 * draws.beta(4, 1.5, size=reviews)
    is_right = draws.random(reviews) < confidence - gap
    return np.stack([confidence, 1 - confidence], axis=1), (~is_right).astype(int)


@pytest.mark.parametrize("reviews", [130, 2000])
def test_the_debiased_calibration_error_is_0_in_the_mean_under_perfect_calibration(reviews):
    draws = np.random.default_rng(0)
    samples = [simulate_confidence(reviews, 0.0, draws) for _ in range(300)]

    plain = [metrics.expected_calibration_error(*sample) for sample in samples]
    debiased = [metrics.debiased_calibration_error(*sample) for sample in samples]

    assert np.mean(plain) > 0.5 / np.sqrt(reviews)  # by chance alone
    assert abs(np.mean(debiased)) < 0.25 * np.mean(plain)
    assert 0.3 < np.mean(np.array(debiased) < 0) < 0.7


@pytest.mark.parametrize(("gap", "reviews"), [(0.05, 5000), (0.1, 1000), (0.15, 500)])
def test_the_debiased_calibration_error_recovers_a_planted_one(gap, reviews):
    draws = np.random.default_rng(1)
    samples = [simulate_confidence(reviews, gap, draws) for _ in range(100)]

    assert np.mean([metrics.debiased_calibration_error(*sample) for sample in samples]) == pytest.approx(
        gap, abs=0.004
    )


def test_the_debiased_calibration_error_is_the_mean_product_of_two_gaps():
    # Bin of 0.9: gaps 0.1 and -0.9, whose product is -0.09. Bin of 0.6: one review, which does not count.
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]]

    assert metrics.debiased_calibration_error(probabilities, [0, 1, 1]) == pytest.approx(-0.3)
    assert math.isnan(metrics.debiased_calibration_error(probabilities[1:], [0, 1]))


def test_chance_explains_an_error_that_a_calibrated_model_exceeds_in_5_of_100_samples():
    draws = np.random.default_rng(2)
    probabilities, _ = simulate_confidence(200, 0.0, draws)
    limit = metrics.chance_calibration_error(probabilities, simulations=5000)
    truths = (draws.random((4000, 200)) >= probabilities[:, 0]).astype(int)

    exceeds = [metrics.expected_calibration_error(probabilities, truth) > limit for truth in truths]

    assert 0.03 < np.mean(exceeds) < 0.07


def test_brier_score_runs_from_0_to_2():
    assert metrics.brier_score([[1.0, 0.0]], [0]) == 0.0
    assert metrics.brier_score([[1.0, 0.0]], [1]) == 2.0


def test_log_loss_is_finite_where_the_truth_had_no_chance():
    assert metrics.log_loss([[0.5, 0.5]], [1]) == pytest.approx(math.log(2))
    assert metrics.log_loss([[1.0, 0.0]], [1]) == pytest.approx(-math.log(np.finfo(float).eps))


def test_stars_round_half_up_not_to_even():
    assert metrics.stars_exact([1.5, 2.5, 3.5, 4.5], [2, 3, 4, 5]) == 1.0
    assert metrics.stars_exact([2.49, 4.51], [3, 4]) == 0.0


def test_stars_within_one_looks_at_rounded_stars():
    assert metrics.stars_within_one([2.49, 2.5, 4.6], [1, 1, 4]) == pytest.approx(2 / 3)


def test_stars_mean_absolute_error_does_not_round():
    assert metrics.stars_mean_absolute_error([1.25, 4.5], [1, 5]) == pytest.approx(0.375)


@pytest.mark.parametrize("metric", [*IDS, *SCORES, *STARS], ids=lambda metric: metric.__name__)
def test_no_reviews_is_an_error(metric):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: no reviews to measure\\.$"):
        metric([], [])


@pytest.mark.parametrize("metric", TABLES, ids=lambda metric: metric.__name__)
def test_no_rows_is_an_error(metric):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: no reviews to measure\\.$"):
        metric(np.empty((0, 3)), [])


@pytest.mark.parametrize("metric", [*IDS, *SCORES, *STARS], ids=lambda metric: metric.__name__)
def test_lengths_must_agree(metric):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: 3 predictions for 2 references\\.$"):
        metric([0, 1, 1], [0, 1])


@pytest.mark.parametrize("metric", [*IDS, *SCORES, *STARS], ids=lambda metric: metric.__name__)
def test_a_column_vector_is_refused_before_it_broadcasts(metric):
    with pytest.raises(
        ValueError, match=r"needs predictions \(n,\) and references \(n,\), not \(2, 1\) and \(2,\)\.$"
    ):
        metric([[0], [1]], [0, 1])


@pytest.mark.parametrize("metric", TABLES, ids=lambda metric: metric.__name__)
def test_a_table_needs_a_column_a_label(metric):
    with pytest.raises(
        ValueError, match=r"needs predictions \(n, labels\) and references \(n,\), not \(2,\) and \(2,\)\.$"
    ):
        metric([0.5, 0.5], [0, 1])


@pytest.mark.parametrize("metric", [*IDS, *SCORES, *STARS], ids=lambda metric: metric.__name__)
def test_nan_is_refused(metric):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: some values are not finite numbers\\.$"):
        metric([0, math.nan], [0, 1])


@pytest.mark.parametrize("metric", IDS, ids=lambda metric: metric.__name__)
@pytest.mark.parametrize("ids", [[0.5, 1.0], [-1, 1]], ids=["a share", "below 0"])
def test_ids_are_whole_numbers_from_0(metric, ids):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: label ids are whole numbers from 0\\.$"):
        metric(ids, [0, 1])


@pytest.mark.parametrize(
    "metric", [metrics.per_class, metrics.confusion_matrix], ids=lambda metric: metric.__name__
)
def test_ids_fit_the_labels(metric):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: label id 3 does not fit 3 labels\\.$"):
        metric([0, 3], [0, 1], num_labels=3)


@pytest.mark.parametrize("metric", TABLES, ids=lambda metric: metric.__name__)
def test_references_fit_the_columns(metric):
    with pytest.raises(ValueError, match=f"^{metric.__name__}: label id 2 does not fit 2 labels\\.$"):
        metric([[0.5, 0.5], [0.5, 0.5]], [0, 2])


@pytest.mark.parametrize("metric", DISTRIBUTIONS, ids=lambda metric: metric.__name__)
def test_logits_are_not_taken_for_probabilities(metric):
    with pytest.raises(
        ValueError, match=f"^{metric.__name__}: the rows are no probabilities that sum to 1\\.$"
    ):
        metric([[2.0, -1.0], [0.5, 0.5]], [0, 1])

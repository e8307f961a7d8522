"""The figures of a model as one typed result."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from sentiment.measuring import ClassFigures, measure_classification, measure_polarity, measure_stars

PROBABILITIES = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.2, 0.2, 0.6], [0.6, 0.1, 0.3]], dtype=np.float32
)
LABELS = ("negative", "neutral", "positive")


def test_classification_figures():
    figures = measure_classification(PROBABILITIES, [0, 2, 0, 0], LABELS)

    assert figures.reviews == 4
    assert figures.accuracy == 0.75
    assert figures.balanced_accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert figures.per_class["positive"] == ClassFigures(
        precision=0.5, recall=1.0, f1=pytest.approx(2 / 3), support=1
    )
    assert figures.confusion == ((2, 0, 1), (0, 0, 0), (0, 0, 1))


def test_figures_are_plain_json_with_none_for_nan():
    figures = measure_classification(PROBABILITIES, [0, 0, 0, 0], LABELS)

    plain = figures.as_dict()

    assert math.isnan(figures.auc)
    assert plain["auc"] is None
    assert plain["per_class"]["neutral"] == {"precision": None, "recall": None, "f1": None, "support": 0}
    assert plain["confusion"] == [[2, 0, 2], [0, 0, 0], [0, 0, 0]]
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_the_first_of_equal_labels_is_the_prediction():
    assert measure_classification([[0.5, 0.5]], [0], ("a", "b")).accuracy == 1.0


def test_labels_must_be_as_many_as_columns():
    with pytest.raises(ValueError, match=r"^measure_classification: probabilities \(4, 3\) for 2 labels\.$"):
        measure_classification(PROBABILITIES, [0, 1, 0, 0], ("a", "b"))


def test_an_id_beyond_the_labels_is_refused():
    with pytest.raises(ValueError, match=r"^per_class: label id 3 does not fit 3 labels\.$"):
        measure_classification(PROBABILITIES, [0, 1, 2, 3], LABELS)


def test_star_figures():
    figures = measure_stars([1.2, 3.5, 4.4], [1, 4, 1])

    assert figures.as_dict() == {
        "reviews": 3,
        "exact": pytest.approx(2 / 3),
        "within_one": pytest.approx(2 / 3),
        "mean_absolute_error": pytest.approx((0.2 + 0.5 + 3.4) / 3),
    }


def test_polarity_looks_past_a_large_neutral_share():
    figures = measure_polarity([[0.10, 0.80, 0.10001], [0.2, 0.79, 0.01]], [2, 0])

    assert figures.as_dict() == {"reviews": 2, "accuracy": 1.0, "balanced_accuracy": 1.0, "auc": 1.0}


def test_polarity_reads_a_tie_as_positive_also_where_all_is_neutral():
    assert measure_polarity([[0.1, 0.8, 0.1], [0.0, 1.0, 0.0]], [2, 2]).accuracy == 1.0


def test_polarity_ranks_what_is_all_neutral_in_the_middle():
    probabilities = [[0.3, 0.6, 0.1], [0.0, 1.0, 0.0], [0.1, 0.6, 0.3]]

    assert measure_polarity(probabilities, [0, 2, 2]).auc == 1.0
    assert measure_polarity(probabilities, [0, 0, 2]).auc == 1.0


def test_polarity_of_one_side_has_no_auc():
    figures = measure_polarity([[0.1, 0.1, 0.8], [0.6, 0.2, 0.2]], [2, 2])

    assert figures.balanced_accuracy == 0.5
    assert figures.as_dict()["auc"] is None


def test_polarity_refuses_neutral_reviews():
    with pytest.raises(ValueError, match=r"^measure_polarity: every review must be negative or positive\.$"):
        measure_polarity([[0.1, 0.8, 0.1]], [1])


def test_polarity_refuses_another_scheme():
    with pytest.raises(ValueError, match=r"^measure_polarity: probabilities \(1, 2\) for 3 sentiments\.$"):
        measure_polarity([[0.1, 0.9]], [2])


def test_the_room_imports_nothing_heavy():
    heavy = {"datasets", "evaluate", "pandas", "scipy", "sklearn", "torch", "transformers"}
    code = f"import sys, sentiment.measuring; print(sorted({heavy!r} & sys.modules.keys()))"

    listing = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert listing.stdout.strip() == "[]"

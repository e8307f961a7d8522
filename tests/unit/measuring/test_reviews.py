import numpy as np
import pytest

from sentiment.labels import BINARY, STARS, TERNARY, LabelScheme
from sentiment.measuring import measure_reviews, softmax

NOTHING = np.zeros((0, 5), dtype=np.float32)


def certain(*classes, labels=5, confidence=0.9):
    """Give probabilities that put `confidence` on one class a row."""
    rows = np.full((len(classes), labels), (1 - confidence) / (labels - 1), dtype=np.float32)
    rows[np.arange(len(classes)), classes] = confidence
    return rows


def allow(*rows, labels=5):
    allowed = np.zeros((len(rows), labels), dtype=bool)
    for i, classes in enumerate(rows):
        allowed[i, list(classes)] = True
    return allowed


def test_stars_with_fine_and_coarse_labels():
    allowed = allow({4}, {0}, {3, 4}, {2})
    given = np.array([5.0, 1.0, np.nan, np.nan])
    figures = measure_reviews(certain(4, 1, 3, 2), allowed, STARS, given)
    assert figures["reviews"] == 4
    assert figures["accuracy"] == 0.75
    assert figures["loss"] == pytest.approx(np.mean(-np.log([0.9, 0.025, 0.925, 0.9])), rel=1e-5)
    assert figures["classes"]["accuracy"] == 1.0
    assert figures["polarity"]["accuracy"] == 1.0
    assert (figures["stars"]["reviews"], figures["stars"]["exact"]) == (2, 0.5)


def test_without_given_stars_there_are_no_figures_of_stars():
    assert "stars" not in measure_reviews(certain(4, 0), allow({4}, {0}), STARS)
    unknown = np.array([np.nan, np.nan])
    assert "stars" not in measure_reviews(certain(4, 0), allow({3, 4}, {0, 1}), STARS, unknown)


@pytest.mark.parametrize(("scheme", "positive"), [(BINARY, 1), (TERNARY, 2)])
def test_other_schemes_of_sentiment(scheme, positive):
    labels = len(scheme.labels)
    allowed = allow({0}, {positive}, {positive}, labels=labels)
    figures = measure_reviews(certain(0, positive, 0, labels=labels), allowed, scheme)
    assert figures["accuracy"] == figures["classes"]["accuracy"] == pytest.approx(2 / 3)
    assert figures["polarity"]["accuracy"] == pytest.approx(2 / 3)


def test_names_of_their_own_have_no_polarity():
    scheme = LabelScheme("custom", ("fabric", "fit", "returns"))
    figures = measure_reviews(certain(0, 1, labels=3), allow({0}, {2}, labels=3), scheme)
    assert figures.keys() == {"reviews", "loss", "accuracy", "classes"}
    assert figures["accuracy"] == 0.5


def test_neutral_reviews_alone_have_no_polarity():
    assert "polarity" not in measure_reviews(certain(2), allow({2}), STARS)


def test_a_probability_of_nothing_costs_a_lot_and_not_infinity():
    figures = measure_reviews(certain(0, confidence=1.0), allow({4}), STARS)
    assert figures["loss"] == pytest.approx(-np.log(1e-12))


def test_no_reviews():
    with pytest.raises(ValueError, match=r"measure_reviews: there are no reviews\."):
        measure_reviews(NOTHING, NOTHING.astype(bool), STARS)


def test_softmax():
    logits = np.array([[1000.0, 1000.0, -1000.0], [0.0, np.log(3.0), 0.0]])
    probabilities = softmax(logits)
    np.testing.assert_allclose(probabilities, [[0.5, 0.5, 0.0], [0.2, 0.6, 0.2]], rtol=1e-6)
    assert probabilities.dtype == np.float32
    assert softmax(NOTHING).shape == (0, 5)

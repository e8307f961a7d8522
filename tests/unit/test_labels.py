"""Label schemes: what a label allows, and how class probabilities read as sentiments and stars."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.labels import (
    BINARY,
    SCHEMES,
    SENTIMENTS,
    STARS,
    TERNARY,
    LabelScheme,
    build_scheme,
    stars_to_sentiment,
)

CUSTOM = LabelScheme("custom", ("fabric", "returns"))


@pytest.mark.parametrize(
    ("stars", "sentiment"),
    [
        (1, "negative"),
        (2.49, "negative"),
        (2.5, "neutral"),
        (3, "neutral"),
        (3.5, "neutral"),
        (3.51, "positive"),
        (5, "positive"),
    ],
)
def test_stars_read_as_sentiments(stars, sentiment):
    assert stars_to_sentiment(stars) == sentiment


class TestAllowedClasses:
    @pytest.mark.parametrize("scheme", [*SCHEMES.values(), CUSTOM], ids=lambda scheme: scheme.name)
    def test_a_label_of_the_scheme_allows_its_own_class(self, scheme):
        assert [scheme.allowed_classes(label) for label in scheme.labels] == [
            (i,) for i in range(len(scheme.labels))
        ]

    @pytest.mark.parametrize(
        ("label", "classes"), [("negative", (0, 1)), ("neutral", (2,)), ("positive", (3, 4))]
    )
    def test_a_sentiment_allows_all_of_its_stars(self, label, classes):
        assert STARS.allowed_classes(label) == classes

    @pytest.mark.parametrize(
        ("label", "ternary", "binary"),
        [
            ("1 star", (0,), (0,)),
            ("2 stars", (0,), (0,)),
            ("3 stars", (1,), ()),
            ("4 stars", (2,), (1,)),
            ("5 stars", (2,), (1,)),
            ("neutral", (1,), ()),
        ],
    )
    def test_stars_and_sentiments_read_as_coarser_classes(self, label, ternary, binary):
        assert TERNARY.allowed_classes(label) == ternary
        assert BINARY.allowed_classes(label) == binary

    @pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)
    def test_an_unknown_name_allows_nothing(self, scheme):
        assert scheme.allowed_classes("returns") == ()
        assert scheme.allowed_classes("") == ()

    @pytest.mark.parametrize("label", ["positive", "5 stars", "delivery"])
    def test_a_custom_scheme_knows_its_own_names_alone(self, label):
        assert CUSTOM.allowed_classes(label) == ()


class TestReadableLabels:
    def test_a_scheme_reads_its_own_labels_and_coarser_ones(self):
        assert STARS.readable_labels == {
            **{label: (i,) for i, label in enumerate(STARS.labels)},
            "negative": (0, 1),
            "neutral": (2,),
            "positive": (3, 4),
        }
        assert "neutral" not in BINARY.readable_labels
        assert CUSTOM.readable_labels == {"fabric": (0,), "returns": (1,)}

    def test_classes_are_named_by_the_schemes_own_label_first(self):
        assert STARS.name_classes([2]) == "3 stars"
        assert STARS.name_classes(np.array([0, 1])) == "negative"
        assert TERNARY.name_classes([1]) == "neutral"


class TestProbabilities:
    def test_sentiments_are_sums_of_stars(self):
        stars = np.array([[0.1, 0.2, 0.3, 0.15, 0.25]], dtype=np.float32)

        assert STARS.sentiment_probabilities(stars) == pytest.approx(np.array([[0.3, 0.3, 0.4]]))

    def test_a_binary_scheme_has_no_neutral(self):
        binary = np.array([[0.4, 0.6]], dtype=np.float32)

        assert BINARY.sentiment_probabilities(binary) == pytest.approx(np.array([[0.4, 0, 0.6]]))

    def test_a_ternary_scheme_is_the_sentiments(self):
        ternary = np.array([[0.2, 0.3, 0.5], [1, 0, 0]], dtype=np.float32)

        assert (TERNARY.sentiment_probabilities(ternary) == ternary).all()

    @pytest.mark.parametrize(
        ("scheme", "probabilities", "stars"),
        [
            (STARS, [0, 0, 0, 0.5, 0.5], 4.5),
            (STARS, [0.2] * 5, 3),
            (TERNARY, [0, 1, 0], 3),
            (BINARY, [0.25, 0.75], 4),
        ],
    )
    def test_expected_stars_are_the_mean_star_value(self, scheme, probabilities, stars):
        assert scheme.expected_stars(np.array([probabilities], dtype=np.float32)) == pytest.approx([stars])

    @given(st.lists(st.integers(0, 1000), min_size=5, max_size=5).filter(any))
    def test_expected_stars_never_leave_the_scale(self, weights):
        probabilities = np.array([weights], dtype=np.float32) / np.float32(sum(weights))

        assert 1 <= STARS.expected_stars(probabilities)[0] <= 5

    @pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)
    def test_no_review_gives_no_row(self, scheme):
        nothing = np.empty((0, len(scheme.labels)), dtype=np.float32)

        assert scheme.sentiment_probabilities(nothing).shape == (0, len(SENTIMENTS))
        assert scheme.expected_stars(nothing).shape == (0,)


class TestSchemes:
    @pytest.mark.parametrize("scheme", SCHEMES.values(), ids=lambda scheme: scheme.name)
    def test_a_known_scheme_is_found_by_its_labels(self, scheme):
        assert build_scheme(list(scheme.labels)) is scheme
        assert scheme.has_sentiment

    @pytest.mark.parametrize("labels", [("positive", "negative"), ("5 stars", "1 star"), ("a", "b")])
    def test_other_names_or_another_order_make_a_custom_scheme(self, labels):
        scheme = build_scheme(labels)

        assert (scheme.name, scheme.labels, scheme.sentiments) == ("custom", labels, ())
        assert not scheme.has_sentiment

    def test_each_class_has_the_sentiment_of_its_stars(self):
        assert STARS.sentiments == ("negative", "negative", "neutral", "positive", "positive")
        assert TERNARY.sentiments == SENTIMENTS
        assert BINARY.sentiments == ("negative", "positive")

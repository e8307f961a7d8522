"""The parity gate: figures of two scorers side by side, and a verdict by the limits."""

import numpy as np
import pytest

from sentiment.corpus import LabelledReviews
from sentiment.judging.labelled_files import LabelledFile
from sentiment.judging.parity import ALONE, ROUND_REVIEWS, Limits, measure_parity, render_parity
from sentiment.labels import STARS, LabelScheme
from tests.fakes import FakeScorer

LIMITS = Limits(equal_labels=0.99, accuracy_lost=0.005)


class Changed:
    """A scorer that answers as another, but for what is changed in its probabilities."""

    def __init__(self, scorer, change):
        self.labels = scorer.labels
        self._scorer = scorer
        self._change = change

    def score(self, texts):
        return self._change(list(texts), self._scorer.score(texts))


def labelled(texts, labels, path="towels.csv"):
    return LabelledFile(path, LabelledReviews(texts, labels, [None] * len(texts), [path] * len(texts)), {})


def reviews(good, bad):
    """Make reviews of five and of one star, which `FakeScorer` gets right."""
    texts = [f"good {i}" for i in range(good)] + [f"bad {i}" for i in range(bad)]
    return texts, ["5 stars"] * good + ["1 star"] * bad


def flipping(*numbers):
    """Turn the answers to some of the good reviews round."""
    flipped = {f"good {number}" for number in numbers}

    def change(texts, probabilities):
        turned = [i for i, text in enumerate(texts) if text in flipped]
        probabilities[turned] = probabilities[turned][:, ::-1]
        return probabilities

    return Changed(FakeScorer(), change)


def measure(form, files=None, limits=LIMITS, scheme=STARS):
    files = files or {"towels": labelled(*reviews(150, 150))}
    return measure_parity(FakeScorer(scheme.labels), form, files, scheme, limits)


class TestVerdict:
    def test_the_same_answers_are_usable(self):
        parity = measure(FakeScorer())

        assert (parity.equal_labels, parity.accuracy_lost, parity.is_usable) == (1.0, 0.0, True)
        assert parity.verdict == (
            "usable: 100.00% equal labels (at least 99.00% wanted), "
            "0.00 points of accuracy lost (less than 0.50 wanted)"
        )

    def test_too_few_equal_labels_fall_short_even_without_a_loss(self):
        texts, labels = reviews(150, 150)
        labels[:4] = ["1 star"] * 2 + ["5 stars"] * 2
        parity = measure(flipping(0, 1, 2, 3), {"towels": labelled(texts, labels)})

        assert parity.accuracy_lost == 0
        assert parity.equal_labels == pytest.approx(296 / 300)
        assert not parity.is_usable
        assert parity.verdict == (
            "not usable: 98.67% equal labels (at least 99.00% wanted), "
            "0.00 points of accuracy lost (less than 0.50 wanted)"
        )

    def test_lost_accuracy_falls_short_even_with_enough_equal_labels(self):
        parity = measure(flipping(0, 1))

        assert parity.equal_labels == pytest.approx(298 / 300)
        assert parity.accuracy_lost == pytest.approx(2 / 300)
        assert not parity.is_usable

    def test_the_limits_are_settings_and_a_loss_must_stay_below(self):
        form = flipping(0, 1, 2)
        kept = measure(form, limits=Limits(equal_labels=0.99, accuracy_lost=0.011))
        at_the_limit = measure(form, limits=Limits(0.99, kept.accuracy_lost))

        assert kept.is_usable
        assert not at_the_limit.is_usable

    def test_the_reviews_of_all_files_together_decide(self):
        files = {
            "small": labelled(*reviews(10, 0)),
            "large": labelled([f"good {i}" for i in range(100, 500)], ["5 stars"] * 400),
        }
        parity = measure(flipping(0), files)

        assert parity.facts["files"]["small"]["equal_labels"] == pytest.approx(0.9)
        assert parity.facts["all"]["reviews"] == 410
        assert parity.is_usable


class TestFacts:
    def test_labels_are_sentiments_and_classes_are_told_apart(self):
        def swap_neighbours(texts, probabilities):
            return probabilities[:, [0, 1, 2, 4, 3]]  # five stars become four

        parity = measure(Changed(FakeScorer(), swap_neighbours))

        assert parity.facts["all"]["equal_labels"] == 1.0
        assert parity.facts["all"]["equal_classes"] == 0.5

    def test_probabilities_calibration_and_accuracy_stand_side_by_side(self):
        def blur(texts, probabilities):
            return (0.9 * probabilities + 0.02).astype(np.float32)

        figures = measure(Changed(FakeScorer(), blur)).facts["all"]

        probabilities = FakeScorer().score(["good"])
        change = np.abs(0.1 * probabilities - 0.02)
        assert figures["largest_change"] == pytest.approx(change.max(), abs=1e-6)
        assert figures["mean_change"] == pytest.approx(change.mean(), abs=1e-6)
        assert figures["accuracy"] == [1.0, 1.0]
        before, after = figures["calibration_error"]
        assert before < after

    def test_intervals_hold_the_figures(self):
        parity = measure(flipping(0, 1, 2, 3))

        low, high = parity.facts["intervals"]["equal_labels"]
        assert low < parity.equal_labels < high
        low, high = parity.facts["intervals"]["accuracy_lost"]
        assert 0 <= low < parity.accuracy_lost < high

    def test_a_text_that_depends_on_its_batch_is_found(self):
        def lean_on_the_batch(texts, probabilities):
            return probabilities if len(texts) > 1 else np.full_like(probabilities, 0.2)

        assert measure(FakeScorer()).facts["alone"] == 0
        assert measure(Changed(FakeScorer(), lean_on_the_batch)).facts["alone"] > 0.1

    def test_both_score_every_text_in_rounds_and_take_turns(self):
        turns = []

        def noting(name):
            def change(texts, probabilities):
                turns.append((name, len(texts)))
                return probabilities

            return Changed(FakeScorer(), change)

        files = {"towels": labelled(*reviews(150, 150))}
        parity = measure_parity(noting("reference"), noting("form"), files, STARS, LIMITS)

        assert turns[:2] == [("reference", ROUND_REVIEWS), ("form", ROUND_REVIEWS)]
        assert turns[2:8] == [
            *[("reference", 100), ("form", 100)],
            *[("form", 100), ("reference", 100)],
            *[("reference", 100), ("form", 100)],
        ]
        assert turns[8:] == [("form", 1)] * ALONE
        assert parity.facts["speed"]["rounds"] == 3
        assert parity.facts["speed"]["ratio"] > 0

    def test_a_single_review_is_enough(self):
        parity = measure(FakeScorer(), {"towels": labelled(["good"], ["5 stars"])})

        assert parity.is_usable
        assert parity.facts["all"]["reviews"] == 1

    def test_labels_without_sentiment_are_compared_as_they_are(self):
        scheme = LabelScheme("custom", ("returns", "fabric"))
        file = labelled(["good fabric", "bad"], ["fabric", "returns"])
        parity = measure(FakeScorer(scheme.labels), {"towels": file}, scheme=scheme)

        assert parity.facts["all"]["accuracy"] == [1.0, 1.0]
        assert parity.is_usable


def test_the_table_has_a_line_for_each_file_and_one_for_all():
    files = {"towels": labelled(*reviews(3, 1)), "cups": labelled(["bad cup"], ["1 star"])}
    table = render_parity(measure(FakeScorer(), files)).splitlines()

    assert table[0].split() == (["file", "reviews", "equal", "classes", "mean", "largest", "accuracy", "ECE"])
    ends = ["100.00%", "100.00%", "0.00000", "0.0000", "1.000", "1.000"]
    assert [line.split()[:-2] for line in table[1:4]] == [
        ["towels", "4", *ends],
        ["cups", "1", *ends],
        ["all", "files", "5", *ends],
    ]
    assert "A review alone instead of in a batch: a probability moves by up to 0.0e+00." in table


def test_one_file_needs_no_line_for_all():
    assert "all files" not in render_parity(measure(FakeScorer()))

"""Figures of a file, their line in a table, and the mean of such lines."""

import math

import numpy as np
import pytest

from sentiment.corpus import LabelledReviews
from sentiment.judging.file_figures import (
    BEYOND_CHANCE,
    MARGINS,
    SUMMARISED,
    find_miscalibrated,
    find_worst,
    mean_summary,
    measure_scored,
    score_reviews,
    summarise,
)
from sentiment.labels import BINARY, SENTIMENTS, STARS
from sentiment.measuring import wilson_interval
from sentiment.scoring.review_scorer import ReviewScorer
from tests.fakes import FakeScorer


def labelled(*pairs):
    texts, labels = zip(*pairs, strict=True)
    unknown = [None] * len(texts)
    return LabelledReviews(list(texts), list(labels), unknown, ["towels"] * len(texts))


REVIEWS = labelled(
    ("good good", "5 stars"),
    ("good", "positive"),
    ("bad", "negative"),
    ("bad", "1 star"),
    ("good", "2 stars"),
    ("a towel", "3 stars"),
)


def measure_scorer(scorer, reviews, *options, **more):
    return measure_scored(score_reviews(scorer, reviews), *options, **more)


def line(**figures):
    return dict.fromkeys([*SUMMARISED, *MARGINS]) | figures


class TestMeasureScorer:
    def test_coarse_and_fine_labels_are_measured_together(self):
        figures = measure_scorer(FakeScorer(), REVIEWS)

        assert figures["reviews"] == 6
        assert figures["polarity"]["reviews"] == 5
        assert figures["polarity"]["accuracy"] == pytest.approx(4 / 5)
        assert figures["stars"]["reviews"] == 4

    @pytest.mark.parametrize("labels", [STARS.labels, SENTIMENTS, ("fabric", "returns")])
    @pytest.mark.parametrize("threshold", [0.0, 0.5, 0.7, 1.01])
    def test_answered_is_what_predict_does_not_mark_for_review(self, labels, threshold):
        reviews = labelled(*zip(REVIEWS.texts, [*labels, *labels][: len(REVIEWS)], strict=False))
        scorer = FakeScorer(labels)

        answered = measure_scorer(scorer, reviews, threshold)["answered"]

        predictions = ReviewScorer(scorer, threshold).predict(reviews.texts)
        assert answered["coverage"] == pytest.approx(np.mean([not p.needs_review for p in predictions]))

    def test_answered_says_how_many_are_right(self):
        sure = measure_scorer(FakeScorer(SENTIMENTS), REVIEWS, 0.6)["answered"]

        assert sure == {"coverage": pytest.approx(5 / 6), "accuracy": pytest.approx(4 / 5)}

    def test_a_threshold_that_nothing_reaches(self):
        assert measure_scorer(FakeScorer(), REVIEWS, 1.01)["answered"] == {"coverage": 0, "accuracy": None}

    def test_without_a_threshold_nothing_is_claimed_to_be_answered(self):
        assert "answered" not in measure_scorer(FakeScorer(SENTIMENTS), REVIEWS)

    def test_every_figure_has_an_interval_that_of_answered_too(self):
        figures = measure_scorer(FakeScorer(SENTIMENTS), REVIEWS, 0.6, bootstrap_resamples=200)
        intervals = figures["intervals"]

        assert intervals.keys() == figures.keys() - {"reviews", "intervals"}
        low, high = intervals["answered"]["accuracy"]
        assert low < figures["answered"]["accuracy"] < high

    def test_what_nobody_answers_has_no_interval(self):
        figures = measure_scorer(FakeScorer(), REVIEWS, 1.01, bootstrap_resamples=20)

        assert figures["intervals"]["answered"] == {"coverage": [0.0, 0.0], "accuracy": None}

    def test_a_binary_scorer_reads_star_labels(self):
        reviews = REVIEWS.select(range(5))
        figures = measure_scorer(FakeScorer(BINARY.labels), reviews)

        assert figures["polarity"]["reviews"] == figures["classes"]["reviews"] == 5
        assert "stars" not in figures


class TestSummary:
    def test_a_line_holds_the_figures_and_the_margin(self):
        figures = measure_scorer(FakeScorer(), REVIEWS, 0.5)
        summary = summarise(figures)

        low, high = wilson_interval(4, 5)
        assert summary["polarity_margin"] == pytest.approx((high - low) / 2)
        assert summary["balanced_margin"] is None
        assert summary["balanced_accuracy"] == figures["polarity"]["balanced_accuracy"]
        assert summary["answered"] == figures["answered"]["coverage"]
        assert summary.keys() == line().keys()

    def test_balanced_accuracy_has_the_margin_of_its_bootstrap(self):
        figures = measure_scorer(FakeScorer(), REVIEWS, bootstrap_resamples=200)

        low, high = figures["intervals"]["polarity"]["balanced_accuracy"]
        assert summarise(figures)["balanced_margin"] == pytest.approx((high - low) / 2) != 0

    def test_what_a_scheme_does_not_have_is_none(self):
        reviews = labelled(("good", "a"), ("bad", "b"))  # equally sure, so in one bin
        summary = summarise(measure_scorer(FakeScorer(("b", "a")), reviews))

        assert {name for name, value in summary.items() if value is not None} == {
            "accuracy",
            "macro_f1",
            "calibration_error",
            "calibration_error_debiased",
        }

    def test_in_a_mean_every_file_that_has_the_figure_counts_the_same(self):
        means = mean_summary(
            [line(accuracy=0.9, stars_exact=0.6), line(accuracy=0.6), line(accuracy=0.6, stars_exact=0.4)]
        )

        assert means == line(accuracy=pytest.approx(0.7), stars_exact=pytest.approx(0.5))

    def test_the_margin_of_a_mean_shrinks_with_the_files(self):
        assert mean_summary([line(polarity_margin=0.02)] * 4)["polarity_margin"] == pytest.approx(0.01)
        assert mean_summary([line(balanced_margin=0.04)] * 4)["balanced_margin"] == pytest.approx(0.02)
        uneven = mean_summary([line(polarity_margin=0.03), line(), line(polarity_margin=0.04)])
        assert uneven["polarity_margin"] == pytest.approx(math.hypot(0.03, 0.04) / 2)


class TestWorst:
    def test_it_has_the_lowest_balanced_accuracy(self):
        files = {
            "a": line(balanced_accuracy=0.9),
            "b": line(balanced_accuracy=0.8),
            "c": line(polarity_accuracy=0.1),
        }

        assert find_worst(files) == {"file": "b", "balanced_accuracy": 0.8}

    def test_without_sentiment_there_is_none(self):
        assert find_worst({"a": line(accuracy=0.9)}) is None


class TestMiscalibrated:
    def test_files_are_named_where_chance_leaves_too_much_unexplained_worst_first(self):
        files = {
            "few": line(calibration_error=0.09),  # so few reviews that chance explains it
            "near": line(calibration_error=0.05 + BEYOND_CHANCE),
            "bad": line(calibration_error=0.09),
            "worse": line(calibration_error=0.12),
            "unknown": line(),
        }
        by_chance = {"few": 0.07, "near": 0.051, "bad": 0.02, "worse": 0.03, "unknown": 0.01}

        assert find_miscalibrated(files, by_chance) == [
            {"file": "worse", "calibration_error": 0.12, "by_chance": 0.03},
            {"file": "bad", "calibration_error": 0.09, "by_chance": 0.02},
        ]

"""Two models on the same reviews: one scheme for both, differences, tests."""

from dataclasses import replace

import numpy as np
import pytest

from sentiment.judging.paired_figures import (
    COMPARED,
    PairedReviews,
    adjust_tests,
    find_common_scheme,
    measure_pair,
    pool,
    read_in_scheme,
)
from sentiment.labels import BINARY, SENTIMENTS, STARS, TERNARY, LabelScheme
from sentiment.measuring import bootstrap_interval, metrics, softmax

LETTERS = LabelScheme("custom", ("a", "b", "c"))
RESAMPLES = 60


def simulate(reviews, hit, scheme=STARS, seed=0, model=0):
    """Draw labels, the same ones for a seed, and probabilities of a model that lifts the true class."""
    truth = np.random.default_rng(seed).integers(len(scheme.labels), size=reviews)
    logits = np.random.default_rng([seed, model]).normal(size=(reviews, len(scheme.labels)))
    logits[np.arange(reviews), truth] += hit
    return softmax(logits), truth


def build_pair(reviews=80, first=1.0, second=2.0, scheme=STARS, seed=0):
    a, truth = simulate(reviews, first, scheme, seed, model=1)
    b, _ = simulate(reviews, second, scheme, seed, model=2)
    return PairedReviews(scheme, a, b, np.eye(len(scheme.labels), dtype=bool)[truth], truth + 1.0)


class TestCommonScheme:
    @pytest.mark.parametrize("scheme", [STARS, TERNARY, BINARY, LETTERS], ids=lambda scheme: scheme.name)
    def test_models_of_one_scheme_keep_it(self, scheme):
        probabilities, _ = simulate(5, 1.0, scheme)

        assert find_common_scheme(scheme, scheme) == scheme
        np.testing.assert_array_equal(read_in_scheme(probabilities, scheme, scheme), probabilities)

    def test_the_same_labels_in_another_order_are_put_in_order(self):
        turned = LabelScheme("custom", ("c", "a", "b"))

        assert find_common_scheme(LETTERS, turned) == LETTERS
        read = read_in_scheme(np.array([[0.7, 0.2, 0.1]], dtype=np.float32), turned, LETTERS)
        assert read.tolist() == [pytest.approx([0.2, 0.1, 0.7])]

    def test_stars_are_summed_to_sentiments_beside_sentiments(self):
        assert find_common_scheme(STARS, TERNARY) == find_common_scheme(TERNARY, STARS) == TERNARY
        stars = np.array([[0.1, 0.2, 0.3, 0.15, 0.25]], dtype=np.float32)
        assert read_in_scheme(stars, STARS, TERNARY).tolist() == [pytest.approx([0.3, 0.3, 0.4])]

    def test_neutral_is_set_aside_beside_a_model_that_never_says_it(self):
        assert find_common_scheme(STARS, BINARY) == find_common_scheme(BINARY, TERNARY) == BINARY
        sentiments = np.array([[0.1, 0.6, 0.3], [0.0, 1.0, 0.0]], dtype=np.float32)
        assert read_in_scheme(sentiments, TERNARY, BINARY).tolist() == [
            pytest.approx([0.25, 0.75]),
            [0.5, 0.5],
        ]

    def test_names_and_sentiments_have_nothing_in_common(self):
        assert find_common_scheme(STARS, LETTERS) is None
        assert find_common_scheme(LETTERS, LabelScheme("custom", ("a", "b"))) is None


class TestMeasurePair:
    def test_star_models_are_compared_by_every_figure(self):
        measured = measure_pair(build_pair(), RESAMPLES)

        assert measured["reviews"] == 80
        for side in ("A", "B", "difference"):
            assert measured[side].keys() == {*COMPARED, "intervals"}
            assert measured[side]["intervals"].keys() == COMPARED.keys()
        assert measured["difference"]["accuracy"] == measured["B"]["accuracy"] - measured["A"]["accuracy"] > 0

    def test_intervals_are_of_the_paired_bootstrap(self):
        pair = build_pair(scheme=LETTERS)
        truth = pair.allowed.argmax(axis=1)
        answers = (pair.first.argmax(axis=1), pair.second.argmax(axis=1), truth)

        def difference(first, second, truth):
            return metrics.macro_f1(second, truth) - metrics.macro_f1(first, truth)

        measured = measure_pair(pair, RESAMPLES)
        expected = bootstrap_interval(difference, *answers, resamples=RESAMPLES)
        assert measured["difference"]["intervals"]["macro_f1"] == pytest.approx(list(expected))
        first = bootstrap_interval(metrics.macro_f1, answers[0], truth, resamples=RESAMPLES)
        assert measured["A"]["intervals"]["macro_f1"] == pytest.approx(list(first))

    def test_a_model_beside_itself_differs_in_nothing(self):
        pair = build_pair()
        measured = measure_pair(replace(pair, second=pair.first), RESAMPLES)

        intervals = measured["difference"].pop("intervals")
        assert set(measured["difference"].values()) == {0.0}
        assert [bound for interval in intervals.values() for bound in interval] == [0.0] * 14
        assert measured["tests"]["classes"] == {"only_A": 0, "only_B": 0, "p_value": 1.0}

    @pytest.mark.parametrize(
        ("scheme", "tests", "figures"),
        [
            (STARS, {"polarity", "classes"}, 7),
            (TERNARY, {"polarity", "classes"}, 5),
            (BINARY, {"polarity"}, 5),
            (LETTERS, {"classes"}, 3),
        ],
        ids=lambda value: getattr(value, "name", None),
    )
    def test_each_question_is_tested_once(self, scheme, tests, figures):
        measured = measure_pair(build_pair(scheme=scheme), RESAMPLES)

        assert measured["tests"].keys() == tests
        assert len(measured["A"]) == figures + 1

    def test_discordant_reviews_are_counted(self):
        pair = build_pair(300, scheme=TERNARY)
        right = [model.argmax(axis=1) == pair.allowed.argmax(axis=1) for model in (pair.first, pair.second)]
        test = measure_pair(pair, RESAMPLES)["tests"]["classes"]

        assert test["only_A"] == (right[0] & ~right[1]).sum()
        assert test["only_B"] == (right[1] & ~right[0]).sum()
        assert test["p_value"] < 0.001

    def test_neutral_reviews_alone_have_no_polarity_to_test(self):
        pair = build_pair(30, scheme=TERNARY)
        pair.allowed[:] = np.eye(3, dtype=bool)[SENTIMENTS.index("neutral")]

        measured = measure_pair(pair, RESAMPLES)

        assert measured["tests"].keys() == {"classes"}
        assert "polarity_accuracy" not in measured["A"]


def test_pooled_reviews_are_those_of_all_files():
    pairs = [build_pair(20, seed=1), build_pair(30, seed=2)]
    pooled = pool(pairs)

    assert len(pooled) == 50
    measured = [measure_pair(pair, RESAMPLES)["A"]["accuracy"] for pair in (*pairs, pooled)]
    assert measured[2] == pytest.approx((20 * measured[0] + 30 * measured[1]) / 50)


def test_p_values_are_corrected_over_all_files_and_questions():
    files = [{"tests": {"polarity": {"p_value": 0.01}, "classes": {"p_value": 0.04}}}, {"tests": {}}]
    files.append({"tests": {"classes": {"p_value": 0.02}}})
    adjust_tests(files)

    adjusted = [test["p_holm"] for file in files for test in file["tests"].values()]
    assert adjusted == pytest.approx([0.03, 0.04, 0.04])


def test_equal_models_are_seldom_told_apart_and_better_ones_mostly():
    def finds(first, second):
        found = 0
        for seed in range(40):
            measured = [measure_pair(build_pair(150, first, second, TERNARY, seed), 20)]
            adjust_tests(measured)
            found += any(test["p_holm"] < 0.05 for test in measured[0]["tests"].values())
        return found

    assert finds(1.5, 1.5) <= 5
    assert finds(1.0, 2.0) >= 35

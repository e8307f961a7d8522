import numpy as np
import pytest

from benchmarks import alternatives_costs, alternatives_predictions
from benchmarks.alternatives_costs import installed_bytes, measure_rates, summarise_rates
from benchmarks.alternatives_data import load_reviews, read_sentiments
from benchmarks.alternatives_figures import compare_means, measure_file, measure_means
from benchmarks.alternatives_learning import LEARNERS, Learner, Lesson, draw_shots, learn_once
from benchmarks.alternatives_predictions import fingerprint, keep, load_kept, predict_files
from benchmarks.alternatives_scorers import ALTERNATIVES, Alternative
from benchmarks.alternatives_table import render_costs, render_right
from sentiment.corpus import LabelledReviews
from sentiment.labels import BINARY
from tests.fakes import FakeScorer

NEGATIVE, NEUTRAL, POSITIVE = range(3)
SURE = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], dtype=np.float32)
TWO_SIDED = np.array([[0.9, 0, 0.1], [0.1, 0, 0.9]], dtype=np.float32)


class HereProcess:
    """A Process that is this one."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, work, *arguments):
        return work(*arguments)


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """An alternative of two classes whose only file is tmp_path/model.bin."""
    scorer = FakeScorer(BINARY.labels)
    model = tmp_path / "model.bin"
    model.write_bytes(b"one")
    alternative = Alternative(lambda place: scorer, lambda place: [model], lambda: ["pytest"])
    monkeypatch.setitem(ALTERNATIVES, "fake", alternative)
    monkeypatch.setattr(alternatives_predictions, "Process", HereProcess)
    monkeypatch.setattr(alternatives_costs, "Process", HereProcess)
    return scorer


def write_reviews(path, rows):
    lines = ["text,label,split,stars", *(",".join([*row, ""]) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_training_rows_with_a_twin_among_the_measured_are_left_out(tmp_path):
    twin = "the zip broke on the first day and nobody ever answered my letters about it"
    path = write_reviews(
        tmp_path / "shop.csv",
        [
            (twin, "negative", "train"),
            ("a fine coat that keeps out wind and rain on every walk to work", "positive", "train"),
            (twin + " at all", "negative", "test"),
            ("neither good nor bad", "neutral", "test"),
        ],
    )

    reviews = load_reviews([path], train_rows=10, test_rows=10)

    assert reviews.train.labels == ["positive"]
    assert read_sentiments(reviews.tests["shop"]).tolist() == [NEGATIVE, NEUTRAL]


def test_a_file_gives_no_more_rows_than_asked_for(tmp_path):
    rows = [(f"review number {i} about thing {i * 7}", "positive", "test") for i in range(9)]
    rows += [(f"another text {i} on matter {i * 5}", "negative", "train") for i in range(9)]
    path = write_reviews(tmp_path / "shop.csv", rows)

    reviews = load_reviews([path], train_rows=2, test_rows=3)

    assert (len(reviews.train), len(reviews.tests["shop"])) == (2, 3)


def test_stars_read_as_sentiments():
    assert read_sentiments(LabelledReviews(labels=["1 star", "3 stars", "positive"])).tolist() == [0, 1, 2]


def test_shots_are_drawn_from_each_sentiment_and_a_rare_one_gives_all():
    sentiments = np.array([NEGATIVE] * 5 + [NEUTRAL] + [POSITIVE] * 5)

    drawn = draw_shots(sentiments, shots=2, seed=0)

    assert np.bincount(sentiments[drawn]).tolist() == [2, 1, 2]
    assert drawn == sorted(drawn) == draw_shots(sentiments, shots=2, seed=0)


def lesson_of(*texts):
    return Lesson(LabelledReviews(texts=list(texts)), shots=1, setfit_iterations=1)


def test_an_alternative_learns_again_only_from_other_reviews(monkeypatch, tmp_path):
    learned = []
    learner = Learner(
        lambda lesson: {"texts": lesson.train.texts},
        lambda lesson, place: learned.append(lesson.train.texts),
    )
    monkeypatch.setitem(LEARNERS, "fake", learner)

    said = [learn_once("fake", tmp_path, lesson_of(text)) for text in ("good", "good", "bad")]

    assert learned == [["good"], ["bad"]]
    assert said == [{"texts": ["good"]}, {"texts": ["good"]}, {"texts": ["bad"]}]


def test_what_was_broken_off_learns_on_in_the_same_folder(monkeypatch, tmp_path):
    found = []

    def learn(lesson, place):
        found.append((place / "half").exists())
        (place / "half").write_text("")
        if not found[-1]:
            raise KeyboardInterrupt

    monkeypatch.setitem(LEARNERS, "fake", Learner(lambda lesson: {}, learn))
    with pytest.raises(KeyboardInterrupt):
        learn_once("fake", tmp_path, lesson_of())
    learn_once("fake", tmp_path, lesson_of())

    assert found == [False, True]


def test_what_comes_ready_made_learns_nothing(tmp_path):
    assert learn_once("VADER", tmp_path, lesson_of()) == {}
    assert not list(tmp_path.iterdir())


def test_answers_of_two_classes_leave_neutral_at_zero(fake, tmp_path):
    found = predict_files("fake", tmp_path, {"shop": ["good", "bad bad"]})

    assert found["shop"].argmax(axis=1).tolist() == [POSITIVE, NEGATIVE]
    assert found["shop"][:, NEUTRAL].tolist() == [0, 0]


def test_only_what_is_missing_is_scored(fake, tmp_path):
    predict_files("fake", tmp_path, {"shop": ["good"]})
    predict_files("fake", tmp_path, {"shop": ["good"], "films": ["bad"]})

    assert fake.calls == [["good"], ["bad"]]


def test_other_texts_or_another_model_are_scored_again(fake, tmp_path):
    predict_files("fake", tmp_path, {"shop": ["good"]})
    predict_files("fake", tmp_path, {"shop": ["bad"]})
    (tmp_path / "model.bin").write_bytes(b"two")
    predict_files("fake", tmp_path, {"shop": ["bad"]})

    assert fake.calls == [["good"], ["bad"], ["bad"]]


def test_kept_answers_come_back_under_their_key_alone(tmp_path):
    keep(tmp_path / "fake" / "shop.npz", "key", SURE)

    np.testing.assert_array_equal(load_kept(tmp_path / "fake" / "shop.npz", "key"), SURE)
    assert load_kept(tmp_path / "fake" / "shop.npz", "other") is None
    assert load_kept(tmp_path / "nothing.npz", "key") is None


def test_fingerprints_tell_files_by_content(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"ab")
    two.write_bytes(b"c")
    before = fingerprint([one, two])
    two.write_bytes(b"d")

    assert fingerprint([one, two]) != before


def test_sides_leave_neutral_aside_and_read_a_tie_as_positive():
    sentiments = np.array([[0.2, 0.7, 0.1], [0.3, 0.4, 0.3], [0, 1, 0]], dtype=np.float32)

    figures = measure_file(sentiments, np.array([NEGATIVE, POSITIVE, NEUTRAL]))

    assert figures["sides"]["accuracy"] == 1
    assert figures["sides"]["calibration_error"] == pytest.approx((1 / 3 + 0.5) / 2)
    assert figures["classes"]["accuracy"] == pytest.approx(1 / 3)


def test_a_file_without_neutral_reviews_has_no_figures_of_three_classes():
    assert [*measure_file(TWO_SIDED, np.array([NEGATIVE, POSITIVE]))] == ["sides"]


def test_a_file_of_neutral_reviews_has_no_figures_of_sides():
    assert [*measure_file(SURE[[NEUTRAL]], np.array([NEUTRAL]))] == ["classes"]


def test_a_neutral_review_is_wrong_for_who_has_no_such_class():
    figures = measure_file(TWO_SIDED[[0, 1, 1]], np.array([NEGATIVE, POSITIVE, NEUTRAL]))

    assert figures["sides"]["accuracy"] == 1
    assert figures["classes"]["accuracy"] == pytest.approx(2 / 3)
    assert figures["classes"]["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_files_count_the_same_and_the_worst_is_named():
    truths = {"few": np.array([NEGATIVE, POSITIVE]), "many": np.array([NEGATIVE, POSITIVE] * 4)}
    answers = {"few": TWO_SIDED, "many": np.tile(TWO_SIDED[[1, 1]], (4, 1))}

    figures, means = measure_means(answers, truths, resamples=20)

    assert figures["mean"]["sides"]["accuracy"] == pytest.approx((1 + 0.5) / 2)
    assert figures["worst"] == {"file": "many", "balanced_accuracy": 0.5}
    low, high = figures["intervals"]["sides"]["accuracy"]
    assert low <= 0.75 <= high
    assert means["sides"]["accuracy"].shape == (20,)


def test_the_share_without_a_class_counts_neutral_reviews_of_two_sided_answers():
    truth = np.array([NEGATIVE, POSITIVE, NEUTRAL, POSITIVE])

    two, _ = measure_means({"shop": TWO_SIDED[[0, 1, 1, 1]]}, {"shop": truth}, resamples=5)
    three, _ = measure_means({"shop": SURE[[0, 2, 1, 2]]}, {"shop": truth}, resamples=5)

    assert (two["unanswerable"], three["unanswerable"]) == (0.25, 0)


def test_differences_are_paired():
    truth = {"shop": np.array([NEGATIVE, POSITIVE] * 10)}
    good, good_means = measure_means({"shop": np.tile(TWO_SIDED, (10, 1))}, truth, resamples=50)
    other, other_means = measure_means({"shop": np.tile(TWO_SIDED, (10, 1))}, truth, resamples=50)

    ahead = compare_means(good["mean"], other["mean"], good_means, other_means)

    assert ahead["sides"]["accuracy"] == [0, 0, 0]


def test_rates_are_of_the_same_texts_and_the_warm_up_is_left_out(fake, tmp_path):
    texts = iter(f"text {i}" for i in range(100))

    rates = measure_rates(["fake"], tmp_path, texts, rows=2, rounds=3)

    assert len(rates["fake"]) == 3
    assert fake.calls == [[f"text {i}", f"text {i + 1}"] for i in range(0, 8, 2)]


def test_ratios_are_of_the_same_round_and_money_is_of_cores():
    summary = summarise_rates({"reviews-en": [100.0, 200.0, 400.0], "fake": [50.0, 200.0, 100.0]}, threads=2)

    assert summary["fake"]["ratio"] == 0.5
    assert summary["fake"]["ratio_range"] == [0.25, 1.0]
    assert summary["reviews-en"]["dollars_per_million"] == pytest.approx(1e6 / 200 / 3600 * 2 * 0.05)


def test_installed_bytes_hold_what_a_package_asks_for():
    alone, with_what_it_asks_for = installed_bytes(["pluggy"]), installed_bytes(["pytest"])

    assert 0 < alone < with_what_it_asks_for
    assert installed_bytes(["pytest", "pluggy"]) == with_what_it_asks_for
    assert installed_bytes(["a-package-that-nobody-has"]) == 0
    assert installed_bytes(["pluggy; python_version < '3'"]) == 0


def test_the_tables_name_every_figure():
    truth = {"shop": np.array([NEGATIVE, NEUTRAL, POSITIVE])}
    figures, _ = measure_means({"shop": SURE}, truth, resamples=10)
    figures["costs"] = {
        "reviews_per_second": 1234.5,
        "ratio": 0.5,
        "ratio_range": [0.4, 0.6],
        "cold_start_seconds": 1.25,
        "model_bytes": 22_000_000,
        "package_bytes": 670_000_000,
        "peak_bytes": 300_000_000,
        "dollars_per_million": 0.0125,
    }

    right, costs = render_right({"reviews-en": figures}), render_costs({"reviews-en": figures})

    assert right.split("\n")[1].split()[:3] == ["reviews-en", "1.000", "0.000"]
    assert right.endswith("0.0%  1.000 shop")
    assert costs.split("\n")[1].split() == [
        "reviews-en",
        "1,234",
        "0.50x",
        "0.40-0.60",
        "1.2",
        "22.0",
        "670",
        "300",
        "0.013",
    ]

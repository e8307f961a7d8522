import numpy as np
import pytest

from sentiment.corpus import LabelledReviews
from sentiment.errors import ConfigError
from sentiment.judging.file_figures import ScoredReviews
from sentiment.judging.pooled import (
    describe_domains,
    describe_pooled,
    draw_pooled,
    measure_domains,
    measure_pooled,
    pool,
    read_domains,
)
from sentiment.labels import STARS, TERNARY


def scored(labels, probabilities, scheme=TERNARY):
    reviews = LabelledReviews(
        [f"text {i}" for i in range(len(labels))],
        list(labels),
        [None] * len(labels),
        ["file"] * len(labels),
    )
    return ScoredReviews(reviews, scheme, np.array(probabilities, dtype=np.float32))


SURE = [[0.9, 0.05, 0.05], [0.05, 0.05, 0.9]]


def test_every_review_counts_the_same():
    first = scored(["negative"] * 3, [SURE[0]] * 3)
    second = scored(["negative"], [SURE[1]])

    figures = measure_pooled(pool([first, second]), 0)

    assert figures["reviews"] == 4
    assert figures["accuracy"] == 0.75
    assert figures["calibration_error"] == pytest.approx(0.15)
    assert len(first.reviews) == 3  # the parts are as they were


def test_coarse_labels_of_a_star_model_count_as_sentiments():
    one = scored(["negative", "5 stars"], [[0.3, 0.6, 0.1, 0, 0], [0, 0, 0.1, 0.5, 0.4]], STARS)
    assert measure_pooled(pool([one]), 0)["accuracy"] == 1.0


def test_it_is_said_in_a_line():
    figures = {
        "reviews": 1200,
        "accuracy": 0.9,
        "calibration_error": 0.021,
        "calibration_error_debiased": 0.01,
    }
    line = "All files together: 1,200 reviews, 90.0% right, calibration error 0.021"
    assert describe_pooled(figures) == f"{line}, as a root mean square without chance 0.010."
    assert describe_pooled(figures | {"calibration_error_debiased": None}) == f"{line}."
    intervals = {"intervals": {"calibration_error": [0.018, 0.024]}}
    told = describe_pooled(figures | intervals)
    assert told == f"{line} (0.018 to 0.024), as a root mean square without chance 0.010."


def test_intervals_hold_the_figures():
    rng = np.random.default_rng(0)
    rows = rng.dirichlet((1, 1, 1), 300)
    labels = [TERNARY.labels[rng.choice(3, p=row)] for row in rows]
    figures = measure_pooled(scored(labels, rows), 200)
    for name, (low, high) in figures["intervals"].items():
        assert low <= figures[name] <= high or name == "calibration_error"


FILES = ("data/shop.csv", "data/films.csv", "more/tweets.parquet")


class TestDomains:
    def test_files_go_by_their_names(self):
        assert read_domains(("shops=shop", "talk=tweets,films"), FILES) == {
            "shops": ["shop"],
            "talk": ["tweets", "films"],
        }

    @pytest.mark.parametrize(
        ("entries", "message"),
        [
            (
                ("talk=tweets,letters",),
                "--domain talk: no data file is called letters. Found: shop, films, tweets. "
                "Give the names as they stand there.",
            ),
            (("talk=tweets", "talk=films"), "--domain names talk twice. Give each domain once."),
            (
                ("talk=tweets,films", "films=films"),
                "--domain films: films is of domain talk, too. Give each file once.",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(self, entries, message):
        with pytest.raises(ConfigError) as raised:
            read_domains(entries, FILES)
        assert str(raised.value) == message

    def test_reviews_of_a_domain_are_measured_together(self):
        right, wrong = scored(["negative"] * 3, [SURE[0]] * 3), scored(["negative"], [SURE[1]])
        domains = {"shops": ["shop"], "talk": ["films", "tweets"], "letters": ["letters"]}
        found = measure_domains(domains, {"shop": right, "films": right, "tweets": wrong}, 0)
        assert {name: figures["reviews"] for name, figures in found.items()} == {"shops": 3, "talk": 4}
        assert [figures["accuracy"] for figures in found.values()] == [1.0, 0.75]

    def test_each_domain_has_a_line(self):
        figures = {"reviews": 1200, "accuracy": 0.9, "calibration_error": 0.021}
        table = describe_domains(
            {
                "shops": figures
                | {
                    "calibration_error_debiased": 0.01,
                    "intervals": {"calibration_error": [0.018, 0.024]},
                },
                "talk": figures | {"calibration_error_debiased": None},
            }
        )
        assert table.splitlines() == [
            "kind of text  reviews  accuracy    ECE                    debiased",
            "shops           1,200     0.900  0.021  (0.018 to 0.024)     0.010",
            "talk            1,200     0.900  0.021",
        ]


def test_the_diagram_is_drawn_beside_the_card(tmp_path):
    assert draw_pooled(scored(["negative", "positive"], SURE), tmp_path, "test") == "reliability-test.png"
    assert (tmp_path / "reliability-test.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_there_is_no_diagram(tmp_path, monkeypatch):
    monkeypatch.setattr("sentiment.judging.pooled.find_spec", lambda _: None)
    assert draw_pooled(scored(["negative"], SURE[:1]), tmp_path, "test") is None
    assert list(tmp_path.iterdir()) == []

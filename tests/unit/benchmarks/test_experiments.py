import pytest

from benchmarks.experiments import BASELINE, EXPERIMENTS, limit_rows, print_table, read_coarsely
from sentiment.config import TrainConfig
from sentiment.corpus import LabelledReviews

SIZES = {"large": 10_000, "middle": 2_500, "small": 100}


@pytest.mark.parametrize(
    ("mixture", "expected"),
    [
        ("equal", {"small": 100, "middle": 550, "large": 550}),
        ("square-root", {"small": 75, "middle": 375, "large": 750}),
        ("proportional", {"small": 10, "middle": 238, "large": 952}),
    ],
)
def test_a_mixture_has_its_rows_whatever_the_corpora_can_give(mixture, expected):
    assert limit_rows(SIZES, 1_200, mixture) == expected


def test_every_setting_can_be_trained():
    for experiment in EXPERIMENTS.values():
        TrainConfig(data=("reviews.csv",), output_dir="run", **{**BASELINE, **experiment.changes})


@pytest.mark.parametrize(
    ("how", "labels"),
    [
        ("partial", ["negative", "2 stars", "neutral", "positive"]),
        ("named", ["1 star", "2 stars", "3 stars", "5 stars"]),
        ("none", ["2 stars"]),
    ],
)
def test_what_coarse_labels_teach(how, labels):
    reviews = LabelledReviews(
        texts=list("abcd"),
        labels=["negative", "2 stars", "neutral", "positive"],
        splits=["train"] * 4,
        sources=["shop"] * 4,
    )
    assert read_coarsely(reviews, how).labels == labels
    assert reviews.labels == ["negative", "2 stars", "neutral", "positive"]


def test_the_table_shows_differences_to_the_baseline(capsys):
    figures = dict.fromkeys(("balanced", "macro-F1", "stars =", "stars +-1", "ECE"), 0.5)
    rows = [
        {"name": name, "seed": seed, "rows": 5_000, "seconds": 90, "pos/neg": share, **figures}
        for name, seed, share in (("baseline", 0, 0.9), ("baseline", 1, 0.92), ("lora-8", 0, 0.9))
    ]
    print_table(rows)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| baseline | 2 | 5,000 | 90 | 0.910 | 0.500 |")
    assert lines[3].startswith("| lora-8 | 1 | 5,000 | 90 | 0.900 (-1.0) | 0.500 (+0.0) |")
    assert lines[4].endswith("| 1.4 | 0.0 | 0.0 | 0.0 | 0.0 | 0.0 |")

"""From settings to splits: row 24 of docs/reliability.md."""

import random
import re
from collections import Counter

import numpy as np
import pytest

from sentiment.corpus import LabelledReviews, TokenisedReviews
from sentiment.errors import ConfigError, DataError, EmptyDatasetError, LabelError
from sentiment.labels import STARS, build_scheme
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring.result_columns import build_result_columns, name_results
from sentiment.scoring.results import Result
from sentiment.training.data import (
    allowed_classes,
    describe_cut,
    first_by_content,
    given_stars,
    load_training_data,
)
from tests.tiny_encoder import small_reviews, train_settings, write_csv


@pytest.fixture
def load(tmp_path):
    """Write rows to a file and load it as training data."""

    def load_rows(rows, name="reviews.csv", **settings):
        path = write_csv(tmp_path / name, rows)
        return load_training_data(train_settings(output_dir="unused", data=(str(path),), **settings))

    return load_rows


def load_two_of_one_name(tmp_path, **settings):
    paths = []
    for shop in ("a", "b"):
        (tmp_path / shop).mkdir(exist_ok=True)
        rows = [
            {"review": f"{row['review']} at {shop}", "stars": row["stars"], "split": split}
            for row, split in zip(small_reviews(), ["train", "train", "validation"] * 200, strict=False)
        ]
        paths.append(str(write_csv(tmp_path / shop / "shop.csv", rows)))
    return load_training_data(train_settings(output_dir="unused", data=paths, **settings))


def test_files_of_one_name_are_sources_of_their_own(tmp_path):
    data = load_two_of_one_name(tmp_path, rows_per_file=60, remove_near_duplicates=False)
    assert data.counts()["train"] == {"a/shop.csv": 60, "b/shop.csv": 60}
    assert len(set(data.splits["validation"].sources)) == 2
    limits = ("a/shop.csv=10", "b/shop.csv=20")
    data = load_two_of_one_name(tmp_path, rows_of_file=limits, remove_near_duplicates=False)
    assert data.counts()["train"] == {"a/shop.csv": 10, "b/shop.csv": 20}


@pytest.mark.parametrize("setting", ["rows_of_file", "repeat_of_file"])
def test_a_file_is_given_one_number(load, setting):
    with pytest.raises(ConfigError) as raised:
        load(small_reviews(), **{setting: ("reviews=3", "reviews=4")})
    assert str(raised.value) == (f"--{setting.replace('_', '-')} names reviews twice. Give each file once.")


def test_training_rows_that_are_all_measured_are_told(tmp_path):
    rows = [
        {"review": f"Towel {i} is soft, dries well and has kept its colour in the wash", "label": label}
        for i, label in enumerate(["pos", "neg"] * 10)
    ]
    path = str(write_csv(tmp_path / "reviews.csv", rows))
    with pytest.raises(EmptyDatasetError) as raised:
        load_training_data(train_settings(output_dir="unused", data=(path,), validation_file=(path,)))
    assert str(raised.value) == (
        "The train split is empty. Left out 20 training rows with a near-twin in validation or test, and "
        "there were no others. Give other rows to validate and test on, or add --no-remove-near-duplicates."
    )


def with_columns(rows, *columns, **extra):
    return [{column: row[column] for column in columns} | extra for row in rows]


def test_own_splits(load):
    data = load(with_columns(small_reviews(), "review", "stars"))
    assert data.scheme == STARS
    counts = {split: rows["reviews"] for split, rows in data.counts().items()}
    assert sum(counts.values()) == len(small_reviews())
    assert counts["train"] > 5 * counts["validation"] > 0
    assert counts["test"] > 0
    assert "Label scheme: stars (the labels are ratings)." in data.notes


def test_the_order_of_the_rows_does_not_matter(load):
    rows = with_columns(small_reviews(), "review", "sentiment")
    first = load(rows, label_scheme="binary")
    second = load(random.Random(0).sample(rows, len(rows)), name="again.csv", label_scheme="binary")
    for split, reviews in first.splits.items():
        assert sorted(reviews.texts) == sorted(second.splits[split].texts)


def test_neutral_rows_are_left_out_of_the_binary_scheme_and_counted(load):
    data = load(with_columns(small_reviews(), "review", "sentiment"), label_scheme="binary")
    neutral = sum(row["sentiment"] == "neutral" for row in small_reviews())
    assert f"{neutral} rows have a label that the binary scheme leaves out." in data.notes
    assert {label for reviews in data.splits.values() for label in reviews.labels} == {"negative", "positive"}


def test_ratings_in_the_binary_scheme(load):
    data = load(with_columns(small_reviews(), "review", "stars"), label_scheme="binary")
    kept = [label for reviews in data.splits.values() for label in reviews.labels]
    assert len(kept) == sum(row["stars"] != "3" for row in small_reviews())
    assert set(allowed_classes(data.splits["train"], data.scheme).sum(axis=1)) == {1}


def test_custom_takes_ratings_as_names(load):
    data = load(with_columns(small_reviews(), "review", "stars"), label_scheme="custom")
    assert data.scheme.labels == ("1", "2", "3", "4", "5")


def test_one_class_in_two_casings_in_two_files(tmp_path):
    rows = [{"review": f"number {i} of them", "mood": ["Angry", "calm"][i % 2]} for i in range(40)]
    first = write_csv(tmp_path / "a.csv", rows)
    second = write_csv(tmp_path / "b.csv", [row | {"mood": row["mood"].lower()} for row in rows[:10]])
    data = load_training_data(
        train_settings(output_dir="unused", data=(str(first), str(second)), label_column=("mood",))
    )
    assert data.scheme.labels == ("Angry", "calm")


def test_one_class_only(load):
    rows = [{"review": f"number {i} of them", "label": "positive"} for i in range(50)]
    with pytest.raises(LabelError, match=re.escape("The training rows have one class only (positive).")):
        load(rows)


def test_one_class_left_to_train_on(load):
    rows = [{"review": f"number {i} of them", "label": "positive", "split": "train"} for i in range(9)]
    rows += [{"review": "number ten of them", "label": "negative", "split": "validation"}]
    with pytest.raises(LabelError, match=re.escape("The training rows have one class only (positive).")):
        load(rows)


def test_a_class_with_one_row_trains_and_is_named(load):
    rows = [{"review": f"number {i} of them", "mood": ["angry", "calm"][i % 2]} for i in range(40)]
    data = load([*rows, {"review": "not like the others", "mood": "odd"}], label_column=("mood",))
    assert [split for split, reviews in data.splits.items() if "odd" in reviews.labels] == ["train"]
    assert "No validation row says how well these are learned: odd (1 in train)." in data.notes


def test_numbers_and_words_in_one_label_column(load):
    rows = [{"review": f"number {i} of them", "label": ("1", "1.0", "positive")[i % 3]} for i in range(30)]
    with pytest.raises(LabelError, match=re.escape("20 rows have labels that do not fit the others: 1 (")):
        load(rows)
    data = load(rows, label_scheme="custom")
    assert data.scheme.labels == ("1", "positive")


def test_blank_labels_are_left_out_and_counted(load):
    rows = with_columns(small_reviews(), "review", "stars")
    rows = [row | {"stars": ("nan", "", "NULL")[i % 3]} if i < 9 else row for i, row in enumerate(rows)]
    assert "reviews: left out 9 rows without a label." in load(rows).notes


def test_one_row_a_class(load):
    rows = [{"review": "soft towel", "label": "positive"}, {"review": "torn shirt", "label": "negative"}]
    with pytest.raises(DataError, match=r"rows have one class only|validation split is empty"):
        load(rows)


def test_a_class_without_a_training_row_is_named(load):
    rows = with_columns(small_reviews(), "review", "stars", split="train")
    rows = [row | {"split": "validation"} if row["stars"] in ("2", "3") else row for row in rows]
    assert "No training row teaches 2 stars, 3 stars." in load(rows).notes


def test_an_empty_validation_split(load):
    rows = [{"review": word, "label": label} for word, label in (("soft", "pos"), ("torn", "neg"))]
    rows = [row | {"split": split} for row in rows for split in ("train", "test")]
    with pytest.raises(EmptyDatasetError) as refusal:
        load(rows)
    assert str(refusal.value) == (
        "The validation split is empty. 4 labelled rows were read. "
        "Give more rows, name a --validation-file, or look at the split column."
    )


def test_no_training_rows(load):
    rows = [
        {"review": "soft", "label": "pos", "split": "test"},
        {"review": "torn", "label": "neg", "split": "dev"},
    ]
    with pytest.raises(EmptyDatasetError, match=r"The train split is empty\. 2 labelled rows were read\."):
        load(rows)


def test_an_unknown_label(load):
    rows = with_columns(small_reviews(("positive", "negative")), "review", "sentiment")
    rows[3]["sentiment"] = "angry"
    with pytest.raises(
        LabelError, match=r"column sentiment: 1 row has a label that does not fit the others: angry \("
    ):
        load(rows)


def test_duplicates_across_splits_leave_train(load):
    ending = "and it was sent to us in a box that nobody could open"
    rows = with_columns(small_reviews(("positive", "negative")), "review", "sentiment", split="train")[::4]
    rows = [row | {"review": f"{row['review']} {i} {i * 7} {i * 13} {ending}"} for i, row in enumerate(rows)]
    copies = [row | {"split": ("validation", "test")[i % 2]} for i, row in enumerate(rows[::3])]
    data = load([*rows, *copies])
    lost = f"Left out {len(copies)} training rows with a near-twin in validation or test"
    assert f"{lost} (reviews {len(copies)})." in data.notes
    assert data.counts()["train"] == {"reviews": len(rows) - len(copies)}
    kept = load([*rows, *copies], remove_near_duplicates=False)
    assert kept.counts()["train"] == {"reviews": len(rows)}


def leaking_rows(copies):
    """Give 100 rows of train, 20 of validation and 50 of test, some of which are copies of training rows."""
    texts = [
        f"{i * 7919} came on day {i * 31} in box {i * 17} with {i * 13} cups and {i * 11} lids"
        for i in range(170)
    ]
    texts[120 : 120 + copies] = texts[:copies]
    splits = ["train"] * 100 + ["validation"] * 20 + ["test"] * 50
    return [
        {"review": text, "label": ("pos", "neg")[i % 2], "split": split, "box": str(i % 60)}
        for i, (text, split) in enumerate(zip(texts, splits, strict=True))
    ]


def test_copies_that_stay_withhold_the_test_figures(load):
    data = load(leaking_rows(3), remove_near_duplicates=False)
    assert data.measured_splits == ["validation"]
    assert data.notes[-2:] == [
        "Leak check: 3 of 50 test rows (6.0%) are copies of training rows.",
        "The test figures are withheld: 3 of 50 test rows leak (6.0%, the limit is 1.0%). "
        "Take those rows out, or report the figures all the same with --allow-leaks.",
    ]


@pytest.mark.parametrize("settings", [{"allow_leaks": True}, {"leak_limit": 0.06}])
def test_leaks_that_are_allowed_are_reported_beside_the_figures(load, settings):
    data = load(leaking_rows(3), remove_near_duplicates=False, **settings)
    assert data.measured_splits == ["validation", "test"]
    assert data.notes[-1] == "Leak check: 3 of 50 test rows (6.0%) are copies of training rows."
    assert data.leaks.facts()["leaking"] == {"validation": 0, "test": 3}


def test_copies_that_are_taken_out_of_train_leak_no_more(load):
    data = load(leaking_rows(3))
    assert data.measured_splits == ["validation", "test"]
    assert data.notes[-1] == "Leak check: nothing found."


def test_named_splits_that_tear_groups_apart_are_reported_not_moved(load):
    data = load(leaking_rows(0), group_column="box")
    assert {split: len(reviews) for split, reviews in data.splits.items()} == {
        "train": 100,
        "validation": 20,
        "test": 50,
    }
    assert "Groups by box: 60, the largest of 3 rows." in data.notes
    assert data.leaks.found == {"validation": {"groups": 20}, "test": {"groups": 50}}
    assert data.measured_splits == ["validation"]


def test_made_splits_keep_groups_whole(load):
    rows = [
        row | {"buyer": str(i % 30)} for i, row in enumerate(with_columns(small_reviews(), "review", "stars"))
    ]
    data = load([*rows, rows[0] | {"buyer": ""}], group_column="buyer")
    sides = [set(reviews.groups) - {None} for reviews in data.splits.values()]
    assert sum(map(len, sides)) == len(set.union(*sides)) == 30
    assert f"Groups by buyer: 30, the largest of {len(rows) // 30 + 1} rows; 1 row has none." in data.notes
    assert data.notes[-1].startswith("Leak check: ")


def test_a_label_that_is_read_as_text_withholds_the_test_figures(load):
    data = load(with_columns(small_reviews(), "review", "stars", "sentiment"), title_column="sentiment")
    assert data.measured_splits == ["validation"]
    assert "Leak check: reviews: column sentiment is read as text and gives the labels away." in data.notes


@pytest.mark.parametrize("scheme", [STARS, build_scheme(["fabric", "fit", "text"])])
@pytest.mark.parametrize("named", [("corrected_label",), ("corrected_label", "stars")])
def test_a_scored_file_with_corrected_labels_trains(load, scheme, named):
    """Our own columns are no text, title or label."""
    columns = build_result_columns(name_results(scheme, rated=True, language=True))
    names = scheme.labels if scheme.name == "custom" else ("negative", "neutral", "positive")
    rows = []
    for i, row in enumerate(small_reviews()):
        label = names[i % 3]
        probabilities = {name: 0.9 if name == label else 0.05 for name in names}
        prediction = Prediction(ReviewStatus.OK, label, 0.9, probabilities, 3.2, needs_review=i % 4 == 0)
        result = Result(Review(i, row["review"]), prediction, stars_disagree=False)
        scored = {column.name: column.text(result) for column in columns}
        corrected = row["sentiment"] if i % 4 == 0 else ""
        rows.append({"review": row["review"], "stars": row["stars"], **scored, "corrected_label": corrected})
    data = load(rows, label_column=named)
    [described] = [note for note in data.notes if "labels: corrected_label" in note]
    assert "text: review (header)" in described
    assert "title:" not in described
    read = {
        text: label
        for reviews in data.splits.values()
        for text, label in zip(reviews.texts, reviews.labels, strict=True)
    }
    stars = {"1": "1 star"} | {number: f"{number} stars" for number in "2345"}
    assert read == {
        row["review"]: row["corrected_label"] or stars[row["stars"]]
        for row in rows
        if row["corrected_label"] or "stars" in named
    }
    assert data.leaks.giveaways == []


@pytest.mark.parametrize(
    ("cut", "reviews", "told"),
    [
        (0, 0, "No training review is longer than --max-length 12."),
        (
            5,
            1,
            "5.0% of the training tokens were cut: 1 review is longer than --max-length 12; "
            "head and tail are kept.",
        ),
        (
            105,
            12,
            "52.5% of the training tokens were cut: 12 reviews are longer than --max-length 12; "
            "head and tail are kept.",
        ),
    ],
)
def test_what_was_cut(cut, reviews, told):
    offsets = np.array([0, 12, 95])
    tokens = TokenisedReviews(np.zeros(95, np.int32), offsets, np.ones((2, 2), bool), cut, reviews)
    assert describe_cut(tokens, 12) == told


def test_validation_and_test_files(tmp_path):
    rows = with_columns(small_reviews(), "review", "stars")
    a, b, c = (str(write_csv(tmp_path / f"{name}.csv", rows[i::3])) for i, name in enumerate("abc"))
    settings = train_settings(output_dir="unused", data=(a,), validation_file=(b,), test_file=(c,))
    counts = load_training_data(settings).counts()
    assert counts == {
        "train": {"a": len(rows[0::3])},
        "validation": {"b": len(rows[1::3])},
        "test": {"c": len(rows[2::3])},
    }


def test_limits_of_training_rows(tmp_path):
    rows = with_columns(small_reviews(), "review", "stars")
    paths = [str(write_csv(tmp_path / f"{name}.csv", rows)) for name in ("a", "b")]
    settings = train_settings(
        output_dir="unused", data=paths, rows_per_file=40, rows_of_file=("b=15",), test_rows=7
    )
    counts = load_training_data(settings).counts()
    assert counts["train"] == {"a": 40, "b": 15}
    assert sum(counts["test"].values()) == 7


def test_a_file_that_is_read_several_times_a_pass(tmp_path):
    rows = with_columns(small_reviews(), "review", "stars")
    paths = [str(write_csv(tmp_path / f"{name}.csv", rows)) for name in ("a", "b")]
    settings = train_settings(
        output_dir="unused", data=paths, rows_of_file=("a=20", "b=15"), repeat_of_file=("b=3",)
    )
    train = load_training_data(settings).splits["train"]
    assert Counter(train.sources) == {"a": 20, "b": 45}
    repeated = [text for text, own in zip(train.texts, train.sources, strict=True) if own == "b"]
    assert set(Counter(repeated).values()) == {3}


@pytest.mark.parametrize("setting", ["rows_of_file", "repeat_of_file"])
def test_a_number_for_a_file_that_is_not_there(load, setting):
    message = (
        f"--{setting.replace('_', '-')} names no file with training rows: revews. Found: reviews. "
        "Give the names as they stand there."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(with_columns(small_reviews(), "review", "stars"), **{setting: ("revews=5",)})


def test_first_by_content_does_not_depend_on_the_order():
    texts = [f"review {i}" for i in range(100)]
    reviews = LabelledReviews(texts, ["x"] * 100, [None] * 100, ["s"] * 100)
    backwards = reviews.select(range(99, -1, -1))
    assert sorted(first_by_content(reviews, 10).texts) == sorted(first_by_content(backwards, 10).texts)
    assert len(first_by_content(reviews, 1000)) == 100


def test_allowed_classes_and_given_stars():
    labels = ["negative", "neutral", "5 stars"]
    reviews = LabelledReviews(["a", "b", "c"], labels, [None] * 3, ["s"] * 3)
    assert allowed_classes(reviews, STARS).astype(int).tolist() == [
        [1, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1],
    ]
    np.testing.assert_array_equal(given_stars(reviews), [np.nan, np.nan, 5.0])


def test_every_refusal_is_of_the_data(load):
    with pytest.raises(DataError):
        load([{"colour": "red", "size": "7"}])

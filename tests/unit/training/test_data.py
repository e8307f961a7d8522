"""From settings to splits: row 24 of docs/reliability.md."""

import random
import re

import numpy as np
import pytest

from sentiment.corpus import LabelledReviews
from sentiment.errors import ConfigError, DataError, EmptyDatasetError, LabelError
from sentiment.labels import STARS
from sentiment.training.data import allowed_classes, first_by_content, given_stars, load_training_data
from tests.tiny_encoder import small_reviews, train_settings, write_csv


@pytest.fixture
def load(tmp_path):
    """Write rows to a file and load it as training data."""

    def load_rows(rows, name="reviews.csv", **settings):
        path = write_csv(tmp_path / name, rows)
        return load_training_data(train_settings(output_dir="unused", data=(str(path),), **settings))

    return load_rows


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
        LabelError, match=r"column sentiment: 1 rows have labels that do not fit the others: angry\."
    ):
        load(rows)


def test_duplicates_across_splits_leave_train(load):
    ending = "and it was sent to us in a box that nobody could open"
    rows = with_columns(small_reviews(("positive", "negative")), "review", "sentiment", split="train")[::4]
    rows = [row | {"review": f"{row['review']} {i} {i * 7} {i * 13} {ending}"} for i, row in enumerate(rows)]
    copies = [row | {"split": ("validation", "test")[i % 2]} for i, row in enumerate(rows[::3])]
    data = load([*rows, *copies])
    lost = f"{len(copies)} training rows have a near-twin in validation or test and are left out"
    assert f"{lost} (reviews {len(copies)})." in data.notes
    assert data.counts()["train"] == {"reviews": len(rows) - len(copies)}
    kept = load([*rows, *copies], remove_near_duplicates=False)
    assert kept.counts()["train"] == {"reviews": len(rows)}


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


def test_a_limit_for_a_file_that_is_not_there(load):
    message = (
        "--rows-of-file names no file with training rows: revews. Found: reviews. "
        "Give file names without their suffix."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(with_columns(small_reviews(), "review", "stars"), rows_of_file=("revews=5",))


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

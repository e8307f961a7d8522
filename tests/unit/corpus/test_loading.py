import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment.corpus import load_dataset_id, load_files
from sentiment.corpus.loading import LabelledColumns, LabelledReviews
from sentiment.errors import EmptyDatasetError, FileFormatError, LabelError, MissingColumnError
from tests.tiny_encoder import write_csv

AUTO = LabelledColumns()


@pytest.fixture
def write(tmp_path):
    """Write rows to `reviews.csv`; gives its path as text."""

    def write_rows(*rows, name="reviews.csv"):
        return str(write_csv(tmp_path / name, rows))

    return write_rows


def row(review, **cells):
    return {"review": review, **cells}


def test_ratings_are_found_and_read(write):
    path = write(row("Soft towel", stars="5"), row("Broke at once", stars="1"))
    reviews = load_files([path], AUTO)
    assert reviews.texts == ["Soft towel", "Broke at once"]
    assert reviews.labels == ["5 stars", "1 star"]
    assert reviews.splits == [None, None]
    assert reviews.sources == ["reviews", "reviews"]
    assert reviews.kinds == {"stars"}
    [note] = reviews.notes
    assert note == (
        f"{path}: text: review (header) · rating: stars (header) · labels: stars (numbers up to 5)"
    )


def test_the_title_is_read_with_the_body(write):
    path = write(
        row("It tore.", title="Not again", stars="1"), row("So soft, I bought two.", title="", stars="5")
    )
    assert load_files([path], AUTO).texts == ["Not again. It tore.", "So soft, I bought two."]
    without = LabelledColumns(title="none")
    assert load_files([path], without).texts == ["It tore.", "So soft, I bought two."]


def test_a_label_column_is_no_title(write):
    """A label that went into the text would give itself away."""
    path = write(row("It tore on the first day.", title="bad"), row("So soft, I bought two.", title="good"))
    reviews = load_files([path], LabelledColumns(label=("title",)))
    assert reviews.texts == ["It tore on the first day.", "So soft, I bought two."]
    assert reviews.labels == ["negative", "positive"]


def test_a_second_label_column_is_no_title(write):
    path = write(row("It tore.", stars="1", title="bad"), row("So soft.", stars="", title="good"))
    reviews = load_files([path], LabelledColumns(label=("stars", "title")))
    assert reviews.texts == ["It tore.", "So soft."]
    assert reviews.labels == ["1 star", "positive"]


def test_groups_are_read_from_their_column(write):
    path = write(
        row("Soft", stars="5", buyer=" Ann "),
        row("Torn", stars="1", buyer=""),
        row("So", stars="3", buyer="nan"),
    )
    assert load_files([path], LabelledColumns(group="BUYER")).groups == ["Ann", None, None]
    assert load_files([path], AUTO).groups == [None, None, None]


def test_a_group_column_is_no_title(write):
    path = write(row("It tore.", stars="1", title="The Lamp"), row("So soft.", stars="5", title="The Towel"))
    reviews = load_files([path], LabelledColumns(group="title"))
    assert reviews.texts == ["It tore.", "So soft."]
    assert reviews.groups == ["The Lamp", "The Towel"]


def test_a_group_column_that_is_not_there(write):
    path = write(row("Soft", stars="5"), row("Torn", stars="1"))
    with pytest.raises(MissingColumnError) as refusal:
        load_files([path], LabelledColumns(group="buyer"))
    assert str(refusal.value) == (
        f"{path}: no column named 'buyer'. Found: review, stars. Name the right one with --group-column."
    )


def test_columns_of_the_text_that_give_the_labels_away(write):
    rows = [
        row(f"Number {i} of them", stars="51"[i % 2], mood=("good", "bad")[i % 2], title=f"Lamp {i}")
        for i in range(40)
    ]
    path = write(*rows)
    told = LabelledColumns(text=("review", "mood"), label=("stars",))
    assert load_files([path], told).giveaways == {("reviews", "mood")}
    assert load_files([path], LabelledColumns(title="mood")).giveaways == {("reviews", "mood")}
    assert load_files([path], AUTO).giveaways == set()


def test_the_first_filled_label_column_counts(write):
    path = write(
        row("It is good value", stars="4", sentiment="positive"),
        row("It tore", stars="", sentiment="negative"),
        row("It stinks", stars="nan", sentiment="neg"),
    )
    reviews = load_files([path], LabelledColumns(label=("stars", "sentiment")))
    assert reviews.labels == ["4 stars", "negative", "negative"]
    assert reviews.kinds == {"stars", "sentiments"}
    swapped = load_files([path], LabelledColumns(label=("sentiment", "stars")))
    assert swapped.labels == ["positive", "negative", "negative"]


@pytest.mark.parametrize("named", [(), ("stars", "label")])
def test_an_empty_label_column_is_passed_over(write, named):
    path = write(row("Soft", stars="", label="pos"), row("Torn", stars="nan", label="neg"))
    reviews = load_files([path], LabelledColumns(label=named))
    assert reviews.labels == ["positive", "negative"]
    assert reviews.kinds == {"sentiments"}
    assert reviews.notes[0].endswith("labels: label (names of sentiments)")


def test_of_found_columns_those_that_speak_of_sentiment_are_read(write):
    path = write(row("Soft towel", stars="5", label="bath"), row("Torn shirt", stars="1", label="clothes"))
    assert load_files([path], AUTO).labels == ["5 stars", "1 star"]


def test_names_as_they_are(write):
    path = write(row("Soft", label="1"), row("Torn", label="positive"), row("Fine", label="1.0"))
    reviews = load_files([path], LabelledColumns(label=("label",), as_names=True))
    assert (reviews.labels, reviews.kinds) == (["1", "positive", "1"], {"names"})


def test_what_cannot_be_learned_from_is_counted(write):
    path = write(
        row("Soft towel", stars="5"),
        row("Torn shirt", stars="1"),
        row("No stars", stars=""),
        row("None given", stars="NaN"),
        row("", stars="4"),
        row("!!!", stars="2"),
        row("https://example.org", stars="2"),
    )
    reviews = load_files([path], AUTO)
    assert reviews.texts == ["Soft towel", "Torn shirt"]
    assert "reviews: left out 3 rows without words." in reviews.notes
    assert "reviews: left out 2 rows without a label." in reviews.notes


def test_rows_without_a_label_are_counted_question_marks_among_them(write):
    path = write(row("Soft towel", label="positive"), row("Torn", label="?"), row("Fits", label=""))
    other = write(row("Dry", label="negative"), row("Thick", label=" "), name="other.csv")
    reviews = load_files([path, other], AUTO)
    assert reviews.labels == ["positive", "negative"]
    assert reviews.unlabelled == 3
    assert reviews.select([0]).unlabelled == 3


def test_what_its_platform_does_not_publish_is_marked(write):
    states = [("ok", False), ("spam", True), ("not-yet", False), ("Hidden", True)]
    path = write(*(row(f"Towel {i}", stars="5", curated=state) for i, (state, _) in enumerate(states)))
    reviews = load_files([path], AUTO)
    assert reviews.withheld == [is_withheld for _, is_withheld in states]
    assert reviews.select([1, 2]).withheld == [True, False]
    assert LabelledReviews(["Towel"], ["5 stars"], [None], ["shop"]).withheld == [False]


def test_hand_labels_beside_ratings_are_said_to_stand_behind_them(write):
    path = write(*(row(f"Towel {i}", rating="5", label="positive" if i < 3 else "") for i in range(9)))
    reviews = load_files([path], AUTO)
    assert set(reviews.labels) == {"5 stars"}
    assert reviews.notes[0].endswith(
        "labels: rating (numbers up to 5), label (names of sentiments); the first that is filled counts in "
        "each row (--label-column names one)"
    )
    assert load_files([path], LabelledColumns(label=("label",))).labels == ["positive"] * 3


def test_reviews_that_read_na_are_text(write):
    path = write(row("null", stars="1"), row("NA", stars="2"), row("None", stars="5"))
    assert load_files([path], AUTO).texts == ["null", "NA", "None"]


@pytest.mark.parametrize(
    ("cell", "split"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("valid", "validation"),
        ("val", "validation"),
        ("DEV", "validation"),
        ("validation", "validation"),
        ("test", "test"),
        ("testing", "test"),
        ("", None),
    ],
)
def test_a_split_column_is_obeyed(write, cell, split):
    path = write(row("Soft", stars="5", split=cell), row("Torn", stars="1", split="train"))
    assert load_files([path], AUTO).splits == [split, "train"]


def test_an_unknown_split(write):
    path = write(row("Soft", stars="5", split="holdout"), row("Torn", stars="1", split="train"))
    message = f"{path}: unknown split 'holdout'. Known: train, validation, test."
    with pytest.raises(LabelError, match=re.escape(message)):
        load_files([path], AUTO)


def test_a_file_can_be_one_split_whatever_it_says(write):
    path = write(row("Soft", stars="5", split="holdout"), row("Torn", stars="1", split="train"))
    assert load_files([path], AUTO, split="test").splits == ["test", "test"]


def test_several_files_follow_one_another(write):
    first = write(row("Soft", stars="5"), row("Torn", stars="1"), name="towels.csv")
    second = write(row("Bright", label="pos"), row("Dark", label="neg"), name="lamps.csv")
    reviews = load_files([first, second], AUTO)
    assert reviews.sources == ["towels", "towels", "lamps", "lamps"]
    assert reviews.labels == ["5 stars", "1 star", "positive", "negative"]
    assert reviews.kinds == {"stars", "sentiments"}
    assert len(reviews.notes) == 2


def test_no_label_column(write):
    path = write(row("Soft towel", colour="red"), row("Torn shirt", colour="blue"))
    with pytest.raises(MissingColumnError) as refusal:
        load_files([path], AUTO)
    assert str(refusal.value) == (
        f"{path}: no column looks like labels or ratings. Found: review, colour. "
        "Name the right one with --label-column."
    )


@pytest.mark.parametrize("named", [("mood",), ("stars", "mood")])
def test_a_label_column_that_is_not_there(write, named):
    path = write(row("Soft", stars="5"), row("Torn", stars="1"))
    message = "no column named 'mood'. Found: review, stars. Name the right one with --label-column."
    with pytest.raises(MissingColumnError, match=re.escape(f"{path}: {message}")):
        load_files([path], LabelledColumns(label=named))


def test_a_label_column_in_another_casing(write):
    path = write(row("Soft", Mood="good"), row("Torn", Mood="bad"))
    assert load_files([path], LabelledColumns(label=("mood",))).labels == ["positive", "negative"]


def test_a_typing_error_among_labels_names_file_and_column(write):
    path = write(row("Soft", label="good"), row("Torn", label="bad"), row("Fine", label="goood"))
    fact = f"{path}: column label: 1 row has a label that does not fit the others: goood (data row 3). "
    for has_flag, remedy in (
        (True, "; --label-scheme custom takes all names as they are."),
        (False, ", or name another column with --label-column."),
    ):
        with pytest.raises(LabelError) as refusal:
            load_files([path], LabelledColumns(has_scheme_flag=has_flag))
        assert str(refusal.value) == (f"{fact}The others: bad, good. Correct them or empty the cells{remedy}")


@pytest.mark.parametrize("rows", [[row("Soft", stars="")], [row("!", stars="5")]])
def test_no_labelled_review(write, rows):
    path = write(*rows)
    found = "1 row has" if "Soft" in str(rows) else "0 rows have"
    message = f"{path}: no labelled review. {found} words. Look at --text-column"
    with pytest.raises(EmptyDatasetError, match=re.escape(message)):
        load_files([path], LabelledColumns(text=("review",), label=("stars",)))


def test_a_missing_file(tmp_path):
    with pytest.raises(FileFormatError):
        load_files([str(tmp_path / "none.csv")], AUTO)


def test_labels_of_several_types_in_one_parquet_column(tmp_path):
    """Floats, as pandas writes integers with gaps, NaN and None: nothing is dropped in silence."""
    table = pa.table({"review": ["Soft", "Torn", "Fine", "None"], "stars": [5.0, 1.0, float("nan"), None]})
    pq.write_table(table, tmp_path / "reviews.parquet")
    reviews = load_files([str(tmp_path / "reviews.parquet")], AUTO)
    assert (reviews.texts, reviews.labels) == (["Soft", "Torn"], ["5 stars", "1 star"])
    assert "reviews: left out 2 rows without a label." in reviews.notes


def test_select_and_extend_take_every_column_along():
    reviews = LabelledReviews(
        ["a", "b", "c"],
        ["x", "y", "z"],
        ["test", None, "train"],
        ["s"] * 3,
        groups=["g", None, "h"],
        rows=[4, 5, 9],
    )
    reviews.extend(LabelledReviews(["d"], ["x"], [None], ["t"]))
    chosen = reviews.select([3, 0])
    assert (chosen.texts, chosen.splits, chosen.sources) == (["d", "a"], [None, "test"], ["t", "s"])
    assert (chosen.groups, chosen.rows) == ([None, "g"], [0, 4])


def test_select_keeps_kinds_and_notes():
    reviews = LabelledReviews(["a", "b", "c"], ["x", "y", "z"], [None] * 3, ["s"] * 3, {"names"}, ["note"])
    chosen = reviews.select([2, 0])
    assert (chosen.texts, chosen.labels, chosen.kinds, chosen.notes) == (
        ["c", "a"],
        ["z", "x"],
        {"names"},
        ["note"],
    )


class TestDataSets:
    """Data sets through `datasets`, from local folders: no hub is asked."""

    @pytest.fixture
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
        folder = tmp_path / "towels"
        folder.mkdir()
        return folder

    def save(self, folder, split, labels, texts):
        import datasets

        label = datasets.ClassLabel(names=["negative", "positive"])
        features = datasets.Features({"text": datasets.Value("string"), "label": label})
        rows = datasets.Dataset.from_dict({"text": texts, "label": labels}, features=features)
        rows.to_parquet(str(folder / f"{split}-00000-of-00001.parquet"))

    def test_splits_and_class_names(self, folder):
        self.save(folder, "train", [0, 1, 1], ["Torn at once", "Soft and warm", "Bright and clear"])
        self.save(folder, "validation", [1], ["Quick to dry"])
        self.save(folder, "test", [-1, -1], ["Hidden label one", "Hidden label two"])
        reviews = load_dataset_id(str(folder), None, AUTO)
        assert reviews.labels == ["negative", "positive", "positive", "positive"]
        assert reviews.splits == ["train", "train", "train", "validation"]
        assert f"{folder}: left out 2 rows without a label." in reviews.notes

    def test_labels_are_read_over_all_splits(self, folder):
        """Alone, a test split of 0 and 1 would read as negative and positive."""
        for split, labels in {"train": range(5), "test": [0, 1]}.items():
            lines = [json.dumps({"text": f"Review number {i} here", "label": i}) for i in labels]
            (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        reviews = load_dataset_id(str(folder), None, AUTO)
        assert reviews.labels[-2:] == ["1 star", "2 stars"]

    def test_other_splits_are_left_out(self, folder):
        import datasets

        self.save(folder, "train", [0, 1], ["Torn at once", "Soft and warm"])
        rows = datasets.Dataset.from_parquet(str(folder / "train-00000-of-00001.parquet"))
        for split in ("train", "unsupervised"):
            rows.to_parquet(str(folder / "data" / f"{split}-00000-of-00001.parquet"))
        (folder / "train-00000-of-00001.parquet").unlink()
        reviews = load_dataset_id(str(folder), None, AUTO)
        assert reviews.splits == ["train", "train"]
        assert f"{folder}: split unsupervised is left out." in reviews.notes

    @pytest.mark.parametrize("name", ["nobody/nothing-at-all", "./no/such/folder"])
    def test_one_that_cannot_be_loaded(self, folder, name):
        with pytest.raises(FileFormatError) as refusal:
            load_dataset_id(name, None, AUTO)
        told = str(refusal.value)
        assert told.startswith(f"{name}: the data set cannot be loaded. (")
        assert told.endswith("Is the id right, and the hub in reach?")
        assert "\n" not in told

from collections import Counter

import pytest

from sentiment.errors import ConfigError
from sentiment.studies.folds import FoldedData
from tests.tiny_encoder import small_reviews, train_settings, write_csv


@pytest.fixture(scope="module")
def folded(tmp_path_factory):
    """Reviews of eight products with a split column, in three folds."""
    folder = tmp_path_factory.mktemp("folds")
    rows = small_reviews()
    for i, row in enumerate(rows):
        row["product"] = f"product {i % 40}"
        row["split"] = "test" if i % 40 >= 36 else "train"
    config = train_settings(
        data=(str(write_csv(folder / "reviews.csv", rows)),),
        output_dir=str(folder / "study"),
        group_column="product",
    )
    return FoldedData.load(config, 3)


def test_every_row_is_held_out_once_and_test_rows_never(folded):
    held_out = Counter(text for fold in (1, 2, 3) for text in folded.hold_out(fold).splits["test"].texts)

    assert held_out == Counter(folded.pool.texts)
    assert set(held_out.values()) == {1}
    assert not held_out.keys() & set(folded.data.splits["test"].texts)


@pytest.mark.parametrize("fold", [1, 2, 3])
def test_groups_stay_whole(folded, fold):
    splits = folded.hold_out(fold).splits
    groups = {name: set(rows.groups) for name, rows in splits.items()}

    assert not groups["test"] & (groups["train"] | groups["validation"])
    assert not groups["validation"] & groups["train"]
    assert sum(map(len, splits.values())) == len(folded.pool)


@pytest.mark.parametrize("fold", [1, 2, 3])
def test_a_tenth_of_the_rows_that_are_not_held_out_chooses_the_step(folded, fold):
    splits = folded.hold_out(fold).splits
    others = len(splits["validation"]) + len(splits["train"])

    assert 0.05 < len(splits["validation"]) / others < 0.2
    assert len(splits["test"]) == pytest.approx(len(folded.pool) / 3, rel=0.3)


def test_leaks_are_looked_for_in_the_fold(folded):
    data = folded.hold_out(1)

    assert data.leaks.rows == {name: len(data.splits[name]) for name in ("validation", "test")}
    assert data.leaks.leaking == {"validation": 0, "test": 0}
    assert data.notes[-1] == "Leak check: nothing found."
    assert data.notes.count("Leak check: nothing found.") == 1


def test_a_note_counts_the_rows(folded):
    data = folded.hold_out(2)
    held_out, choosing = len(data.splits["test"]), len(data.splits["validation"])

    assert data.notes[-2] == (
        f"Fold 2 of 3: {held_out} rows are held out and measured as test; of the others, {choosing} choose "
        f"the step. The data's {len(folded.data.splits['test'])} test rows are left alone."
    )


def test_copies_and_repeats_are_for_training_alone(tmp_path):
    file = write_csv(tmp_path / "reviews.csv", [row | {"split": "train"} for row in small_reviews()])
    config = train_settings(
        data=(str(file),),
        output_dir="unused",
        repeat_of_file=("reviews=2",),
        augment=("typos", "casing"),
        augment_share=0.5,
    )
    folded = FoldedData.load(config, 3)
    assert len(folded.pool) == len(small_reviews())
    held_out = Counter()
    for fold in (1, 2, 3):
        data = folded.hold_out(fold)
        splits = data.splits
        held_out.update(splits["test"].texts)
        measured = {*splits["test"].texts, *splits["validation"].texts}
        assert not measured & {*splits["train"].texts, *splits["train"].as_written}
        rows = len(folded.pool) - len(splits["test"]) - len(splits["validation"])
        assert 2 * rows < len(splits["train"]) <= 3 * rows
        assert any(note.startswith("Augmentation: ") for note in data.notes)
    assert held_out == Counter(folded.pool.texts)


def test_too_few_rows_for_so_many_folds(tmp_path):
    rows = small_reviews(("positive",))[:3] + small_reviews(("negative",))[:3]
    file = write_csv(tmp_path / "reviews.csv", [row | {"split": "train"} for row in rows])

    with pytest.raises(ConfigError, match=r"^\d rows do not fill 9 folds\. "):
        FoldedData.load(train_settings(data=(str(file),), output_dir="unused"), 9)

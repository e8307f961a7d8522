import random

import pytest

from sentiment.corpus import LabelledReviews, assign_splits, sample_evenly
from sentiment.corpus.splitting import content_share, drop_near_duplicates


def reviews_of(texts, splits=None, sources=None):
    splits = splits or [None] * len(texts)
    return LabelledReviews(
        list(texts), ["positive"] * len(texts), list(splits), list(sources or ["shop"] * len(texts))
    )


TEXTS = [f"Review number {i} of the towel" for i in range(2000)]


def shares(splits):
    return {name: splits.count(name) / len(splits) for name in ("train", "validation", "test")}


def test_own_splits_have_their_shares():
    found = shares(assign_splits(reviews_of(TEXTS)))
    assert found == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.025)


def test_a_row_s_split_does_not_depend_on_the_others():
    by_text = dict(zip(TEXTS, assign_splits(reviews_of(TEXTS)), strict=True))
    shuffled = random.Random(1).sample(TEXTS, 500)
    assert assign_splits(reviews_of(shuffled)) == [by_text[text] for text in shuffled]


def test_equal_words_land_on_one_side():
    copies = ["Soft towel, quick to dry.", "soft TOWEL quick - to dry!", "Soft towel quick to dry"]
    assert len({content_share(text) for text in copies}) == 1


def test_named_splits_are_obeyed():
    splits = ["train", "validation", "test", "test"]
    assert assign_splits(reviews_of(TEXTS[:4], splits)) == splits


def test_validation_is_taken_out_of_train_where_none_is_named():
    found = assign_splits(reviews_of(TEXTS, ["train"] * 1500 + ["test"] * 500))
    assert found[1500:] == ["test"] * 500
    assert shares(found[:1500]) == pytest.approx({"train": 0.9, "validation": 0.1, "test": 0.0}, abs=0.025)


def test_nothing_is_made_where_validation_is_named():
    found = assign_splits(reviews_of(TEXTS, [None] * 1500 + ["validation"] * 500))
    assert found == ["train"] * 1500 + ["validation"] * 500


def test_rows_without_a_split_among_named_ones_train():
    found = assign_splits(reviews_of(TEXTS[:3], [None, "validation", "test"]))
    assert found == ["train", "validation", "test"]


def test_a_share_depends_on_its_salt():
    assert content_share("Soft towel") != content_share("Soft towel", salt="sample")


@pytest.mark.parametrize("text", ["", "!!!", "\ud83d\ude00 \u0645\u0631\u062d\u0628\u0627"])
def test_any_text_has_a_share(text):
    assert 0 <= content_share(text) < 1


def test_rare_labels_are_taken_whole():
    labels = ["common"] * 90 + ["rare"] * 10
    chosen = [labels[i] for i in sample_evenly(labels, 40, seed=0)]
    assert (chosen.count("rare"), chosen.count("common")) == (10, 30)


def test_near_twins_of_held_out_rows_leave_train():
    twin = "This towel is soft and thick and it dries very quickly in the bathroom"
    train = reviews_of(
        [twin + "!", "Something else entirely about a lamp that broke on its way"], sources=["a", "b"]
    )
    train.notes = ["before"]
    kept = drop_near_duplicates(train, [reviews_of([]), reviews_of([twin.upper()])])
    assert kept.sources == ["b"]
    assert kept.notes == [
        "before",
        "1 training rows have a near-twin in validation or test and are left out (a 1).",
    ]


def test_without_twins_train_stays_as_it_is():
    train = reviews_of(TEXTS[:5])
    assert drop_near_duplicates(train, [reviews_of([])]) is train

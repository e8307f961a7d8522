import random
from collections import Counter

import pytest

from sentiment.corpus import LabelledReviews, assign_splits, sample_evenly
from sentiment.corpus.splitting import assign_folds, drop_near_duplicates
from sentiment.errors import ConfigError


def reviews_of(texts, splits=None, sources=None, labels=None, groups=()):
    splits = splits or [None] * len(texts)
    return LabelledReviews(
        list(texts),
        list(labels or ["positive"] * len(texts)),
        list(splits),
        list(sources or ["shop"] * len(texts)),
        groups=list(groups),
    )


TEXTS = [f"Review number {i} of the towel" for i in range(2000)]
FRESH = [
    f"{i * 7919} came on day {i * 31} in box {i * 17} with {i * 13} cups and {i * 11} lids"
    for i in range(300)
]


def counts(splits):
    return Counter(splits)


def by_label(sides, labels):
    found = {}
    for side, label in zip(sides, labels, strict=True):
        found.setdefault(label, Counter())[side] += 1
    return found


def test_made_splits_have_their_shares():
    assert counts(assign_splits(reviews_of(TEXTS))) == {"train": 1600, "validation": 200, "test": 200}


def test_every_label_has_its_share():
    labels = ["rare" if i % 50 == 0 else "common" for i in range(2000)]
    assert by_label(assign_splits(reviews_of(TEXTS, labels=labels)), labels) == {
        "rare": {"train": 32, "validation": 4, "test": 4},
        "common": {"train": 1568, "validation": 196, "test": 196},
    }


@pytest.mark.parametrize(("rows", "held_out"), [(1, 0), (4, 0), (5, 1), (14, 1), (15, 2)])
def test_a_label_with_few_rows_trains(rows, held_out):
    labels = ["few"] * rows + ["many"] * 100
    found = by_label(assign_splits(reviews_of(TEXTS[: len(labels)], labels=labels)), labels)["few"]
    assert found == Counter(train=rows - 2 * held_out, validation=held_out, test=held_out)


def test_the_order_of_the_rows_does_not_matter():
    labels = [("positive", "negative", "neutral")[i % 3] for i in range(300)]
    groups = [str(i % 40) if i % 2 else None for i in range(300)]
    order = random.Random(1).sample(range(300), 300)

    def splits_of(rows):
        return assign_splits(
            reviews_of(
                [FRESH[i] for i in rows],
                labels=[labels[i] for i in rows],
                groups=[groups[i] for i in rows],
            )
        )

    splits = splits_of(range(300))
    assert splits_of(order) == [splits[i] for i in order]


def test_a_file_that_grows_moves_few_rows_and_none_from_test_to_train():
    before = assign_splits(reviews_of(TEXTS[:1000]))
    after = assign_splits(reviews_of(TEXTS[:1100]))
    moved = counts(pair for pair in zip(before, after, strict=False) if pair[0] != pair[1])
    assert moved.total() <= 20
    assert moved["test", "train"] == moved["train", "test"] == 0


def test_twins_are_on_one_side():
    texts = [*FRESH, *(f"{text} and no more" for text in FRESH)]
    splits = assign_splits(reviews_of(texts))
    assert splits[:300] == splits[300:]
    assert counts(splits) == {"train": 480, "validation": 60, "test": 60}


def test_groups_are_on_one_side():
    groups = [f"product {i % 97}" for i in range(2000)]
    labels = [("positive", "positive", "negative")[i % 3] for i in range(2000)]
    splits = assign_splits(reviews_of(TEXTS, groups=groups, labels=labels))
    assert all(len(found) == 1 for found in by_label(splits, groups).values())
    shares = {split: rows / 2000 for split, rows in counts(splits).items()}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.02)


def test_a_group_that_is_larger_than_a_split_trains():
    groups = ["giant"] * 1000 + [None] * 1000
    splits = assign_splits(reviews_of(TEXTS, groups=groups))
    assert counts(splits[:1000]) == {"train": 1000}
    assert counts(splits[1000:]) == {"train": 600, "validation": 200, "test": 200}


def test_of_three_groups_each_split_gets_one():
    groups = ["a"] * 10 + ["b"] * 12 + ["c"] * 14
    splits = assign_splits(reviews_of(TEXTS[:36], groups=groups))
    assert sorted(counts(splits).values()) == [10, 12, 14]
    assert counts(splits)["train"] == 14


def test_no_split_is_made_of_the_last_rows_of_a_label():
    splits = assign_splits(reviews_of(TEXTS[:2], labels=["positive", "negative"]))
    assert splits == ["train", "train"]


def test_named_splits_are_obeyed():
    splits = ["train", "validation", "test", "test"]
    assert assign_splits(reviews_of(TEXTS[:4], splits, groups=["a"] * 4)) == splits


def test_validation_is_taken_out_of_train_where_none_is_named():
    found = assign_splits(reviews_of(TEXTS, ["train"] * 1500 + ["test"] * 500))
    assert found[1500:] == ["test"] * 500
    assert counts(found[:1500]) == {"train": 1350, "validation": 150}


def test_nothing_is_made_where_validation_is_named():
    found = assign_splits(reviews_of(TEXTS, [None] * 1500 + ["validation"] * 500))
    assert found == ["train"] * 1500 + ["validation"] * 500


def test_rows_without_a_split_among_named_ones_train():
    found = assign_splits(reviews_of(TEXTS[:3], [None, "validation", "test"]))
    assert found == ["train", "validation", "test"]


@pytest.mark.parametrize("splits", [[], ["test", "test"]])
def test_no_rows_to_make_a_split_of(splits):
    assert assign_splits(reviews_of(TEXTS[: len(splits)], splits)) == splits


@pytest.mark.parametrize("folds", [2, 5, 10])
def test_folds_are_of_one_size_and_hold_every_label_evenly(folds):
    labels = [f"label {i % 7}" if i < 700 else "common" for i in range(2000)]
    assigned = assign_folds(reviews_of(TEXTS, labels=labels), folds)
    sizes = counts(assigned)
    assert sizes.keys() == set(range(folds))
    assert max(sizes.values()) - min(sizes.values()) <= 8
    for found in by_label(assigned, labels).values():
        assert max(found.values()) - min(found[fold] for fold in range(folds)) <= 1


def test_folds_tear_no_twins_and_no_groups_apart():
    groups = [None] * 300 + [f"product {i % 60}" for i in range(300)]
    texts = [*FRESH, *(f"{text} and no more" for text in FRESH[:60]), *TEXTS[:240]]
    assigned = assign_folds(reviews_of(texts, groups=groups), 5)
    assert all(len(found) == 1 for found in by_label(assigned[300:], groups[300:]).values())
    assert assigned[:60] == assigned[300:360]


def test_folds_do_not_depend_on_the_order_and_few_rows_move_when_a_file_grows():
    order = random.Random(1).sample(range(1000), 1000)
    folds = assign_folds(reviews_of(TEXTS[:1000]), 5)
    assert assign_folds(reviews_of([TEXTS[i] for i in order]), 5) == [folds[i] for i in order]
    grown = assign_folds(reviews_of(TEXTS[:1050]), 5)
    assert sum(one != other for one, other in zip(folds, grown, strict=False)) <= 60


def test_too_few_clusters_for_the_folds():
    with pytest.raises(ConfigError) as refusal:
        assign_folds(reviews_of(TEXTS[:30], groups=["a", "b", "c"] * 10), 5)
    assert str(refusal.value) == (
        "30 rows do not fill 5 folds. They form 3 clusters that stay whole (twins, equal values of "
        "--group-column). Take fewer --folds, or give more rows."
    )


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
        "Left out 1 training row with a near-twin in validation or test (a 1).",
    ]


def test_without_twins_train_stays_as_it_is():
    train = reviews_of(TEXTS[:5])
    assert drop_near_duplicates(train, [reviews_of([])]) is train

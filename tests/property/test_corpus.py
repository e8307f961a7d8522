"""What holds for any reviews and labels."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpus import LabelledReviews, assign_splits, read_labels, sample_evenly
from sentiment.corpus.clustering import cluster_reviews, content_share
from sentiment.corpus.labelling import merge_casings
from sentiment.corpus.splitting import assign_folds
from sentiment.corpus.tokenising import _head_and_tail

LABELS = st.lists(st.sampled_from("abcd"), max_size=60)


@given(LABELS, st.integers(0, 80), st.integers(0, 3))
def test_a_sample_is_full_and_even(labels, limit, seed):
    chosen = sample_evenly(labels, limit, seed)
    there, taken = Counter(labels), Counter(labels[i] for i in chosen)

    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(limit, len(labels))
    assert chosen == sample_evenly(labels, limit, seed)
    unfinished = [taken[label] for label in there if taken[label] < there[label]]
    if unfinished:
        # Whoever has rows left got an equal share, and nobody got more than that.
        assert max(unfinished) - min(unfinished) <= 1
        assert max(taken.values(), default=0) <= max(unfinished) + 1


@given(LABELS, st.integers(0, 80))
def test_a_larger_limit_takes_no_fewer_of_any_label(labels, limit):
    fewer, more = (Counter(labels[i] for i in sample_evenly(labels, n, 0)) for n in (limit, limit + 4))
    assert all(more[label] >= fewer[label] for label in fewer)


ROWS = st.lists(
    st.tuples(
        st.text("ab ", max_size=30),
        st.sampled_from("xyz"),
        st.sampled_from([None, "first", "second", "third"]),
    ),
    max_size=40,
)


def reviews_of(rows):
    texts, labels, groups = ([row[i] for row in rows] for i in range(3))
    return LabelledReviews(texts, labels, [None] * len(rows), ["s"] * len(rows), groups=groups)


@given(ROWS, st.randoms(use_true_random=False))
def test_splits_and_folds_depend_on_content_alone(rows, generator):
    order = list(range(len(rows)))
    generator.shuffle(order)
    shuffled = reviews_of([rows[i] for i in order])
    splits = assign_splits(reviews_of(rows))
    assert assign_splits(shuffled) == [splits[i] for i in order]
    if len(set(clusters_of(rows))) > 1:
        folds = assign_folds(reviews_of(rows), 2)
        assert assign_folds(shuffled, 2) == [folds[i] for i in order]


@given(ROWS)
def test_a_cluster_is_on_one_side(rows):
    clusters, splits = clusters_of(rows), assign_splits(reviews_of(rows))
    assert len(set(zip(clusters, splits, strict=True))) == len(set(clusters))


@given(ROWS)
def test_every_row_is_in_one_cluster_with_its_group_and_its_copies(rows):
    clusters = clusters_of(rows)
    for (text, _, group), cluster in zip(rows, clusters, strict=True):
        for (other_text, _, other_group), other in zip(rows, clusters, strict=True):
            if group == other_group and (group is not None or text.split() == other_text.split()):
                assert cluster == other


def clusters_of(rows):
    """Give the cluster of each row."""
    found = {row: i for i, cluster in enumerate(cluster_reviews(reviews_of(rows))) for row in cluster.rows}
    return [found[row] for row in range(len(rows))]


@given(st.text())
def test_a_share_is_a_share(text):
    assert 0 <= content_share(text) < 1


@given(st.lists(st.integers(), max_size=50), st.integers(1, 30))
def test_head_and_tail(ids, room):
    kept = _head_and_tail(ids, room)
    assert len(kept) == min(len(ids), room)
    tail = int(room * 0.25) if len(ids) > room else 0
    head = len(kept) - tail
    assert kept[:head] == ids[:head]
    assert kept[head:] == ids[len(ids) - tail :]


@given(st.lists(st.sampled_from(["negative", "POSITIVE", " neutral", "pos", "Neg", "", "nan"])))
def test_every_filled_cell_gets_a_label_and_no_blank_one(cells):
    reading = read_labels(cells)
    for cell in cells:
        assert (reading.label(cell) is None) == (cell in ("", "nan"))


@given(st.lists(st.sampled_from(["Fit", "fit", "FIT", "Fabric", "fabric"])))
def test_merged_casings_keep_the_classes(labels):
    merged = merge_casings(labels)
    assert [label.casefold() for label in merged] == [label.casefold() for label in labels]
    assert len(set(merged)) == len({label.casefold() for label in labels})

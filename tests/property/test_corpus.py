"""What holds for any reviews and labels."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpus import LabelledReviews, assign_splits, read_labels, sample_evenly
from sentiment.corpus.labelling import merge_casings
from sentiment.corpus.splitting import content_share
from sentiment.corpus.tokenising import _head_and_tail

LABELS = st.lists(st.sampled_from("abcd"), max_size=60)
TEXTS = st.lists(st.text(max_size=20), max_size=20)


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


@given(TEXTS, st.randoms(use_true_random=False))
def test_splits_depend_on_content_alone(texts, generator):
    def splits_of(rows):
        reviews = LabelledReviews(rows, ["x"] * len(rows), [None] * len(rows), ["s"] * len(rows))
        return dict(zip(rows, assign_splits(reviews), strict=True))

    shuffled = texts.copy()
    generator.shuffle(shuffled)
    assert splits_of(texts) == splits_of(shuffled)


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

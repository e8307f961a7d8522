import pytest

from sentiment.inspecting.duplicates import DuplicateCounter


def count(texts, most_kept=1000):
    counter = DuplicateCounter(most_kept)
    for text in texts:
        counter.add(text)
    return counter


def test_every_repetition_counts():
    counter = count(["a", "b", "a", "a", "c", "b"])
    assert (counter.repeats, counter.is_exact) == (3, True)


def test_no_text_repeats_another_in_part():
    assert count(["coat", "coats", "Coat", ""]).repeats == 0


def test_very_many_texts_are_estimated_from_a_share_of_them():
    texts = [f"review {number}" for number in range(20_000)]
    counter = count(texts + texts[:8_000], most_kept=1000)
    assert not counter.is_exact
    assert counter.repeats == pytest.approx(8_000, rel=0.15)


def test_lone_surrogates_are_no_obstacle():
    assert count(["\ud800 coat", "\ud800 coat"]).repeats == 1

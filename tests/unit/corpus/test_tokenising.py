import numpy as np
import pytest

from sentiment.corpus import tokenise
from sentiment.corpus.tokenising import TokenisedReviews
from sentiment.model.tokens import find_special_tokens
from tests.tiny_encoder import ADJECTIVES, build_word_tokenizer

WORDS = [word for words in ADJECTIVES.values() for word in words][:12]


@pytest.fixture(scope="module")
def tokenizer():
    return build_word_tokenizer()


def run(tokenizer, texts, max_length=10):
    allowed = np.ones((len(texts), 2), dtype=bool)
    return tokenise(texts, allowed, tokenizer, find_special_tokens(tokenizer), max_length)


def words_of(tokenizer, reviews, index):
    return tokenizer.decode(reviews.example(index).tolist(), skip_special_tokens=False).split()


def test_shapes(tokenizer):
    reviews = run(tokenizer, ["soft towel", "lovely", "broken cup as shown"])
    assert len(reviews) == 3
    assert reviews.lengths.tolist() == [4, 3, 6]
    assert reviews.longest == 6
    assert reviews.offsets.tolist() == [0, 4, 7, 13]
    assert (reviews.ids.dtype, reviews.offsets.dtype, reviews.ids.shape) == (np.int32, np.int64, (13,))
    assert reviews.allowed.shape == (3, 2)
    assert reviews.cut == 0


def test_special_tokens_stand_around_every_text(tokenizer):
    reviews = run(tokenizer, ["soft towel", "lovely"])
    assert words_of(tokenizer, reviews, 0) == ["[CLS]", "soft", "towel", "[SEP]"]
    assert words_of(tokenizer, reviews, 1) == ["[CLS]", "lovely", "[SEP]"]


def test_a_long_text_keeps_its_head_and_its_tail(tokenizer):
    reviews = run(tokenizer, [" ".join(WORDS), "soft"], max_length=10)
    assert words_of(tokenizer, reviews, 0) == ["[CLS]", *WORDS[:6], *WORDS[-2:], "[SEP]"]
    assert reviews.lengths.tolist() == [10, 3]
    assert reviews.cut == 4


def test_what_just_fits_is_not_cut(tokenizer):
    reviews = run(tokenizer, [" ".join(WORDS[:8])], max_length=10)
    assert words_of(tokenizer, reviews, 0) == ["[CLS]", *WORDS[:8], "[SEP]"]
    assert reviews.cut == 0


def test_a_short_window_has_no_tail(tokenizer):
    reviews = run(tokenizer, [" ".join(WORDS)], max_length=5)
    assert words_of(tokenizer, reviews, 0) == ["[CLS]", *WORDS[:3], "[SEP]"]


def test_more_texts_than_one_batch_of_datasets(tokenizer):
    texts = [WORDS[i % len(WORDS)] for i in range(2500)]
    reviews = run(tokenizer, texts)
    assert len(reviews) == 2500
    assert [words_of(tokenizer, reviews, i)[1] for i in (0, 999, 1000, 2499)] == [
        texts[i] for i in (0, 999, 1000, 2499)
    ]


def test_an_example_is_a_view():
    reviews = TokenisedReviews(
        np.arange(6, dtype=np.int32), np.array([0, 2, 6]), np.ones((2, 2), dtype=bool), 0
    )
    assert reviews.example(1).base is reviews.ids


def test_some_examples_are_selected_in_order():
    whole = TokenisedReviews(
        ids=np.arange(10, dtype=np.int32),
        offsets=np.array([0, 3, 4, 10]),
        allowed=np.eye(3, dtype=bool),
        cut=5,
    )
    some = whole.select([2, 0])
    assert [some.example(i).tolist() for i in range(len(some))] == [[4, 5, 6, 7, 8, 9], [0, 1, 2]]
    assert some.allowed.tolist() == [[False, False, True], [True, False, False]]
    assert some.longest == 6

import pytest
from tokenizers import Tokenizer

from sentiment.model.tokens import find_special_tokens
from sentiment.scoring.tokenizing import PIECE_CHARACTERS, split_text, tokenize
from tests.tiny import build_tiny_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return build_tiny_tokenizer()


def test_special_tokens_are_learnt_from_the_tokenizer(tokenizer):
    prefix, suffix = find_special_tokens(tokenizer)
    assert (prefix, suffix) == ([2], [3])


def test_ids_come_without_special_tokens_and_in_order(tokenizer):
    texts = ["soft towel", "", "bad"]
    expected = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    assert [ids.tolist() for ids in tokenize(tokenizer, texts)] == expected


def test_a_long_text_in_pieces_has_the_ids_of_the_whole(tokenizer):
    text = "the towel is lovely and dries quick, not bad. " * 1000
    assert len(text) > 4 * PIECE_CHARACTERS
    [ids] = tokenize(tokenizer, [text])
    assert ids.tolist() == tokenizer.encode(text, add_special_tokens=False).ids


def test_lone_surrogates_read_as_replacement_characters(tokenizer):
    [ids] = tokenize(tokenizer, ["good \ud800 towel"])
    [expected] = tokenize(tokenizer, ["good \ufffd towel"])
    assert ids.tolist() == expected.tolist()


def test_a_text_is_split_before_a_blank_where_there_is_one():
    assert list(split_text("one two three", size=8)) == ["one two", " three"]
    assert list(split_text("abcdefgh", size=3)) == ["abc", "def", "gh"]
    assert list(split_text("", size=3)) == [""]

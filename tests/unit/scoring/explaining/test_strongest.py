import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.scoring.explaining.explainer import WordWeight
from sentiment.scoring.explaining.strongest import choose_strongest, parse_words, spell_words
from sentiment.scoring.explaining.words import split_words
from sentiment.tables import mask_personal_data
from sentiment.tables.writing.formulas import escape_formula


def weigh(text, *weights):
    spans = split_words(text)
    return [
        WordWeight(*span, text[span.start : span.stop], weight)
        for span, weight in zip(spans, weights, strict=True)
    ]


def test_the_heaviest_come_first_and_each_once():
    text = "Bad seams, bad smell, nice box"

    found = choose_strongest(text, weigh(text, -0.2, 0.004, -0.42, 0.05, 0.3, -0.01))

    assert found == (("bad", -0.42), ("nice", 0.3), ("smell", 0.05), ("box", -0.01))
    assert spell_words(found) == "bad -0.42, nice +0.30, smell +0.05, box -0.01"


def test_there_are_five_at_most():
    text = "a b c d e f g"
    assert len(choose_strongest(text, weigh(text, *[0.1] * 7))) == 5


def test_personal_data_and_endless_words_are_left_out():
    text = f"Write anna@shop.example or 555-867-5309, {'x' * 41} broke"
    spans = weigh(text, *[-0.5] * len(split_words(text)))

    assert mask_personal_data(text).startswith("Write [email] or [phone]")
    assert [word for word, _ in choose_strongest(text, spans)] == ["Write", "or", "broke"]


@given(st.text(), st.lists(st.floats(-1, 1), min_size=1))
def test_what_is_spelt_is_read_again_and_is_no_formula(text, weights):
    spans = split_words(text)
    found = choose_strongest(text, weigh(text, *(weights[i % len(weights)] for i in range(len(spans)))))

    cell = spell_words(found)
    assert parse_words(cell) == found
    assert escape_formula(cell) == cell


@pytest.mark.parametrize("cell", ["broke", "broke -1.20", "broke x", " -0.20", "a -0.10,b -0.10"])
def test_other_cells_are_refused(cell):
    with pytest.raises(ValueError, match=r"word|convert"):
        parse_words(cell)

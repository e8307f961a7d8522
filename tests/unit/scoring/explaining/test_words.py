import pytest

from sentiment.scoring.explaining.words import leave_out, split_words


def words_of(text):
    return [text[start:stop] for start, stop in split_words(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't buy, 4.5 of 5!", ["Don't", "buy", "4.5", "of", "5"]),
        ("well-made (really)... O\u2019Neill", ["well-made", "really", "O\u2019Neill"]),
        ("1,500 and a.b and x--y", ["1,500", "and", "a", "b", "and", "x", "y"]),
        ("größer snake_case", ["größer", "snake", "case"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("cafe\u0301 нравится", ["cafe\u0301", "нравится"]),
        ("质量很好。", ["质", "量", "很", "好"]),
        ("テストは良い", ["テスト", "は", "良", "い"]),
        ("ดีมาก", ["ดี", "ม", "า", "ก"]),
        ("품질이 좋아요", ["품질이", "좋아요"]),
        ("😀 — ...", []),
        ("", []),
    ],
)
def test_words_of_any_language(text, words):
    assert words_of(text) == words


def test_hostile_texts_take_linear_time():
    for text in ("'" * 100_000, "a'" * 50_000, "1." * 50_000, "\u0301" * 100_000, "\u0e31" * 100_000):
        split_words(text)


@pytest.mark.parametrize(
    ("word", "rest"),
    [("It", "broke today."), ("broke", "It today."), ("today", "It broke .")],
)
def test_what_is_left_has_single_blanks(word, rest):
    text = "It broke today."
    start = text.index(word)
    assert leave_out(text, start, start + len(word)) == rest


def test_the_only_word_leaves_nothing():
    assert leave_out("bad", 0, 3) == ""

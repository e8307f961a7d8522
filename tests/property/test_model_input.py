"""For any text: cleaning is settled after one pass, and a language is a code or none."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.tables.values.cleaning import clean_text
from sentiment.tables.values.languages import detect_languages

# Halves of wrongly decoded letters, emoji, marks of translations, and what may stand between them.
PIECES = st.sampled_from(
    [
        *(
            "Ã",
            "©",
            "Â",
            "â",
            "€",
            "™",
            "\x99",
            "ð",
            "Ÿ",
            "˜",
            "Š",
            "Ð",
            "¿",
            "Р",
            "ї",
            "√",
            "‚Ä",
            "ô",
            "ï",
            "¸",
        ),
        *(
            "\x80",
            "\x9d",
            "\u200b",
            "\xad",
            "\xa0",
            "\u0301",
            "\x1b[0m",
            " ",
            "\n",
            "<b>",
            "<",
            "b",
            ">",
            "é",
            "1",
        ),
        *(
            "👍",
            "🚗",
            "\ufe0f",
            "\u200d",
            "⭐",
            "(Translated by Google)",
            "(Original)",
            "Google",
            "(",
            ")",
            "Gutes",
        ),
    ]
)


@settings(max_examples=500, derandomize=True)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_cleaning_of_a_mess_is_settled_after_one_pass(text):
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.one_of(st.text(), st.lists(PIECES).map("".join))))
def test_a_language_is_a_short_code_or_none(texts):
    languages = detect_languages(texts)
    assert len(languages) == len(texts)
    assert all(language is None or re.fullmatch("[a-z]{2,3}", language) for language in languages)

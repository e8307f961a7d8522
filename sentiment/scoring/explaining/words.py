"""The words of a text, of any language, and the text without some of them."""

import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

_ALONE: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u309f"  # Hiragana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Characters of scripts that are written without blanks; without a dictionary each is a word by itself."""


class Word(NamedTuple):
    """A word in a text: its first character, and one past its last."""

    start: int
    stop: int


def split_words(text: str) -> list[Word]:
    """Find the words of a text, in order.

    A word is a run of letters and digits with what belongs inside (`don't`, `well-made`, `4.5`, vowel signs);
    punctuation and symbols are none. Where a script is written without blanks, each character is a word, as
    Unicode's default word boundaries have it (UAX #29).
    """
    return [Word(*match.span()) for match in _pattern().finditer(text)]


@cache
def _pattern() -> re.Pattern[str]:
    # Python counts no combining mark as \w: Hindi words would fall apart at their vowels.
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M")
    run = rf"(?:(?![{_ALONE}])(?:[^\W_]|[{marks}]))+"
    inside = r"(?:['\u2019-]|(?<=\d)[.,](?=\d))"
    return re.compile(rf"[{_ALONE}][{marks}]*(?<=[\w{marks}])|{run}(?:{inside}{run})*")


def leave_out(text: str, start: int, stop: int) -> str:
    """Give a text without a stretch of it, one blank standing where it stood between two."""
    before, behind = text[:start], text[stop:]
    if not before or before.endswith(" "):
        behind = behind.removeprefix(" ")
    return before + behind

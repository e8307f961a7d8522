"""What column names say about a column's role."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from sentiment.tables.columns.aliases import HEADERS, NEGATIVE_HALF, NO_HALF, POSITIVE_HALF
from sentiment.tables.values.month_names import fold_letters
from sentiment.tables.values.ratings import split_scale

EXACT: Final = 1.0
"""Score of a name that is the role's first alias; later ones score a little less."""
_STEP: Final = 0.012
_STEPS: Final = 25
_SMALL_STEP: Final = 0.0001
_ENDING: Final = 0.6
PHRASE: Final = 0.55
"""Score of a name that holds words which questions hold."""
_LONGEST_NAME: Final = 300
_NUMBERED: Final = re.compile(r"(.+)[_.]\d+", re.DOTALL)


def normalise_header(name: str) -> str:
    """Give a column name as lower-case words without accents: `reviews.dateAdded` is `reviews date added`."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.sub(r"[^\w#]|_", " ", fold_letters(text)).split())


def score_header(name: str, role: str) -> float:
    """Score how well a name fits a role, about 0 to 1; a word that speaks against it makes it negative."""
    if role == "rating":
        name, _ = split_scale(name)
    words = normalise_header(name)
    headers = HEADERS[role]
    aliases = _phrases(headers.aliases)
    if words in aliases:
        place = aliases.index(words)
        return EXACT - _STEP * min(place, _STEPS) - _SMALL_STEP * place
    if _holds_word(words, headers.against):
        return -1.0
    if ends_in(name, headers.endings):
        return _ENDING
    if _holds_word(words, headers.unlike):
        return -1.0
    if any(f" {phrase} " in f" {words} " for phrase in _phrases(headers.phrases)):
        return PHRASE
    return 0.0


def is_known(name: str, role: str | None = None) -> bool:
    """Tell whether a name is, word for word, one that columns of a role have; of any role without one."""
    if len(name) > _LONGEST_NAME:
        return False
    return any(score_header(name, each) > _ENDING for each in ([role] if role else HEADERS))


def polarity_of(name: str) -> int:
    """Tell the half of a pair that a name stands for: 1 (pros, what was liked), -1 (cons), 0 (neither)."""
    words = normalise_header(name)
    if _holds_word(words, NO_HALF):
        return 0
    if _holds_word(words, NEGATIVE_HALF):
        return -1
    return int(_holds_word(words, POSITIVE_HALF))


def ends_in(name: str, endings: str) -> bool:
    """Tell whether a name is, or ends in, one of several names that commas separate."""
    words = f" {normalise_header(name)}"
    return any(words.endswith(f" {ending}") for ending in _phrases(endings))


def repeated_name(column: str, columns: Sequence[str]) -> str:
    """Give the name that a column repeats: `comment` for `comment_2` (pandas: `comment.1`), else its own."""
    match = _NUMBERED.fullmatch(column)
    return match[1] if match and match[1] in columns else column


def find_column(name: str, columns: Sequence[str]) -> str | None:
    """Find the column that a user names: exactly, else the only one that is alike but for case and signs."""
    if name in columns:
        return name
    alike = [column for column in columns if normalise_header(column) == normalise_header(name)]
    return alike[0] if len(alike) == 1 else None


def _holds_word(words: str, listed: str) -> bool:
    return any(f" {phrase} " in f" {words} " for phrase in _phrases(listed))


@lru_cache
def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(normalise_header(phrase) for phrase in listed.split(",") if phrase)

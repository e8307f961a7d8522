"""The few words that moved a label most, as predictions keep them and a cell spells them."""

from collections.abc import Iterable
from typing import Final

from sentiment.scoring.explaining.explainer import WordWeight
from sentiment.tables.values.personal_data import find_personal_data

MOST_WORDS: Final = 5
_LONGEST_WORD: Final = 40
"""Letters without a blank that are longer say nothing to a reader."""


def choose_strongest(text: str, weights: Iterable[WordWeight]) -> tuple[tuple[str, float], ...]:
    """Choose the five words that weigh most, heaviest first, each once, their weights rounded to 0.01.

    Words that weigh less than that are none of them, nor is what belongs to an e-mail address, a phone number
    or other personal data: cut into words, nobody could mask it any more.
    """
    private = find_personal_data(text)
    chosen: dict[str, tuple[str, float]] = {}
    for start, stop, word, weight in sorted(weights, key=lambda each: (-abs(each.weight), each.start)):
        if len(chosen) == MOST_WORDS or not round(weight, 2):
            break
        is_private = any(place.start < stop and start < place.end for place in private)
        if len(word) <= _LONGEST_WORD and not is_private:
            chosen.setdefault(word.casefold(), (word, round(weight, 2)))
    return tuple(chosen.values())


def spell_words(words: Iterable[tuple[str, float]]) -> str:
    """Write words with their signed weights: `broke -0.42, refund -0.20`; no formula, since a word begins."""
    return ", ".join(f"{word} {weight:+.2f}" for word, weight in words)


def parse_words(cell: str) -> tuple[tuple[str, float], ...]:
    """Read what `spell_words` wrote.

    Raises:
        ValueError: It is something else.
    """
    return tuple(_parse_word(part) for part in cell.split(", ")) if cell else ()


def _parse_word(part: str) -> tuple[str, float]:
    word, _, weight = part.partition(" ")
    if not word or not -1 <= float(weight) <= 1:
        raise ValueError("no word and its weight")
    return word, float(weight)

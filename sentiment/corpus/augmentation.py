"""Changed copies of labelled reviews: what a person could have typed as well."""

import math
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from sentiment.corpus.clustering import content_share
from sentiment.corpus.loading import LabelledReviews
from sentiment.corpus.names import KINDS_OF_NAMES
from sentiment.labels import SENTIMENT_OF_STARS
from sentiment.tables.values.emoji_words import spell_emoji

TYPO_SHARE = 0.1
"""Share of the longer words that get a typo; own choice: one in a short review, several in a long one."""
FITTING_EMOJI = {"positive": "👍❤😊😍👏", "negative": "👎😡😞🤮💩"}

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _KEYBOARD for i, key in enumerate(row)
}
_LONGER_WORD = re.compile(r"[A-Za-z]{4,}")
_KIND_OF = {name: kind for kind in KINDS_OF_NAMES for name in kind}
_CAPITALISED = re.compile(r"\b[A-Z][a-z]+\b")

Change = Callable[[str, str, random.Random], str]
"""Text, label and random numbers to a changed text; where it cannot be changed, to the text itself."""


def augment(
    reviews: LabelledReviews, changes: Sequence[str], share: float, seed: int
) -> tuple[LabelledReviews, str]:
    """Add changed copies of reviews behind them.

    The copies depend on the reviews' words and the seed alone, not on the order of the rows.

    Args:
        reviews: Training reviews.
        changes: Names in `CHANGES`; each gives an equal part of the copies, or fewer where few reviews can
            be changed so.
        share: How many copies there are for each review, at most.
        seed: Seed of what is drawn.

    Returns:
        The reviews and their copies, which know their originals, and a note that counts them.
    """
    quota = round(share * len(reviews) / len(changes))
    copies = {name: list(islice(_iter_copies(reviews, name, seed), quota)) for name in changes}
    added = [copy for found in copies.values() for copy in found]
    both = reviews.select([*range(len(reviews)), *(row for row, _ in added)])
    both.originals = list(both.texts)
    both.texts[len(reviews) :] = [text for _, text in added]
    counts = ", ".join(f"{name} {len(found):,}" for name, found in copies.items())
    return both, f"Augmentation: {len(added):,} changed copies of training rows ({counts})."


def _iter_copies(reviews: LabelledReviews, name: str, seed: int) -> Iterator[tuple[int, str]]:
    """Yield rows and their changed texts, in an order that the words give."""
    places = [content_share(text, salt=f"{name} {seed}") for text in reviews.texts]
    for row in sorted(range(len(places)), key=places.__getitem__):
        text = reviews.texts[row]
        changed = CHANGES[name](text, reviews.labels[row], random.Random(f"{name} {seed} {places[row]}"))
        if changed != text:
            yield row, changed


def add_typos(text: str, label: str, generator: random.Random) -> str:
    """Mistype about one in ten words of four letters or more, at least one.

    The first letter stays, as it mostly does when people mistype, so that "never" does not become "ever".
    """
    words = [word.span() for word in _LONGER_WORD.finditer(text)]
    drawn = generator.sample(words, math.ceil(TYPO_SHARE * len(words)))
    for start, end in sorted(drawn, reverse=True):
        text = text[:start] + _mistype(text[start:end], generator) + text[end:]
    return text


def _mistype(word: str, generator: random.Random) -> str:
    place = generator.randrange(1, len(word))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    match generator.randrange(4):
        case 0:
            return before + after
        case 1:
            return before + letter * 2 + after
        case 2:
            return before + after[:1] + letter + after[1:]
    return before + generator.choice(NEIGHBOURS[letter.lower()]) + after


def change_casing(text: str, label: str, generator: random.Random) -> str:
    """Write all letters small, or all large; an encoder that knows one casing alone reads the same."""
    return generator.choice((text.lower(), text.upper()))


def add_emoji(text: str, label: str, generator: random.Random) -> str:
    """Put an emoji that fits a sentiment at the end, in the words that cleaning makes of it."""
    fitting = FITTING_EMOJI.get(SENTIMENT_OF_STARS.get(label, label))
    return text if fitting is None else spell_emoji(text + generator.choice(fitting)).strip()


def change_names(text: str, label: str, generator: random.Random) -> str:
    """Put other given names, places and nationalities for those that are met, so that none means anything.

    One that occurs again becomes the same again. Counterfactual augmentation: Maudslay et al. 2019, "It's All
    in the Name: Mitigating Gender Bias with Name-Based Counterfactual Data Substitution".
    """
    others: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        name = match[0]
        if name in _KIND_OF and name not in others:
            others[name] = generator.choice([each for each in _KIND_OF[name] if each != name])
        return others.get(name, name)

    return _CAPITALISED.sub(other, text)


CHANGES: Mapping[str, Change] = {
    "typos": add_typos,
    "casing": change_casing,
    "emoji": add_emoji,
    "names": change_names,
}

"""What held-out reviews give away: rows that train too, and texts that hold their own label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus.loading import LabelledReviews
from sentiment.corpus.near_duplicates import FEWEST_WORDS, near_duplicates, normal_words
from sentiment.labels import SENTIMENT_OF_STARS, STARS

COUNTED: Final = {
    "copies": "are copies of training rows",
    "twins": "are near-twins of training rows",
    "groups": "have a --group-column value that trains, too",
    "columns": "hold their own label (look at --text-column and --title-column)",
    "headlines": 'begin with their own label ("Five Stars"; --title-column none leaves headlines out)',
}
"""Kinds of leaks that count against the limit, and how a sentence tells them."""

REPORTED: Final = {
    "repeats": f"have fewer than {FEWEST_WORDS} words and stand in train, too, as short reviews do by chance",
}
"""Kinds that are reported only."""

_NUMBER_WORDS: Final = ("one", "two", "three", "four", "five")


@dataclass(frozen=True)
class LeakReport:
    """The leaks of a data set, by held-out split.

    Attributes:
        rows: Split to its reviews.
        found: Split to how many of them show which kind of leak (`COUNTED`, `REPORTED`); none is left out.
        leaking: Split to how many of them leak in a way that counts.
        giveaways: Columns, as `file: column`, that are read as text and give the labels away.
        limit: Share of leaking test reviews above which no test figures are reported.
        allowed: Report them all the same.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    leaking: Mapping[str, int] = field(default_factory=dict)
    giveaways: Sequence[str] = ()
    limit: float = 1.0
    allowed: bool = False

    def share(self, split: str) -> float:
        """Give the share of a split's reviews that leak, 0 where it has none."""
        return self.leaking.get(split, 0) / max(self.rows.get(split, 0), 1)

    @property
    def withholds_test(self) -> bool:
        """Whether the test figures would promise too much to be reported."""
        return self.share("test") > self.limit and not self.allowed

    def notes(self) -> list[str]:
        """Say what was found, a sentence each; never the text of a review."""
        told = [
            f"Leak check: {count} of {self.rows[split]} {split} rows ({count / self.rows[split]:.1%}) {how}."
            for split, found in self.found.items()
            for kind, how in {**COUNTED, **REPORTED}.items()
            if (count := found.get(kind, 0))
        ]
        told += [
            f"Leak check: {column} is read as text and gives the labels away." for column in self.giveaways
        ]
        if self.withholds_test:
            told.append(self.refusal())
        return told or (["Leak check: nothing found."] if self.rows else [])

    def refusal(self) -> str:
        """Say why there are no test figures."""
        return (
            f"The test figures are withheld: {self.leaking['test']} of {self.rows['test']} test rows leak "
            f"({self.share('test'):.1%}, the limit is {self.limit:.1%}). "
            "Take those rows out, or report the figures all the same with --allow-leaks."
        )

    def facts(self) -> dict[str, Any]:
        """Give the counts for the records of a run."""
        return {
            "found": {split: dict(found) for split, found in self.found.items()},
            "leaking": dict(self.leaking),
            "giveaways": list(self.giveaways),
            "limit": self.limit,
            "withholds_test": self.withholds_test,
        }


def find_leaks(
    train: LabelledReviews,
    held_out: Mapping[str, LabelledReviews],
    *,
    twins: bool,
    limit: float,
    allowed: bool,
) -> LeakReport:
    """Look for what makes held-out figures better than the model is.

    Short texts repeat by chance, in new reviews, too: they are reported and do not count. Headlines such as
    "Five Stars", which shops write where a customer wrote none, count: 28 % of the test rows of a corpus of
    Kindle reviews have one, and the shipped model has 75 % of all stars right, but 65 % without these rows.

    Args:
        train: The reviews that train.
        held_out: Split to its reviews.
        twins: Look for near-twins, too; not needed where they have been taken out of train.
        limit: Share of leaking test reviews above which no test figures are reported.
        allowed: Report them all the same.
    """
    words = {" ".join(normal_words(text)) for text in train.texts}
    groups = set(train.groups) - {None}
    rows, found, leaking = {}, {}, {}
    for split, reviews in held_out.items():
        marks = _mark(reviews, words, groups)
        if twins:
            marks["twins"] = near_duplicates(reviews.texts, train.texts) & ~marks["copies"]
        counts = {kind: int(mark.sum()) for kind, mark in marks.items()}
        rows[split] = len(reviews)
        found[split] = {kind: count for kind, count in counts.items() if count}
        leaking[split] = int(np.any([mark for kind, mark in marks.items() if kind in COUNTED], axis=0).sum())
    sources = {source for reviews in held_out.values() for source in reviews.sources}
    giveaways = [
        f"{source}: column {column}" for source, column in sorted(train.giveaways) if source in sources
    ]
    return LeakReport(rows, found, leaking, giveaways, limit, allowed)


def _mark(reviews: LabelledReviews, words: set[str], groups: set[str | None]) -> dict[str, NDArray[np.bool_]]:
    """Mark each review (reviews,) for each kind of leak but near-twins."""
    own = [normal_words(text) for text in reviews.texts]
    known = _array([" ".join(words_of) in words for words_of in own])
    long = _array([len(words_of) >= FEWEST_WORDS for words_of in own])
    spellings = {label: _spelling(label) for label in set(reviews.labels)}
    headlines = _array(
        [
            bool(spellings[label].match(text))
            for text, label in zip(reviews.texts, reviews.labels, strict=True)
        ]
    )
    sources = {source for source, _ in reviews.giveaways}
    return {
        "copies": known & long,
        "groups": _array([group in groups for group in reviews.groups]),
        "columns": _array([source in sources for source in reviews.sources]),
        "headlines": headlines,
        "repeats": known & ~long,
    }


def _array(values: Sequence[bool]) -> NDArray[np.bool_]:
    return np.array(values, dtype=bool)


def _spelling(label: str) -> re.Pattern[str]:
    """Build a pattern of headlines that spell a label: its name, its sentiment, its stars in any notation."""
    sentiment = SENTIMENT_OF_STARS.get(label, label)
    stars = [i for i, name in enumerate(STARS.labels) if label in (name, SENTIMENT_OF_STARS[name])]
    forms = [re.escape(name) for name in {label, sentiment} if re.search("[^\\W\\d_]", name)]
    for i in stars:
        number = rf"(?:{i + 1}(?:[.,]0)?|{_NUMBER_WORDS[i]})"
        out_of = r"\s*(?:/|of|out of)\s*(?:5|five)"
        forms += [rf"{number}(?:{out_of})?[\s-]*stars?", rf"{number}{out_of}", rf"[★⭐]{{{i + 1}}}☆*"]
    return re.compile(rf"(?:__label__)?(?:{'|'.join(sorted(forms))})\s*(?:[.!,:;|-]|$)", re.IGNORECASE)

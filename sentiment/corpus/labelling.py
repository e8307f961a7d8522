"""Label cells as people write them, read as the labels of a scheme."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sentiment.errors import LabelError
from sentiment.labels import BINARY, SENTIMENTS, STARS, TERNARY, LabelScheme, Sentiment
from sentiment.tables import ScaleFinder

SENTIMENT_WORDS: Mapping[str, Sentiment] = {
    word: sentiment
    for sentiment, words in {
        "negative": "negative neg bad unhappy dissatisfied label_negative sentiment_negative",
        "neutral": "neutral neu mixed",
        "positive": "positive pos good happy satisfied",
    }.items()
    for word in words.split()
}  # type: ignore[assignment]  # the keys of the literal are the three sentiments

NUMERIC_CODES: Mapping[frozenset[str], tuple[dict[str, str], str]] = {
    frozenset("01"): ({"0": "negative", "1": "positive"}, "0 and 1 read as negative and positive"),
    frozenset(("-1", "1")): ({"-1": "negative", "1": "positive"}, "-1 and 1 read as negative and positive"),
    frozenset(("-1", "0", "1")): (
        {"-1": "negative", "0": "neutral", "1": "positive"},
        "-1, 0 and 1 read as negative, neutral and positive",
    ),
    frozenset("012"): (
        {"0": "negative", "1": "neutral", "2": "positive"},
        "0, 1 and 2 read as negative, neutral and positive",
    ),
    frozenset(("0", "2", "4")): (
        {"0": "negative", "2": "neutral", "4": "positive"},
        "0, 2 and 4 read as negative, neutral and positive (Sentiment140)",
    ),
    frozenset(("0", "4")): ({"0": "negative", "4": "positive"}, "0 and 4 read as negative and positive (Sentiment140)"),
    frozenset("01234"): (
        {str(i): STARS.labels[i] for i in range(5)},
        "0 to 4 read as 1 to 5 stars",
    ),
}
"""Codes of well-known data sets; a column is read by one only where it holds exactly these values."""

_STAR_NAME = re.compile(r"([1-5])[ _-]?stars?")


@dataclass(frozen=True)
class LabelReading:
    """How the cells of one label column are read.

    Attributes:
        labels: Cell (stripped, casefolded) to label: a star name, a sentiment, or a name of the column's own.
        kind: `stars`, `sentiments` or `names`.
        reason: What was seen, for the log.
    """

    labels: Mapping[str, str]
    kind: str
    reason: str

    def label(self, cell: str) -> str | None:
        """Give the label of a cell, or None where it is blank or unreadable."""
        return self.labels.get(_normal(cell))


def _normal(cell: str) -> str:
    # 1, 1.0 and "1" are one label: pandas writes integers with gaps as floats.
    text = cell.strip().casefold()
    return text.removesuffix(".0") if re.fullmatch(r"[+-]?\d+\.0", text) else text


def is_blank_label(cell: str) -> bool:
    """Whether a cell holds no label at all."""
    return _normal(cell) in {"", "nan", "none", "null", "na", "n/a", "<na>"}


def read_labels(cells: Iterable[str]) -> LabelReading:
    """Decide how a column of labels is read, from all of its cells together.

    Args:
        cells: Every label cell of the column; blank ones do not count.
    """
    spellings: dict[str, Counter[str]] = {}
    for cell in cells:
        if not is_blank_label(cell):
            spellings.setdefault(_normal(cell), Counter())[cell.strip()] += 1
    values = frozenset(spellings)
    if values in NUMERIC_CODES:
        labels, reason = NUMERIC_CODES[values]
        return LabelReading(labels, "stars" if STARS.labels[0] in labels.values() else "sentiments", reason)
    if values and values <= SENTIMENT_WORDS.keys():
        return LabelReading({value: SENTIMENT_WORDS[value] for value in values}, "sentiments", "names of sentiments")
    if values and all(_STAR_NAME.fullmatch(value) for value in values):
        stars = {value: STARS.labels[int(value[0]) - 1] for value in values}
        return LabelReading(stars, "stars", "names of stars")
    reading = _read_ratings(spellings)
    if reading is None:
        _check_not_mixed(spellings)
        reading = _read_names(spellings)
    return reading


def _check_not_mixed(spellings: Mapping[str, Counter[str]]) -> None:
    """Refuse a column of sentiments or ratings with strangers among them: typing errors, not classes of their own."""
    finder = ScaleFinder()
    for value in spellings:
        finder.add(value)
    scale = finder.scale()
    understood = {
        value
        for value in spellings
        if value in SENTIMENT_WORDS or _STAR_NAME.fullmatch(value) or (scale and scale.to_stars(value))
    }
    rows = {value: counts.total() for value, counts in spellings.items()}
    if sum(rows[value] for value in understood) >= 0.5 * sum(rows.values()) > 0:
        strangers = sorted(spellings.keys() - understood) or sorted(understood - SENTIMENT_WORDS.keys())
        raise LabelError(
            f"{sum(rows[value] for value in strangers)} rows have labels that do not fit the others: {_shown(strangers)}.",
            f"The others: {_shown(sorted(understood - set(strangers)))}.",
            "Correct them, or take all names as they are with --label-scheme custom.",
        )


def _read_ratings(spellings: Mapping[str, Counter[str]]) -> LabelReading | None:
    finder = ScaleFinder()
    for value in spellings:
        finder.add(value)
    scale = finder.scale()
    if scale is None:
        return None
    stars = {value: scale.to_stars(value) for value in spellings}
    if not stars or any(value is None for value in stars.values()):
        return None
    labels = {value: STARS.labels[int(number + 0.5) - 1] for value, number in stars.items() if number is not None}
    return LabelReading(labels, "stars", scale.reason)


def _read_names(spellings: Mapping[str, Counter[str]]) -> LabelReading:
    labels = {value: counts.most_common(1)[0][0] for value, counts in sorted(spellings.items())}
    return LabelReading(labels, "names", f"{len(labels)} names of their own")


def resolve_scheme(wanted: str, kinds: Iterable[str], labels: Counter[str]) -> tuple[LabelScheme, str]:
    """Give the label scheme of a data set and the reason for it.

    Args:
        wanted: The setting: `auto` or a scheme's name.
        kinds: The kind of every label column (`LabelReading.kind`).
        labels: How often each label (as read) occurs.

    Raises:
        LabelError: Fewer than two classes, or labels that the wanted scheme does not know.
    """
    kinds = set(kinds)
    if wanted == "custom" or (wanted == "auto" and kinds == {"names"}):
        scheme = LabelScheme("custom", tuple(sorted(labels)))
        reason = "as asked" if wanted == "custom" else f"the labels are names of their own: {_shown(scheme.labels)}"
    elif wanted == "auto":
        scheme, reason = _choose(kinds, labels)
    else:
        scheme, reason = {"stars": STARS, "ternary": TERNARY, "binary": BINARY}[wanted], "as asked"
    _check_known(scheme, labels)
    taught = {scheme.allowed_classes(label) for label in labels} - {()}
    if len(taught) < 2:
        raise LabelError(
            f"the training rows have one class only ({_shown(sorted(labels))}).",
            remedy="A classifier needs at least two; look at --label-column.",
        )
    return scheme, reason


def _choose(kinds: set[str], labels: Counter[str]) -> tuple[LabelScheme, str]:
    if "stars" in kinds:
        also = "; coarse labels teach the sum of the stars that they allow" if "sentiments" in kinds else ""
        return STARS, f"the labels are ratings{also}"
    if "neutral" in labels:
        return TERNARY, "the labels are negative, neutral and positive"
    return BINARY, "the labels are negative and positive"


def _check_known(scheme: LabelScheme, labels: Counter[str]) -> None:
    known = {*scheme.labels, *(SENTIMENTS if scheme.has_sentiment else ()), *(STARS.labels if scheme.has_sentiment else ())}
    unknown = sorted(label for label in labels if label not in known)
    if unknown:
        raise LabelError(
            f"{len(unknown)} labels are unknown to the {scheme.name} scheme: {_shown(unknown)}.",
            f"Known: {_shown(scheme.labels)}.",
            "Correct the labels, or take them as they are with --label-scheme custom.",
        )


def _shown(names: Sequence[str], most: int = 10) -> str:
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more

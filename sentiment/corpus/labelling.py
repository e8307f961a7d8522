"""Label cells as people write them, read as the labels of a scheme."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sentiment.errors import LabelError
from sentiment.labels import (
    BINARY,
    SCHEMES,
    SENTIMENT_OF_STARS,
    SENTIMENTS,
    STARS,
    TERNARY,
    LabelScheme,
    Sentiment,
)
from sentiment.tables import RatingScale, ScaleFinder, parse_rating
from sentiment.tables.wording import count

_WORDS_OF: Mapping[Sentiment, str] = {
    "negative": "negative neg bad unhappy dissatisfied label_negative sentiment_negative",
    "neutral": "neutral neu mixed",
    "positive": "positive pos good happy satisfied",
}
SENTIMENT_WORDS: Mapping[str, Sentiment] = {
    word: sentiment for sentiment, words in _WORDS_OF.items() for word in words.split()
}

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
    frozenset(("0", "4")): (
        {"0": "negative", "4": "positive"},
        "0 and 4 read as negative and positive (Sentiment140)",
    ),
    frozenset("01234"): (
        {str(i): STARS.labels[i] for i in range(5)},
        "0 to 4 read as 1 to 5 stars",
    ),
}
"""Codes of well-known data sets; a column is read by one only where it holds exactly these values."""

_BLANK_LABELS: Final = frozenset({"", "?", "nan", "none", "null", "na", "n/a", "<na>"})

CORRECTED_LABEL = "corrected_label"
"""The column of an audited file in which a person writes better labels, read by `read_corrections`."""

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


@lru_cache(maxsize=4096)
def _normal(cell: str) -> str:
    # 1, 1.0 and "1" are one label: pandas writes integers with gaps as floats.
    text = cell.strip().casefold()
    return text.removesuffix(".0") if re.fullmatch(r"[+-]?\d+\.0", text) else text


def is_blank_label(cell: str) -> bool:
    """Whether a cell holds no label at all; a question mark is what people write who cannot tell."""
    return _normal(cell) in _BLANK_LABELS


CORRECT_OR_NAME_SCHEME: Final = (
    "Correct them or empty the cells; --label-scheme custom takes all names as they are."
)
CORRECT_OR_NAME_COLUMN: Final = "Correct them or empty the cells, or name another column with --label-column."


def read_labels(
    cells: Sequence[str],
    *,
    as_names: bool = False,
    rows: Sequence[int] = (),
    remedy: str = CORRECT_OR_NAME_SCHEME,
) -> LabelReading:
    """Decide how a column of labels is read, from all of its cells together.

    Args:
        cells: Every label cell of the column; blank ones do not count.
        as_names: Take every label as a name of its own, whatever it looks like.
        rows: The 0-based data rows that they are from, for messages; may be empty.
        remedy: What whoever asked can do about labels that do not fit.

    Raises:
        LabelError: Most labels are sentiments or ratings, and the others fit neither.
    """
    spellings: dict[str, Counter[str]] = {}
    for cell, number in Counter(cells).items():
        if not is_blank_label(cell):
            spellings.setdefault(_normal(cell), Counter())[cell.strip()] += number
    if as_names:
        return _read_names(spellings)
    reading = _read_sentiments(frozenset(spellings)) or _read_ratings(spellings)
    if reading is None:
        strangers, others = _find_strangers(spellings)
        if strangers:
            raise LabelError(
                f"{_say_strangers(strangers, cells, rows)}.", f"The others: {shown_labels(others)}.", remedy
            )
        reading = _read_names(spellings)
    return reading


def read_corrections(cells: Sequence[str], corrected: Sequence[str], reading: LabelReading) -> LabelReading:
    """Read a column of corrections in the notation of the column that it corrects, or in words.

    By itself, a `1` that corrects labels of 0 and 1 would be one star.

    Args:
        cells: The corrections; blank ones do not count.
        corrected: The cells of the other column.
        reading: How that is read.

    Raises:
        LabelError: Corrections that fit neither.
    """
    if reading.kind == "names":
        return read_labels(cells, as_names=True)
    values = {_normal(cell) for cell in cells if not is_blank_label(cell)}
    words = {value: label for value in values - set(reading.labels) if (label := _read_word(value))}
    others = [cell for cell in cells if _normal(cell) not in words]
    together = read_labels([*corrected, *others])
    strangers = sorted(values - words.keys() - reading.labels.keys())
    if any(together.labels.get(value) != label for value, label in reading.labels.items()):
        raise LabelError(
            f"Corrections that do not fit the labels: {shown_labels(strangers)}.",
            f"The labels: {shown_labels(sorted(reading.labels))}.",
            "Write one of those, or a word (negative, neutral, positive).",
        )
    labels = {value: label for value, label in together.labels.items() if value in values} | words
    kind = "sentiments" if set(STARS.labels).isdisjoint(labels.values()) else "stars"
    return LabelReading(labels, kind, "corrections")


def _read_word(value: str) -> str | None:
    star = _STAR_NAME.fullmatch(value)
    return STARS.labels[int(star[1]) - 1] if star else SENTIMENT_WORDS.get(value)


def _read_sentiments(values: frozenset[str]) -> LabelReading | None:
    """Read the codes of well-known data sets, names of sentiments, or names of stars."""
    if values in NUMERIC_CODES:
        labels, reason = NUMERIC_CODES[values]
        return LabelReading(labels, "stars" if STARS.labels[0] in labels.values() else "sentiments", reason)
    if values and values <= SENTIMENT_WORDS.keys():
        words = {value: SENTIMENT_WORDS[value] for value in values}
        return LabelReading(words, "sentiments", "names of sentiments")
    if values and all(_STAR_NAME.fullmatch(value) for value in values):
        stars = {value: STARS.labels[int(value[0]) - 1] for value in values}
        return LabelReading(stars, "stars", "names of stars")
    return None


def _read_ratings(spellings: Mapping[str, Counter[str]]) -> LabelReading | None:
    scale = _find_scale(spellings)
    if scale is None or _mixes_words_and_numbers(spellings):
        return None
    stars = {value: scale.to_stars(value) for value in spellings}
    labels = {value: _nearest_star(number) for value, number in stars.items() if number is not None}
    return LabelReading(labels, "stars", scale.reason) if len(labels) == len(stars) else None


def _find_scale(spellings: Mapping[str, Counter[str]]) -> RatingScale | None:
    finder = ScaleFinder()
    for value, counts in spellings.items():
        finder.add(value, counts.total())  # its share of the rows tells a scale from a slip of the hand
    return finder.scale()


def _nearest_star(stars: float) -> str:
    return STARS.labels[int(stars + 0.5) - 1]


def _mixes_words_and_numbers(values: Iterable[str]) -> bool:
    ratings = [parse_rating(value) for value in values]
    return len({rating.is_word for rating in ratings if rating is not None}) > 1


def _find_strangers(spellings: Mapping[str, Counter[str]]) -> tuple[list[str], list[str]]:
    """Find what stands among sentiments or ratings and is neither: typing errors, not classes of their own.

    Returns:
        Those values and the others; none where most of them are no sentiments or ratings.
    """
    scale = _find_scale(spellings)
    understood = {
        value
        for value in spellings
        if value in SENTIMENT_WORDS or _STAR_NAME.fullmatch(value) or (scale and scale.to_stars(value))
    }
    rows = {value: counts.total() for value, counts in spellings.items()}
    if not sum(rows[value] for value in understood) >= 0.5 * sum(rows.values()) > 0:
        return [], []
    strangers = sorted(spellings.keys() - understood) or sorted(understood - SENTIMENT_WORDS.keys())
    return strangers, sorted(understood - set(strangers))


def _say_strangers(strangers: Sequence[str], cells: Sequence[str], rows: Sequence[int]) -> str:
    unknown = set(strangers)
    places = [place for place, cell in enumerate(cells) if _normal(cell) in unknown]
    which = count(len(places), "row has a label that does not fit", "rows have labels that do not fit")
    first = "" if len(places) == 1 else "first: "
    where = f" ({first}data row {rows[places[0]] + 1:,})" if rows else ""
    return f"{which} the others: {shown_labels(strangers)}{where}"


def _read_names(spellings: Mapping[str, Counter[str]]) -> LabelReading:
    labels = {value: _usual_spelling(counts) for value, counts in sorted(spellings.items())}
    return LabelReading(labels, "names", f"{len(labels)} names of their own")


def _usual_spelling(counts: Counter[str]) -> str:
    return min(counts, key=lambda spelling: (-counts[spelling], spelling))


def give_labels_away(cells: Sequence[str], labels: Sequence[str | None]) -> bool:
    """Tell whether the values of a column say which label a row has.

    They do where they are few, and 99 % of them stand beside one sentiment (or label) each, not all beside
    the same; at least half of the rows have to be filled, and each value ten times, on average.

    Args:
        cells: One cell a row.
        labels: One label a row as read, or None.
    """
    beside: dict[str, Counter[str]] = {}
    for (cell, label), rows in Counter(zip(cells, labels, strict=True)).items():
        if label is not None and not is_blank_label(cell):
            beside.setdefault(_normal(cell), Counter())[SENTIMENT_OF_STARS.get(label, label)] += rows
    usual = [counts.most_common(1)[0] for counts in beside.values()]
    filled = sum(counts.total() for counts in beside.values())
    few = len(beside) <= 2 * len({label for label in labels if label}) and filled >= 10 * len(beside)
    differ = len({label for label, _ in usual}) > 1
    right = sum(rows for _, rows in usual)
    return few and differ and filled >= 0.5 * len(labels) and right >= 0.99 * filled


def merge_casings(labels: Sequence[str]) -> list[str]:
    """Give labels that differ in their casing alone one spelling, the usual one."""
    usual = usual_spellings(Counter(labels))
    return [usual[label] for label in labels]


def usual_spellings(labels: Mapping[str, int]) -> dict[str, str]:
    """Map each label to the usual spelling among those that differ from it in their casing alone.

    Args:
        labels: How often each label occurs.
    """
    spellings: dict[str, Counter[str]] = {}
    for label, rows in labels.items():
        spellings.setdefault(label.casefold(), Counter())[label] += rows
    usual = {folded: _usual_spelling(counts) for folded, counts in spellings.items()}
    return {label: usual[label.casefold()] for label in labels}


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
    if wanted == "custom":
        scheme, reason = LabelScheme("custom", tuple(sorted(labels))), "as asked"
    elif wanted != "auto":
        scheme, reason = SCHEMES[wanted], "as asked"
    elif kinds == {"names"}:
        scheme = LabelScheme("custom", tuple(sorted(labels)))
        reason = f"the labels are names of their own: {shown_labels(scheme.labels)}"
    else:
        scheme, reason = _choose(kinds, labels)
    _check_known(scheme, labels)
    check_two_classes(scheme, labels)
    return scheme, reason


def check_two_classes(scheme: LabelScheme, labels: Iterable[str]) -> None:
    """Refuse training labels that teach a head one class only.

    Raises:
        LabelError: They allow fewer than two different classes, or sets of classes.
    """
    found = set(labels)
    if len({scheme.allowed_classes(label) for label in found} - {()}) < 2:
        raise LabelError(
            f"The training rows have one class only ({shown_labels(sorted(found))}).",
            remedy="A classifier needs at least two; look at --label-column.",
        )


def _choose(kinds: set[str], labels: Counter[str]) -> tuple[LabelScheme, str]:
    if "stars" in kinds:
        also = "; coarse labels teach the sum of the stars that they allow" if "sentiments" in kinds else ""
        return STARS, f"the labels are ratings{also}"
    if "neutral" in labels:
        return TERNARY, "the labels are negative, neutral and positive"
    return BINARY, "the labels are negative and positive"


def _check_known(scheme: LabelScheme, labels: Counter[str]) -> None:
    known = {*scheme.labels, *((*SENTIMENTS, *STARS.labels) if scheme.has_sentiment else ())}
    unknown = sorted(label for label in labels if label not in known)
    if unknown:
        raise LabelError(
            f"Labels that the {scheme.name} scheme does not know: {shown_labels(unknown)}.",
            f"Known: {shown_labels(scheme.labels)}.",
            "Correct the labels, or take them as they are with --label-scheme custom.",
        )


def note_unknown(rows: int, scheme: LabelScheme) -> str:
    """Say how many rows have a label that a scheme does not know."""
    return f"{count(rows, 'row has', 'rows have')} a label that the {scheme.name} scheme leaves out."


def shown_labels(names: Sequence[str], most: int = 10) -> str:
    """List labels for a message, the first few of many, and none that is as long as a text.

    A label column that was named by mistake may hold reviews, whose text has no place in a message.
    """
    shown = [name if len(name) <= 40 else "(a long text)" for name in names[:most]]
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(shown) + more

"""Which column of a review file plays which role, and the reviews read by it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from sentiment.errors import MissingColumnError
from sentiment.records import Review
from sentiment.tables.columns.headers import find_column, polarity_of, score_header
from sentiment.tables.columns.profiles import ColumnProfile, profile_columns
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.cleaning import printable

ROLE_NAMES: Final = ("text", "title", "rating", "date", "product", "id", "label", "split")

_SEARCH_ORDER: Final = ("rating", "title", "date", "label", "split", "id", "product")
_PROSE_WEIGHT: Final = 0.6
_LEAST_TEXT_SCORE: Final = 0.4
_NEAR_TIE: Final = 0.1
_NO_CONTENT: Final = -0.5
_GENERAL_TEXT: Final = 0.65
_MOST_NAMES_SHOWN: Final = 40
# Booking.com's public copy says so where a guest wrote nothing.
_PLACEHOLDERS: Final = frozenset({"no negative", "no positive"})


@dataclass(frozen=True)
class Roles:
    """The columns of a file by role; None where a role has none.

    Attributes:
        text: Columns of the review text, in the order in which they are joined.
        title: Headline.
        rating: Stars or score.
        date: When it was written.
        product: What it is about.
        id: What identifies it.
        label: Known sentiment or class, for training.
        split: Train, validation or test.
        reasons: Role to why: `header`, `content`, `header and content` or `named`.
    """

    text: tuple[str, ...]
    title: str | None
    rating: str | None
    date: str | None
    product: str | None
    id: str | None
    label: str | None
    split: str | None
    reasons: Mapping[str, str]

    def describe(self) -> str:
        """Say it in one line: `text: body (header) · rating: stars (header)`."""
        columns = {role: getattr(self, role) for role in ROLE_NAMES} | {"text": " + ".join(self.text)}
        return " · ".join(
            f"{role}: {printable(column)} ({self.reasons[role]})"
            for role, column in columns.items()
            if column
        )


@dataclass(frozen=True)
class ColumnChoices:
    """Columns as a user names them: None leaves a role to be found, `none` (in any casing) leaves it out."""

    text: tuple[str, ...] = ()
    title: str | None = None
    rating: str | None = None
    date: str | None = None
    product: str | None = None
    id: str | None = None
    label: str | None = None
    split: str | None = None


NO_CHOICES: Final = ColumnChoices()


def resolve_roles(reader: Reader, choices: ColumnChoices = NO_CHOICES) -> Roles:
    """Find the column of each role by header and by content of up to 500 values; one column, one role.

    Raises:
        MissingColumnError: A named column is absent, no column looks like review text, or two do alike.
    """
    named = _named_columns(reader, choices)
    free = [column for column in reader.columns if not any(column in columns for columns in named.values())]
    profiles = profile_columns(reader)
    found: dict[str, str] = {}
    reasons = dict.fromkeys(named, "named")
    if "text" not in named:
        named["text"], reasons["text"] = _find_text(reader, free, profiles)
        free = [column for column in free if column not in named["text"]]
    for role in _SEARCH_ORDER:
        if role in named:
            continue
        column = _find_column(role, free, profiles)
        if column is not None:
            found[role], reasons[role] = column, "header"
            free.remove(column)
    found |= {role: columns[0] for role, columns in named.items() if columns}
    single = {role: found.get(role) for role in _SEARCH_ORDER}
    return Roles(text=named["text"], reasons=reasons, **single)


def iter_reviews(reader: Reader, roles: Roles) -> Iterator[Review]:
    """Iterate over the reviews of a file, lazily and in order; each holds its whole source row."""
    place = {column: position for position, column in enumerate(reader.columns)}
    texts = [place[column] for column in roles.text]
    optional = [roles.title, roles.rating, roles.date, roles.product, roles.id]
    # One slot behind the row's end gives None for every role without a column.
    pick = itemgetter(*[len(reader.columns) if column is None else place[column] for column in optional])
    first_text = texts[0]
    for number, row in enumerate(reader.rows()):
        title, rating, date, product, id_ = pick((*row, None))
        cell = row[first_text]
        yield Review(
            number,
            (cell if isinstance(cell, str) else cell_text(cell))
            if len(texts) == 1
            else _join_texts(row, texts),
            title if title is None or isinstance(title, str) else cell_text(title),
            rating if rating is None or isinstance(rating, str) else cell_text(rating),
            date if date is None or isinstance(date, str) else cell_text(date),
            product if product is None or isinstance(product, str) else cell_text(product),
            id_ if id_ is None or isinstance(id_, str) else cell_text(id_),
            cells=row,
        )


def _join_texts(row: Sequence[object], places: Sequence[int]) -> str:
    texts = (cell_text(row[place]) for place in places)
    return "\n".join(text for text in texts if text.strip() and text.strip().lower() not in _PLACEHOLDERS)


def _named_columns(reader: Reader, choices: ColumnChoices) -> dict[str, tuple[str, ...]]:
    """Look up the columns that the user named; a role that is left out gets no columns."""
    named: dict[str, tuple[str, ...]] = {}
    for role in ROLE_NAMES:
        choice = getattr(choices, role)
        if not choice:
            continue
        names = choice if role == "text" else (choice,)
        if role != "text" and choice.lower() == "none":
            named[role] = ()
        else:
            named[role] = tuple(_look_up(reader, name, role) for name in names)
    return named


def _look_up(reader: Reader, name: str, role: str) -> str:
    column = find_column(name, reader.columns)
    if column is None:
        raise MissingColumnError(
            f"{printable(reader.name)}: no column named '{printable(name)}'.",
            f"Found: {_listed(reader.columns)}.",
            f"Name the right one with --{role}-column.",
        )
    return column


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(printable(column) for column in columns[:_MOST_NAMES_SHOWN])
    hidden = len(columns) - _MOST_NAMES_SHOWN
    return f"{shown} and {hidden} more" if hidden > 0 else shown


def _find_text(
    reader: Reader, columns: Sequence[str], profiles: Mapping[str, ColumnProfile]
) -> tuple[tuple[str, ...], str]:
    """Find the column of the review text, or the columns: a pair such as pros and cons stays together."""
    scores = {column: _text_score(column, profiles[column]) for column in columns}
    pair = _find_pair(columns, profiles)
    candidates = sorted(
        (column for column in columns if scores[column] >= _LEAST_TEXT_SCORE and column not in pair),
        key=lambda column: -scores[column],
    )
    if pair:
        general = [column for column in candidates if score_header(column, "text") > _GENERAL_TEXT]
        return (*general[:1], *pair), "header"
    if not candidates:
        raise MissingColumnError(
            f"{printable(reader.name)}: no column looks like review text.",
            f"Found: {_listed(reader.columns)}.",
            "Name it with --text-column.",
        )
    best, *others = candidates
    rivals = [column for column in others if scores[best] - scores[column] < _NEAR_TIE]
    if rivals:
        count = "two" if len(rivals) == 1 else str(len(rivals) + 1)
        raise MissingColumnError(
            f"{printable(reader.name)}: {count} columns could hold the review text.",
            f"Candidates: {_listed([column for column in columns if column in (best, *rivals)])}.",
            "Choose with --text-column.",
        )
    return (best,), "header" if score_header(best, "text") > 0 else "content"


def _text_score(column: str, profile: ColumnProfile) -> float:
    """Weigh a column's name against its content; without content the name decides alone."""
    by_header = score_header(column, "text")
    if profile.values:
        return by_header + _PROSE_WEIGHT * profile.prose
    return by_header + (_NO_CONTENT if profile.rows else 0.0)


def _find_pair(columns: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> tuple[str, ...]:
    """Find the one column of what was liked and the one of what was not, where both hold words."""
    halves = [column for column in columns if profiles[column].prose >= 0]
    positive = [column for column in halves if polarity_of(column) > 0]
    negative = [column for column in halves if polarity_of(column) < 0]
    return (positive[0], negative[0]) if len(positive) == len(negative) == 1 else ()


def _find_column(role: str, columns: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> str | None:
    """Find the column whose name fits the role best and whose content does not contradict it."""
    scores = {
        column: score_header(column, role) for column in columns if _content_allows(role, profiles[column])
    }
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] > 0 else None


def _content_allows(role: str, profile: ColumnProfile) -> bool:
    """Tell whether what a column holds can play a role at all; an empty column can play any."""
    if not profile.values:
        return True
    match role:
        case "rating":
            return profile.ratings >= 0.5 and profile.dates < 0.5
        case "date":
            return profile.dates >= 0.5 or (profile.words <= 6 and profile.ratings < 0.5)
        case "title" | "product":
            return profile.dates < 0.5 and profile.words <= 40
        case "label":
            return profile.distinct <= 0.5 or profile.values < 50
        case "split":
            return profile.distinct <= 0.5 or profile.values < 10
        case _:
            return True

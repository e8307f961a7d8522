"""Which column of a review file plays which role, and the reviews read by it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from sentiment.errors import MissingColumnError
from sentiment.records import Review
from sentiment.tables.columns.finding import (
    CONTENT_ROLES,
    find_by_content,
    find_by_header,
    find_text,
    is_flag_of_publication,
    list_columns,
)
from sentiment.tables.columns.headers import find_column
from sentiment.tables.columns.profiles import profile_columns
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.cleaning import printable
from sentiment.tables.values.publication import is_reply, is_withheld_state

ROLE_NAMES: Final = (
    "text", "title", "rating", "date", "product", "id", "label", "split", "language", "state",
)  # fmt: skip
"""The roles that a user can name a column for."""

_SEARCH_ORDER: Final = (
    "rating", "title", "date", "label", "split", "language", "id", "product", "state", "parent",
)  # fmt: skip
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
        language: In which language it is, as the platform noted.
        state: Whether it is published (`ok`, `spam`, `Hidden`).
        parent: The row that it answers, 0 for none: WooCommerce keeps replies among reviews.
        reasons: Role to why: `header`, `content`, `named`, or `named in` a mapping.
    """

    text: tuple[str, ...]
    title: str | None
    rating: str | None
    date: str | None
    product: str | None
    id: str | None
    label: str | None
    split: str | None
    language: str | None
    state: str | None
    parent: str | None
    reasons: Mapping[str, str]

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Give the columns of each role that has any, in the order of `ROLE_NAMES`."""
        single = {role: getattr(self, role) for role in (*ROLE_NAMES[1:], "parent")}
        return {"text": self.text} | {role: (column,) for role, column in single.items() if column}

    def describe(self) -> str:
        """Say it in one line: `text: body (header) · rating: stars (header)`."""
        return " · ".join(
            f"{role}: {printable(' + '.join(columns))} ({self.reasons[role]})"
            for role, columns in self.columns().items()
        )


@dataclass(frozen=True)
class ColumnChoices:
    """Columns as a user names them: None leaves a role to be found, `none` (in any casing) leaves it out.

    Attributes:
        mappings: Role to the mapping file that names its column, for those that no flag names.
    """

    text: tuple[str, ...] = ()
    title: str | None = None
    rating: str | None = None
    date: str | None = None
    product: str | None = None
    id: str | None = None
    label: str | None = None
    split: str | None = None
    language: str | None = None
    state: str | None = None
    mappings: Mapping[str, str] = field(default_factory=dict)


NO_CHOICES: Final = ColumnChoices()

_FINDERS: Final = {"header": find_by_header, "content": find_by_content}


def resolve_roles(reader: Reader, choices: ColumnChoices = NO_CHOICES) -> Roles:
    """Find the column of each role by header and by content of up to 500 values; one column, one role.

    Raises:
        MissingColumnError: A named column is absent, no column looks like review text, or two do alike.
    """
    found = _named_columns(reader, choices)
    reasons = {role: _reason(role, choices) for role in found}
    free = [column for column in reader.columns if not any(column in columns for columns in found.values())]
    profiles = profile_columns(reader)
    if "text" not in found:
        found["text"], reasons["text"] = find_text(reader, free, profiles)
        free = [column for column in free if column not in found["text"]]
    searches = [("header", role) for role in _SEARCH_ORDER] + [("content", role) for role in CONTENT_ROLES]
    for reason, role in searches:
        # Numbers from 1 to 5 beside known labels would be taken for labels as well.
        if role in found or (reason == "content" and role == "rating" and found.get("label")):
            continue
        column = _FINDERS[reason](role, free, profiles)
        if column is not None:
            found[role], reasons[role] = (column,), reason
            free.remove(column)
    single = {role: next(iter(found.get(role, ())), None) for role in _SEARCH_ORDER}
    return Roles(text=found["text"], reasons=reasons, **single)


def iter_reviews(reader: Reader, roles: Roles) -> Iterator[Review]:
    """Iterate over the reviews of a file, lazily and in order; each holds its whole source row."""
    place = {column: position for position, column in enumerate(reader.columns)}
    texts = [place[column] for column in roles.text]
    optional = [roles.title, roles.rating, roles.date, roles.product, roles.id, roles.language]
    # One slot behind the row's end gives None for every role without a column.
    pick = itemgetter(*[len(reader.columns) if column is None else place[column] for column in optional])
    first_text = texts[0]
    withheld_tests = _withheld_tests(place, roles)
    for number, row in enumerate(reader.rows()):
        title, rating, date, product, id_, language = pick((*row, None))
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
            language if language is None or isinstance(language, str) else cell_text(language),
            any(test(row) for test in withheld_tests) if withheld_tests else False,
            row,
        )


def _withheld_tests(place: Mapping[str, int], roles: Roles) -> list[Callable[[Sequence[object]], bool]]:
    """Give what tells that a row is not published; nothing where no column says anything about it."""
    tests: list[Callable[[Sequence[object]], bool]] = []
    if roles.state:
        state, is_flag = place[roles.state], is_flag_of_publication(roles.state)
        tests.append(lambda row: is_withheld_state(cell_text(row[state]), is_flag=is_flag))
    if roles.parent and roles.rating:  # where nobody rates, a missing rating does not mark a shop's reply
        parent, rating = place[roles.parent], place[roles.rating]
        tests.append(lambda row: is_reply(cell_text(row[parent]), cell_text(row[rating])))
    return tests


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
            named[role] = tuple(_look_up(reader, name, role, choices) for name in names)
    return named


def _reason(role: str, choices: ColumnChoices) -> str:
    mapping = choices.mappings.get(role)
    return f"named in {printable(mapping)}" if mapping else "named"


def _look_up(reader: Reader, name: str, role: str, choices: ColumnChoices) -> str:
    column = find_column(name, reader.columns)
    if column is None:
        mapping = choices.mappings.get(role)
        namer = f", the {role} column of {printable(mapping)}" if mapping else ""
        raise MissingColumnError(
            f"{printable(reader.name)}: no column named '{printable(name)}'{namer}.",
            f"Found: {list_columns(reader.columns)}.",
            f"Name the right one with --{role}-column.",
        )
    return column

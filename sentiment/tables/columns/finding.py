"""Which column fits a role best, by its name and by what it holds."""

from collections.abc import Mapping, Sequence
from typing import Final

from sentiment.errors import MissingColumnError
from sentiment.tables.columns.aliases import FLAGS_OF_PUBLICATION
from sentiment.tables.columns.headers import (
    PHRASE,
    ends_in,
    normalise_header,
    polarity_of,
    repeated_name,
    score_header,
)
from sentiment.tables.columns.profiles import ColumnProfile
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cleaning import printable
from sentiment.tables.wording import first_few

_PROSE_WEIGHT: Final = 0.6
_LEAST_TEXT_SCORE: Final = 0.4
_NEAR_TIE: Final = 0.1
_NO_CONTENT: Final = -0.5
_GENERAL_TEXT: Final = 0.65
_SOME_PROSE: Final = 0.25
"""What two words a value come to."""
_ANSWER_PROSE: Final = 0.5
"""What four words a value come to: an answer that says something."""
_MOST_NAMES_SHOWN: Final = 40
_ENOUGH_VALUES: Final = 20
"""Fewer values than these tell nothing by themselves."""
_NEARLY_ALL: Final = 0.95
_LEAST_STARS: Final = 4
_LEAST_MEAN_STARS: Final = 2.5
_MOST_LANGUAGES: Final = 60

CONTENT_ROLES: Final = ("rating", "date", "language")
"""Roles that are looked for by content alone where no name fits."""


def find_text(
    reader: Reader, columns: Sequence[str], profiles: Mapping[str, ColumnProfile]
) -> tuple[tuple[str, ...], str]:
    """Find the column of the review text, or the columns: a pair such as pros and cons stays together.

    Returns:
        The columns, and why: `header` or `content`.

    Raises:
        MissingColumnError: No column looks like it, or two do alike.
    """
    names = {column: repeated_name(column, reader.columns) for column in columns}
    scores = {column: _text_score(names[column], profiles[column]) for column in columns}
    pair = _find_pair(columns, profiles)
    candidates = [column for column in columns if scores[column] >= _LEAST_TEXT_SCORE and column not in pair]
    plain = {column: scores[column] - _vagueness(names[column], profiles[column]) for column in candidates}
    # A question answered in few words gives way to another column that asks for texts, not to any prose.
    if candidates and score_header(names[max(candidates, key=plain.__getitem__)], "text") > 0:
        scores = plain
    candidates.sort(key=lambda column: -scores[column])
    if pair:
        general = [column for column in candidates if score_header(column, "text") > _GENERAL_TEXT]
        return (*general[:1], *pair), "header"
    if not candidates:
        raise MissingColumnError(
            f"{printable(reader.name)}: no column looks like review text.",
            f"Found: {list_columns(reader.columns)}.",
            "Name it with --text-column, or say --header none where the first row is a review.",
        )
    best, *others = candidates
    rivals = [
        column
        for column in others
        if scores[best] - scores[column] < _NEAR_TIE
        # Which of two columns of one name holds shorter texts does not tell which is meant.
        or (
            normalise_header(names[best]) == normalise_header(names[column])
            and profiles[column].prose >= _SOME_PROSE
        )
    ]
    if rivals:
        count = "two" if len(rivals) == 1 else str(len(rivals) + 1)
        raise MissingColumnError(
            f"{printable(reader.name)}: {count} columns could hold the review text.",
            f"Candidates: {list_columns([column for column in columns if column in (best, *rivals)])}.",
            "Choose with --text-column.",
        )
    return (best,), "header" if score_header(names[best], "text") > 0 else "content"


def list_columns(columns: Sequence[str]) -> str:
    """Name columns in a message, the first forty of many."""
    return first_few([printable(column) for column in columns], _MOST_NAMES_SHOWN)


def find_by_header(role: str, columns: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> str | None:
    """Find the column whose name fits the role best and whose content does not contradict it."""
    scores = {
        column: score_header(column, role)
        for column in columns
        if _content_allows(role, column, profiles[column])
    }
    best = max(scores, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] > 0 else None


def find_by_content(role: str, columns: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> str | None:
    """Find the one column whose content can hardly be anything else; None where there is none, or several.

    A column needs 20 values, and a name that does not speak against the role.

    - rating: numbers or stars from 1 to 5 and nothing else, both ends and two more of them, at least 2.5 on
      average. Quantities and sizes, which may look alike, have low averages or names that are known.
    - date: dates, but for one in twenty values; a mere number of seconds is no proof.
    - language: language codes in lower case, more than one of them. (In capitals they could be countries.)
    """
    fitting = [
        column
        for column in columns
        if profiles[column].values >= _ENOUGH_VALUES
        and _is_certain(role, profiles[column])
        and score_header(column, role) >= 0
    ]
    return fitting[0] if len(fitting) == 1 else None


def is_flag_of_publication(column: str) -> bool:
    """Tell a state column whose 0, no and false mean that a review is not published, by its name."""
    return ends_in(column, FLAGS_OF_PUBLICATION)


def _text_score(column: str, profile: ColumnProfile) -> float:
    """Weigh a column's name against its content; without content the name decides alone."""
    by_header = score_header(column, "text")
    if profile.values:
        return by_header + _PROSE_WEIGHT * profile.prose
    return by_header + (_NO_CONTENT if profile.rows else 0.0)


def _vagueness(column: str, profile: ColumnProfile) -> float:
    """Take back what a question counts for where it is answered in few words: `Anything else?`, "No"."""
    if not profile.values or score_header(column, "text") != PHRASE:
        return 0.0
    return PHRASE * (1 - min(1.0, max(0.0, profile.prose) / _ANSWER_PROSE))


def _find_pair(columns: Sequence[str], profiles: Mapping[str, ColumnProfile]) -> tuple[str, ...]:
    """Find the one column of what was liked and the one of what was not, where both hold words."""
    halves = [column for column in columns if profiles[column].prose >= 0]
    positive = [column for column in halves if polarity_of(column) > 0]
    negative = [column for column in halves if polarity_of(column) < 0]
    return (positive[0], negative[0]) if len(positive) == len(negative) == 1 else ()


def _content_allows(role: str, column: str, profile: ColumnProfile) -> bool:
    """Tell whether what a column holds can play a role at all; an empty column can play any."""
    if not profile.values:
        return True
    match role:
        case "rating":
            # Days are ratings that a spreadsheet spoiled: the column is found, so that somebody says so.
            return profile.ratings + profile.days >= 0.5 and profile.dates < 0.5
        case "date":
            return profile.dates >= 0.5 or (profile.words <= 6 and profile.ratings < 0.5)
        case "title" | "product":
            return profile.dates < 0.5 and profile.words <= 40
        case "label":
            return profile.distinct <= 0.5 or profile.values < 50
        case "split":
            return profile.distinct <= 0.5 or profile.values < 10
        case "language":
            return profile.languages >= 0.5 and (profile.distinct <= 0.5 or profile.values < 50)
        case "state":
            is_flag = is_flag_of_publication(column) and profile.words <= 2 and profile.dates < 0.5
            return is_flag or profile.states >= 0.5 or profile.withheld > 0
        case _:
            return True


def _is_certain(role: str, profile: ColumnProfile) -> bool:
    match role:
        case "rating":
            has_both_ends = {1.0, 5.0} <= profile.stars
            return (
                has_both_ends
                and len(profile.stars) >= _LEAST_STARS
                and profile.mean_stars >= _LEAST_MEAN_STARS
            )
        case "date":
            return profile.dates - profile.epochs >= _NEARLY_ALL
        case "language":
            return 1 < len(profile.codes) <= _MOST_LANGUAGES and profile.distinct <= 0.5
        case _:
            return False

"""What inspect found, as a page for people."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from sentiment.inspecting.examples import Example, show
from sentiment.inspecting.files import describe_content, describe_files, list_notes
from sentiment.inspecting.findings import DateFindings, Findings, RatingFindings
from sentiment.records import ReviewStatus
from sentiment.tables import ROLE_NAMES, Reader, Roles, printable
from sentiment.tables.columns.profiles import profile_columns
from sentiment.tables.wording import count

_NAME_WIDTH: Final = 16
_VALUE_WIDTH: Final = 94
_BAR_WIDTH: Final = 40
_MOST_LANGUAGES: Final = 8
_TRAINING_ROLES: Final = ("label", "split")

Fact = tuple[str, str]
"""A name and a value; the name is empty on the lines behind the first."""


def render_page(reader: Reader, roles: Roles, findings: Findings, *, masked: bool) -> str:
    """Lay out everything that was found, a fact a line, and ten example rows; safe for a terminal.

    Args:
        reader: The files.
        roles: Their columns.
        findings: What their reviews hold.
        masked: Whether personal data in the example rows is masked.
    """
    blocks: list[Iterable[Fact]] = [
        describe_files(reader),
        _describe_roles(reader, roles),
        _describe_ratings(findings.ratings) if findings.ratings else (),
        [*_describe_dates(findings.dates), *_describe_languages(findings)],
        _describe_rows(findings),
        _describe_notes(list_notes(reader, roles)),
    ]
    examples = [show(review, masked=masked) for review in findings.examples]
    return "\n\n".join(filter(None, [*map(_lay_out, blocks), _lay_out_examples(examples, masked=masked)]))


def render_unresolved(reader: Reader) -> str:
    """Lay out what is known of files whose text column cannot be told: format, rows and what columns hold."""
    profiles = profile_columns(reader)
    width = max((len(printable(column)) for column in reader.columns), default=0)
    columns = [
        (
            "column" if number == 0 else "",
            f"{printable(column):<{width}}  {describe_content(profiles[column])}",
        )
        for number, column in enumerate(reader.columns)
    ]
    blocks: list[Iterable[Fact]] = [describe_files(reader), columns, _describe_notes(reader.receipt.notes)]
    return "\n\n".join(filter(None, map(_lay_out, blocks)))


def _lay_out(block: Iterable[Fact]) -> str:
    """Put names at the left and values behind them, long values on several lines."""
    lines = []
    for name, value in block:
        parts = [value] if len(value) <= _VALUE_WIDTH else textwrap.wrap(value, _VALUE_WIDTH)
        lines += [f"{head:<{_NAME_WIDTH}}{part}" for head, part in zip_longest([name], parts, fillvalue="")]
    return "\n".join(lines)


def _describe_roles(reader: Reader, roles: Roles) -> Iterator[Fact]:
    columns = roles.columns()
    for role, names in columns.items():
        yield role, f"{' + '.join(map(printable, names))}  ({_why(roles.reasons[role])})"
    lacking = [role for role in ROLE_NAMES if role not in columns and role not in _TRAINING_ROLES]
    if lacking:
        yield "no column for", ", ".join(lacking)
    used = {name for names in columns.values() for name in names}
    unused = [printable(column) for column in reader.columns if column not in used]
    if unused:
        yield "not used", ", ".join(unused)


def _why(reason: str) -> str:
    return {"header": "by its name", "content": "by what it holds"}.get(reason, reason)


def _describe_ratings(ratings: RatingFindings) -> Iterator[Fact]:
    if ratings.scale is None:
        yield "rating scale", f"none: {ratings.reason}"
        return
    yield "rating scale", f"{ratings.scale.span}  ({ratings.reason})"
    for other in ratings.others:
        yield "", f"of {other.file_names}: {other.span}  ({other.reason})"
    total, most = sum(ratings.stars.values()), max(ratings.stars.values())
    for stars, number in ratings.stars.items():
        bar = "#" * round(_BAR_WIDTH * number / most) if most else ""
        name = "stars" if stars == max(ratings.stars) else ""
        yield name, f"{stars}  {number:>9,}  {_share(number, total):>6}  {bar}".rstrip()
    if ratings.unread:
        yield "", f"{count(ratings.unread, 'cell')} with no rating of that scale"


def _describe_dates(dates: DateFindings | None) -> Iterator[Fact]:
    if dates is None:
        return
    if dates.order is None:
        yield "dates", f"not read: {dates.reason}"
        return
    span = "" if not dates.first or not dates.last else f"{dates.first:%Y-%m-%d} to {dates.last:%Y-%m-%d}, "
    order = {True: "day before month: ", False: "month before day: ", None: ""}[dates.order.day_first]
    yield "dates", f"{span}{order}{dates.reason}"
    if dates.unread:
        yield "", f"{count(dates.unread, 'cell')} with no date of that order"


def _describe_languages(findings: Findings) -> Iterator[Fact]:
    total = sum(findings.languages.values())
    if not total:
        return
    shown = [
        f"{language or 'not sure'} {number:,} ({_share(number, total)})"
        for language, number in list(findings.languages.items())[:_MOST_LANGUAGES]
    ]
    others = len(findings.languages) - _MOST_LANGUAGES
    yield "languages", ", ".join(shown) + (f" and {count(others, 'other')}" if others > 0 else "")


def _describe_rows(findings: Findings) -> Iterator[Fact]:
    """Give what there is to know of rows that are not ordinary ones."""
    statuses = findings.statuses
    yield "empty", f"{statuses.get(ReviewStatus.EMPTY, 0):,}"
    yield "no words", f"{statuses.get(ReviewStatus.NO_WORDS, 0):,}"
    yield "duplicates", f"{'' if findings.repeats_are_exact else 'about '}{findings.repeats:,}"
    withheld = (
        "  (spam, hidden, a survey's test or a shop's reply; kept, not scored)" if findings.withheld else ""
    )
    yield "not published", f"{findings.withheld:,}{withheld}"
    kinds = [f"{kind} in {count(number, 'review')}" for kind, number in findings.personal_data.items()]
    yield "personal data", ", ".join(kinds) or "none found in the reviews"
    if findings.personal_columns:
        columns = [f"{printable(column)} ({kind})" for column, kind in findings.personal_columns.items()]
        yield "", f"columns that hold it: {', '.join(columns)}"


def _describe_notes(notes: Iterable[str]) -> Iterator[Fact]:
    for note in notes:
        yield "note", printable(note)


def _lay_out_examples(examples: list[Example], *, masked: bool) -> str:
    if not examples:
        return ""
    head = "examples" + (" (personal data masked; --show-personal-data shows it)" if masked else "")
    rows = [(f"{example.row:,}", example.rating, example.date, example.text) for example in examples]
    columns = [[cell or "" for cell in column] for column in zip(*rows, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    aligned = [
        [cell.rjust(width) if place == 0 else cell.ljust(width) for cell in column]
        for place, (column, width) in enumerate(zip(columns, widths, strict=True))
        if width
    ]
    return "\n".join([head, *("  " + "  ".join(cells).rstrip() for cells in zip(*aligned, strict=True))])


def _share(number: int, total: int) -> str:
    return f"{number / total:.1%}" if total else ""

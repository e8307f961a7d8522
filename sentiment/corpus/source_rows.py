"""The rows of one source of labelled reviews: which columns count, and what stands in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sentiment.corpus.labelling import (
    CORRECT_OR_NAME_COLUMN,
    CORRECT_OR_NAME_SCHEME,
    CORRECTED_LABEL,
    LabelReading,
    is_blank_label,
    read_corrections,
    read_labels,
)
from sentiment.errors import LabelError, MissingColumnError
from sentiment.records import ReviewStatus
from sentiment.tables import (
    ColumnChoices,
    Reader,
    Roles,
    cell_text,
    compose_text,
    iter_reviews,
    printable,
    resolve_roles,
    review_status,
)
from sentiment.tables.columns.headers import find_column

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
_LABEL_CHARACTERS = 40
"""As much of a text cell as a label could have."""


@dataclass(frozen=True)
class LabelledColumns:
    """Which columns of labelled data play which role; what is empty is found.

    Attributes:
        text: Text columns.
        title: Title column, or `none`.
        label: Label columns; the first that is filled counts in each row.
        as_names: Take labels as names of their own, whatever they look like.
        group: Column whose equal values belong together; it is never looked for.
        has_scheme_flag: Whether who names them can choose a label scheme, too.
    """

    text: tuple[str, ...] = ()
    title: str | None = None
    label: tuple[str, ...] = ()
    as_names: bool = False
    group: str | None = None
    has_scheme_flag: bool = True


@dataclass(frozen=True)
class SourceColumns:
    """The columns of one source by what they are used for.

    Attributes:
        roles: Text, title, split and the rest.
        labels: Label columns.
        group: Column whose equal values belong together, or None.
    """

    roles: Roles
    labels: tuple[str, ...]
    group: str | None

    @property
    def parts(self) -> tuple[str, ...]:
        """The columns that are joined to the text; none where one column is the whole text."""
        roles = self.roles
        joined = (roles.title, *roles.text) if roles.title else roles.text
        return joined if len(joined) > 1 else ()


class SourceRow(NamedTuple):
    """A row as read, before its label is understood.

    Attributes:
        row: 0-based position among the data rows.
        text: What the model reads: title and body, cleaned.
        has_words: Whether there is anything to read in it.
        cells: Its label cells.
        split: `train`, `validation`, `test`, or None where the source does not say.
        group: What its group is called, or None.
        parts: The beginnings of the cells that were joined to the text (`SourceColumns.parts`).
        is_withheld: Whether its platform does not publish it, or it is a shop's reply.
    """

    row: int
    text: str
    has_words: bool
    cells: list[str]
    split: str | None
    group: str | None
    parts: list[str]
    is_withheld: bool = False


def resolve_columns(reader: Reader, columns: LabelledColumns) -> SourceColumns:
    """Find the columns of a source.

    Raises:
        MissingColumnError: A named column is absent, or no column looks like text or labels.
    """
    group = None if columns.group is None else _find_group_column(reader, columns.group)
    roles = resolve_roles(
        reader,
        ColumnChoices(columns.text, columns.title, label=next(iter(columns.label), None), product=group),
    )
    labels = _find_label_columns(reader, roles, columns.label)
    if roles.title in labels:  # a label that went into the text would give itself away
        roles = replace(roles, title=None)
    return SourceColumns(roles, labels, group)


def iter_rows(reader: Reader, source: SourceColumns, split: str | None = None) -> Iterator[SourceRow]:
    """Iterate over the rows of a source, lazily.

    Args:
        reader: It has the columns of the source.
        source: Which of them count.
        split: Put every row into this split, whatever a split column says.

    Raises:
        LabelError: A split that is not known.
    """
    place = {column: position for position, column in enumerate(reader.columns)}
    labels = [place[column] for column in source.labels]
    parts = [place[column] for column in source.parts]
    split_place = place[source.roles.split] if source.roles.split and split is None else None
    group_place = None if source.group is None else place[source.group]
    for review in iter_reviews(reader, source.roles):
        text, cells = compose_text(review.title, review.text), review.cells
        yield SourceRow(
            row=review.row,
            text=text,
            has_words=review_status(text) is ReviewStatus.OK,
            cells=[cell_text(cells[i]) for i in labels],
            split=split or (None if split_place is None else _split_of(cells[split_place], reader.name)),
            group=None if group_place is None else _group_of(cells[group_place]),
            parts=[cell_text(cells[i])[:_LABEL_CHARACTERS] for i in parts],
            is_withheld=review.is_withheld,
        )


def read_label(cells: Sequence[str], readings: Mapping[int, LabelReading]) -> str | None:
    """Give the label of a row: that of its first cell that is filled; None where there is none."""
    return next(
        (reading.label(cells[i]) for i, reading in readings.items() if not is_blank_label(cells[i])), None
    )


def describe_columns(source: SourceColumns, readings: Mapping[int, LabelReading]) -> str:
    """Say in one line which columns are read, and how the labels are."""
    used = ", ".join(f"{source.labels[i]} ({reading.reason})" for i, reading in readings.items())
    if len(readings) > 1:
        used += "; the first that is filled counts in each row (--label-column names one)"
    return f"{source.roles.describe()} · labels: {used}"


def _split_of(cell: object, where: str) -> str | None:
    name = cell_text(cell).strip()
    if not name:
        return None
    if name.casefold() not in SPLIT_NAMES:
        raise LabelError(
            f"{where}: unknown split '{printable(name)}'.", remedy="Known: train, validation, test."
        )
    return SPLIT_NAMES[name.casefold()]


def _group_of(cell: object) -> str | None:
    name = cell_text(cell).strip()
    return None if is_blank_label(name) else name


def _find_group_column(reader: Reader, named: str) -> str:
    column = find_column(named, reader.columns)
    if column is None:
        raise MissingColumnError(
            f"{reader.name}: no column named '{printable(named)}'.",
            f"Found: {', '.join(map(printable, reader.columns))}.",
            "Name the right one with --group-column.",
        )
    return column


def _find_label_columns(reader: Reader, roles: Roles, named: tuple[str, ...]) -> tuple[str, ...]:
    found = {column: find_column(column, reader.columns) for column in named}
    columns = tuple(column for column in found.values() if column)
    missing = [column for column in named if not found[column]]
    if not named:
        corrected = CORRECTED_LABEL if CORRECTED_LABEL in reader.columns else None
        columns = tuple(dict.fromkeys(filter(None, (corrected, roles.rating, roles.label))))
    if missing or not columns:
        what = f"no column named '{missing[0]}'" if missing else "no column looks like labels or ratings"
        raise MissingColumnError(
            f"{reader.name}: {what}.",
            f"Found: {', '.join(map(printable, reader.columns))}.",
            "Name the right one with --label-column.",
        )
    return columns


def choose_readings(
    source: SourceColumns,
    cells: Sequence[Sequence[str]],
    columns: LabelledColumns,
    where: str,
    rows: Sequence[int] = (),
) -> dict[int, LabelReading]:
    """Read every label column that is not empty; of found ones, keep those that speak of sentiment.

    Args:
        source: The columns of the source.
        cells: The label cells of every row that has words.
        columns: What the user named.
        where: What messages call the source.
        rows: The 0-based data rows of the cells; may be empty.

    Returns:
        Position among the label columns to how its cells are read.

    Raises:
        LabelError: A column mixes sentiments or ratings with something else.
    """
    names = source.labels
    readings: dict[int, LabelReading] = {}
    for i in reversed(range(len(names))):  # what is corrected is read before its corrections
        own = [row[i] for row in cells]
        try:
            if names[i] == CORRECTED_LABEL and readings:
                behind = min(readings)
                corrected = [row[behind] for row in cells]
                reading = read_corrections(own, corrected, readings[behind])
            else:
                remedy = CORRECT_OR_NAME_SCHEME if columns.has_scheme_flag else CORRECT_OR_NAME_COLUMN
                reading = read_labels(own, as_names=columns.as_names, rows=rows, remedy=remedy)
        except LabelError as error:
            raise LabelError(f"{where}: column {printable(names[i])}: {error}") from error
        if reading.labels:
            readings[i] = reading
    readings = dict(sorted(readings.items()))
    if not columns.label and len(readings) > 1:
        speaking = {i: reading for i, reading in readings.items() if reading.kind != "names"}
        return speaking or dict([readings.popitem()])
    return readings

"""Labelled reviews from files and from `datasets` ids, through the same readers and roles that score."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from sentiment.corpus.dataset_reader import open_dataset
from sentiment.corpus.labelling import LabelReading, is_blank_label, read_labels
from sentiment.errors import EmptyDatasetError, LabelError, MissingColumnError
from sentiment.records import ReviewStatus
from sentiment.tables import (
    ColumnChoices,
    Reader,
    Roles,
    cell_text,
    compose_text,
    iter_reviews,
    open_reader,
    printable,
    resolve_roles,
    review_status,
)
from sentiment.tables.headers import find_column

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


@dataclass
class LabelledReviews:
    """Labelled reviews in columns, one entry a review.

    Attributes:
        texts: What the model reads: title and body, cleaned.
        labels: Labels as read: star names, sentiments, or names of their own.
        splits: `train`, `validation`, `test`, or None where the source does not say.
        sources: Name of the file or data set.
        kinds: The kinds of label that were met (`LabelReading.kind`).
        notes: What was left out and how columns were read, for the log.
    """

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    def select(self, indices: Iterable[int]) -> Self:
        """Give the reviews at these positions; kinds and notes are shared."""
        rows = list(indices)
        return replace(
            self,
            texts=[self.texts[i] for i in rows],
            labels=[self.labels[i] for i in rows],
            splits=[self.splits[i] for i in rows],
            sources=[self.sources[i] for i in rows],
        )

    def extend(self, other: "LabelledReviews") -> None:
        """Append the reviews of another source."""
        self.texts += other.texts
        self.labels += other.labels
        self.splits += other.splits
        self.sources += other.sources
        self.kinds |= other.kinds
        self.notes += other.notes


@dataclass(frozen=True)
class LabelledColumns:
    """Which columns of labelled data play which role; what is empty is found.

    Attributes:
        text: Text columns.
        title: Title column, or `none`.
        label: Label columns; the first that is filled counts in each row.
        as_names: Take labels as names of their own, whatever they look like.
    """

    text: tuple[str, ...] = ()
    title: str | None = None
    label: tuple[str, ...] = ()
    as_names: bool = False


def load_files(
    paths: Sequence[str], columns: LabelledColumns, *, split: str | None = None
) -> LabelledReviews:
    """Load labelled files, one after the other.

    Args:
        paths: Files of any format that `sentiment.tables` reads.
        columns: Column choices, the same for every file.
        split: Put every row into this split, whatever a split column says.

    Raises:
        DataError: A file cannot be read, has no text or label column, or no labelled review.
    """
    reviews = LabelledReviews()
    for path in paths:
        with open_reader(path) as reader:
            reviews.extend(_load([(reader, split)], columns, source=Path(path).stem))
    return reviews


def load_dataset_id(name: str, configuration: str | None, columns: LabelledColumns) -> LabelledReviews:
    """Load a data set through `datasets`; its split names are obeyed.

    Splits other than train, validation and test are left out, and said so.

    Raises:
        DataError: It cannot be loaded, has no text or label column, or no labelled review.
    """
    readers = open_dataset(name, configuration)
    known = {split: reader for split, reader in readers.items() if split in SPLIT_NAMES}
    if not known:
        raise EmptyDatasetError(
            f"{name}: no split to train on.",
            f"Found: {', '.join(readers)}.",
            "Known: train, validation, test.",
        )
    reviews = _load([(reader, SPLIT_NAMES[split]) for split, reader in known.items()], columns, source=name)
    reviews.notes += [f"{name}: split {split} is left out." for split in readers if split not in known]
    return reviews


def _load(
    parts: Sequence[tuple[Reader, str | None]], columns: LabelledColumns, source: str
) -> LabelledReviews:
    """Load a source: one file, or the splits of a data set, whose labels are read together."""
    first, _ = parts[0]
    roles = resolve_roles(
        first, ColumnChoices(text=columns.text, title=columns.title, label=next(iter(columns.label), None))
    )
    label_columns = _label_columns(first, roles, columns.label)
    rows = _Rows()
    for reader, split in parts:
        rows.read(reader, roles, label_columns, split)
    readings = _choose_readings(label_columns, rows.cells, columns, where=first.name)
    loaded = rows.labelled(readings, source)
    if not loaded.texts:
        raise EmptyDatasetError(
            f"{first.name}: no labelled review.",
            f"{len(rows.texts)} rows have words.",
            "Look at --text-column and --label-column.",
        )
    used = ", ".join(f"{label_columns[i]} ({reading.reason})" for i, reading in readings.items())
    described = f"{first.name}: {roles.describe()} · labels: {used}"
    loaded.notes = [described, *first.receipt.notes, *loaded.notes]
    return loaded


def _split_of(cell: object, where: str) -> str | None:
    name = cell_text(cell).strip()
    if not name:
        return None
    if name.casefold() not in SPLIT_NAMES:
        raise LabelError(
            f"{where}: unknown split '{printable(name)}'.", remedy="Known: train, validation, test."
        )
    return SPLIT_NAMES[name.casefold()]


def _label_columns(reader: Reader, roles: Roles, named: tuple[str, ...]) -> tuple[str, ...]:
    found = {column: find_column(column, reader.columns) for column in named}
    columns = tuple(column for column in found.values() if column)
    missing = [column for column in named if not found[column]]
    if not named:
        columns = tuple(column for column in (roles.rating, roles.label) if column)
    if missing or not columns:
        what = f"no column named '{missing[0]}'" if missing else "no column looks like labels or ratings"
        raise MissingColumnError(
            f"{reader.name}: {what}.",
            f"Found: {', '.join(map(printable, reader.columns))}.",
            "Name the right one with --label-column.",
        )
    return columns


def _choose_readings(
    names: Sequence[str], cells: Sequence[Sequence[str]], columns: LabelledColumns, where: str
) -> dict[int, LabelReading]:
    """Read every label column that is not empty; of found ones, keep those that speak of sentiment."""
    readings: dict[int, LabelReading] = {}
    for i, name in enumerate(names):
        try:
            reading = read_labels((row[i] for row in cells), as_names=columns.as_names)
        except LabelError as error:
            raise LabelError(f"{where}: column {printable(name)}: {error}") from error
        if reading.labels:
            readings[i] = reading
    if not columns.label and len(readings) > 1:
        speaking = {i: reading for i, reading in readings.items() if reading.kind != "names"}
        return speaking or dict([readings.popitem()])
    return readings


@dataclass
class _Rows:
    """The reviews of one source as read, before their labels are understood."""

    texts: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def read(self, reader: Reader, roles: Roles, label_columns: Sequence[str], split: str | None) -> None:
        places = [reader.columns.index(column) for column in label_columns]
        split_place = reader.columns.index(roles.split) if roles.split and split is None else None
        for review in iter_reviews(reader, roles):
            text = compose_text(review.title, review.text)
            if review_status(text) is not ReviewStatus.OK:
                self.dropped["have no words"] += 1
                continue
            self.texts.append(text)
            self.cells.append([cell_text(review.cells[place]) for place in places])
            named = None if split_place is None else _split_of(review.cells[split_place], reader.name)
            self.splits.append(split or named)

    def labelled(self, readings: Mapping[int, LabelReading], source: str) -> LabelledReviews:
        result = LabelledReviews(kinds={reading.kind for reading in readings.values()})
        for text, cells, split in zip(self.texts, self.cells, self.splits, strict=True):
            label = next(
                (readings[i].label(cells[i]) for i in readings if not is_blank_label(cells[i])), None
            )
            if label is None:
                self.dropped["have no label"] += 1
                continue
            result.texts.append(text)
            result.labels.append(label)
            result.splits.append(split)
            result.sources.append(source)
        result.notes = [
            f"{source}: {count} rows {why} and are left out." for why, count in self.dropped.items()
        ]
        return result

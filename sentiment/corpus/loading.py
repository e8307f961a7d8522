"""Labelled reviews from files and from `datasets` ids, through the same readers and roles that score."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from sentiment.corpus.labelling import LabelReading, is_blank_label, read_labels
from sentiment.errors import EmptyDatasetError, FileFormatError, LabelError, MissingColumnError
from sentiment.records import Review, ReviewStatus
from sentiment.tables import (
    ColumnChoices,
    Reader,
    ReadReceipt,
    Roles,
    compose_text,
    iter_reviews,
    open_reader,
    resolve_roles,
    review_status,
)

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
    """

    text: tuple[str, ...] = ()
    title: str | None = None
    label: tuple[str, ...] = ()


def load_files(paths: Sequence[str], columns: LabelledColumns, *, split: str | None = None) -> LabelledReviews:
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
            reviews.extend(_load(reader, columns, split, source=Path(path).stem))
    return reviews


def load_dataset_id(name: str, configuration: str | None, columns: LabelledColumns) -> LabelledReviews:
    """Load a data set through `datasets`; its split names are obeyed, others than train, validation and test left out.

    Raises:
        DataError: It cannot be loaded, has no text or label column, or no labelled review.
    """
    import datasets

    try:
        loaded = datasets.load_dataset(name, configuration)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise FileFormatError(
            f"{name}: the data set cannot be loaded.", f"({type(error).__name__}: {error})", "Is the id right, and the hub in reach?"
        ) from error
    reviews = LabelledReviews()
    for split_name, rows in loaded.items():
        split = SPLIT_NAMES.get(str(split_name))
        if split is None:
            reviews.notes.append(f"{name}: split {split_name} is left out.")
            continue
        reviews.extend(_load(DatasetReader(name, rows), columns, split, source=name))
    return reviews


class DatasetReader:
    """One split of a `datasets` data set as a Reader, class ids spelled as their names."""

    format = "dataset"

    def __init__(self, name: str, rows: Any) -> None:
        self.name = name
        self.columns = tuple(rows.column_names)
        self.receipt = ReadReceipt(encoding=None, delimiter=None, rows=len(rows), notes=[])
        self._rows = rows
        self._names = [getattr(rows.features[column], "names", None) for column in self.columns]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Pass over the rows once, lazily."""
        for row in self._rows:
            yield tuple(self._cell(row[column], names) for column, names in zip(self.columns, self._names, strict=True))

    def close(self) -> None:
        """Nothing to close: `datasets` maps its files."""

    @staticmethod
    def _cell(value: object, names: list[str] | None) -> object:
        if names is None or not isinstance(value, int):
            return value
        return names[value] if value >= 0 else None  # -1 is the hidden label of GLUE's test splits


def _load(reader: Reader, columns: LabelledColumns, split: str | None, source: str) -> LabelledReviews:
    roles = resolve_roles(reader, ColumnChoices(text=columns.text, title=columns.title))
    label_columns = _label_columns(reader, roles, columns.label)
    positions = [reader.columns.index(column) for column in label_columns]
    split_position = reader.columns.index(roles.split) if roles.split and split is None else None
    rows = _Rows()
    for review in iter_reviews(reader, roles):
        cell = review.cells[split_position] if split_position is not None else None
        rows.add(review, [_text_of(review.cells[p]) for p in positions], split or _split_of(cell, reader.name))
    readings = _choose_readings(label_columns, rows.cells, named=bool(columns.label), where=reader.name)
    loaded = rows.labelled(readings, source)
    used = ", ".join(f"{label_columns[i]} ({reading.reason})" for i, reading in readings.items())
    loaded.notes = [f"{reader.name}: {roles.describe()} · labels: {used}", *reader.receipt.notes, *loaded.notes]
    if not loaded.texts:
        raise EmptyDatasetError(
            f"{reader.name}: no labelled review.", f"{len(rows.texts)} rows were read.", "Look at --text-column and --label-column."
        )
    return loaded


def _text_of(cell: object) -> str:
    return "" if cell is None else str(cell)


def _split_of(cell: object, where: str) -> str | None:
    name = _text_of(cell).strip().casefold()
    if not name:
        return None
    if name not in SPLIT_NAMES:
        raise LabelError(f"{where}: unknown split {name!r}.", remedy="Known: train, validation, test.")
    return SPLIT_NAMES[name]


def _label_columns(reader: Reader, roles: Roles, named: tuple[str, ...]) -> tuple[str, ...]:
    missing = [column for column in named if column not in reader.columns]
    found = named or tuple(column for column in (roles.rating, roles.label) if column)
    if missing or not found:
        what = f"no column named {missing[0]!r}" if missing else "no column looks like labels or ratings"
        raise MissingColumnError(
            f"{reader.name}: {what}.", f"Found: {', '.join(reader.columns)}.", "Name the right one with --label-column."
        )
    return found


def _choose_readings(
    columns: Sequence[str], cells: Sequence[Sequence[str]], *, named: bool, where: str
) -> dict[int, LabelReading]:
    """Read every label column; of columns that were found, not named, those that speak of sentiment are kept."""
    readings: dict[int, LabelReading] = {}
    for i, column in enumerate(columns):
        try:
            readings[i] = read_labels(row[i] for row in cells)
        except LabelError as error:
            raise LabelError(f"{where}: column {column}: {error}") from error
    if not named and len(readings) > 1:
        speaking = {i: reading for i, reading in readings.items() if reading.kind != "names"}
        return speaking or {len(columns) - 1: readings[len(columns) - 1]}
    return readings


@dataclass
class _Rows:
    texts: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def add(self, review: Review, cells: list[str], split: str | None) -> None:
        text = compose_text(review.title, review.text)
        if review_status(text) is not ReviewStatus.OK:
            self.dropped["have no words"] += 1
        else:
            self.texts.append(text)
            self.cells.append(cells)
            self.splits.append(split)

    def labelled(self, readings: dict[int, LabelReading], source: str) -> LabelledReviews:
        result = LabelledReviews(kinds={reading.kind for reading in readings.values()})
        for text, cells, split in zip(self.texts, self.cells, self.splits, strict=True):
            label = next((readings[i].label(cells[i]) for i in readings if not is_blank_label(cells[i])), None)
            if label is None:
                self.dropped["have no label"] += 1
                continue
            result.texts.append(text)
            result.labels.append(label)
            result.splits.append(split)
            result.sources.append(source)
        result.notes = [f"{source}: {count} rows {why} and are left out." for why, count in self.dropped.items()]
        return result

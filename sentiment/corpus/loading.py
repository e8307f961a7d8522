"""Labelled reviews from files and from `datasets` ids, through the same readers and roles that score."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from sentiment.corpus.dataset_reader import open_dataset
from sentiment.corpus.file_names import name_files
from sentiment.corpus.labelling import LabelReading, give_labels_away
from sentiment.corpus.source_rows import (
    SPLIT_NAMES,
    LabelledColumns,
    SourceColumns,
    SourceRow,
    choose_readings,
    describe_columns,
    iter_rows,
    read_label,
    resolve_columns,
)
from sentiment.errors import EmptyDatasetError
from sentiment.tables import Reader, open_reader
from sentiment.tables.wording import count


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
        groups: The product, reviewer or the like whose reviews stay in one split, or None. Left out, no
            review has one.
        rows: 0-based position among the data rows of its source. Left out, the reviews are all there are.
        giveaways: Source and name of columns that are read as text and give the labels away.
        withheld: Whether its platform does not publish it (spam, hidden). Left out, no review is.
        unlabelled: How many more rows with words there were, without a label.
        originals: What each text was before it was changed for training (`augment`). Left out, none was.
    """

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    groups: list[str | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    giveaways: set[tuple[str, str]] = field(default_factory=set)
    withheld: list[bool] = field(default_factory=list)
    unlabelled: int = 0
    originals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.groups = self.groups or [None] * len(self.texts)
        self.rows = self.rows or list(range(len(self.texts)))
        self.withheld = self.withheld or [False] * len(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def as_written(self) -> list[str]:
        """The texts as their writers left them."""
        return self.originals or self.texts

    def select(self, indices: Iterable[int]) -> Self:
        """Give the reviews at these positions; what is known of all of them together is shared."""
        places = list(indices)
        return replace(
            self,
            texts=[self.texts[i] for i in places],
            labels=[self.labels[i] for i in places],
            splits=[self.splits[i] for i in places],
            sources=[self.sources[i] for i in places],
            groups=[self.groups[i] for i in places],
            rows=[self.rows[i] for i in places],
            withheld=[self.withheld[i] for i in places],
            originals=[self.originals[i] for i in places] if self.originals else [],
        )

    def extend(self, other: "LabelledReviews") -> None:
        """Append the reviews of another source."""
        if self.originals or other.originals:
            self.originals = self.as_written + other.as_written
        self.texts += other.texts
        self.labels += other.labels
        self.splits += other.splits
        self.sources += other.sources
        self.groups += other.groups
        self.rows += other.rows
        self.withheld += other.withheld
        self.unlabelled += other.unlabelled
        self.kinds |= other.kinds
        self.notes += other.notes
        self.giveaways |= other.giveaways


def load_files(
    paths: Sequence[str], columns: LabelledColumns, *, split: str | None = None
) -> LabelledReviews:
    """Load labelled files, one after the other, each a source that `name_files` gives its name.

    Args:
        paths: Files of any format that `sentiment.tables` reads.
        columns: Column choices, the same for every file.
        split: Put every row into this split, whatever a split column says.

    Raises:
        DataError: A file cannot be read, has no text or label column, or no labelled review.
    """
    names, reviews = name_files(paths), LabelledReviews()
    for path in paths:
        with open_reader(path) as reader:
            reviews.extend(_load([(reader, split)], columns, source=names[path]))
    return reviews


def load_reader(reader: Reader, columns: LabelledColumns) -> LabelledReviews:
    """Load one labelled file that is open already; see `load_files`."""
    return _load([(reader, None)], columns, source=Path(reader.name).stem)


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
    source_columns = resolve_columns(first, columns)
    rows = LabelledRows(source_columns)
    for reader, split in parts:
        rows.add(iter_rows(reader, source_columns, split))
    places = [row.row for row in rows.rows] if len(parts) == 1 else []
    readings = choose_readings(source_columns, rows.cells, columns, where=first.name, rows=places)
    loaded = rows.labelled(readings, source)
    if not loaded.texts:
        raise EmptyDatasetError(
            f"{first.name}: no labelled review.",
            f"{count(len(rows.rows), 'row has', 'rows have')} words.",
            "Look at --text-column and --label-column.",
        )
    described = f"{first.name}: {describe_columns(source_columns, readings)}"
    loaded.notes = [described, *first.receipt.notes, *loaded.notes]
    return loaded


def note_left_out(source: str, wordless: int, unlabelled: int) -> list[str]:
    """Say which rows of a source were left out, a sentence for each reason that there was."""
    lost = {"words": wordless, "a label": unlabelled}
    return [f"{source}: left out {count(rows, 'row')} without {what}." for what, rows in lost.items() if rows]


@dataclass
class LabelledRows:
    """Rows of one source on their way to labelled reviews, held until their labels are understood.

    Attributes:
        columns: Which columns play which role.
        rows: Those with words.
        wordless: How many had none.
    """

    columns: SourceColumns
    rows: list[SourceRow] = field(default_factory=list)
    wordless: int = 0

    def add(self, rows: Iterable[SourceRow]) -> None:
        """Take rows."""
        for row in rows:
            if row.has_words:
                self.rows.append(row)
            else:
                self.wordless += 1

    @property
    def cells(self) -> list[list[str]]:
        """The label cells of each row."""
        return [row.cells for row in self.rows]

    def labelled(self, readings: Mapping[int, LabelReading], source: str) -> LabelledReviews:
        """Give the rows that have a label; notes count the others."""
        labels = [read_label(row.cells, readings) for row in self.rows]
        kept = [row for row, label in zip(self.rows, labels, strict=True) if label is not None]
        unlabelled = len(labels) - len(kept)
        parts = zip(*(row.parts for row in self.rows), strict=True)
        return LabelledReviews(
            texts=[row.text for row in kept],
            labels=[label for label in labels if label is not None],
            splits=[row.split for row in kept],
            sources=[source] * len(kept),
            kinds={reading.kind for reading in readings.values()},
            notes=note_left_out(source, self.wordless, unlabelled),
            groups=[row.group for row in kept],
            rows=[row.row for row in kept],
            withheld=[row.is_withheld for row in kept],
            unlabelled=unlabelled,
            giveaways={
                (source, column)
                for column, cells in zip(self.columns.parts, parts, strict=False)
                if give_labels_away(cells, labels)
            },
        )

"""Labelled files that are read in passes, never whole: what is in them, then their rows by windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sentiment.corpus.labelling import LabelReading
from sentiment.corpus.loading import LabelledReviews, LabelledRows, note_left_out
from sentiment.corpus.source_rows import (
    LabelledColumns,
    SourceColumns,
    choose_readings,
    describe_columns,
    iter_rows,
    read_label,
    resolve_columns,
)
from sentiment.tables import open_reader

WINDOW_ROWS = 20_000
"""Rows that memory holds at a time."""

_READING_ROWS = 1_000_000
"""Label cells that are looked at together; of more rows, each kind of cell keeps its share."""


@dataclass(frozen=True)
class Shards:
    """Files with the same columns: one data set, whose labels are read together.

    Attributes:
        name: The first file's.
        paths: The files.
        columns: Which columns play which role in all of them.
    """

    name: str
    paths: tuple[str, ...]
    columns: SourceColumns


@dataclass(frozen=True)
class Survey:
    """What one pass over a file finds.

    Attributes:
        cells: How often which label cells stand together, in rows with words.
        splits: How often which split is named.
        wordless: Rows without words.
        notes: What was repaired in reading.
    """

    cells: Counter[tuple[str, ...]]
    splits: Counter[str]
    wordless: int
    notes: Sequence[str]


@dataclass(frozen=True)
class Source:
    """Shards whose labels are understood.

    Attributes:
        shards: The files and their columns.
        readings: Position among the label columns to how its cells are read.
        labels: How often each label occurs, in rows with words.
        notes: What was read how, and what is left out.
    """

    shards: Shards
    readings: Mapping[int, LabelReading]
    labels: Counter[str]
    notes: list[str]


def group_shards(names: Mapping[str, str], columns: LabelledColumns) -> list[Shards]:
    """Put files with the same columns together; roles are found in the first of them.

    Args:
        names: Path to name of each file.
        columns: Column choices, the same for every file.

    Raises:
        DataError: A file cannot be opened, or has no text or label column.
    """
    members: dict[tuple[str, ...], list[str]] = {}
    roles: dict[tuple[str, ...], SourceColumns] = {}
    for path in names:
        with open_reader(path) as reader:
            members.setdefault(reader.columns, []).append(path)
            if reader.columns not in roles:
                roles[reader.columns] = resolve_columns(reader, columns)
    return [Shards(names[paths[0]], tuple(paths), roles[header]) for header, paths in members.items()]


def survey_file(path: str, columns: SourceColumns) -> Survey:
    """Pass over a file once and count."""
    cells: Counter[tuple[str, ...]] = Counter()
    splits: Counter[str] = Counter()
    wordless = 0
    with open_reader(path) as reader:
        for row in iter_rows(reader, columns):
            if not row.has_words:
                wordless += 1
                continue
            cells[tuple(row.cells)] += 1
            if row.split:
                splits[row.split] += 1
        return Survey(cells, splits, wordless, reader.receipt.notes)


def understand_labels(shards: Shards, surveys: Sequence[Survey], columns: LabelledColumns) -> Source:
    """Read the labels of all shards together.

    Raises:
        LabelError: A column mixes sentiments or ratings with something else.
    """
    cells: Counter[tuple[str, ...]] = Counter()
    for survey in surveys:
        cells.update(survey.cells)
    thinned = Counter(
        {row: -(-count * _READING_ROWS // max(cells.total(), _READING_ROWS)) for row, count in cells.items()}
    )
    readings = choose_readings(shards.columns, list(thinned.elements()), columns, where=shards.paths[0])
    labels: Counter[str] = Counter()
    unlabelled = 0
    for row, count in cells.items():
        label = read_label(row, readings)
        if label is None:
            unlabelled += count
        else:
            labels[label] += count
    more = len(shards.paths) - 1
    files = f"{shards.paths[0]}" + (f" and {more} more with its columns" if more else "")
    notes = [
        f"{files}: {describe_columns(shards.columns, readings)}",
        *dict.fromkeys(note for survey in surveys for note in survey.notes),
        *note_left_out(shards.name, sum(survey.wordless for survey in surveys), unlabelled),
    ]
    return Source(shards, readings, labels, notes)


def iter_windows(path: str, source: Source) -> Iterator[LabelledReviews]:
    """Iterate over a file's labelled reviews, a window of rows at a time, without notes.

    Columns that give labels away are looked for in the first window.
    """
    columns = source.shards.columns
    with open_reader(path) as reader:
        rows = iter_rows(reader, columns)
        is_first = True
        while window := list(islice(rows, WINDOW_ROWS)):
            labelled = LabelledRows(columns)
            labelled.add(window)
            reviews = labelled.labelled(source.readings, source.shards.name)
            yield replace(reviews, notes=[], giveaways=reviews.giveaways if is_first else set())
            is_first = False

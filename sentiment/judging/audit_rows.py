"""The rows of an audited file: the source's columns, and what was found behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sentiment.corpus import LabelledReviews
from sentiment.corpus.labelling import CORRECTED_LABEL, is_blank_label
from sentiment.errors import FileFormatError, MissingColumnError, OutputError
from sentiment.judging.audit_findings import Conflict, Finding
from sentiment.judging.label_errors import LabelJudgement
from sentiment.tables import cell_text, open_reader, printable
from sentiment.tables.reading.joined import ConcatenatedReader
from sentiment.tables.wording import count

COLUMNS: Final[Mapping[str, type]] = {
    "audit_file": str,
    "audit_row": int,
    "audit_findings": str,
    "audit_rank": int,
    "audit_label": str,
    "audit_suggestion": str,
    "audit_confidence": float,
    "audit_group": int,
    CORRECTED_LABEL: str,
}
"""The columns behind those of the source."""


@dataclass(frozen=True)
class Audit:
    """What was found in the reviews of some files.

    Attributes:
        reviews: Those that were audited; `rows` are positions in all files together.
        judgement: What the heads say of their labels.
        conflicts: Position of a review to the conflict of its copies.
        findings: The most valuable first.
        facts: Name and value of what a user should know, for the summary.
    """

    reviews: LabelledReviews
    judgement: LabelJudgement
    conflicts: Mapping[int, Conflict]
    findings: Sequence[Finding]
    facts: Sequence[tuple[str, str]]


def check_free_columns(reader: ConcatenatedReader) -> None:
    """Refuse to overwrite columns of the source.

    Raises:
        MissingColumnError: Names of ours are already there.
    """
    taken = [column for column in COLUMNS if column in reader.source_columns]
    if taken:
        raise MissingColumnError(
            f"{printable(reader.name)}: columns of the audit are already there.",
            f"Found: {', '.join(taken)}.",
            "Audit the file that they were added to, or rename them.",
        )


def check_uncorrected(output: str) -> None:
    """Refuse to overwrite what a person has written into an earlier audit.

    Raises:
        OutputError: The file that is there holds corrections.
    """
    if not Path(output).is_file():
        return
    with suppress(FileFormatError), open_reader(output) as reader:  # what is no table holds none
        places = [i for i, column in enumerate(reader.columns) if column == CORRECTED_LABEL]
        corrections = sum(not is_blank_label(cell_text(row[i])) for row in reader.rows() for i in places)
        if corrections:
            raise OutputError(
                f"{printable(output)}: holds {count(corrections, 'correction')} of an earlier audit.",
                "This one would overwrite them.",
                "Name another file with -o FILE.",
            )


def iter_rows(reader: ConcatenatedReader, audit: Audit, *, all_rows: bool) -> Iterator[list[object]]:
    """Iterate over the output's rows: all in the source's order, or those with a finding by their rank."""
    reviews = {place: review for review, place in enumerate(audit.reviews.rows)}
    places = [audit.reviews.rows[finding.review] for finding in audit.findings]
    ranks = {place: rank for rank, place in enumerate(places, start=1)}
    if all_rows:
        for place, row in _number_rows(reader):
            yield [*row, *_cells(audit, reviews.get(place), ranks.get(place))]
    else:
        kept = {place: row for place, row in _number_rows(reader) if place in ranks}
        for place in places:
            yield [*kept[place], *_cells(audit, reviews[place], ranks[place])]


def _number_rows(reader: ConcatenatedReader) -> Iterator[tuple[int, list[object]]]:
    """Iterate over position in all files, and source cells, file and number of the row in it, from 1 on."""
    number, current = 0, None
    for place, (file, *cells) in enumerate(reader.rows()):
        number = number + 1 if file == current else 1
        current = file
        yield place, [*cells, file, number]


def _cells(audit: Audit, review: int | None, rank: int | None) -> list[object]:
    """Give the cells from `audit_findings` on; None (empty) where there is nothing to say."""
    if review is None:
        return [None] * (len(COLUMNS) - 2)
    label = audit.reviews.labels[review]
    conflict = audit.conflicts.get(review)
    group = conflict.group if conflict else None
    if rank is None:
        return [None, None, label, None, None, group, None]
    finding = audit.findings[rank - 1]
    kinds, confidence = ";".join(finding.kinds), round(finding.confidence, 4)
    return [kinds, rank, label, finding.suggestion or None, confidence, group, None]

"""Scored files as predict.py writes them, without a model."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from sentiment.reporting.build import find_all
from sentiment.reporting.findings import Findings
from sentiment.reporting.provenance import Provenance
from sentiment.reporting.scored_file import open_scored
from sentiment.tables import ColumnChoices, open_reader

RESULTS = (
    "predicted_sentiment", "predicted_confidence", "p_negative", "p_neutral", "p_positive", "predicted_stars",
    "review_status", "needs_review", "review_language", "stars_disagree",
)  # fmt: skip
_PROBABILITIES = {
    "negative": ("0.9000", "0.0500", "0.0500", "1.30"),
    "neutral": ("0.0500", "0.9000", "0.0500", "3.00"),
    "positive": ("0.0500", "0.0500", "0.9000", "4.80"),
    "": ("", "", "", ""),
}


def scored_row(label: str = "positive", text: str = "It dries quickly and it is soft.", **cells: str) -> dict:
    """Give the cells of one row; what is named overrides what the label brings along."""
    *probabilities, stars = _PROBABILITIES[label]
    confidence = max(probabilities)
    values = [label, confidence, *probabilities, stars, "ok" if label else "no_words", "false", "en", "false"]
    return {"body": text, **dict(zip(RESULTS, values, strict=True)), **cells}


def write_scored(path: Path, rows: Sequence[Mapping[str, str]], columns: Iterable[str] = ()) -> Path:
    """Write rows as a scored CSV file, the source's columns first."""
    named = dict.fromkeys(["body", *columns, *(name for row in rows for name in row)])
    header = [*(name for name in named if name not in RESULTS), *(name for name in RESULTS)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def find_in(path: Path, **options: object) -> Findings:
    """Read a scored file and find everything that a report says of it, in 2027 whatever the clock says."""
    options.setdefault("today", date(2027, 1, 1))
    provenance = options.pop("provenance", Provenance("python -m sentiment report made.csv"))
    with open_reader(path) as reader:
        return find_all(open_scored(reader, ColumnChoices()), provenance, **options)

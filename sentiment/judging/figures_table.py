"""The table that evaluate prints: a line for each file and scorer, then the means."""

from collections.abc import Iterator
from typing import Final

from sentiment.judging.file_figures import Figures, Summary, summarise
from sentiment.tables import printable

COLUMNS: Final = {
    "polarity_accuracy": "pos/neg",
    "polarity_margin": "+-",
    "balanced_accuracy": "balanced",
    "auc": "AUC",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "calibration_error": "ECE",
    "stars_exact": "stars =",
    "stars_within_one": "stars +-1",
    "answered": "answered",
    "answered_accuracy": "right",
}
"""Name in a summary to the head of its column."""

MEANING: Final = """\
pos/neg: accuracy of positive against negative, +- its 95 % margin; balanced: mean of both recalls.
accuracy, macro-F1, ECE (calibration error): over the classes, which are the three sentiments of a star model.
answered: share of predictions that need no person; right: accuracy of those."""


def render_table(figures: Figures) -> str:
    """Lay out the figures of `evaluate` as text in aligned columns, those without any value left out."""
    rows = [("file", "scorer", "reviews", *COLUMNS.values()), *_iter_rows(figures)]
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    aligned = [
        [cell.ljust(width) if i < 2 else cell.rjust(width) for cell in column]
        for i, column in enumerate(columns)
        for width in [max(map(len, column))]
    ]
    lines = ["  ".join(cells).rstrip() for cells in zip(*aligned, strict=True)]
    if worst := figures["worst"]:
        where = f"{worst['balanced_accuracy']:.3f} on {printable(worst['file'])}"
        lines += ["", f"Worst balanced accuracy of {printable(figures['model'])}: {where}."]
    return "\n".join([*lines, "", MEANING])


def _iter_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    for name, file in figures["files"].items():
        for scorer, values in file["scorers"].items():
            yield (printable(name), printable(scorer), f"{values['reviews']:,}", *_cells(summarise(values)))
    for scorer, means in figures["mean"].items():
        yield ("mean", printable(scorer), "", *_cells(means))


def _cells(summary: Summary) -> Iterator[str]:
    for name in COLUMNS:
        value = summary[name]
        yield "" if value is None else f"{value:.3f}"

"""The table that evaluate prints: a line for each file and scorer, then the means."""

from collections.abc import Iterator, Sequence
from typing import Final

from sentiment.judging.file_figures import BEYOND_CHANCE, Figures, Summary, summarise
from sentiment.tables import printable

COLUMNS: Final = {
    "polarity_accuracy": "pos/neg",
    "polarity_margin": "+-",
    "balanced_accuracy": "balanced",
    "balanced_margin": "+-",
    "auc": "AUC",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "calibration_error": "ECE",
    "calibration_error_debiased": "debiased",
    "stars_exact": "stars =",
    "stars_within_one": "stars +-1",
    "answered": "answered",
    "answered_accuracy": "right",
}
"""Name in a summary to the head of its column."""

MEANING: Final = """\
pos/neg: accuracy of positive against negative; balanced: mean of both recalls; +-: 95 % margin.
accuracy, macro-F1, ECE (calibration error): over the classes, which are the three sentiments of a star model.
debiased: calibration error without what chance adds to it, so that it may be below 0; a root mean square.
answered: share of predictions that need no person; right: accuracy of those."""


def render_table(figures: Figures) -> str:
    """Lay out the figures of `evaluate` as text in aligned columns, those without any value left out."""
    rows = [("file", "scorer", "reviews", *COLUMNS.values()), *_iter_rows(figures)]
    lines = align_columns(rows, names=2)
    if worst := figures["worst"]:
        where = f"{worst['balanced_accuracy']:.3f} on {printable(worst['file'])}"
        lines += ["", f"Worst balanced accuracy of {printable(figures['model'])}: {where}."]
    lines += ["", _describe_miscalibrated(figures)]
    return "\n".join([*lines, "", MEANING])


def _describe_miscalibrated(figures: Figures) -> str:
    beyond = f"more than {BEYOND_CHANCE:.2f} beyond what chance explains (95 %)"
    files = figures["miscalibrated"]
    if not files:
        return f"Calibration error of {printable(figures['model'])}: on no file {beyond}."
    listed = ", ".join(
        f"{printable(file['file'])} {file['calibration_error']:.3f} (chance: up to {file['by_chance']:.3f})"
        for file in files
    )
    return f"Calibration error of {printable(figures['model'])} {beyond}: {listed}."


def align_columns(rows: Sequence[Sequence[str]], names: int) -> list[str]:
    """Lay out rows of cells as lines, columns without any value left out.

    Args:
        rows: The first holds the heads.
        names: So many columns start at the left; the others, numbers, end at the right.
    """
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    aligned = [
        [cell.ljust(width) if i < names else cell.rjust(width) for cell in column]
        for i, column in enumerate(columns)
        for width in [max(map(len, column))]
    ]
    return ["  ".join(cells).rstrip() for cells in zip(*aligned, strict=True)]


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

"""The table that evaluate prints: one line a file and scorer, then the means."""

from collections.abc import Iterator, Mapping
from typing import Any

HEADER = ("file", "scorer", "rows", "pos/neg", "balanced", "AUC", "macro-F1", "ECE", "stars =", "stars +-1", "answered", "right")
MEANING = (
    "pos/neg: accuracy of positive against negative; balanced: mean of both recalls; macro-F1 and ECE: over the "
    "classes (three sentiments); answered: share that needs no person; right: accuracy of those."
)


def render_table(figures: Mapping[str, Any]) -> str:
    """Lay out the figures of `evaluate` as text with aligned columns."""
    rows = [HEADER, *_iter_rows(figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = []
    for row in rows:
        names = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join([*names, *numbers]).rstrip())
    return "\n".join([*lines, "", MEANING])


def _iter_rows(figures: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for file, scorers in figures["files"].items():
        for scorer, values in scorers.items():
            polarity, stars = values.get("polarity", {}), values.get("stars", {})
            classes, answered = values["classes"], values["answered"]
            yield (
                file,
                scorer,
                f"{values['reviews']:,}",
                *(_number(polarity.get(key)) for key in ("accuracy", "balanced_accuracy", "auc")),
                *(_number(classes[key]) for key in ("macro_f1", "calibration_error")),
                *(_number(stars.get(key)) for key in ("exact", "within_one")),
                *(_number(answered[key]) for key in ("coverage", "accuracy")),
            )
    for scorer, means in figures["mean"].items():
        yield ("mean", scorer, "", *(_number(value) for value in means.values()))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"

"""The two tables of the alternatives: how right they are, and what they cost."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from benchmarks.alternatives_figures import CLASSES, SIDES
from sentiment.judging.figures_table import align_columns

RIGHT: Final = (
    (SIDES, "accuracy", "pos/neg"),
    (SIDES, "balanced_accuracy", "balanced"),
    (SIDES, "calibration_error", "ECE"),
    (CLASSES, "accuracy", "of three"),
    (CLASSES, "macro_f1", "macro-F1"),
    (CLASSES, "calibration_error", "ECE of three"),
)
"""Group and name of a figure, and the head of its column."""

COSTS: Final = (
    "reviews/s",
    "ratio",
    "its range",
    "start s",
    "model MB",
    "packages MB",
    "peak MB",
    "$/million",
)
MEGABYTE: Final = 1e6


def render_right(scorers: Mapping[str, Any]) -> str:
    """Lay out how right each is as text in aligned columns."""
    heads = ("scorer", *_heads(), "no class for", "worst file")
    return "\n".join(align_columns([heads, *_iter_right(scorers)], names=1))


def render_costs(scorers: Mapping[str, Any]) -> str:
    """Lay out what each costs as text in aligned columns."""
    return "\n".join(align_columns([("scorer", *COSTS), *_iter_costs(scorers)], names=1))


def _heads() -> Iterator[str]:
    for _, _, head in RIGHT:
        yield from (head, "+-")
    yield from ("pooled ECE", "of three")


def _iter_right(scorers: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, figures in scorers.items():
        cells = []
        for group, figure, _ in RIGHT:
            low, high = figures["intervals"][group][figure]
            cells += [f"{figures['mean'][group][figure]:.3f}", f"{(high - low) / 2:.3f}"]
        cells += [f"{figures['pooled'][group]['calibration_error']:.3f}" for group in (SIDES, CLASSES)]
        worst = f"{figures['worst']['balanced_accuracy']:.3f} {figures['worst']['file']}"
        yield (name, *cells, f"{figures['unanswerable']:.1%}", worst)


def _iter_costs(scorers: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, figures in scorers.items():
        costs = figures["costs"]
        low, high = costs["ratio_range"]
        yield (
            name,
            f"{costs['reviews_per_second']:,.0f}",
            f"{costs['ratio']:.2f}x",
            f"{low:.2f}-{high:.2f}",
            f"{costs['cold_start_seconds']:.1f}",
            f"{costs['model_bytes'] / MEGABYTE:,.1f}",
            f"{costs['package_bytes'] / MEGABYTE:,.0f}",
            f"{costs['peak_bytes'] / MEGABYTE:,.0f}",
            f"{costs['dollars_per_million']:.3f}",
        )

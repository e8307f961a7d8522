"""Charts of a run: loss, learning rate, confusion and reliability, as PNG files."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from sentiment.labels import LabelScheme
from sentiment.measuring import judge_top_labels, wilson_interval
from sentiment.training.events import EvaluationDone, StepDone, read_events
from sentiment.training.run_directory import EVENTS_NAME

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHARTS_NAME = "charts"

# Colours that people with any colour vision tell apart (Okabe & Ito 2008, "Color Universal Design").
BLUE, LIGHT_BLUE, ORANGE, INK, GREY = "#0072B2", "#A6CEE8", "#D55E00", "#222222", "#767676"

STYLE: Final[Mapping[Any, Any]] = {
    "font.size": 11,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.titlecolor": GREY,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.formatter.limits": (-3, 5),
    "grid.color": "#E5E5E5",
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "text.color": INK,
    "text.parse_math": False,  # a label may hold dollar signs
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
}

BINS = 15
"""Bins of the reliability diagram, those of the calibration error (`measuring.metrics`)."""

SMOOTHED_SHARE = 0.1
"""Share of the updates whose mean the smoothed loss is."""

WRITTEN_CLASSES = 12
"""Up to so many classes, a cell of the confusion matrix holds its figures in writing."""


def draw_charts(
    run: Path,
    scheme: LabelScheme,
    probabilities: Mapping[str, NDArray[np.float32]],
    allowed: Mapping[str, NDArray[np.bool_]],
) -> list[Path]:
    """Draw a finished run into RUN_DIR/charts.

    `loss.png` and `learning_rate.png` show what events.jsonl holds, and are left out where no update was
    done; `confusion.png` and `reliability.png` show the test split, or validation where there is none.

    Args:
        run: The run directory.
        scheme: The labels, in id order.
        probabilities: Split to final probabilities (reviews, labels); `validation` at least.
        allowed: Split to the classes that each review's label allows (reviews, labels), bool.

    Returns:
        The files, in the order above.
    """
    events = read_events(run / EVENTS_NAME)
    split = "test" if "test" in probabilities else "validation"
    folder = run / CHARTS_NAME
    folder.mkdir(exist_ok=True)
    with _drawing():
        charts = {}
        if _of_kind(events, StepDone):
            charts = {"loss": draw_loss(events), "learning_rate": draw_learning_rate(events)}
        charts["confusion"] = draw_confusion(probabilities[split], allowed[split], scheme, split)
        charts["reliability"] = draw_reliability(probabilities[split], allowed[split], scheme, split)
        paths = [folder / f"{name}.png" for name in charts]
        for path, figure in zip(paths, charts.values(), strict=True):
            _save(figure, path)
    return paths


@contextmanager
def _drawing() -> Iterator[None]:
    """Draw in our style whatever the user's is, and without remarks about fonts."""
    import matplotlib

    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)  # "building the font cache", on the first drawing of a machine
    try:
        with matplotlib.rc_context(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(STYLE)
            yield
    finally:
        log.setLevel(level)


def draw_loss(events: Sequence[dict[str, Any]]) -> Figure:
    """Draw the loss of every update, its running mean, and the validation loss with the best step marked.

    Args:
        events: As `read_events` gives them, one `StepDone` at least.
    """
    steps, losses = _curve(_of_kind(events, StepDone), "loss")
    window = max(1, round(len(losses) * SMOOTHED_SHARE))
    figure, axes = _start_curve("Loss on training and validation reviews", "loss per review (nats)")
    axes.plot(steps, losses, color=LIGHT_BLUE, linewidth=1, label="training, each update")
    if window > 1:
        label = f"training, mean of the last {window} updates"
        axes.plot(steps, running_mean(losses, window), color=BLUE, linewidth=2, label=label)
    evaluations = [event | event["figures"] for event in _of_kind(events, EvaluationDone)]
    axes.plot(*_curve(evaluations, "loss"), "o-", color=ORANGE, linewidth=2, markersize=5, label="validation")
    for best in [event for event in evaluations if event["best"]][-1:]:
        label = f"best step: {best['step']:,} (validation loss {best['loss']:.3f})"
        axes.plot(best["step"], best["loss"], "o", color=INK, fillstyle="none", markersize=11, label=label)
    axes.legend(loc="lower left")
    axes.set(xlim=(0, None), ylim=(0, None))
    return figure


def draw_learning_rate(events: Sequence[dict[str, Any]]) -> Figure:
    """Draw the learning rate of every update.

    Args:
        events: As `read_events` gives them, one `StepDone` at least.
    """
    figure, axes = _start_curve("Learning rate of every update", "learning rate")
    axes.plot(*_curve(_of_kind(events, StepDone), "learning_rate"), color=BLUE, linewidth=2)
    axes.set(xlim=(0, None), ylim=(0, None))
    return figure


def _of_kind(events: Sequence[dict[str, Any]], kind: type) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind.__name__]


def _curve(events: Sequence[dict[str, Any]], name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return np.array([event["step"] for event in events]), np.array([event[name] for event in events])


def running_mean(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Give the mean of each value and those before it, `window` in all (fewer at the start), as (values,)."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    means: NDArray[np.float64] = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def draw_confusion(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme, split: str
) -> Figure:
    """Draw how often each given label is predicted as each class.

    A coarse label (`negative` beside `1 star`) has a row of its own, in which several classes are right.

    Args:
        probabilities: (reviews, labels), in id order.
        allowed: The classes that each review's label allows (reviews, labels), bool.
        scheme: The labels.
        split: Name of the split, for the title.
    """
    from matplotlib.patches import Rectangle

    kinds, predicted = np.unique(allowed, axis=0)[::-1], probabilities.argmax(axis=1)
    kinds = kinds[np.argsort(kinds.sum(axis=1), kind="stable")]  # in id order, the coarse labels last
    rows, columns = len(kinds), len(scheme.labels)
    counts = np.array(
        [np.bincount(predicted[(allowed == kind).all(axis=1)], minlength=columns) for kind in kinds]
    )
    totals = counts.sum(axis=1)
    shares: NDArray[np.float64] = counts / totals[:, None]

    size = (min(max(6.4, 2.4 + 1.1 * columns), 14), min(2.0 + 0.8 * rows, 12))
    figure = _start_figure("Predicted class of each given label", size)
    axes = figure.subplots()
    axes.set_title(f"{split}, {len(allowed):,} reviews; right ones are framed")
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    names = [_shorten(scheme.name_classes(np.flatnonzero(kind))) for kind in kinds]
    axes.set_yticks(range(rows), [f"{name} ({n:,})" for name, n in zip(names, totals, strict=True)])
    axes.set_xticks(range(columns), [_shorten(label) for label in scheme.labels])
    axes.set(xlabel="predicted", ylabel="given label (reviews)")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for row, column in np.argwhere(kinds):
        corner = (column - 0.5, row - 0.5)
        axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=ORANGE, linewidth=2, clip_on=False))
    if columns <= WRITTEN_CLASSES:
        for (row, column), share in np.ndenumerate(shares):
            text = f"{share:.0%}\n{counts[row, column]:,}"
            axes.text(column, row, text, ha="center", va="center", color="white" if share > 0.5 else INK)
    else:
        axes.tick_params(axis="x", labelrotation=90)
        figure.colorbar(image, label="share of the row")
    return figure


def save_reliability(
    path: Path,
    probabilities: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    scheme: LabelScheme,
    split: str,
) -> None:
    """Draw what `draw_reliability` draws into a PNG file."""
    with _drawing():
        _save(draw_reliability(probabilities, allowed, scheme, split), path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=150, metadata={"Software": None})  # the same bytes from every version


def draw_reliability(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme, split: str
) -> Figure:
    """Draw the share of right predictions against their confidence, with the reviews of each bin below.

    Niculescu-Mizil & Caruana 2005, "Predicting Good Probabilities With Supervised Learning"; 95 % Wilson
    intervals. In schemes with sentiments, the confidence is that of the sentiment.

    Args:
        probabilities: (reviews, labels), in id order.
        allowed: The classes that each review's label allows (reviews, labels), bool.
        scheme: The labels.
        split: Name of the split, for the title.
    """
    confidence, is_right = judge_top_labels(probabilities, allowed, scheme)
    bins = np.clip(np.ceil(confidence.astype(np.float64) * BINS).astype(np.int64) - 1, 0, BINS - 1)
    filled, bins, counts = np.unique(bins, return_inverse=True, return_counts=True)
    right = np.bincount(bins, weights=is_right).astype(np.int64)
    confidences, shares = np.bincount(bins, weights=confidence) / counts, right / counts
    bounds = np.array([wilson_interval(int(n), int(total)) for n, total in zip(right, counts, strict=True)])
    error = np.abs(confidences - shares) @ counts / len(confidence)

    figure = _start_figure("Predictions that are right, by confidence", (7.0, 6.0))
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    top.set_title(f"{split}, {len(confidence):,} reviews; calibration error {error:.3f}")
    top.grid(visible=True)
    top.plot((0, 1), (0, 1), color=GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
    reach = np.abs(bounds.T - shares)
    top.errorbar(
        confidences, shares, reach, fmt="o-", color=BLUE, capsize=3, label="predictions (95 % interval)"
    )
    top.set(ylabel="share that is right", ylim=(-0.03, 1.03), xlim=(filled[0] / BINS, 1.0))
    top.legend(loc="lower right")
    bottom.bar((filled + 0.5) / BINS, counts, width=0.9 / BINS, color=BLUE)
    bottom.set(xlabel="confidence of the prediction", ylabel="reviews")
    return figure


def _start_figure(title: str, size: tuple[float, float]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(title, x=0.01, horizontalalignment="left", weight="bold", size=12)
    return figure


def _start_curve(title: str, quantity: str) -> tuple[Figure, Axes]:
    figure = _start_figure(title, (7.5, 4.2))
    axes = figure.subplots()
    axes.grid(visible=True)
    axes.set(xlabel="updates", ylabel=quantity)
    return figure, axes


def _shorten(label: str) -> str:
    return label if len(label) <= 20 else f"{label[:19]}…"

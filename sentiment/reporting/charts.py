"""Charts as pictures: vector graphics that take the colours of their page, and PNG files."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sentiment.reporting.section import Chart, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["svg", "png"]

INK: Final = "#1b1b1b"
FAINT: Final = "#767676"
GRID: Final = "#e3e3e3"
PAPER: Final = "#ffffff"

LABEL_COLOURS: Final = {"negative": "#c44e00", "neutral": "#7a7a7a", "positive": "#0072b2"}
"""Colours that people with any colour vision tell apart (Okabe & Ito 2008, "Color Universal Design"), the
first darkened until white writing can be read on it."""

OTHER_COLOURS: Final = (
    "#0072b2",
    "#c44e00",
    "#007a5a",
    "#a0558a",
    "#7a7a7a",
    "#8a6d00",
    "#3a7fb0",
    "#5c4b8a",
)

COLOUR_VARIABLES: Final = {
    INK: "--ink",
    FAINT: "--faint",
    GRID: "--grid",
    PAPER: "--paper",
    **{colour: f"--{label}" for label, colour in LABEL_COLOURS.items()},
}
"""Colour of a drawing to the CSS variable that takes its place: a page is dark or light."""

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
"""One for each series: lines are told apart without their colours, too."""

_PIXELS_PER_POINT: Final = 4 / 3

_STYLE: Final[Mapping[Any, Any]] = {
    "font.size": 11,
    "font.family": "sans-serif",
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,  # a product's name may hold dollar signs
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.color": GRID,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Size:
    """How wide a chart is drawn; letters keep their size.

    Attributes:
        name: What it is called in ids.
        width: In inches.
        label: Characters of a label along an axis before it is broken or cut.
        letters: Characters that fit along the x axis, blanks between labels included.
    """

    name: str
    width: float
    label: int
    letters: int


WIDE: Final = Size("wide", 7.2, 34, 64)
NARROW: Final = Size("narrow", 3.7, 18, 32)
"""For a phone."""


def draw(chart: Chart, file_format: Format, size: Size = WIDE) -> bytes:
    """Draw a chart.

    Args:
        chart: What it shows.
        file_format: `svg` stands inside a page and takes its colours and font; `png` stands alone, on white.
        size: How wide.

    Returns:
        The picture, the same bytes for the same chart.

    Raises:
        ImportError: matplotlib is not installed; `resolve_targets` tells it before anything is scored.
    """
    with _canvas(chart) as figure:
        _DRAWN[chart.kind](figure, chart, size)
        buffer = io.BytesIO()
        if file_format == "png":
            figure.savefig(
                buffer,
                format="png",
                dpi=160,
                facecolor=PAPER,
                bbox_inches="tight",
                metadata={"Software": None},
            )
            return buffer.getvalue()
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue().decode("utf-8")
    return _for_a_page(svg, f"{chart.name}-{size.name}").encode("utf-8")


@contextmanager
def _canvas(chart: Chart) -> Iterator[Figure]:
    import matplotlib
    from matplotlib.figure import Figure

    # The salt makes the ids inside a drawing its own: several stand in one page.
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": chart.name}):
        yield Figure(layout="constrained")


def _draw_shares(figure: Figure, chart: Chart, size: Size) -> None:
    rows = len(chart.x)
    figure.set_size_inches(size.width, 0.95 + 0.5 * rows)
    axes = figure.add_subplot()
    left = [0.0] * rows
    for place, series in enumerate(chart.series):
        values = [value or 0.0 for value in series.values]
        colour = _colour(series, place)
        axes.barh(
            range(rows), values, left=left, height=0.7, color=colour, edgecolor=PAPER, label=series.name
        )
        for row, (start, value) in enumerate(zip(left, values, strict=True)):
            if value * size.width > 0.45:
                at = start + value / 2
                axes.text(
                    at, row, f"{value:.0%}", ha="center", va="center", color="#fefefe", fontweight="bold"
                )
        left = [start + value for start, value in zip(left, values, strict=True)]
    axes.set_xlim(0, 1)
    axes.set_yticks(range(rows), [_short(name, size) for name in chart.x] if rows > 1 else [""] * rows)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(_percent)
    _hide_left_spine(axes)
    figure.legend(loc="outside upper left", ncols=len(chart.series) if size is WIDE else 3, handlelength=1)


def _draw_bars(figure: Figure, chart: Chart, size: Size) -> None:
    rows, several = len(chart.x), len(chart.series)
    figure.set_size_inches(size.width, 0.55 + (0.2 + 0.18 * several) * rows)
    axes = figure.add_subplot()
    thickness = 0.72 / several
    for place, series in enumerate(chart.series):
        at = [row + (place - (several - 1) / 2) * thickness for row in range(rows)]
        values = [value or 0.0 for value in series.values]
        axes.barh(at, values, height=thickness * 0.92, color=_colour(series, place), label=series.name)
        if series.low and series.high:
            errors = _errors(series)
            axes.errorbar(values, at, xerr=errors, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2.5)
    marked = {position for position, _ in chart.marks}
    names = [
        f"{_short(name, size)} *" if row in marked else _short(name, size) for row, name in enumerate(chart.x)
    ]
    axes.set_yticks(range(rows), names)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.grid(visible=True, axis="x")
    axes.set_axisbelow(True)
    axes.xaxis.set_major_locator(_locator(5 if size is WIDE else 3))
    axes.xaxis.set_major_formatter(_percent if chart.unit == "share" else _count)
    _hide_left_spine(axes)
    if several > 1:
        figure.legend(loc="outside upper left", ncols=several, handlelength=1)


def _draw_lines(figure: Figure, chart: Chart, size: Size) -> None:
    figure.set_size_inches(size.width, 3.1)
    axes = figure.add_subplot()
    places = range(len(chart.x))
    for place, series in enumerate(chart.series):
        colour = _colour(series, place)
        values = [float("nan") if value is None else value for value in series.values]
        marker = MARKERS[place % len(MARKERS)]
        axes.plot(places, values, color=colour, marker=marker, markersize=5, linewidth=1.8, label=series.name)
        if series.low and series.high:
            low, high = (
                [float("nan") if end is None else end for end in ends] for ends in (series.low, series.high)
            )
            axes.fill_between(places, low, high, color=colour, alpha=0.14, linewidth=0)
    for position, _ in chart.marks:
        axes.axvline(position, color=FAINT, linestyle=(0, (4, 3)), linewidth=1)
        axes.annotate("*", (position, 1.0), xycoords=("data", "axes fraction"), ha="center", color=INK)
    labels = [textwrap.shorten(name, 12, placeholder="…") for name in chart.x]
    step = -(-sum(len(label) + 1 for label in labels) // size.letters)
    axes.set_xticks(list(places)[::step], labels[::step])
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, axis="y")
    axes.yaxis.set_major_locator(_locator(5))
    axes.yaxis.set_major_formatter(_percent if chart.unit == "share" else _count)
    figure.legend(loc="outside upper left", ncols=min(len(chart.series), 3), handlelength=1.6)


_DRAWN: Final[Mapping[str, Callable[[Figure, Chart, Size], None]]] = {
    "shares": _draw_shares,
    "bars": _draw_bars,
    "lines": _draw_lines,
}


def _colour(series: Series, place: int) -> str:
    return LABEL_COLOURS.get(series.name, OTHER_COLOURS[place % len(OTHER_COLOURS)])


def _errors(series: Series) -> list[list[float]]:
    """Give how far the intervals reach to both sides; nowhere where there is no value."""
    ends = [
        (0.0, 0.0)
        if value is None or low is None or high is None
        else (max(value - low, 0), max(high - value, 0))
        for value, low, high in zip(series.values, series.low, series.high, strict=True)
    ]
    return [[left for left, _ in ends], [right for _, right in ends]]


def _short(name: str, size: Size) -> str:
    return textwrap.shorten(name, size.label, placeholder="…") if " " in name else _cut(name, size.label)


def _cut(name: str, length: int) -> str:
    return name if len(name) <= length else f"{name[: length - 1]}…"


def _percent(value: float, _: float) -> str:
    return f"{value:.0%}"


def _count(value: float, _: float) -> str:
    return f"{value:,.0f}"


def _locator(ticks: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(ticks)


def _hide_left_spine(axes: Axes) -> None:
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _for_a_page(svg: str, prefix: str) -> str:
    """Leave the SVG element alone, hidden from readers of the page's text, and let CSS give its colours."""
    svg = svg[svg.index("<svg") :]
    opening, _, rest = svg.partition(">")
    view_box = opening[opening.index("viewBox=") :].split('"')[1]
    # Several drawings stand in one page: their ids are theirs alone.
    rest = re.sub(r'(\sid="|url\(#|href="#)', rf"\1{prefix}-", rest)
    rest = re.sub(r'style="[^"<>]*"', lambda style: _with_variables(style[0]), rest)
    width = float(view_box.split()[2]) * _PIXELS_PER_POINT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{view_box}" style="max-width:{width:.0f}px" aria-hidden="true" focusable="false">{rest}'
    )


def _with_variables(style: str) -> str:
    for colour, variable in COLOUR_VARIABLES.items():
        style = style.replace(colour, f"var({variable})")
    return style

"""A report as one self-contained HTML page: no network, no script, dark and light, phone and paper."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentiment.reporting.charts import NARROW, WIDE, draw
from sentiment.reporting.section import Chart, Quote, Report, Table
from sentiment.tables import printable

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER: Final = Path(__file__).parent / "page"

_PHONE_CHARACTERS: Final = 44
"""What fits side by side on a phone of 390 pixels, the space between two columns counting as two."""


def render_html(report: Report) -> str:
    """Write a report as a page.

    Every text is hostile until it is escaped: the template escapes all of them, control and bidirectional
    characters are made visible, quotes are isolated from the direction of what surrounds them, and the
    page's own policy forbids scripts, frames and requests.

    Raises:
        ImportError: jinja2 or matplotlib is not installed; `resolve_targets` tells it before that.
    """
    footnotes = {key: number for number, key in enumerate(report.footnotes, start=1)}
    page: str = _template().render(
        report=report,
        footnote_numbers=footnotes,
        styles=(_FOLDER / "page.css").read_text(encoding="utf-8"),
    )
    return page


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )

    def picture(chart: Chart, which: str) -> Markup:
        """Give a drawing of ours, whose texts matplotlib has escaped."""
        size = WIDE if which == "wide" else NARROW
        return Markup(draw(chart, "svg", size).decode("utf-8"))

    environment.filters |= {
        "kind": lambda block: type(block).__name__,
        "is_wide": is_wide,
        "pieces": lambda quote: list(iter_pieces(quote)),
        "paragraphs": str.splitlines,
        "styles": Markup,
    }
    environment.globals |= {"picture": picture}
    return environment.get_template("page.html.jinja")


def is_wide(table: Table) -> bool:
    """Tell whether a table is too wide for a phone, where each of its rows then becomes a block."""
    longest = (max(map(len, column)) for column in zip(table.header, *table.rows, strict=True))
    return sum(longest) + 2 * (len(table.header) - 1) > _PHONE_CHARACTERS


def iter_pieces(quote: Quote) -> Iterator[tuple[str, float]]:
    """Cut a quote into pieces of equal weight: those between highlights have weight 0.

    Overlapping highlights keep what the first of them covers.
    """
    end = 0
    for start, stop, weight in sorted(quote.highlights):
        start, stop = max(start, end), min(stop, len(quote.text))
        if start >= stop:
            continue
        if start > end:
            yield quote.text[end:start], 0.0
        yield quote.text[start:stop], weight
        end = stop
    if end < len(quote.text):
        yield quote.text[end:], 0.0

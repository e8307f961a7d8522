"""What a report consists of: sections of blocks that say nothing of HTML, Markdown or JSON."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Paragraph:
    """A sentence or a few, as plain text.

    Attributes:
        text: What it says.
        kind: `lead` is the headline in words, `note` stands apart (a warning, a caveat).
        footnotes: Keys of the footnotes that it rests on.
    """

    text: str
    kind: Literal["lead", "text", "note"] = "text"
    footnotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows of cells that are ready to print.

    Attributes:
        caption: What it shows, in words; it is read aloud first.
        header: A head for each column.
        rows: As many cells each as there are heads.
        numeric: Positions of the columns that hold numbers.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True)
class Series:
    """Values of one name along the x axis of a chart.

    Attributes:
        name: What the legend calls it.
        values: One an x; None where there is none.
        low: Lower ends of the intervals, None where there is no value; or empty.
        high: Upper ends of the intervals, None where there is no value; or empty.
    """

    name: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A picture, told by its data.

    Attributes:
        name: File name without suffix, unique in the report.
        kind: `shares` one stacked bar; `bars` horizontal bars with intervals, one an x; `lines` over time.
        caption: What it shows.
        alternative: What a reader who does not see it has to know: its message with the figures.
        x: Labels along the axis.
        series: The values, shares between 0 and 1 unless `unit` says otherwise.
        unit: `share` or `count`.
        marks: Positions along x that stand out, with the reason.
    """

    name: str
    kind: Literal["shares", "bars", "lines"]
    caption: str
    alternative: str
    x: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Literal["share", "count"] = "share"
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Quote:
    """One review, personal data masked.

    Attributes:
        row: Its row in the scored file, the first data row being 1.
        text: Title and body; cut at a sensible length, which `cut` tells.
        cut: Whether there was more.
        facts: Name and value, such as label, confidence, stars, product, date.
        highlights: Spans of `text` (start, end, weight from -1 to 1) that moved the label.
    """

    row: int
    text: str
    cut: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    highlights: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True)
class Quotes:
    """A list of reviews.

    Attributes:
        caption: What they have in common and in which order they stand.
        quotes: The reviews.
        left_out: How many more there are that are not shown.
    """

    caption: str
    quotes: tuple[Quote, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Facts:
    """Names and values: the receipt, the model.

    Attributes:
        caption: What they are about.
        facts: Name and value; several lines of a value stand below each other.
    """

    caption: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Command:
    """A command line to copy."""

    text: str


Block = Paragraph | Table | Chart | Quotes | Facts | Command


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes:
        id: Anchor: lower case words joined by hyphens.
        title: Its headline.
        blocks: What it consists of, in order.
    """

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        title: The headline of the page.
        language: ISO 639-1 code of the page itself.
        sections: In reading order.
        footnotes: Key to text: the methods, with their sources.
        left_out: Sections that the data does not allow, a sentence each.
    """

    title: str
    sections: tuple[Section, ...]
    footnotes: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    language: str = "en"

"""A report as Markdown (CommonMark with GitHub's tables and footnotes), any text in it shown as it is."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from sentiment.model import markdown
from sentiment.reporting.section import (
    Block,
    Chart,
    Command,
    Facts,
    Paragraph,
    Quote,
    Quotes,
    Report,
    Section,
    Table,
)

_SIGNS: Final = re.compile(r"[_~&$@]|(?<=[A-Za-z])(?=://)|(?<=[Ww]{3})(?=\.)")
"""What GitHub would make of text beyond plain Markdown: emphasis, entities, formulas, mentions, links."""
_OPENING: Final = re.compile(r"^(?=[#+=-])|(?<=^\d)(?=[.)](?:\s|$))|(?<=^\d\d)(?=[.)](?:\s|$))")
"""Where a line would begin a heading, a list or a rule."""


def render_markdown(report: Report, pictures: str | None = None) -> str:
    """Give the report as Markdown.

    Args:
        report: The report.
        pictures: Folder of the charts as PNG, as seen from the file; None tells them in words alone.
    """
    parts = [f"# {escape(report.title)}"]
    for section in report.sections:
        parts += _render_section(section, pictures)
    if report.left_out:
        parts += ["## Left out", "\n".join(f"- {escape(sentence)}" for sentence in report.left_out)]
    parts += [f"[^{key}]: {escape(text)}" for key, text in report.footnotes.items()]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Write any text as it is, on one line: no markup, link, mention or formula in it comes alive."""
    line = _SIGNS.sub(lambda match: f"\\{match[0]}", markdown.escape(text).strip())
    return _OPENING.sub(r"\\", line)


def _render_section(section: Section, pictures: str | None) -> Iterator[str]:
    yield f"## {escape(section.title)}"
    for block in section.blocks:
        yield from _render_block(block, pictures)


def _render_block(block: Block, pictures: str | None) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _render_paragraph(block)
        case Table():
            yield f"*{escape(block.caption)}*"
            yield _render_table(block)
        case Chart():
            if pictures is not None:
                yield f"![{escape(block.caption)}]({pictures}/{block.name}.png)"
            yield f"*{escape(block.caption)}.* {escape(block.alternative)}"
        case Quotes():
            yield f"### {escape(block.caption)}"
            yield from map(_render_quote, block.quotes)
            if block.left_out:
                yield f"{block.left_out:,} more are not shown."
        case Facts():
            yield f"### {escape(block.caption)}"
            yield "\n".join(f"- **{escape(name)}**: {_on_lines(value)}" for name, value in block.facts)
        case Command():
            yield markdown.code(block.text)


def _render_paragraph(paragraph: Paragraph) -> str:
    text = escape(paragraph.text) + "".join(f"[^{key}]" for key in paragraph.footnotes)
    return {"lead": f"**{text}**", "text": text, "note": f"> {text}"}[paragraph.kind]


def _render_table(table: Table) -> str:
    rule = ["---:" if place in table.numeric else "---" for place in range(len(table.header))]
    rows = [[escape(cell) for cell in row] for row in (table.header, *table.rows)]
    return "\n".join(_join(row) for row in (rows[0], rule, *rows[1:]))


def _join(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _render_quote(quote: Quote) -> str:
    facts = "; ".join(f"{escape(name)} {escape(value)}" for name, value in quote.facts)
    return f"> {_highlight(quote)}\n>\n> row {quote.row:,}{f'; {facts}' if facts else ''}"


def _highlight(quote: Quote) -> str:
    """Write the text with the words that moved its label in bold."""
    parts, end = [], 0
    for start, stop, _ in sorted(quote.highlights):
        parts += [escape(quote.text[end:start]), f"**{escape(quote.text[start:stop])}**"]
        end = stop
    parts.append(escape(quote.text[end:]))
    return " ".join(part for part in parts if part)


def _on_lines(value: str) -> str:
    return "<br>".join(map(escape, value.split("\n")))

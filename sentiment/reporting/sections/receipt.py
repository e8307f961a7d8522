"""The data receipt: what was read, and what became of it."""

from collections.abc import Iterator
from typing import Final

from sentiment.records import ReviewStatus
from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Block, Facts, Paragraph, Section
from sentiment.reporting.wording import describe_scales, shown

_LONGEST: Final = 300
_MOST_LANGUAGES: Final = 8
_STATUSES: Final = {
    ReviewStatus.EMPTY: "empty",
    ReviewStatus.NO_WORDS: "without words",
    ReviewStatus.CUT: "cut (over a million characters)",
    ReviewStatus.LANGUAGE: "in a language that the model does not read",
    ReviewStatus.WITHHELD: "withheld (spam, hidden or a reply)",
}
_UNKNOWN: Final = (
    "How the source was read (its encoding, what was repaired) is not known from a scored file: "
    "python predict.py FILE --report writes it down."
)


def write_receipt(findings: Findings) -> Section:
    """Show what is known of the data."""
    blocks: list[Block] = [Facts("What became of the rows", tuple(_count(findings)))]
    source = findings.provenance.source
    if source:
        blocks.append(Facts("How the source was read", _safe(source)))
    else:
        blocks.append(Facts("How the scored file was read", _safe(tuple(_describe_file(findings)))))
        blocks.append(Paragraph(_UNKNOWN, "note"))
    return Section("receipt", "The data", tuple(blocks))


def _count(findings: Findings) -> Iterator[tuple[str, str]]:
    tally = findings.tally
    yield "rows", f"{tally.rows:,}"
    yield "with a label", f"{tally.labelled:,}"
    for status, name in _STATUSES.items():
        yield name, f"{tally.statuses[status]:,}"
    yield "that need a person", f"{tally.needing_review:,}"
    if findings.file.names.language and tally.rows:
        yield "languages", _list_languages(findings)


def _list_languages(findings: Findings) -> str:
    languages = findings.tally.languages.most_common()
    listed = [
        f"{shown(language) or 'not sure'} {number:,}" for language, number in languages[:_MOST_LANGUAGES]
    ]
    others = sum(number for _, number in languages[_MOST_LANGUAGES:])
    return ", ".join(listed) + (f", others {others:,}" if others else "")


def _describe_file(findings: Findings) -> Iterator[tuple[str, str]]:
    reader, found = findings.file.reader, findings.survey
    yield "file", reader.name
    form = [reader.format]
    if reader.receipt.encoding:
        form.append(f"encoding {reader.receipt.encoding}")
    yield "format", ", ".join(form)
    yield "columns", findings.file.roles.describe()
    if findings.file.roles.rating:
        yield "rating scale", describe_scales(found.scales)
    if findings.file.roles.date:
        yield "dates", found.order_reason
    yield "repaired", "\n".join(reader.receipt.notes) or "nothing"


def _safe(facts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, "\n".join(shown(line, _LONGEST) for line in value.split("\n"))) for name, value in facts
    )

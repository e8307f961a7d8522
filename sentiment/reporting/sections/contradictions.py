"""Stars against text: where they tell different stories."""

from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Block, Paragraph, Quotes, Section, Table
from sentiment.reporting.wording import percent, quote
from sentiment.tables.wording import count


def write_contradictions(findings: Findings) -> Section | str:
    """Show the reviews whose text contradicts their stars, or say why none can."""
    tally, roles = findings.tally, findings.file.roles
    if roles.rating is None:
        return "Stars against text: no column holds ratings."
    usual = findings.survey.scales.usual
    if usual.scale is None:
        return f"Stars against text: the ratings cannot be read ({usual.reason})."
    if findings.file.names.disagreement is None:
        return "Stars against text: the file was scored without looking at ratings."
    rated = sum(map(sum, tally.by_stars))
    if not rated:
        return "Stars against text: no review with a label has a rating."
    share = percent(tally.disagreeing / rated)
    text = (
        f"Text and stars disagree in {tally.disagreeing:,} of {count(rated, 'rated review')} ({share})."
        if tally.disagreeing
        else f"None of {count(rated, 'rated review')} contradicts its stars."
    )
    blocks: list[Block] = [Paragraph(text, "lead", ("disagree",)), _tabulate(findings)]
    if tally.disagreeing:
        samples = tally.contradictions.samples()
        left_out = tally.disagreeing - sum(sample.reviews for sample in samples)
        caption = "Reviews whose text contradicts their stars, those furthest apart first"
        blocks.append(Quotes(caption, tuple(map(quote, samples)), left_out))
    return Section("contradictions", "Stars against text", tuple(blocks))


def _tabulate(findings: Findings) -> Table:
    labels = findings.shown_labels
    rows = tuple(
        (
            f"{stars}",
            *(f"{counts[label]:,}" for label in labels),
            f"{sum(counts):,}",
        )
        for stars, counts in reversed(list(enumerate(findings.tally.by_stars, start=1)))
    )
    return Table(
        "Reviews by the stars that customers gave (to the nearest whole one) and by what their text says",
        ("stars", *(findings.tally.labels[label] for label in labels), "reviews"),
        rows,
        numeric=tuple(range(1, len(labels) + 2)),
    )

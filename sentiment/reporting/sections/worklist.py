"""Reviews that need a person, those worth most first."""

from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Paragraph, Quotes, Section
from sentiment.reporting.wording import percent, quote
from sentiment.tables.wording import count


def write_worklist(findings: Findings) -> Section:
    """Show what a person should look at."""
    tally = findings.tally
    if not tally.needing_review:
        text = "No review needs a person."
        return Section("worklist", "Reviews that need a person", (Paragraph(text, "lead"),))
    share = percent(tally.needing_review / tally.rows)
    samples = tally.worklist.samples()
    left_out = tally.needing_review - sum(sample.reviews for sample in samples)
    blocks = (
        Paragraph(
            f"A person should read {tally.needing_review:,} of {count(tally.rows, 'row')} ({share}): of "
            "these the model is not sure, or it has no label to give.",
            "lead",
            ("worth",),
        ),
        Quotes("Those worth most first", tuple(map(quote, samples)), left_out),
    )
    return Section("worklist", "Reviews that need a person", blocks)

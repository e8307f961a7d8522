"""The sections of a report, written from the findings; a sentence instead says why one is left out."""

from collections.abc import Callable
from typing import Final

from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Section
from sentiment.reporting.sections.contradictions import write_contradictions
from sentiment.reporting.sections.groups import write_groups
from sentiment.reporting.sections.headline import write_headline
from sentiment.reporting.sections.model import write_model
from sentiment.reporting.sections.receipt import write_receipt
from sentiment.reporting.sections.shares import write_shares
from sentiment.reporting.sections.trend import write_trend
from sentiment.reporting.sections.voices import write_voices
from sentiment.reporting.sections.worklist import write_worklist

SECTIONS: Final[tuple[Callable[[Findings], Section | str], ...]] = (
    write_headline,
    write_shares,
    write_trend,
    write_groups,
    write_contradictions,
    write_worklist,
    write_voices,
    write_receipt,
    write_model,
)
"""In reading order; a new section is a function and its row here."""

"""From a scored file to a report: two passes, the statistics, and the sections in their order."""

from datetime import UTC, date, datetime
from pathlib import Path

from sentiment.reporting.changes import find_changes
from sentiment.reporting.comparison import compare_groups
from sentiment.reporting.findings import Findings
from sentiment.reporting.footnotes import FOOTNOTES
from sentiment.reporting.grouping import find_group_columns
from sentiment.reporting.periods import UNITS, Unit
from sentiment.reporting.provenance import Provenance
from sentiment.reporting.scored_file import ScoredFile
from sentiment.reporting.section import Paragraph, Report, Section
from sentiment.reporting.sections import SECTIONS
from sentiment.reporting.shares import find_shares
from sentiment.reporting.tally import count_all, survey
from sentiment.reporting.trend import find_trend
from sentiment.reporting.wording import shown
from sentiment.tables.reading.joined import parts_of

_LONGEST_TITLE = 120


def find_all(
    file: ScoredFile,
    provenance: Provenance,
    *,
    group_columns: tuple[str, ...] = (),
    unit: Unit | None = None,
    today: date | None = None,
    quiet: bool = True,
) -> Findings:
    """Read a scored file and find everything that a report says of it.

    Args:
        file: The scored file.
        provenance: How it came about.
        group_columns: Columns whose values stand side by side; none: as they are found.
        unit: Step of the trend; None chooses it.
        today: Day in UTC after which no review can have been written; None asks the clock.
        quiet: Whether to show no progress, on a terminal.

    Raises:
        DataError: A result cannot be read.
        MissingColumnError: A named column is not there.
    """
    found = survey(file, find_group_columns(file, group_columns), today or datetime.now(UTC).date())
    units = (unit,) if unit else UNITS
    tally = count_all(file, found, units, quiet=quiet)
    focus = tally.labels.index("negative") if "negative" in tally.labels else 0
    trend = find_trend(tally.days, unit, focus=focus) if tally.days else None
    comparisons = tuple(compare_groups(tally))
    timelines = {each.column: tally.timelines[each.column] for each in comparisons}
    return Findings(
        file=file,
        survey=found,
        tally=tally,
        shares=find_shares(tally.labels, tally.share_counts, provenance.estimator),
        trend=trend,
        comparisons=comparisons,
        changes=find_changes(timelines, tally.days, units[units.index(trend.unit) :]) if trend else None,
        provenance=provenance,
    )


def build_report(findings: Findings) -> Report:
    """Write the sections that the data allows, and say which it does not."""
    written = [write(findings) for write in SECTIONS]
    sections = tuple(each for each in written if isinstance(each, Section))
    used = {
        key
        for section in sections
        for block in section.blocks
        if isinstance(block, Paragraph)
        for key in block.footnotes
    }
    return Report(
        title=f"What the reviews say: {shown(_name_files(findings), _LONGEST_TITLE)}",
        sections=sections,
        footnotes={key: text for key, text in FOOTNOTES.items() if key in used},
        left_out=tuple(each for each in written if isinstance(each, str)),
    )


def _name_files(findings: Findings) -> str:
    """Name the files without their folders: those that were scored, where they are known."""
    names = findings.provenance.inputs or [part.name for part in parts_of(findings.file.reader)]
    return ", ".join(Path(name).name for name in names)

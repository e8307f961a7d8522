"""What changed: groups in the latest step of time, compared with the steps before."""

from collections.abc import Iterator, Sequence

from sentiment.reporting.changes import GroupChange, GroupChanges
from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Block, Paragraph, Table
from sentiment.reporting.statistics import LEAST_REVIEWS
from sentiment.reporting.wording import describe_change, listed, p_value, points_within, shown
from sentiment.tables.wording import count, plural

_MOST_ROWS = 10
_MOST_NAMED = 5


def show_changes(findings: Findings) -> Iterator[Block]:
    """Show which groups changed most, or say that none can be judged; nothing where there are no groups."""
    nouns = [shown(comparison.column.noun) for comparison in findings.comparisons]
    one, many = " or ".join(nouns), listed(map(plural, nouns))
    changes, labels = findings.changes, findings.tally.labels
    if changes:
        judged = count(len(changes.judged), one, many)
        yield Paragraph(_describe(changes, judged, labels), "lead", ("change", "many", "rise"))
        yield _tabulate(changes, one, labels)
        if changes.small:
            small = (
                f"Too small to judge, with fewer than {LEAST_REVIEWS} reviews in {changes.latest} or before"
            )
            yield Paragraph(f"{small}: {count(changes.small, one, many)}.", "note")
    elif nouns:
        yield Paragraph(
            f"Which {one} changed cannot be told: none has {LEAST_REVIEWS} reviews in the latest step of "
            f"time and {LEAST_REVIEWS} before it.",
            "note",
        )


def describe_group_change(change: GroupChange, labels: Sequence[str]) -> str:
    """Say how a group changed: `lamp, negative from 10.0% to 40.0%, by +30.0 (19.6 to 40.2) points`."""
    moved = describe_change(change.difference, labels)
    return f"{shown(change.value)}, {moved}, by {points_within(*change.difference.largest_rise)} points"


def _describe(changes: GroupChanges, judged: str, labels: Sequence[str]) -> str:
    real = changes.real
    clearest = "" if len(real) <= _MOST_NAMED else ", most clearly these"
    named = "; ".join(describe_group_change(change, labels) for change in real[:_MOST_NAMED])
    return (
        f"In {changes.latest}, compared with the {changes.unit}s before, {len(real) or 'none'} of {judged} "
        f"changed by more than chance{clearest}{f': {named}' if named else ''}."
    )


def _tabulate(changes: GroupChanges, one: str, labels: Sequence[str]) -> Table:
    rows = tuple(
        (
            shown(change.value),
            f"{sum(change.difference.first):,}",
            f"{sum(change.difference.second):,}",
            describe_change(change.difference, labels),
            points_within(*change.difference.largest_rise),
            f"{'changed' if change.difference.is_real else 'within chance'} "
            f"({p_value(change.difference.p_value)})",
        )
        for change in changes.judged[:_MOST_ROWS]
    )
    return Table(
        f"What changed in {changes.latest}, compared with the {changes.unit}s before: the clearest first, "
        "points with 95 % intervals",
        (one, "reviews before", f"in {changes.latest}", "what moved most", "points", "beside chance"),
        rows,
        numeric=(1, 2, 4),
    )

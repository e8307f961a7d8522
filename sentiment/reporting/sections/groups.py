"""Products, countries, versions and files side by side."""

from collections.abc import Iterator, Sequence

from sentiment.measuring import wilson_interval
from sentiment.reporting.comparison import Comparison, Group
from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Block, Chart, Paragraph, Section, Series, Table
from sentiment.reporting.statistics import LEAST_REVIEWS, Difference
from sentiment.reporting.wording import listed, p_value, percent, percent_within, shown
from sentiment.tables.wording import count, plural

_MOST_ROWS = 20
_MOST_NAMED = 5
_LEAST_SHOWN = 5
"""A share of fewer reviews than these is not worth its line."""
_NONE = "Side by side: no column with several products, countries, versions or files was found."


def write_groups(findings: Findings) -> Section | str:
    """Show the groups of each column, or say that there are none."""
    if not findings.comparisons:
        return _NONE
    blocks = tuple(block for each in findings.comparisons for block in _show(findings, each))
    title = " and ".join(shown(plural(each.column.noun)) for each in findings.comparisons)
    return Section("groups", f"{title[0].upper()}{title[1:]} side by side", blocks)


def describe_group(group: Group, difference: Difference, labels: Sequence[str]) -> str:
    """Say how a group differs: `lamp with 45.0% (38.0 to 52.1) negative of 200 reviews, the rest 20.3%`."""
    label = difference.most_moved
    rest, _ = difference.shares(label)
    share = f"{_share(group, label)} {labels[label]}"
    return f"{shown(group.value)} with {share} of {count(group.reviews, 'review')}, the rest {percent(rest)}"


def _show(findings: Findings, comparison: Comparison) -> Iterator[Block]:
    yield Paragraph(_describe(findings, comparison), "lead", ("change", "many"))
    rows = [group for group in comparison.groups if group.reviews >= _LEAST_SHOWN][:_MOST_ROWS]
    large = [group for group in rows if not group.is_small]
    if large:
        yield _draw(findings, comparison, large)
    if rows:
        yield _tabulate(findings, comparison, rows)
    if note := _describe_rest(comparison, len(rows)):
        yield Paragraph(note, "note", ("frequent",) if comparison.others else ())


def _describe(findings: Findings, comparison: Comparison) -> str:
    noun = shown(comparison.column.noun)
    judged = sum(group.difference is not None for group in comparison.groups)
    if found := comparison.outstanding:
        named = "; ".join(describe_group(*each, findings.tally.labels) for each in found[:_MOST_NAMED])
        clearest = "" if len(found) <= _MOST_NAMED else ", most clearly these"
        verb = "differs" if len(found) == 1 else "differ"
        return (
            f"{len(found):,} of {count(judged, noun, plural(noun))} {verb} from the rest{clearest}: {named}."
        )
    if not judged:
        return f"No {noun} has {LEAST_REVIEWS} reviews or more, so none can be judged."
    if judged == 1:
        return (
            f"The one {noun} with at least {LEAST_REVIEWS} reviews does not differ from the rest by more "
            "than chance."
        )
    return (
        f"None of {judged:,} {plural(noun)} with at least {LEAST_REVIEWS} reviews differs from the rest by "
        "more than chance."
    )


def _draw(findings: Findings, comparison: Comparison, large: list[Group]) -> Chart:
    label, focus = findings.focus_label, findings.focus
    intervals = [wilson_interval(group.counts[focus], group.reviews) for group in large]
    return Chart(
        f"groups-{findings.comparisons.index(comparison) + 1}",
        "bars",
        f"Share of {label} reviews by {shown(comparison.column.noun)}, with 95 % intervals",
        f"{'; '.join(f'{shown(group.value)} {_share(group, focus)}' for group in large)}.",
        tuple(shown(group.value) for group in large),
        (
            Series(
                label,
                tuple(group.share(focus) for group in large),
                tuple(interval.low for interval in intervals),
                tuple(interval.high for interval in intervals),
            ),
        ),
        marks=tuple((place, "differs from the rest") for place, group in enumerate(large) if group.differs),
    )


def _tabulate(findings: Findings, comparison: Comparison, shown_groups: Sequence[Group]) -> Table:
    labels = findings.shown_labels
    names = [findings.tally.labels[label] for label in labels]
    rows = tuple(
        (
            shown(group.value),
            f"{group.reviews:,}",
            *(_share(group, label) for label in labels),
            _judge(group),
        )
        for group in shown_groups
    )
    noun = shown(comparison.column.noun)
    return Table(
        f"Reviews and shares by {noun} (column {shown(comparison.column.column)}), with 95 % intervals in "
        "percent",
        (noun, "reviews", *names, "beside the rest"),
        rows,
        numeric=tuple(range(1, len(labels) + 2)),
    )


def _share(group: Group, label: int) -> str:
    return percent_within(group.share(label), wilson_interval(group.counts[label], group.reviews))


def _judge(group: Group) -> str:
    if group.is_small:
        return "too small to judge"
    if group.difference is None:
        return "the rest is too small to judge"
    return f"{'differs' if group.differs else 'within chance'} ({p_value(group.difference.p_value)})"


def _describe_rest(comparison: Comparison, rows: int) -> str:
    hidden = comparison.groups[rows:]
    parts = []
    if hidden:
        reviews = sum(group.reviews for group in hidden)
        names = plural(comparison.column.noun) if len(hidden) > 1 else comparison.column.noun
        parts.append(f"{len(hidden):,} smaller {shown(names)} with {count(reviews, 'review')}")
    if comparison.others:
        parts.append(f"{count(comparison.others, 'review')} of values too seldom to be counted singly")
    return f"Not shown: {listed(parts)}." if parts else ""

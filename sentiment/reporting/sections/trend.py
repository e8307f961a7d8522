"""Shares over time, and which changes can be told from chance."""

from collections.abc import Iterator, Sequence

from sentiment.measuring import wilson_interval
from sentiment.reporting.findings import Findings
from sentiment.reporting.periods import Period
from sentiment.reporting.section import Block, Chart, Paragraph, Section, Series, Table
from sentiment.reporting.sections.changes import show_changes
from sentiment.reporting.statistics import LEAST_REVIEWS
from sentiment.reporting.trend import Trend
from sentiment.reporting.wording import describe_change, listed, p_value, percent, points
from sentiment.tables.wording import count

_MOST_NAMED = 5


def write_trend(findings: Findings) -> Section | str:
    """Show the trend, or say why there is none."""
    trend = findings.trend
    if findings.file.roles.date is None:
        return "Trend: no column holds dates."
    if findings.survey.order is None:
        return f"Trend: the dates cannot be read ({findings.survey.order_reason})."
    if trend is None:
        return f"Trend: no review with a label has a date that {_describe_none(findings)}."
    if len(trend.periods) < 2:
        return f"Trend: all reviews are of one {trend.unit}, {trend.periods[0].label}."
    blocks: tuple[Block, ...] = (
        Paragraph(_describe_changes(trend, findings.tally.labels), "lead", ("change", "many")),
        *_describe_limits(findings, trend),
        _draw(findings, trend),
        _tabulate(findings, trend),
        *show_changes(findings),
    )
    return Section("trend", f"Trend by {trend.unit}", blocks)


def _describe_changes(trend: Trend, labels: Sequence[str]) -> str:
    if not trend.changes:
        return (
            f"No two {trend.unit}s have {LEAST_REVIEWS} reviews each, so no change can be told from chance."
        )
    real = trend.real_changes
    steps = f"from {trend.unit} to {trend.unit}"
    if not real:
        none = "The change" if len(trend.changes) == 1 else f"None of the {len(trend.changes)} changes"
        text = f"{none} {steps} can{'not' if len(trend.changes) == 1 else ''} be told from chance."
    else:
        named = [
            f"{trend.periods[place].label}, {describe_change(change, labels)}"
            for place, change in sorted(real.items(), key=lambda each: each[1].p_value)[:_MOST_NAMED]
        ]
        clearest = "" if len(real) <= _MOST_NAMED else ", most clearly these"
        text = (
            f"{len(real):,} of {count(len(trend.changes), 'change')} {steps} can be told from chance"
            f"{clearest}: {'; '.join(named)}."
        )
    if trend.halves:
        can = "can" if trend.halves.is_real else "cannot"
        text += (
            f" From the first half of the time to the second, {describe_change(trend.halves, labels)}: "
            f"that {can} be told from chance."
        )
    return text


def _describe_limits(findings: Findings, trend: Trend) -> Iterator[Paragraph]:
    if trend.least_rise is not None:
        label = findings.focus_label
        share = findings.shares[findings.focus].counted
        yield Paragraph(
            f"With {count(trend.typical, 'review')} in a {trend.unit}, a rise of {label} reviews from "
            f"{percent(share)} by {points(trend.least_rise)} would be found four times in five. Smaller ones "
            "mostly stay unseen.",
            footnotes=("power",),
        )
    small = [period.label for period in trend.periods if 0 < period.reviews < LEAST_REVIEWS]
    if small:
        yield Paragraph(
            f"Too small to judge, with fewer than {LEAST_REVIEWS} reviews: {listed(small)}.", "note"
        )
    for reviews, reason in _list_left_out(findings):
        yield Paragraph(f"Left out here, because their date {reason}: {count(reviews, 'review')}.", "note")


def _list_left_out(findings: Findings) -> Iterator[tuple[int, str]]:
    """Give how many reviews have no place in a trend for each reason that there is."""
    tally = findings.tally
    reasons = (
        (tally.undated, "is missing or cannot be read"),
        (tally.future, "lies in the future"),
        (tally.astray, "lies before 1990 or years before all others"),
    )
    return ((reviews, reason) for reviews, reason in reasons if reviews)


def _describe_none(findings: Findings) -> str:
    if findings.tally.future or findings.tally.astray:
        return "lies between 1990 and today"
    return "can be read"


def _draw(findings: Findings, trend: Trend) -> Chart:
    labels = findings.tally.labels
    marks = tuple((place, describe_change(change, labels)) for place, change in trend.real_changes.items())
    first, last = trend.periods[0], trend.periods[-1]
    return Chart(
        "trend",
        "lines",
        f"Share of each label by {trend.unit}, with 95 % intervals",
        f"From {first.label} ({_name_shares(findings, first)}) to {last.label} "
        f"({_name_shares(findings, last)}). "
        f"{_describe_changes(trend, labels)}",
        tuple(period.label for period in trend.periods),
        tuple(_series(labels[label], label, trend.periods) for label in findings.shown_labels),
        marks=marks,
    )


def _name_shares(findings: Findings, period: Period) -> str:
    return listed(
        f"{findings.tally.labels[label]} {percent(period.counts[label] / period.reviews)}"
        for label in findings.shown_labels
    )


def _series(name: str, label: int, periods: Sequence[Period]) -> Series:
    # A step without reviews has no share; contracts want as many bounds as values.
    bounds = [
        wilson_interval(period.counts[label], period.reviews) if period.reviews else None
        for period in periods
    ]
    return Series(
        name,
        tuple(period.counts[label] / period.reviews if period.reviews else None for period in periods),
        tuple(bound.low if bound else None for bound in bounds),
        tuple(bound.high if bound else None for bound in bounds),
    )


def _tabulate(findings: Findings, trend: Trend) -> Table:
    labels = [findings.tally.labels[label] for label in findings.shown_labels]
    rows = tuple(
        (
            period.label,
            f"{period.reviews:,}",
            *(
                percent(period.counts[label] / period.reviews) if period.reviews else ""
                for label in findings.shown_labels
            ),
            _judge(trend, place),
        )
        for place, period in enumerate(trend.periods)
    )
    return Table(
        f"Reviews and shares by {trend.unit}; the first and the last may be incomplete",
        (trend.unit, "reviews", *labels, "change"),
        rows,
        numeric=tuple(range(1, len(labels) + 2)),
    )


def _judge(trend: Trend, place: int) -> str:
    if trend.periods[place].reviews < LEAST_REVIEWS:
        return "too small to judge"
    change = trend.changes.get(place)
    if change is None:
        return ""
    return f"{'beyond' if change.is_real else 'within'} chance ({p_value(change.p_value)})"

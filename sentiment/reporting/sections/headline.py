"""The headline in words: what a reader takes along who reads nothing else."""

from collections.abc import Iterator, Sequence

from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Paragraph, Section
from sentiment.reporting.sections.changes import describe_group_change
from sentiment.reporting.sections.groups import describe_group
from sentiment.reporting.trend import Trend
from sentiment.reporting.wording import describe_change, listed, percent, percent_within, shown
from sentiment.tables.wording import count


def write_headline(findings: Findings) -> Section:
    """Say in a few sentences what there is to know."""
    tally = findings.tally
    if not tally.labelled:
        text = f"None of {count(tally.rows, 'row')} has a label, so there is nothing to tell."
        return Section("headline", "In short", (Paragraph(text, "lead"),))
    method = "estimate" if findings.shares[0].is_estimated else "shares"
    blocks = [Paragraph(_describe_shares(findings), "lead", (method,))]
    blocks += [Paragraph(text) for text in _sentences(findings)]
    return Section("headline", "In short", tuple(blocks))


def _describe_shares(findings: Findings) -> str:
    shares = [findings.shares[label] for label in findings.shown_labels]
    first, *others = sorted(shares, key=lambda share: -share.share)
    largest = f"{percent_within(first.share, first.interval)} are {first.label}"
    named = listed([largest, *(f"{percent(share.share)} {share.label}" for share in others)])
    how = "by estimate " if first.is_estimated else ""
    return f"Of {count(findings.tally.labelled, 'review')} with a label, {how}{named}."


def _sentences(findings: Findings) -> Iterator[str]:
    if findings.trend and findings.trend.changes:
        yield _describe_trend(findings.trend, findings.tally.labels)
    if findings.changes:
        for change in findings.changes.real[:1]:
            named = f"The {shown(change.column.noun)} that changed most in {findings.changes.latest}"
            yield f"{named}: {describe_group_change(change, findings.tally.labels)}."
    for comparison in findings.comparisons:
        for clearest in comparison.outstanding[:1]:
            noun = shown(comparison.column.noun)
            yield f"The {noun} that stands out most: {describe_group(*clearest, findings.tally.labels)}."
    tasks = []
    if findings.tally.disagreeing:
        n = findings.tally.disagreeing
        tasks.append(f"{count(n, 'review')} {'contradicts its' if n == 1 else 'contradict their'} stars")
    if findings.tally.needing_review:
        n = findings.tally.needing_review
        tasks.append(f"{count(n, 'review')} {'needs' if n == 1 else 'need'} a person")
    if tasks:
        yield f"{listed(tasks)}."


def _describe_trend(trend: Trend, labels: Sequence[str]) -> str:
    real = trend.real_changes
    if real:
        latest, clearest = max(real), min(real, key=lambda place: (real[place].p_value, -place))
        # A drop that has passed is news, too: its recovery alone would read as good tidings.
        named = {f"The latest change that can be told from chance, in {trend.periods[latest].label}": latest}
        if clearest != latest:
            named[f"The clearest one, in {trend.periods[clearest].label}"] = clearest
        return " ".join(f"{name}: {describe_change(real[place], labels)}." for name, place in named.items())
    if trend.halves and trend.halves.is_real:
        return f"From the first half of the time to the second: {describe_change(trend.halves, labels)}."
    return f"No change from {trend.unit} to {trend.unit} can be told from chance."

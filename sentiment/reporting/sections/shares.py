"""The share of each sentiment, with its interval."""

from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Chart, Section, Series, Table
from sentiment.reporting.wording import listed, percent, percent_within


def write_shares(findings: Findings) -> Section | str:
    """Show the share of each label."""
    if not findings.shares:
        return "Shares: no review has a label."
    shares = [findings.shares[label] for label in findings.shown_labels]
    is_estimated = findings.shares[0].is_estimated
    caption = f"Share of each label among {findings.tally.labelled:,} reviews"
    table = Table(
        f"{caption}: as the model labels them{', and as estimated' if is_estimated else ''}, with 95 % "
        "intervals",
        ("label", "reviews", "counted", *(["estimated"] if is_estimated else []), "from", "to"),
        tuple(
            (
                share.label,
                f"{share.reviews:,}",
                percent(share.counted),
                *([percent(share.share)] if is_estimated else []),
                percent(share.interval.low),
                percent(share.interval.high),
            )
            for share in shares
        ),
        numeric=tuple(range(1, 6 if is_estimated else 5)),
    )
    chart = Chart(
        "shares",
        "shares",
        caption,
        f"{listed(f'{share.label} {percent_within(share.share, share.interval)}' for share in shares)}.",
        ("all reviews",),
        tuple(
            Series(share.label, (share.share,), (share.interval.low,), (share.interval.high,))
            for share in shares
        ),
    )
    return Section("shares", "Share of each sentiment", (chart, table))

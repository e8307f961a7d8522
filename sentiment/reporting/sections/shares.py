"""The share of each sentiment, with its interval."""

from sentiment.reporting.findings import Findings
from sentiment.reporting.section import Chart, Section, Series, Table
from sentiment.reporting.wording import listed, percent, percent_within


def write_shares(findings: Findings) -> Section | str:
    """Show the share of each label."""
    if not findings.shares:
        return "Shares: no review has a label."
    shares = [findings.shares[label] for label in findings.shown_labels]
    caption = f"Share of each label among {findings.tally.labelled:,} reviews"
    table = Table(
        f"{caption}, with 95 % intervals",
        ("label", "reviews", "share", "from", "to"),
        tuple(
            (
                share.label,
                f"{share.reviews:,}",
                percent(share.share),
                percent(share.interval.low),
                percent(share.interval.high),
            )
            for share in shares
        ),
        numeric=(1, 2, 3, 4),
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

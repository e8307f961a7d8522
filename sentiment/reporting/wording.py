"""How figures, names and reviews are put: short, safe to show, personal data masked."""

import html
from collections.abc import Iterable, Sequence
from typing import Final

from sentiment.measuring import Interval
from sentiment.reporting.highlights import mark_words
from sentiment.reporting.samples import Sample
from sentiment.reporting.section import Quote
from sentiment.reporting.statistics import Difference
from sentiment.scoring.explaining.strongest import spell_words
from sentiment.tables import RatingScales, mask_personal_data, printable

_LONGEST_QUOTE: Final = 600
_LONGEST_NAME: Final = 60


def percent(share: float) -> str:
    """Write a share: `21.6%`."""
    return f"{share:.1%}"


def percent_within(share: float, interval: Interval) -> str:
    """Write a share and its interval: `21.6% (17.0 to 27.0)`."""
    return f"{percent(share)} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def points(difference: float) -> str:
    """Write a difference of shares: `4.2 points`."""
    return f"{100 * difference:.1f} points"


def points_within(rise: float, interval: Interval) -> str:
    """Write a rise or fall of a share, in points, and its interval: `+4.2 (1.0 to 7.5)`."""
    return f"{100 * rise:+.1f} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def p_value(value: float) -> str:
    """Write a p-value: `p = 0.012`, `p < 0.001`."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def describe_change(change: Difference, labels: Sequence[str]) -> str:
    """Say which share moved most: `negative from 12.0% to 31.0%`."""
    label = change.most_moved
    before, after = change.shares(label)
    return f"{labels[label]} from {percent(before)} to {percent(after)}"


def listed(names: Iterable[str]) -> str:
    """Join names: `a`, `a and b`, `a, b and c`."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def shown(text: str, longest: int = _LONGEST_NAME) -> str:
    """Make one line of any text: personal data masked, nothing invisible in it, cut behind a whole word."""
    return _shorten(_safe(text), longest)


def quote(sample: Sample, *, more: Iterable[tuple[str, str]] = ()) -> Quote:
    """Show a review with what is known of it.

    Args:
        sample: The review.
        more: Facts to go first.
    """
    title, body = _safe(sample.title), _safe(sample.text)
    opening = title.rstrip(".!… ").casefold()  # many an export repeats the beginning of the body as its title
    whole = body if body.casefold().startswith(opening) else ": ".join(filter(None, (title, body)))
    text = _shorten(whole, _LONGEST_QUOTE)
    is_cut = sample.is_cut or text != whole
    marks = mark_words(text, sample.prediction.explanation or ())
    return Quote(sample.row + 1, text, is_cut, (*more, *_facts(sample)), marks)


def _facts(sample: Sample) -> Iterable[tuple[str, str]]:
    if sample.also_in:
        yield "also in", _name_rows(sample)
    found = sample.prediction
    if found.label is not None:
        yield "text reads", found.label
    if found.confidence is not None:
        yield "confidence", percent(found.confidence)
    if found.stars is not None:
        yield "expected stars", f"{found.stars:.1f}"
    if found.explanation:
        yield "moved by", shown(spell_words(found.explanation), _LONGEST_QUOTE)
    if sample.stars is not None:
        yield "given stars", f"{round(sample.stars, 2):g}"
    if found.label is None:
        yield "status", found.status.value
    if sample.product and sample.product.strip():
        yield "product", shown(sample.product)
    if sample.date and sample.date.strip():
        yield "date", shown(sample.date)


def describe_scales(scales: RatingScales) -> str:
    """Say how ratings read as stars, a line for each scale, the usual one first."""
    return "\n".join(
        f"{f'{found.file_names}: ' if found.files else ''}{found.span} ({found.reason})"
        for found in scales.all
    )


def _name_rows(sample: Sample) -> str:
    """Say where else the same text stands: `row 12`, `rows 12, 40 and 3 more`."""
    more = sample.reviews - 1 - len(sample.also_in)
    rows = ", ".join(f"{row + 1}" for row in sample.also_in)
    return f"row{'s' if sample.reviews > 2 else ''} {rows}{f' and {more:,} more' if more else ''}"


def _safe(text: str) -> str:
    return " ".join(printable(mask_personal_data(html.unescape(text))).split())


def _shorten(line: str, longest: int) -> str:
    if len(line) <= longest:
        return line
    head = line[: longest - 1]
    return f"{(head[: head.rfind(' ')] if ' ' in head[longest // 2 :] else head).rstrip()}…"

"""What a scored file holds, counted in two passes and bounded memory."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tqdm import tqdm

from sentiment.measuring import ShareCounts
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.reporting.frequent import FrequentValues
from sentiment.reporting.grouping import GroupColumn
from sentiment.reporting.periods import UNITS, Unit, find_span
from sentiment.reporting.samples import Best, Drawn, count_words
from sentiment.reporting.scored_file import ScoredFile, ScoredReview
from sentiment.reporting.timeline import Timeline
from sentiment.scoring.results import DISAGREEMENT_STARS
from sentiment.tables import RatingScales, ScalesFinder, iter_reviews
from sentiment.tables.values.dates import DateFinder, DateOrder

SHOWN: Final = 20
"""Rows of a worklist."""
EXTREMES: Final = 3
LEAST_WORDS: Final = 8
"""Shorter reviews say too little to stand for others."""
MOST_WORDS: Final = 100
"""Words beyond this add nothing to what a review is worth to its reader. Own choice."""
DRAWN: Final = 300
_MOST_LANGUAGES: Final = 200

Counts = list[int]
"""Reviews of each label, in the order of the file's labels."""


@dataclass(frozen=True)
class Survey:
    """What the first pass found, for the second to count by.

    Attributes:
        scales: How ratings read, of each file that the rows are from.
        order: How dates read; None without readable ones.
        order_reason: Why that order, or why none.
        span: Days (proleptic ordinals) that can be those of reviews; so few that each can be counted.
        groups: Column to its frequent values.
        all_groups: Columns of which every value is among them.
    """

    scales: RatingScales
    order: DateOrder | None
    order_reason: str
    span: range
    groups: Mapping[GroupColumn, Sequence[str]]
    all_groups: frozenset[GroupColumn]


def survey(file: ScoredFile, columns: Sequence[GroupColumn], today: date) -> Survey:
    """Pass over ratings, dates and groups of a scored file; later dates than today's are of no review."""
    scales, order = ScalesFinder(file.reader.columns, file.roles.rating), DateFinder()
    frequent = {column: FrequentValues() for column in columns}
    if file.roles.rating or file.roles.date or columns:
        for review in iter_reviews(file.reader, file.roles):
            scales.add(review)
            order.add(review.date)
            for column, values in frequent.items():
                if value := column.read(review):
                    values.add(value)
    found_order = order.order()
    return Survey(
        scales=scales.scales(),
        order=found_order,
        order_reason=order.reason,
        span=find_span(order.years, today),
        groups={column: values.values() for column, values in frequent.items()},
        all_groups=frozenset(column for column, values in frequent.items() if values.is_complete),
    )


@dataclass
class Tally:
    """What the second pass counts and keeps; every number is exact.

    Attributes:
        labels: The names that predictions can have.
        rows: Data rows.
        counts: Reviews of each label.
        millionths: Sum of the probabilities of each label, in millionths.
        statuses: What became of the rows.
        languages: ISO 639-1 codes to rows; empty text where it is not known.
        needing_review: Rows that a person should look at.
        disagreeing: Rows whose stars their text contradicts.
        days: Days (proleptic ordinal) to reviews of each label.
        undated: Labelled reviews whose date is missing or cannot be read.
        future: Those whose date lies in the future.
        astray: Those whose date lies before 1990, or years before all others.
        groups: Column to value to reviews of each label.
        timelines: Column to the dated ones of these by step of time.
        ungrouped: Column to labelled reviews of values that are too seldom to be counted by themselves.
        by_stars: Whole stars, 1 first, to reviews of each label.
        contradictions: Those furthest apart first.
        worklist: Those worth a person's time most first.
        extremes: Label to the surest reviews of it.
        drawn: Label to sure reviews, drawn at random.
    """

    labels: tuple[str, ...]
    rows: int = 0
    counts: Counts = field(default_factory=list)
    millionths: Counts = field(default_factory=list)
    statuses: Counter[ReviewStatus] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    needing_review: int = 0
    disagreeing: int = 0
    days: dict[int, Counts] = field(default_factory=dict)
    undated: int = 0
    future: int = 0
    astray: int = 0
    groups: dict[GroupColumn, dict[str, Counts]] = field(default_factory=dict)
    timelines: dict[GroupColumn, Timeline] = field(default_factory=dict)
    ungrouped: Counter[GroupColumn] = field(default_factory=Counter)
    by_stars: list[Counts] = field(default_factory=list)
    contradictions: Best = field(default_factory=lambda: Best(SHOWN))
    worklist: Best = field(default_factory=lambda: Best(SHOWN))
    extremes: dict[str, Best] = field(default_factory=dict)
    drawn: dict[str, Drawn] = field(default_factory=dict)

    @property
    def labelled(self) -> int:
        """Reviews with a label."""
        return sum(self.counts)

    @property
    def share_counts(self) -> ShareCounts:
        """What true shares are estimated from."""
        return ShareCounts(len(self.labels), self.labelled, tuple(self.counts), tuple(self.millionths))


def count_all(file: ScoredFile, found: Survey, units: Sequence[Unit] = UNITS, *, quiet: bool = True) -> Tally:
    """Pass over a scored file once more and count everything that a report says.

    Args:
        file: The scored file.
        found: What the first pass found of it.
        units: Lengths of a step of time by which groups may be asked for.
        quiet: Whether to show no progress, on a terminal.

    Raises:
        DataError: A result cannot be read.
    """
    counter = _Counter(file.labels, found, units)
    hidden = quiet or not sys.stderr.isatty()
    with tqdm(total=file.reader.receipt.rows, unit=" reviews", disable=hidden, leave=False) as bar:
        for number, scored in enumerate(file.reviews(), start=1):
            counter.add(scored)
            if number % 1024 == 0:
                bar.update(1024)
    return counter.tally


class _Counter:
    """Count row by row."""

    def __init__(self, labels: tuple[str, ...], found: Survey, units: Sequence[Unit]) -> None:
        self._scales, self._order, self._span = found.scales, found.order, found.span
        self._places = {label: place for place, label in enumerate(labels)}
        self.tally = Tally(
            labels,
            counts=[0] * len(labels),
            millionths=[0] * len(labels),
            groups={
                column: {value: [0] * len(labels) for value in values}
                for column, values in found.groups.items()
            },
            timelines={column: Timeline(units, len(labels)) for column in found.groups},
            by_stars=[[0] * len(labels) for _ in range(5)],
            extremes={label: Best(EXTREMES) for label in labels},
            drawn={label: Drawn(DRAWN) for label in labels},
        )

    def add(self, scored: ScoredReview) -> None:
        review, prediction, disagrees = scored
        tally = self.tally
        tally.rows += 1
        tally.statuses[prediction.status] += 1
        language = prediction.language or ""
        if language in tally.languages or len(tally.languages) < _MOST_LANGUAGES:
            tally.languages[language] += 1
        stars = self._scales.stars(review) if review.rating else None
        if prediction.label is not None:
            self._count(review, prediction, self._places[prediction.label], stars)
        if prediction.needs_review:
            tally.needing_review += 1
            tally.worklist.offer(worth(review, prediction, stars), review, prediction, stars)
        if disagrees and stars is not None and prediction.stars is not None:
            tally.disagreeing += 1
            tally.contradictions.offer(abs(stars - prediction.stars), review, prediction, stars)

    def _count(self, review: Review, prediction: Prediction, place: int, stars: float | None) -> None:
        tally = self.tally
        tally.counts[place] += 1
        for other, probability in enumerate(prediction.probabilities.values()):
            tally.millionths[other] += round(1_000_000 * probability)
        if stars is not None:
            tally.by_stars[int(stars + 0.5) - 1][place] += 1
        day = self._find_day(review)
        if day is not None:
            tally.days.setdefault(day, [0] * len(tally.labels))[place] += 1
        for column, groups in tally.groups.items():
            value = column.read(review)
            if value in groups:
                groups[value][place] += 1
                if day is not None:
                    tally.timelines[column].add(day, value, place)
            elif value:
                tally.ungrouped[column] += 1
        words = count_words(review)
        if words >= LEAST_WORDS and not prediction.needs_review and prediction.confidence is not None:
            label = tally.labels[place]
            # Of equally sure ones the longer: it says more.
            rank = prediction.confidence + 1e-6 * min(words, MOST_WORDS)
            tally.extremes[label].offer(rank, review, prediction, stars)
            tally.drawn[label].offer(review, prediction, stars)

    def _find_day(self, review: Review) -> int | None:
        """Give the day of a review, or count why it has none."""
        moment = self._order.parse(review.date) if self._order else None
        if moment is None:
            self.tally.undated += 1
            return None
        day = moment.toordinal()
        if day in self._span:
            return day
        if day >= self._span.stop:
            self.tally.future += 1
        else:
            self.tally.astray += 1
        return None


def worth(review: Review, prediction: Prediction, stars: float | None) -> float:
    """Say how much a person's look at an unsure review is worth: its words, at most 100, times the doubt.

    Doubt is what the confidence leaves to 1, all of it without a label; it counts twice where the stars lie
    two or more from those that the model expects. Own choice: what can be learned, times how little the
    model knows.
    """
    doubt = 1.0 if prediction.confidence is None else 1.0 - prediction.confidence
    if stars is not None and prediction.stars is not None:
        doubt *= 2 if abs(stars - prediction.stars) >= DISAGREEMENT_STARS else 1
    return doubt * min(count_words(review), MOST_WORDS)

"""What the reviews of a file hold, found in two passes and in constant memory."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from tqdm import tqdm

from sentiment.inspecting.duplicates import DuplicateCounter
from sentiment.records import Review, ReviewStatus
from sentiment.tables import (
    FoundScale,
    RatingScale,
    RatingScales,
    Reader,
    Roles,
    ScalesFinder,
    cell_text,
    compose_text,
    iter_reviews,
    review_status,
)
from sentiment.tables.values.dates import DateFinder, DateOrder
from sentiment.tables.values.languages import detect_languages
from sentiment.tables.values.personal_data import PersonalData, find_personal_data

_WINDOW_ROWS: Final = 1024
_EXAMPLES: Final = 10
_SAMPLE_ROWS: Final = 1_000


@dataclass(frozen=True)
class RatingFindings:
    """What a rating column holds.

    Attributes:
        scale: How its cells read; None where they are no ratings.
        reason: Why that scale, or why none.
        stars: Whole stars, 5 first, to how many ratings round to them.
        unread: Cells that hold something but no rating of that scale.
        others: The scales of files among several that have another one.
    """

    scale: RatingScale | None
    reason: str
    stars: dict[int, int] = field(default_factory=dict)
    unread: int = 0
    others: tuple[FoundScale, ...] = ()


@dataclass(frozen=True)
class DateFindings:
    """What a date column holds.

    Attributes:
        order: How its cells read; None where they are no dates, or cannot be told apart.
        reason: Why that order, or why none.
        first: The earliest.
        last: The latest.
        unread: Cells that hold something but no date of that order.
    """

    order: DateOrder | None
    reason: str
    first: datetime | None = None
    last: datetime | None = None
    unread: int = 0


@dataclass(frozen=True)
class Findings:
    """What the reviews of a file hold.

    Attributes:
        statuses: `empty`, `no_words` and `ok` to numbers of rows.
        withheld: Rows that their platform does not publish, or that are a shop's replies.
        repeats: Rows whose text, title and body together, occurred before.
        repeats_are_exact: Whether that is no estimate.
        languages: ISO 639-1 codes to numbers of readable reviews, the most frequent first; None: not sure.
        personal_data: Kind to the number of reviews that hold it.
        personal_columns: Other column to the kind of personal data that most of its first cells are.
        ratings: None where no column has ratings.
        dates: None where no column has dates.
        examples: Ten reviews from all over the file.
    """

    statuses: Mapping[ReviewStatus, int]
    withheld: int
    repeats: int
    repeats_are_exact: bool
    languages: Mapping[str | None, int]
    personal_data: Mapping[str, int]
    personal_columns: Mapping[str, str]
    ratings: RatingFindings | None
    dates: DateFindings | None
    examples: Sequence[Review]


@dataclass
class _Survey:
    """What the first pass collects."""

    wanted: frozenset[int]
    scales: ScalesFinder
    order: DateFinder = field(default_factory=DateFinder)
    duplicates: DuplicateCounter = field(default_factory=DuplicateCounter)
    statuses: Counter[ReviewStatus] = field(default_factory=Counter)
    languages: Counter[str | None] = field(default_factory=Counter)
    personal_data: Counter[str] = field(default_factory=Counter)
    withheld: int = 0
    examples: list[Review] = field(default_factory=list)

    def add(self, window: Sequence[Review]) -> None:
        """Take some reviews."""
        readable = []
        for review in window:
            composed = compose_text(review.title, review.text)
            status = review_status(composed)
            self.statuses[status] += 1
            self.withheld += review.is_withheld
            self.scales.add(review)
            self.order.add(review.date)
            if status is not ReviewStatus.EMPTY:
                self.duplicates.add(composed)
                self.personal_data.update({each.kind for each in _personal_data(review)})
            if status is ReviewStatus.OK:
                readable.append(composed)
            if review.row in self.wanted:
                self.examples.append(review)
        self.languages.update(detect_languages(readable))


class _RatingTally:
    """Read every rating by the scale of its file."""

    def __init__(self, scales: RatingScales) -> None:
        self.scales = scales
        self._stars: Counter[int] = Counter()
        self._unread = 0

    def add(self, review: Review) -> None:
        if self.scales.usual.scale is None or not review.rating or review.rating.isspace():
            return
        stars = self.scales.stars(review)
        if stars is None:
            self._unread += 1
        else:
            self._stars[int(stars + 0.5)] += 1

    def findings(self) -> RatingFindings:
        usual, *others = self.scales.all
        counts = {stars: self._stars[stars] for stars in (5, 4, 3, 2, 1)} if usual.scale else {}
        return RatingFindings(usual.scale, usual.reason, counts, self._unread, tuple(others))


class _DateTally:
    """Read every date by the order of the whole column."""

    def __init__(self, finder: DateFinder) -> None:
        self.order = finder.order()
        self._reason = finder.reason
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._unread = 0

    def add(self, cell: str | None) -> None:
        if self.order is None or not cell or cell.isspace():
            return
        moment = self.order.parse(cell)
        if moment is None:
            self._unread += 1
        else:
            self._first = min(self._first or moment, moment)
            self._last = max(self._last or moment, moment)

    def findings(self) -> DateFindings:
        return DateFindings(self.order, self._reason, self._first, self._last, self._unread)


def find_all(reader: Reader, roles: Roles, *, quiet: bool = True) -> Findings:
    """Pass over all reviews, twice where there are ratings or dates to be read by what the first pass found.

    Args:
        reader: The reviews.
        roles: Their columns.
        quiet: Whether to show no progress, on a terminal.
    """
    rows = reader.receipt.rows
    survey = _Survey(
        frozenset(i * rows // _EXAMPLES for i in range(_EXAMPLES)), ScalesFinder(reader.columns, roles.rating)
    )
    hidden = quiet or not sys.stderr.isatty()
    with tqdm(total=rows, unit=" reviews", disable=hidden, leave=False) as bar:
        for window in _windows(iter_reviews(reader, roles)):
            survey.add(window)
            bar.update(len(window))
    ratings, dates = _RatingTally(survey.scales.scales()), _DateTally(survey.order)
    if ratings.scales.usual.scale or dates.order:
        for review in iter_reviews(reader, roles):
            ratings.add(review)
            dates.add(review.date)
    return Findings(
        statuses=dict(survey.statuses),
        withheld=survey.withheld,
        repeats=survey.duplicates.repeats,
        repeats_are_exact=survey.duplicates.is_exact,
        languages=dict(sorted(survey.languages.items(), key=lambda each: (-each[1], each[0] or ""))),
        personal_data=dict(sorted(survey.personal_data.items(), key=lambda each: (-each[1], each[0]))),
        personal_columns=_find_personal_columns(reader, roles),
        ratings=ratings.findings() if roles.rating else None,
        dates=dates.findings() if roles.date else None,
        examples=survey.examples,
    )


def _windows(reviews: Iterable[Review]) -> Iterator[list[Review]]:
    reviews = iter(reviews)
    while window := list(islice(reviews, _WINDOW_ROWS)):
        yield window


def _personal_data(review: Review) -> Iterator[PersonalData]:
    for text in filter(None, (review.title, review.text)):
        yield from find_personal_data(text)


def _find_personal_columns(reader: Reader, roles: Roles) -> dict[str, str]:
    """Find the columns, besides text and title, most of whose first cells are one piece of personal data."""
    read = {roles.title, *roles.text}
    filled: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {column: Counter() for column in reader.columns if column not in read}
    for row in islice(reader.rows(), _SAMPLE_ROWS):
        for column, cell in zip(reader.columns, row, strict=True):
            if column in kinds and (text := cell_text(cell).strip()):
                filled[column] += 1
                kinds[column].update(
                    each.kind for each in find_personal_data(text) if each.end - each.start == len(text)
                )
    commonest = {column: counts.most_common(1)[0] for column, counts in kinds.items() if counts}
    return {column: kind for column, (kind, count) in commonest.items() if 2 * count > filled[column]}

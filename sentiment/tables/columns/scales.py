"""The rating scale of a review file, and those of several that are read as one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sentiment.records import Review
from sentiment.tables.columns.roles import Roles, iter_reviews
from sentiment.tables.reading.joined import source_place
from sentiment.tables.reading.reader import Reader
from sentiment.tables.values.cells import cell_text
from sentiment.tables.values.cleaning import printable
from sentiment.tables.values.ratings import RatingScale, ScaleFinder
from sentiment.tables.wording import first_few

_MOST_FILES: Final = 10_000
"""A column with more names than these lists no files: memory stays bounded, and all is read as one."""
_NAMES_SHOWN: Final = 3

_Span = tuple[float, float]


@dataclass(frozen=True)
class FoundScale:
    """The scale that files share.

    Attributes:
        scale: How their ratings read as stars; None where they are no ratings.
        reason: Why that scale, or why none.
        files: Their names; none where these are all the files, or all that no other scale is found for.
    """

    scale: RatingScale | None
    reason: str
    files: tuple[str, ...] = ()

    @property
    def file_names(self) -> str:
        """The files in a message, the first few of many."""
        return first_few([printable(name) for name in self.files], _NAMES_SHOWN)

    @property
    def span(self) -> str:
        """The scale in words: `1 to 10`, or `none`."""
        return self.scale.span if self.scale else "none"

    def describe(self) -> str:
        """Say it in one line: `rating scale of b.csv: 1 to 10 (numbers from 2 to 10)`."""
        files = f" of {self.file_names}" if self.files else ""
        so = "" if self.scale else f", so stars_disagree stays empty{' there' if self.files else ''}"
        return f"rating scale{files}: {self.span}{so} ({self.reason})"


@dataclass(frozen=True)
class RatingScales:
    """How ratings read as stars, whichever file they are from.

    Attributes:
        usual: The scale of most ratings.
        own: File to its scale, for those that have another one.
        place: Place of the column that names the file of a row; None where all rows are of one.
    """

    usual: FoundScale
    own: Mapping[str, FoundScale] = field(default_factory=dict)
    place: int | None = None

    @property
    def all(self) -> tuple[FoundScale, ...]:
        """Each scale once, the usual one first."""
        return (self.usual, *dict.fromkeys(self.own.values()))

    def stars(self, review: Review) -> float | None:
        """Give the rating of a review as stars, 1.0 to 5.0; None where it has none on its file's scale."""
        found = self.usual
        if self.own and self.place is not None:
            found = self.own.get(cell_text(review.cells[self.place]), found)
        return found.scale.to_stars(review.rating) if found.scale else None


class ScalesFinder:
    """Find the scale of each file in one pass over all reviews.

    Args:
        columns: Names of the columns that the rows of the reviews have.
        rating: Name of the one that holds the ratings; None where none does.
    """

    def __init__(self, columns: Sequence[str], rating: str | None) -> None:
        self._place = source_place(columns)
        self._header = rating or ""
        self._files: dict[str, ScaleFinder] = {}
        self._is_one = False

    def add(self, review: Review) -> None:
        """Take a review."""
        place = None if self._is_one else self._place
        self._finder_of("" if place is None else cell_text(review.cells[place])).add(review.rating)

    def merge(self, other: "ScalesFinder") -> None:
        """Take what another one has seen of other rows of the same files."""
        if other._is_one:
            self._read_as_one()
        for file, finder in other._files.items():
            self._finder_of(file).merge(finder)

    def _finder_of(self, file: str) -> ScaleFinder:
        if file not in self._files and len(self._files) >= _MOST_FILES:
            self._read_as_one()
        name = "" if self._is_one else file
        if name not in self._files:
            self._files[name] = ScaleFinder(self._header)
        return self._files[name]

    def _read_as_one(self) -> None:
        self._files = {"": self._merge(self._files.values())}
        self._is_one = True

    def scales(self) -> RatingScales:
        """Decide the scales.

        Files that agree share one. A file that reads otherwise by itself has its own scale only where its
        ratings cannot be of another's: three ratings up to 5 beside files of 1 to 10 are of 1 to 10.
        """
        alone = {file: finder.scale() for file, finder in self._files.items() if finder.ratings}
        spans = self._assign({file: _span(scale) for file, scale in alone.items() if scale})
        if not spans or len({spans.get(file) for file in alone}) == 1:
            whole = self._merge(self._files.values())
            return RatingScales(FoundScale(whole.scale(), whole.reason), place=self._place)
        groups: dict[_Span | str, list[str]] = {}
        for file in alone:
            groups.setdefault(spans.get(file, self._files[file].reason), []).append(file)
        found = [self._settle(files, spans.get(files[0])) for files in groups.values()]
        usual = max(found, key=lambda each: (each.scale is not None, self._count(each.files)))
        own = {file: each for each in found if each is not usual for file in each.files}
        return RatingScales(replace(usual, files=()), own, self._place)

    def _assign(self, alone: Mapping[str, _Span]) -> dict[str, _Span]:
        """Give each file the lowest and the highest value of its scale; nothing where no file is sure of it.

        Args:
            alone: File to those of the scale that it has by itself.
        """
        counts: Counter[_Span] = Counter()
        spans = set(alone.values())
        for file, own in alone.items():
            if not any(self._files[file].fits(*span) for span in spans if span != own):
                counts[own] += self._files[file].ratings
        if not counts:
            return {}
        assigned = {}
        for file, own in alone.items():
            fitting = (span for span, _ in counts.most_common() if self._files[file].fits(*span))
            assigned[file] = own if own in counts else next(fitting, own)
        return assigned

    def _settle(self, files: Sequence[str], span: _Span | None) -> FoundScale:
        """Give the scale that files share, with the reason of all or, where they differ, of one."""
        together = self._merge(self._files[file] for file in files)
        finders = (together, *(self._files[file] for file in files))
        finder = next(finder for finder in finders if _span_of(finder) == span)
        return FoundScale(finder.scale(), finder.reason, tuple(files))

    def _merge(self, finders: Iterable[ScaleFinder]) -> ScaleFinder:
        whole = ScaleFinder(self._header)
        for finder in finders:
            whole.merge(finder)
        return whole

    def _count(self, files: Iterable[str]) -> int:
        return sum(self._files[file].ratings for file in files)


def find_scales(reader: Reader, roles: Roles) -> ScalesFinder:
    """Pass over the ratings of a file, or of several as one; its `scales()` are their scales."""
    finder = ScalesFinder(reader.columns, roles.rating)
    if roles.rating is not None:
        for review in iter_reviews(reader, roles):
            finder.add(review)
    return finder


def _span_of(finder: ScaleFinder) -> _Span | None:
    scale = finder.scale()
    return _span(scale) if scale else None


def _span(scale: RatingScale) -> _Span:
    return scale.lowest, scale.highest

"""Scored files as predict.py writes them: which columns are results, and the rows read by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sentiment.errors import DataError
from sentiment.labels import TERNARY, LabelScheme
from sentiment.records import Prediction, Review
from sentiment.scoring.result_columns import ResultNames, name_results
from sentiment.tables import (
    ColumnChoices,
    Reader,
    ReadReceipt,
    Roles,
    cell_text,
    iter_reviews,
    printable,
    resolve_roles,
)

if TYPE_CHECKING:
    import pyarrow as pa

_LABELS: Final = ("predicted_sentiment", "predicted_label")


class ScoredReview(NamedTuple):
    """A row of a scored file.

    Attributes:
        review: As exported.
        prediction: What the model says of it.
        disagrees: Whether a sure prediction contradicts the stars.
    """

    review: Review
    prediction: Prediction
    disagrees: bool


@dataclass(frozen=True)
class ScoredFile:
    """A scored file, open.

    Attributes:
        reader: Its rows.
        roles: Which of the source's columns plays which role.
        names: How the result columns are called.
    """

    reader: Reader
    roles: Roles
    names: ResultNames

    @property
    def labels(self) -> tuple[str, ...]:
        """The names that predictions can have."""
        return tuple(self.names.probabilities)

    def reviews(self) -> Iterator[ScoredReview]:
        """Start a fresh lazy pass.

        Raises:
            DataError: A result cannot be read.
        """
        places = {name: self.reader.columns.index(name) for name in self.names.all}
        disagreement = places.get(self.names.disagreement or "")
        for review in iter_reviews(self.reader, self.roles):
            cells = {name: review.cells[place] for name, place in places.items()}
            try:
                prediction = self._check(self.names.read(cells))
            except (KeyError, ValueError) as error:
                raise DataError(
                    f"{printable(self.reader.name)}: the results of data row {review.row + 1} cannot be "
                    "read.",
                    remedy="Give a file as predict.py wrote it, or score the source again.",
                ) from error
            disagrees = disagreement is not None and cell_text(review.cells[disagreement]).lower() in (
                "true",
                "1",
            )
            yield ScoredReview(review, prediction, disagrees)

    def _check(self, prediction: Prediction) -> Prediction:
        if prediction.label is None:
            return prediction
        found = prediction.probabilities
        if prediction.label not in found or len(found) < len(self.names.probabilities):
            raise ValueError("a label without its probabilities")
        return prediction


def open_scored(reader: Reader, choices: ColumnChoices, prefix: str = "") -> ScoredFile:
    """Find the result columns of a scored file, and the roles of the others.

    Raises:
        DataError: It has no results.
        MissingColumnError: A named column is absent, or none looks like review text.
    """
    names = find_results(reader, prefix)
    return ScoredFile(reader, resolve_roles(SourceColumns(reader, names.all), choices), names)


def find_results(reader: Reader, prefix: str = "") -> ResultNames:
    """Recognise the columns that predict.py added, by their names.

    Raises:
        DataError: They are not there.
    """
    columns = reader.columns
    has_sentiment = f"{prefix}{_LABELS[0]}" in columns
    classes = _find_classes(columns, prefix)
    names = name_results(
        TERNARY if has_sentiment or not classes else LabelScheme("custom", classes),
        rated=f"{prefix}stars_disagree" in columns,
        language=f"{prefix}review_language" in columns,
        receipt=f"{prefix}review_windows" in columns,
        explained=f"{prefix}label_explanation" in columns,
        prefix=prefix,
    )
    missing = [name for name in names.all if name not in columns]
    if missing:
        raise _not_scored(reader, prefix, missing)
    return names


def _find_classes(columns: Sequence[str], prefix: str) -> tuple[str, ...]:
    """Give the classes of a custom scheme: their columns stand between confidence and status."""
    first, last = f"{prefix}predicted_confidence", f"{prefix}review_status"
    if first not in columns or last not in columns:
        return ()
    opening = f"{prefix}p_"
    between = columns[columns.index(first) + 1 : columns.index(last)]
    return tuple(name.removeprefix(opening) for name in between if name.startswith(opening))


def _not_scored(reader: Reader, prefix: str, missing: Sequence[str]) -> DataError:
    name = printable(reader.name)
    elsewhere = [column for column in reader.columns if column.endswith(_LABELS)]
    if elsewhere and not any(f"{prefix}{label}" in elsewhere for label in _LABELS):
        found = max(elsewhere, key=len)
        other = next(found.removesuffix(label) for label in _LABELS if found.endswith(label))
        return DataError(
            f"{name}: no column named '{printable(prefix)}{_LABELS[0]}'.",
            f"Found: {', '.join(map(printable, elsewhere))}.",
            f"Name what stands before it: --column-prefix {printable(other) or repr('')}.",
        )
    return DataError(
        f"{name}: this is not a file that predict.py wrote.",
        f"It has no column named '{printable(missing[0])}'.",
        f"Score it first: python predict.py {name}",
    )


class SourceColumns:
    """A reader without the result columns, so that none of them is taken for a rating or a language.

    Args:
        reader: All columns.
        results: Names of those to hide.
    """

    def __init__(self, reader: Reader, results: Sequence[str]) -> None:
        self._reader = reader
        self._kept = [place for place, name in enumerate(reader.columns) if name not in results]

    @property
    def name(self) -> str:
        """That of the other reader."""
        return self._reader.name

    @property
    def format(self) -> str:
        """That of the other reader."""
        return self._reader.format

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are left."""
        return tuple(self._reader.columns[place] for place in self._kept)

    @property
    def receipt(self) -> ReadReceipt:
        """That of the other reader."""
        return self._reader.receipt

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Start a fresh lazy pass."""
        for row in self._reader.rows():
            yield tuple(row[place] for place in self._kept)

    def column_types(self) -> "dict[str, pa.DataType]":
        """Give the types of the columns that are left."""
        kept = self.columns
        return {name: kind for name, kind in self._reader.column_types().items() if name in kept}

    def close(self) -> None:
        """Do nothing: who opened the other reader closes it."""

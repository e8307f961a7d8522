"""Results of an earlier scored file, carried over to the reviews that are unchanged since."""

import hashlib
import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Final, NamedTuple

from sentiment.errors import DataError, MissingColumnError
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring.job import Job
from sentiment.scoring.journal import pack_prediction, unpack_prediction
from sentiment.scoring.result_columns import ResultNames
from sentiment.scoring.results import Predictor, passing
from sentiment.tables import (
    ROLE_NAMES,
    Reader,
    Roles,
    iter_reviews,
    mask_personal_data,
    open_reader,
    printable,
)
from sentiment.tables.values.personal_data import MASKS
from sentiment.tables.wording import count
from sentiment.tables.writing.formulas import unescape_formula

_CHECKED_ROWS: Final = 64
_TOLERANCE: Final = 0.02
"""Written results are rounded to four places, and bf16 moves with the batch by up to 0.004."""
_MOST_DIFFERENT: Final = 0.1
_BATCH: Final = 1000


class EarlierResults:
    """The results of a scored file, found by review; they lie on disk, so memory does not grow with them.

    A review is the same where its title and text are, and its id too where both files have one.

    Args:
        table: Holds packed predictions by key.
        by_id: Whether the id is part of the key.
        mask: Applied to texts before they are compared, for files that were written with --redact.
    """

    def __init__(self, table: sqlite3.Connection, *, by_id: bool, mask: Callable[[str], str] | None) -> None:
        self._table = table
        self._by_id = by_id
        self._mask = mask

    def find(self, review: Review) -> Prediction | None:
        """Give the earlier results of a review, or None where it is new or was changed."""
        found = self._table.execute("SELECT found FROM results WHERE key = ?", [self._key(review)]).fetchone()
        return unpack_prediction(json.loads(found[0])) if found else None

    def keep(self, results: Iterator[tuple[Review, Prediction]]) -> None:
        """Take reviews and what was found of them."""
        while batch := list(islice(results, _BATCH)):
            rows = [(self._key(review), json.dumps(pack_prediction(found))) for review, found in batch]
            self._table.executemany("INSERT OR IGNORE INTO results VALUES (?, ?)", rows)

    def _key(self, review: Review) -> bytes:
        parts = [unescape_formula(review.title or ""), unescape_formula(review.text)]
        if self._mask is not None:
            parts = [self._mask(part) for part in parts]
        if self._by_id:
            parts.append(review.id or "")
        content = json.dumps(parts).encode()
        return hashlib.blake2b(content, digest_size=16).digest()


@contextmanager
def open_earlier(
    reader: Reader, roles: Roles, names: ResultNames, mask: Callable[[str], str] | None
) -> Iterator[EarlierResults]:
    """Read the results of a scored file into a temporary database.

    Args:
        reader: The earlier scored file.
        roles: Its columns, see `roles_of_earlier`.
        names: How the result columns are called.
        mask: As in `EarlierResults`.

    Raises:
        DataError: A result cannot be read.
    """
    with closing(sqlite3.connect("")) as table:  # no name: SQLite keeps it in a temporary file of its own
        table.execute("CREATE TABLE results (key BLOB PRIMARY KEY, found TEXT) WITHOUT ROWID")
        earlier = EarlierResults(table, by_id=roles.id is not None, mask=mask)
        earlier.keep(iter_earlier(reader, roles, names))
        yield earlier


def iter_earlier(reader: Reader, roles: Roles, names: ResultNames) -> Iterator[tuple[Review, Prediction]]:
    """Iterate over the reviews of a scored file and what was found of them, lazily.

    Raises:
        DataError: A result cannot be read.
    """
    places = {name: reader.columns.index(name) for name in names.of_predictions}
    for review in iter_reviews(reader, roles):
        cells = {name: review.cells[place] for name, place in places.items()}
        try:
            yield review, names.read(cells)
        except (KeyError, ValueError) as error:
            raise DataError(
                f"{printable(reader.name)}: the results of data row {review.row + 1} cannot be read.",
                remedy="Give a file as predict.py wrote it, or score everything without --since.",
            ) from error


def check_same_model(reader: Reader, roles: Roles, names: ResultNames, predict: Predictor) -> None:
    """Score some reviews of an earlier file again: its results must be those of the model that is used now.

    Raises:
        DataError: More than a tenth of them differ.
    """
    # What was masked is not what the model read then.
    labelled = (
        (_as_it_was_read(review), found)
        for review, found in iter_earlier(reader, roles, names)
        if found.label and not any(mask in f"{review.title} {review.text}" for mask in MASKS)
    )
    checked = list(islice(labelled, _CHECKED_ROWS))
    [again] = predict([[review for review, _ in checked]])
    different = sum(not _agree(found, now) for (_, found), now in zip(checked, again, strict=True))
    if different > _MOST_DIFFERENT * len(checked):
        raise DataError(
            f"{printable(reader.name)}: its results are not those of this model.",
            f"{different} of {count(len(checked), 'review that was', 'reviews that were')} scored again came "
            "out differently.",
            "Name the model that was used with --model, or score everything without --since.",
        )


def _agree(found: Prediction, now: Prediction) -> bool:
    if found.probabilities.keys() != now.probabilities.keys():
        return False
    return all(abs(found.probabilities[name] - p) <= _TOLERANCE for name, p in now.probabilities.items())


def _as_it_was_read(review: Review) -> Review:
    text, title = unescape_formula(review.text), unescape_formula(review.title or "")
    return replace(review, text=text, title=title, is_withheld=False)


def roles_of_earlier(reader: Reader, roles: Roles, names: ResultNames) -> Roles:
    """Give the roles of the file that is scored now as they stand in an earlier scored file.

    Raises:
        MissingColumnError: A column of the review's text or of results is not there.
    """
    title = () if roles.title is None else (roles.title,)
    missing = [name for name in (*roles.text, *title, *names.of_predictions) if name not in reader.columns]
    if missing:
        raise MissingColumnError(
            f"{printable(reader.name)}: no column named '{printable(missing[0])}'.",
            "An earlier scored file has the columns of this one, and those of the results.",
            "Give one that predict.py wrote with the same columns and --column-prefix.",
        )
    # What the earlier file lacks, a new export may have.
    absent = [role for role in ROLE_NAMES[1:] if getattr(roles, role) not in reader.columns]
    return replace(roles, **dict.fromkeys(absent))  # type: ignore[arg-type]  # every role but the text may be None


@contextmanager
def carrying_over(
    job: Job, predict: Predictor, decide: Callable[[Prediction], Prediction]
) -> Iterator["CarryOver"]:
    """Wrap a predictor so that reviews of the file that --since names keep their results.

    Args:
        job: What is scored.
        predict: Judges the other reviews.
        decide: Says anew of what was found before whether a person should look: thresholds change.

    Raises:
        DataError: That file cannot be read, or its results are not those of this model.
    """
    if job.config.since is None:
        yield CarryOver(None, predict, decide)
        return
    mask = mask_personal_data if job.config.redact else None
    with open_reader(job.config.since) as reader:
        names, lacking = _names_in(reader, job.names)
        roles = roles_of_earlier(reader, job.roles, names)
        check_same_model(reader, roles, names, predict)
        with open_earlier(reader, roles, names, mask) as earlier:
            yield CarryOver(earlier, predict, decide, lacking=lacking)


def _names_in(reader: Reader, names: ResultNames) -> tuple[ResultNames, list[str]]:
    """Give the names that an earlier file has, and what it lacks; that is no reason to score it all again."""
    lacking = []
    if any(name not in reader.columns for name in (names.tokens, names.windows) if name):
        names = names.without_receipt()
        lacking.append("The earlier file has no receipt: tokens and windows of those rows are empty.")
    if names.explanation and names.explanation not in reader.columns:
        names = names.without_explanation()
        lacking.append("The earlier file has no explanations: those rows have none.")
    return names, lacking


class _Known(NamedTuple):
    """A window of reviews: what was found of some before, by row, and the others."""

    reviews: Sequence[Review]
    found: dict[int, Prediction]
    fresh: list[Review]


class CarryOver:
    """Give reviews their earlier results, and have only the others judged.

    Args:
        earlier: What was found before; None carries nothing over.
        predict: Judges the rest.
        decide: As in `carrying_over`.
        lacking: What was asked for and the earlier results do not say, a sentence each.

    Attributes:
        carried: Rows that kept their results so far.
    """

    def __init__(
        self,
        earlier: EarlierResults | None,
        predict: Predictor,
        decide: Callable[[Prediction], Prediction],
        *,
        lacking: Sequence[str] = (),
    ) -> None:
        self.carried = 0
        self._lacking = lacking
        self._earlier = earlier
        self._predict = predict
        self._decide = decide

    def __call__(self, windows: Iterable[Sequence[Review]]) -> Iterator[list[Prediction]]:
        """Judge windows of reviews."""
        on_their_way: deque[_Known] = deque()
        fresh = (known.fresh for known in passing(map(self._split, windows), on_their_way))
        for found in self._predict(fresh):
            known = on_their_way.popleft()
            self.carried += len(known.found)
            judged = known.found | {
                review.row: prediction for review, prediction in zip(known.fresh, found, strict=True)
            }
            yield [judged[review.row] for review in known.reviews]

    def pass_over(self, reviews: Sequence[Review]) -> None:
        """Count the rows of a window that kept their results when an interrupted run judged it."""
        self.carried += len(self._split(reviews).found)

    def _split(self, reviews: Sequence[Review]) -> "_Known":
        found = {review.row: found for review in reviews if (found := self._find(review))}
        return _Known(reviews, found, [review for review in reviews if review.row not in found])

    def notes(self) -> list[str]:
        """Say how many rows kept their results."""
        if self._earlier is None:
            return []
        they = "it is" if self.carried == 1 else "they are"
        said = (
            f"{count(self.carried, 'row was', 'rows were')} not scored again: {they} unchanged since the "
            "earlier file."
        )
        return [said, *(self._lacking if self.carried else ())]

    def _find(self, review: Review) -> Prediction | None:
        # Whether a review is published is a matter of today's file, and costs nothing to tell.
        found = None if review.is_withheld or not self._earlier else self._earlier.find(review)
        return None if found is None or found.status is ReviewStatus.WITHHELD else self._decide(found)

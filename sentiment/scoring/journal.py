"""The journal of a scoring run: what it has found so far, kept beside its output until that is whole."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Literal, Self

from sentiment.errors import CheckpointError, OutputError
from sentiment.locks import try_lock
from sentiment.records import Prediction, Review, ReviewStatus
from sentiment.scoring.results import Predictor
from sentiment.tables import printable
from sentiment.tables.wording import count

FORMAT_VERSION: Final = 5
_OPENING: Final = b'{"format":'


def journal_path(output: str | Path) -> Path:
    """Name the journal that lies beside an output: `a.scored.csv.journal`."""
    path = Path(output)
    return path.with_name(f"{path.name}.journal")


@dataclass(frozen=True)
class Interrupted:
    """What an interrupted run left.

    Attributes:
        identity: What that run was: its inputs, model, settings and backend.
        rows: Rows that it had scored.
        size: Bytes of the journal that are whole; what lies beyond was cut off by the interruption.
    """

    identity: dict[str, Any]
    rows: int
    size: int


def find_interrupted(path: Path) -> Interrupted | None:
    """Read what an interrupted run left, or None where there is nothing to continue.

    Raises:
        OutputError: A file of that name is there, and it is no journal, or that of a run which goes on.
    """
    try:
        with path.open("rb") as file:
            _check_no_run_has_it(file, path)
            if not _OPENING.startswith(file.read(len(_OPENING))):
                raise OutputError(
                    f"{printable(str(path))}: this is no journal of a scoring run.",
                    "Its name is needed for one.",
                    "Move it away, or choose another output with --output.",
                )
            file.seek(0)
            identity = _whole_line(file)
            if identity is None or identity.get("format") != FORMAT_VERSION:
                return None
            rows, size = 0, file.tell()
            while (window := _whole_line(file)) is not None and window["row"] == rows:
                rows, size = rows + len(window["found"]), file.tell()
            return Interrupted(identity, rows, size)
    except FileNotFoundError:
        return None


def _check_no_run_has_it(file: IO[bytes], path: Path) -> None:
    if try_lock(file.fileno()) is False:
        raise OutputError(
            f"{printable(str(path))}: another run is writing the same output.",
            "It holds this journal of it.",
            "Wait for its end, or choose another output with --output.",
        )


def _whole_line(file: BinaryIO) -> dict[str, Any] | None:
    line = file.readline()
    if not line.endswith(b"\n"):
        return None
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


class Journal:
    """Remember the predictions of each window; those that an interrupted run left are not made again.

    One JSON object a line: what the run is, then the predictions of one window each and the number of its
    first row, without review text but for the words of an explanation. While a run writes it, no other may.
    Windows end at the same rows whenever the inputs are the same, so that a continued run judges the same
    batches as an unbroken one.

    Args:
        path: Where it lies; see `journal_path`.
        identity: What this run is; a run that differs in any of it must not continue this journal.
        predict: Judges the windows that are not in it yet.
        interrupted: What to continue; None begins anew.
        pass_over: Told of each window whose predictions are kept.

    Raises:
        OutputError: It cannot be written, or another run has it.
        CheckpointError: What is to be continued is gone: another run has ended meanwhile.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, Any],
        predict: Predictor,
        interrupted: Interrupted | None = None,
        pass_over: Callable[[Sequence[Review]], None] = lambda reviews: None,
    ) -> None:
        self.path = path
        self.rows = interrupted.rows if interrupted else 0
        self._predict = predict
        self._pass_over = pass_over
        self._kept = self._replay(interrupted.size) if interrupted else iter(())
        try:
            self._file = self._open(interrupted)
            if not interrupted:
                self._append({"format": FORMAT_VERSION, **identity})
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._kept = iter(())

    def __call__(self, windows: Iterable[Sequence[Review]]) -> Iterator[list[Prediction]]:
        """Give the predictions of windows: first those that are kept, then new ones.

        Raises:
            CheckpointError: A kept window is not the one that comes.
            OutputError: The disk is full.
        """
        coming = iter(windows)
        for kept in self._kept:
            reviews = next(coming, ())
            if len(kept) != len(reviews):
                raise CheckpointError(
                    f"{printable(str(self.path))}: does not fit the inputs.",
                    f"A window of {count(len(reviews), 'row')} has {count(len(kept), 'result')} there.",
                    "Delete it to begin anew.",
                )
            self._pass_over(reviews)
            yield kept
        for found in self._predict(coming):
            try:
                self._append(
                    {"row": self.rows, "found": [pack_prediction(prediction) for prediction in found]}
                )
            except OSError as error:
                raise self._unwritable(error) from error
            self.rows += len(found)
            yield found

    def discard(self) -> None:
        """Remove it: the output is whole."""
        self.__exit__()
        self.path.unlink(missing_ok=True)

    def _open(self, interrupted: Interrupted | None) -> FileIO:
        """Open it for what comes, cut to what is whole; not before it is locked."""
        if interrupted is None:
            return self._open_locked("ab", 0)
        try:
            return self._open_locked("rb+", interrupted.size)
        except FileNotFoundError as error:
            raise CheckpointError(
                f"{printable(str(self.path))}: what was to be continued is gone.",
                "Another run has ended meanwhile.",
                "Run the same command again.",
            ) from error

    def _open_locked(self, mode: Literal["ab", "rb+"], size: int) -> FileIO:
        with ExitStack() as stack:
            file = stack.enter_context(self.path.open(mode, buffering=0))
            _check_no_run_has_it(file, self.path)
            file.truncate(size)
            file.seek(size)
            stack.pop_all()
        return file

    def _append(self, content: Mapping[str, Any]) -> None:
        line = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        written = 0
        while written < len(line):
            written += self._file.write(line[written:])

    def _replay(self, size: int) -> Iterator[list[Prediction]]:
        with self.path.open("rb") as file:
            file.readline()
            while file.tell() < size:
                yield [unpack_prediction(packed) for packed in json.loads(file.readline())["found"]]

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(
            f"{printable(str(self.path))}: cannot be written.",
            f"{error.strerror or type(error).__name__}.",
            "Make room, or choose another place with --output.",
        )


def pack_prediction(prediction: Prediction) -> list[Any]:
    """Give a prediction as JSON can hold it, exactly."""
    return [
        prediction.status.value,
        prediction.label,
        prediction.confidence,
        prediction.probabilities,
        prediction.stars,
        prediction.needs_review,
        prediction.language,
        prediction.tokens,
        prediction.windows,
        prediction.explanation,
    ]


def unpack_prediction(packed: Sequence[Any]) -> Prediction:
    """Read what `pack_prediction` gave."""
    status, *values, words = packed
    explanation = None if words is None else tuple((word, weight) for word, weight in words)
    return replace(Prediction(ReviewStatus(status), *values), explanation=explanation)

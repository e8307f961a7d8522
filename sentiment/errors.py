"""The deliberate failures of the tool, each with its exit code.

    SentimentError                 1
      ConfigError                  2   settings: unknown, missing or out of range, all listed at once
      DataError                    3   what is in a file, or the file itself
        FileFormatError            3   missing, unreadable, or of a format that is not read
        MissingColumnError         3   a column that is absent, undecidable, or taken
        LabelError                 3   a label that the scheme does not know
        EmptyDatasetError          3   nothing left to train or judge on
      ModelError                   4   a model directory or encoder
        ModelNotFoundError         4   no model of that name or at that path
        IncompatibleModelError     4   damaged, edited, or written by another version
        UntrustedModelError        4   asks to run code, holds a pickle, or has the wrong hash
      CheckpointError              5   no checkpoint that can be resumed
      TrainingError                6   training cannot go on (a loss that is not finite)
      OutputError                  7   results that cannot be written
      MissingExtraError            8   an optional package that is not installed
      OutOfMemoryError             9   the device has no memory for what it is given

Any other exception is a fault of ours and keeps its traceback.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class SentimentError(Exception):
    """Say what went wrong in one line: a sentence of fact, one of evidence, one of remedy.

    Args:
        fact: What is wrong, and where (`reviews.csv: no column named 'review'.`).
        evidence: What was found instead.
        remedy: What to do about it, with the flag to type.
    """

    exit_code = 1

    def __init__(self, fact: str, evidence: str = "", remedy: str = "") -> None:
        super().__init__(" ".join(part for part in (fact, evidence, remedy) if part))


class ConfigError(SentimentError):
    """Settings that are unknown, missing or out of range."""

    exit_code = 2


class DataError(SentimentError):
    """A review file, or what is in it."""

    exit_code = 3


class FileFormatError(DataError):
    """A file that is missing, unreadable, or of a format that is not read."""


class MissingColumnError(DataError):
    """A column that is absent, undecidable, or taken."""


class LabelError(DataError):
    """A label that the scheme does not know."""


class EmptyDatasetError(DataError):
    """Nothing left to train or judge on."""


class ModelError(SentimentError):
    """A model directory or encoder that cannot be used."""

    exit_code = 4


class ModelNotFoundError(ModelError):
    """No model of that name or at that path."""


class IncompatibleModelError(ModelError):
    """A model that is damaged, edited, or written by another version."""


class UntrustedModelError(ModelError):
    """A model that asks to run code, holds a pickle, or has the wrong hash."""


class CheckpointError(SentimentError):
    """No checkpoint that can be resumed."""

    exit_code = 5


class TrainingError(SentimentError):
    """Training that cannot go on."""

    exit_code = 6


class OutputError(SentimentError):
    """Results that cannot be written."""

    exit_code = 7


class MissingExtraError(SentimentError):
    """An optional package that is not installed."""

    exit_code = 8


class OutOfMemoryError(SentimentError):
    """A device without memory for what it is given."""

    exit_code = 9


@contextmanager
def needing_extra(what: str, extra: str) -> Iterator[None]:
    """Import optional packages: one that is missing becomes a line that says how to install it.

    Args:
        what: What cannot be done without it (`--peft lora`).
        extra: Name of the requirements file, `requirements/EXTRA.txt`.

    Raises:
        MissingExtraError: An import in the block fails.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{what} needs a package that is not installed.",
            f"Missing: {error.name}.",
            f"Install it with: pip install -r requirements/{extra}.txt.",
        ) from error

"""A threshold for `needs_review` in a file: fitted on a user's own labelled reviews, for the next ones."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from sentiment.config import read_toml
from sentiment.errors import ConfigError, OutputError
from sentiment.model.directory import ModelDirectory
from sentiment.tables import printable
from sentiment.tables.writing.outputs import write_output

_HEAD: Final = """\
# The confidence from which a prediction of this model needs no person, fitted on labelled reviews.
# Score others of their kind with: python predict.py FILE --threshold THIS_FILE

"""


Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class SavedThreshold:
    """What a saved threshold is, and what it rests on.

    Attributes:
        model: Name of the model.
        weights_sha256: `ModelDirectory.weights_sha256` of it: another model's confidence means another thing.
        threshold: Confidence below which a person should look; above 1 where no threshold keeps the promise.
        target_accuracy: The promise: this share of the answered reviews is right.
        reviews: How many labelled reviews it was fitted on.
        coverage: Share of those that it answers.
        accuracy: Share of the answered ones that are right; None where none is answered.
        lower_bound: Exact lower confidence bound of that accuracy; None where none is answered.
        confidence_level: How sure the promise is.
        fitted_on: The files that the reviews are from.
        date: When, YYYY-MM-DD.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    model: str
    weights_sha256: str
    threshold: Annotated[float, Field(ge=0, lt=2)]
    target_accuracy: Share
    reviews: Annotated[int, Field(ge=0)]
    coverage: Share
    accuracy: Share | None = None
    lower_bound: Share | None = None
    confidence_level: Share = 0.95
    fitted_on: tuple[str, ...] = ()
    date: str = ""


def save_threshold(saved: SavedThreshold, path: str) -> None:
    """Write a threshold as TOML that `load_threshold` reads back, whole or not at all.

    Args:
        saved: The threshold.
        path: The file; an earlier threshold is replaced.

    Raises:
        OutputError: It cannot be written, or stands where something else than a threshold is.
    """
    import tomli_w

    _check_replaceable(path)
    values = {name: value for name, value in asdict(saved).items() if value is not None}
    write_output(path, (_HEAD + tomli_w.dumps(values)).encode())


def load_threshold(path: str) -> SavedThreshold:
    """Read a threshold that `save_threshold` wrote.

    Raises:
        ConfigError: It cannot be read, or is something else.
    """
    values = read_toml(path, "the saved threshold")
    try:
        return TypeAdapter(SavedThreshold).validate_python(values)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"]))
        raise _unfit(path, f"{printable(field)}: {problem['msg'].lower()}.") from error


def check_threshold_fits(saved: SavedThreshold, directory: ModelDirectory, path: str) -> None:
    """Refuse a threshold that was fitted on what another model says.

    Args:
        saved: As loaded.
        directory: The model that is to be used with it.
        path: Where the threshold is from, for the message.

    Raises:
        ConfigError: It was fitted with other weights.
    """
    if saved.weights_sha256 != directory.weights_sha256:
        raise ConfigError(
            f"{printable(path)}: fitted with another model.",
            f"Its weights are {saved.weights_sha256[:12]}... ({printable(saved.model)}), those of "
            f"{directory.name} {directory.weights_sha256[:12]}... .",
            "Fit it again: python -m sentiment evaluate LABELLED_FILE --save-threshold FILE.",
        )


def _unfit(path: str, evidence: str) -> ConfigError:
    return ConfigError(
        f"{printable(path)}: no saved threshold.",
        evidence,
        "Give a file that python -m sentiment evaluate --save-threshold wrote.",
    )


def _check_replaceable(path: str) -> None:
    if not Path(path).is_file():
        return
    try:
        load_threshold(path)
    except ConfigError as error:
        raise OutputError(
            f"{printable(path)}: this is no saved threshold, and would be overwritten.",
            remedy="Name another file with --save-threshold.",
        ) from error

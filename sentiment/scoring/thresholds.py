"""The threshold under which predictions go to a person, and the promise behind it in words."""

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from sentiment.errors import ConfigError, IncompatibleModelError
from sentiment.measuring import Promise, fit_promise
from sentiment.model import ModelDirectory
from sentiment.model.held_out import HELD_OUT_NAME
from sentiment.model.saved_threshold import SavedThreshold, check_threshold_fits, load_threshold
from sentiment.tables import printable
from sentiment.tables.wording import count, plural

_UNKNOWN: Final = "none is known: the model does not say what its threshold was fitted on"


@dataclass(frozen=True)
class Threshold:
    """When a person should look.

    Attributes:
        value: Confidence below which one should; above 1 for every prediction.
        promise: What is promised of the others, and on what it rests: for people.
    """

    value: float
    promise: str


def resolve_threshold(
    directory: ModelDirectory, target_accuracy: float | None = None, saved: str | None = None
) -> Threshold:
    """Give the threshold that was asked for: of a file, for a target accuracy, or the model's own.

    Args:
        directory: The model.
        target_accuracy: Fit one that keeps this promise on the model's held-out scores.
        saved: File with a threshold that `evaluate --save-threshold` wrote.

    Raises:
        ConfigError: Both are given; the file cannot be read, or belongs to another model.
        IncompatibleModelError: The model keeps no held-out scores to fit on.
    """
    if saved is not None and target_accuracy is not None:
        raise ConfigError(
            "--threshold and --target-accuracy exclude each other.",
            "A saved threshold has a target of its own.",
            "Leave one of them out.",
        )
    if saved is not None:
        found = load_threshold(saved)
        check_threshold_fits(found, directory, saved)
        return Threshold(found.threshold, _describe_saved(found))
    promise = _own_promise(directory) if target_accuracy is None else fit_target(directory, target_accuracy)
    if promise is None:
        return Threshold(directory.manifest.review_threshold, _UNKNOWN)
    return Threshold(promise.threshold, describe_promise(promise))


def fit_target(directory: ModelDirectory, target_accuracy: float) -> Promise:
    """Fit a promise on the scores of sources that were left out, or else on those of rows that were.

    Raises:
        IncompatibleModelError: It keeps none.
    """
    scores = directory.load_left_out() or directory.load_held_out()
    if scores is None:
        raise IncompatibleModelError(
            f"{directory.path}: a target accuracy is fitted on held-out scores, and this model keeps none.",
            f"It has no {HELD_OUT_NAME}.",
            "Train it again with this version, or add those of a study: python -m sentiment export MODEL DIR "
            "--held-out FILE.",
        )
    return fit_promise(scores, target_accuracy)


def _own_promise(directory: ModelDirectory) -> Promise | None:
    manifest = directory.manifest
    try:
        promise = TypeAdapter(Promise).validate_python(manifest.facts.get("review_promise"))
    except ValidationError:  # facts are for people; a model without this one works as well
        return None
    return promise if promise.threshold == manifest.review_threshold else None


def describe_promise(promise: Promise) -> str:
    """Put a promise and what it rests on into one line."""
    noun, origin = "validation review", ""
    if promise.unseen:
        noun, origin = "review", f" of {count(len(promise.sources), 'source')} left out of training"
    basis = f"{count(promise.reviews, noun) if promise.reviews else plural(noun)}{origin}"
    if not promise.answered:
        return _describe_none(promise.target_accuracy, promise.confidence_level, basis)
    line = _describe_kept(
        promise.target_accuracy, promise.confidence_level, promise.threshold, promise.coverage, basis
    )
    if len(promise.sources) > 1:
        line += f"; kept on {len(promise.kept_on)} of {len(promise.sources)} sources taken one by one"
    return line


def _describe_saved(saved: SavedThreshold) -> str:
    basis = f"{count(saved.reviews, 'review')} of {printable(', '.join(saved.fitted_on))} on {saved.date}"
    if not saved.coverage:
        return _describe_none(saved.target_accuracy, saved.confidence_level, basis)
    return _describe_kept(
        saved.target_accuracy, saved.confidence_level, saved.threshold, saved.coverage, basis
    )


def _describe_kept(target: float, level: float, threshold: float, coverage: float, basis: str) -> str:
    return (
        f"at least {_percent(target)} of what needs no person is right ({_percent(level)} sure): "
        f"confidence {threshold:.3f} or more, {coverage:.1%} of reviews expected there; fitted on {basis}"
    )


def _describe_none(target: float, level: float, basis: str) -> str:
    return (
        f"none: on {basis} no threshold makes {_percent(target)} right ({_percent(level)} sure), "
        "so that every review needs a person"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"

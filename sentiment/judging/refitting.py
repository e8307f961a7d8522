"""A threshold for needs_review that is fitted anew, on the reviews that a model was measured on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from sentiment.config import EvaluateConfig
from sentiment.errors import ConfigError, DataError
from sentiment.judging.file_figures import Figures, ScoredReviews
from sentiment.judging.own_file import percent, target_of
from sentiment.measuring import fit_review_threshold
from sentiment.measuring.kept_promise import check_promise, find_promisable, reviews_to_promise
from sentiment.model import ModelDirectory
from sentiment.model.saved_threshold import SavedThreshold, save_threshold
from sentiment.tables import printable
from sentiment.tables.writing.outputs import open_output

LEVEL: Final = 0.95


def resolve_target(config: EvaluateConfig, directory: ModelDirectory) -> float | None:
    """Give the accuracy to fit a threshold for: as asked, else what the model promises; None for neither.

    Raises:
        ConfigError: A threshold shall be saved, and neither names an accuracy.
        OutputError: It cannot be saved there.
    """
    target = config.target_accuracy or target_of(directory.manifest)
    if config.save_threshold:
        if target is None:
            raise ConfigError(
                "--save-threshold needs an accuracy to promise.",
                f"{directory.name} promises none of its own.",
                "Name it with --target-accuracy 0.9.",
            )
        open_output(config.save_threshold).discard()
    return target


def refit(scored: Sequence[ScoredReviews], target_accuracy: float, own_threshold: float) -> Figures:
    """Fit a threshold on reviews, see `fit_review_threshold`.

    Args:
        scored: The reviews of each file.
        target_accuracy: The accuracy to promise.
        own_threshold: The model's own threshold.

    Returns:
        `target_accuracy`, `reviews`, and what a `ReviewThreshold` holds; where no threshold keeps the promise
        also `promisable`, the highest accuracy for which one does (None for none), `kept`, what the model's
        own threshold keeps (None where it answers nothing), and `needed`, how many answered reviews the
        target takes at least.
    """
    confidence, right = (
        np.concatenate(arrays) for arrays in zip(*(each.judged for each in scored), strict=True)
    )
    fitted = fit_review_threshold(confidence, right, target_accuracy, LEVEL)
    figures = {"target_accuracy": target_accuracy, "reviews": len(right), **vars(fitted)}
    if not fitted.answered:
        figures["promisable"] = find_promisable(confidence, right, LEVEL)
        figures["kept"] = check_promise(confidence, right, own_threshold, target_accuracy, LEVEL).lower_bound
        figures["needed"] = reviews_to_promise(target_accuracy, LEVEL)
    return figures


def describe_refit(figures: Mapping[str, Any]) -> str:
    """Put the figures of `refit` into a line."""
    if not figures["answered"]:
        return f"{_describe_none(figures)} {_describe_hints(figures)}"
    return (
        f"Fitted on {_these(figures['reviews'])}: with the threshold {figures['threshold']:.3f}, "
        f"{figures['coverage']:.1%} are unmarked, of which {figures['accuracy']:.1%} are right (95 % sure: "
        f"at least {figures['lower_bound']:.1%}; asked for {percent(figures['target_accuracy'])})."
    )


def save_refit(
    figures: Mapping[str, Any], directory: ModelDirectory, files: Sequence[str], target: str
) -> None:
    """Save a threshold for `predict --threshold`.

    Args:
        figures: Of `refit`.
        directory: The model.
        files: What it was fitted on.
        target: The TOML file.

    Raises:
        DataError: No threshold keeps the promise; nothing is written.
        OutputError: It cannot be written.
    """
    if not figures["answered"]:
        raise DataError(
            f"{printable(target)}: not written.", _describe_none(figures), _describe_hints(figures)
        )
    saved = SavedThreshold(
        model=directory.name,
        weights_sha256=directory.weights_sha256,
        threshold=figures["threshold"],
        target_accuracy=figures["target_accuracy"],
        reviews=figures["reviews"],
        coverage=figures["coverage"],
        accuracy=figures["accuracy"],
        lower_bound=figures["lower_bound"],
        confidence_level=LEVEL,
        fitted_on=tuple(files),
        date=datetime.now(UTC).date().isoformat(),
    )
    save_threshold(saved, target)


def _describe_none(figures: Mapping[str, Any]) -> str:
    target = percent(figures["target_accuracy"])
    return f"No threshold promises {target} on {_these(figures['reviews'])}."


def _these(reviews: int) -> str:
    return "this one review" if reviews == 1 else f"these {reviews:,} reviews"


def _describe_hints(figures: Mapping[str, Any]) -> str:
    """Say what could be promised instead, and how many labels would be needed at least."""
    hints = []
    promisable, kept, needed = figures["promisable"], figures["kept"], figures["needed"]
    if kept:
        hints.append(f"The model's own threshold keeps {kept:.1%}.")
    if promisable is not None and promisable > (kept or 0):
        hints.append(f"About {promisable:.0%} can be promised (--target-accuracy {promisable:.2f}).")
    if needed is not None and figures["reviews"] < needed:
        hints.append(f"{percent(figures['target_accuracy'])} takes at least {needed:,} labelled reviews.")
    return " ".join(hints) or "Nothing can be promised: too few predictions are right, however sure they are."

"""The model card's section on `needs_review`: what it promises, and how that goes source by source."""

from collections.abc import Mapping
from typing import Any

from sentiment.model.manifest import Manifest
from sentiment.model.markdown import number, source_name, table

Facts = Mapping[str, Any]


def render(manifest: Manifest) -> str:
    """Write the section from `facts.review_promise`, a measured promise as plain values.

    Returns:
        Markdown; nothing where the threshold rests on nothing that is known.
    """
    facts = manifest.facts
    promise = facts.get("review_promise")
    if not promise:
        return ""
    sources = promise.get("sources", {})
    parts = ["## Needs review", _words(promise, manifest.review_threshold)]
    if len(sources) > 1:
        parts += [_table(sources, promise, facts), _notes(promise)]
    return "\n\n".join(parts)


def _words(promise: Facts, threshold: float) -> str:
    target = f"{promise['target_accuracy']:.0%}"
    if not promise.get("answered"):
        return (
            f"`needs_review` marks every prediction: on {_basis(promise)} no confidence stood for {target} "
            "right ones."
        )
    return (
        f"`needs_review` marks predictions with a confidence under {threshold:.3f}: of {_basis(promise)} the "
        f"{promise['coverage']:.1%} above it were right in {promise['accuracy']:.1%} (95 % lower bound "
        f"{promise['lower_bound']:.1%}; target {target})."
    )


def _basis(promise: Facts) -> str:
    kind = "validation reviews"
    if promise.get("unseen"):
        kind = f"reviews of {len(promise['sources']):,} sources left out of training, groups counting alike,"
    return f"{promise['reviews']:,} {kind}" if promise.get("reviews") else kind


def _table(sources: Facts, promise: Facts, facts: Facts) -> str:
    rows = [
        [
            source_name(name, facts),
            f"{figures['reviews']:,}",
            number(figures["coverage"]),
            number(figures["accuracy"]),
            _verdict(figures["accuracy"], promise["target_accuracy"]),
        ]
        for name, figures in sources.items()
    ]
    header = ["source", "reviews", "needs no person", "right of those", "target reached"]
    return table(header, rows)


def _verdict(accuracy: float | None, target: float) -> str:
    return "yes" if accuracy is None or accuracy >= target else "no"


def _notes(promise: Facts) -> str:
    seen = (
        "Each source was judged by a model of the same recipe that was trained without it."
        if promise.get("unseen")
        else ("The model has learned from other reviews of these sources.")
    )
    return (
        f"{seen} The promise is about all of them together: one source alone may fall short, and so may a "
        "kind of text that is not among them.\n`python -m sentiment evaluate FILE` tells how it goes with "
        "labelled reviews of yours."
    )

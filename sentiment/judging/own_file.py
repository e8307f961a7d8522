"""What a user's own labelled file says of a model, in figures and in words."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from sentiment.judging.file_figures import Figures, ScoredReviews
from sentiment.judging.labelled_files import LabelledFile
from sentiment.labels import STARS
from sentiment.measuring.binomial import exact_interval
from sentiment.measuring.calibration import is_sure
from sentiment.measuring.kept_promise import MOST_REVIEWS, check_promise
from sentiment.model import Manifest
from sentiment.scoring.results import DISAGREEMENT_STARS
from sentiment.tables import printable
from sentiment.tables.wording import count
from sentiment.training.data import given_stars

FEW_REVIEWS: Final = 30
"""From so few reviews nobody should conclude anything: a rule of thumb."""


def judge_own_file(file: LabelledFile, scored: ScoredReviews, manifest: Manifest) -> Figures:
    """Measure what somebody wants to know who has labelled a file.

    Returns:
        `names`: what a prediction can be; `reviews`, `accuracy` over them, and its exact 95 % `interval`;
        `labelled` and `unlabelled`: rows with words; `promise`: a `KeptPromise` of the model's own threshold,
        and `expected`: what the model says of it (None where it promises nothing); `contradicting`: the share
        of reviews whose stars a sure prediction contradicts (None where labels are no stars).
    """
    names, _, _ = scored.named
    confidence, right = scored.judged
    reviews, threshold = len(right), manifest.review_threshold
    expected = _own_promise(manifest)
    kept = check_promise(confidence, right, threshold, expected["target_accuracy"]) if expected else None
    return {
        "names": [name for name in names if name in (*scored.scheme.sentiments, *scored.scheme.labels)],
        "reviews": reviews,
        "accuracy": float(right.mean()),
        "interval": list(exact_interval(int(right.sum()), reviews)),
        "labelled": file.labelled,
        "unlabelled": file.reviews.unlabelled,
        "promise": asdict(kept) if kept else None,
        "expected": expected,
        "contradicting": _share_contradicting(scored, threshold),
    }


def target_of(manifest: Manifest) -> float | None:
    """Give the accuracy that a model's own threshold promises; None where it promises nothing."""
    promise = _own_promise(manifest)
    return promise["target_accuracy"] if promise else None


def _own_promise(manifest: Manifest) -> dict[str, Any] | None:
    promise = manifest.facts.get("review_promise") or {}
    if promise.get("threshold") != manifest.review_threshold:
        return None
    return {name: promise.get(name) for name in ("target_accuracy", "coverage", "accuracy")}


def _share_contradicting(scored: ScoredReviews, threshold: float) -> float | None:
    if not set(scored.reviews.labels) <= set(STARS.labels) or not scored.scheme.has_sentiment:
        return None
    gaps = abs(scored.scheme.expected_stars(scored.probabilities) - given_stars(scored.reviews))
    sure = is_sure(scored.judged[0], threshold)
    return float(((gaps >= DISAGREEMENT_STARS) & sure).mean())


def describe_own_file(path: str, figures: Mapping[str, Any]) -> str:
    """Put the figures of `judge_own_file` into words, a line each."""
    lines = [_describe_labels(path, figures), _describe_accuracy(figures)]
    if figures["promise"]:
        lines += [_describe_verdict(figures["promise"]), _describe_unmarked(figures)]
    if figures["contradicting"] is not None:
        lines.append(
            f"The labels are stars, and customers give wrong ones: {figures['contradicting']:.1%} contradict "
            f"a sure prediction by {DISAGREEMENT_STARS:.0f} stars or more. Take the accuracy as a lower "
            "estimate."
        )
    return "\n".join(lines)


def percent(share: float) -> str:
    """Spell a share that somebody chose: 90%, 97.5%."""
    return f"{100 * share:.4g}%"


def _describe_labels(path: str, figures: Mapping[str, Any]) -> str:
    labelled, rows = figures["labelled"], figures["labelled"] + figures["unlabelled"]
    have = "has" if labelled == 1 else "have"
    line = f"{printable(path)}: {labelled:,} of {count(rows, 'row')} with words {have} a label."
    if figures["reviews"] < FEW_REVIEWS:
        few = count(figures["reviews"], "review says", "reviews say")
        line += f" {few} little of a model: label at least a hundred."
    return line


def _describe_accuracy(figures: Mapping[str, Any]) -> str:
    low, high = figures["interval"]
    return (
        f"Accuracy over {', '.join(map(printable, figures['names']))}: {figures['accuracy']:.1%} of "
        f"{count(figures['reviews'], 'review')} (95 % interval {low:.1%} to {high:.1%}, Clopper-Pearson)."
    )


def _describe_verdict(promise: Mapping[str, Any]) -> str:
    promised = (
        f"needs_review promises that {percent(promise['target_accuracy'])} of the unmarked reviews are right"
    )
    if promise["verdict"] != "cannot be told":
        return f"{promised}: it {promise['verdict']} on this file."
    if promise["accuracy"] is None:
        return f"{promised}: it cannot be told, because every review is marked."
    needed = promise["needed"]
    more = f"more than {MOST_REVIEWS:,}" if needed is None else f"about {needed:,}"
    return f"{promised}: it cannot be told from {count(promise['reviews'], 'review')} (needs {more})."


def _describe_unmarked(figures: Mapping[str, Any]) -> str:
    promise, expected = figures["promise"], figures["expected"]
    line = f"Unmarked here: {promise['coverage']:.1%}"
    if promise["accuracy"] is not None:
        is_broken = promise["verdict"] == "does not hold"
        bound = (
            f"at most {promise['upper_bound']:.1%}" if is_broken else f"at least {promise['lower_bound']:.1%}"
        )
        line += f", of which {promise['accuracy']:.1%} are right (95 % sure: {bound}, Clopper-Pearson)"
    if expected["accuracy"] is None:
        return f"{line}. Expected of the model: none."
    return f"{line}. Expected of the model: {expected['coverage']:.1%}, of which {expected['accuracy']:.1%}."

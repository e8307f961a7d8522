"""What an audit finds in labelled reviews, in the order in which a person should look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import LabelledReviews
from sentiment.corpus.clustering import cluster_reviews
from sentiment.judging.label_errors import LabelJudgement, compatible_classes
from sentiment.labels import SENTIMENT_OF_STARS, LabelScheme, stars_to_sentiment
from sentiment.scoring.results import DISAGREEMENT_STARS
from sentiment.training.data import given_stars

LABEL_ERROR = "likely_label_error"
CONFLICT = "conflicting_duplicates"
STARS_CONTRADICT = "stars_contradict_text"
KINDS = (LABEL_ERROR, CONFLICT, STARS_CONTRADICT)


@dataclass(frozen=True)
class Conflict:
    """A review whose copies or near-twins have other labels.

    Attributes:
        group: Number of its copies and twins, from 1 on.
        share: Share of them, the review itself counted, whose label contradicts its own, 0-1.
        usual: The label of more than half of them, where it contradicts the review's own, else nothing.
    """

    group: int
    share: float
    usual: str


@dataclass(frozen=True)
class Finding:
    """A review that a person should look at.

    Attributes:
        review: Its position among the audited reviews.
        kinds: What was found, in the order of `KINDS`.
        suggestion: A label that fits better, or nothing.
        confidence: How sure it is that the label is wrong, 0-1: the head's doubt and the share of the copies
            against it, taken for independent.
    """

    review: int
    kinds: tuple[str, ...]
    suggestion: str
    confidence: float


def find_conflicts(reviews: LabelledReviews, scheme: LabelScheme) -> dict[int, Conflict]:
    """Find copies and near-twins whose labels contradict each other.

    Args:
        reviews: Every label names one class of the scheme.
        scheme: What the labels mean; adjacent stars do not contradict each other.

    Returns:
        Position to conflict, for every review of a group in which there is one.
    """
    clusters = [cluster for cluster in cluster_reviews(reviews) if len(cluster.labels) > 1]
    conflicts: dict[int, Conflict] = {}
    group = 0
    for cluster in sorted(clusters, key=lambda cluster: cluster.rows[0]):
        against = {label: _contradicting(label, cluster.labels, scheme) for label in cluster.labels}
        if not any(against.values()):
            continue
        group += 1
        for row in cluster.rows:
            others = against[reviews.labels[row]]
            usual = next((label for label, count in others.items() if count > len(cluster.rows) / 2), "")
            conflicts[row] = Conflict(group, others.total() / len(cluster.rows), usual)
    return conflicts


def _contradicting(label: str, labels: Counter[str], scheme: LabelScheme) -> Counter[str]:
    own, compatible = set(scheme.allowed_classes(label)), compatible_classes(scheme, label)
    return Counter(
        {
            other: count
            for other, count in labels.items()
            if not compatible.intersection(scheme.allowed_classes(other))
            and not own.intersection(compatible_classes(scheme, other))
        }
    )


def find_contradicting_stars(reviews: LabelledReviews, judgement: LabelJudgement) -> NDArray[np.bool_]:
    """Find reviews whose stars and text tell different stories (reviews,), bool.

    They do where the expected stars lie at least two from the given ones and the sentiment differs; as
    `stars_disagree` in scoring, which is told by a fine-tuned model.
    """
    found = np.zeros(len(reviews), dtype=bool)
    if not judgement.scheme.has_sentiment:
        return found
    expected = judgement.scheme.expected_stars(judgement.probabilities.astype(np.float32))
    apart = np.abs(expected - given_stars(reviews)) >= DISAGREEMENT_STARS  # nan for words: not apart
    for i in np.flatnonzero(apart & judgement.judged):
        found[i] = stars_to_sentiment(float(expected[i])) != SENTIMENT_OF_STARS[reviews.labels[i]]
    return found


def list_findings(
    judgement: LabelJudgement,
    conflicts: Mapping[int, Conflict],
    contradicting_stars: NDArray[np.bool_],
) -> list[Finding]:
    """List what a person should look at, the surest first.

    Of a group of copies, those are findings whose label at least half of it contradicts: both of a pair, the
    odd one of three.
    """
    findings = []
    for review, is_error in enumerate(judgement.errors):
        conflict = conflicts.get(review)
        holds = (is_error, conflict is not None and conflict.share >= 0.5, contradicting_stars[review])
        kinds = tuple(kind for kind, does in zip(KINDS, holds, strict=True) if does)
        if kinds:
            findings.append(_describe(review, kinds, judgement, conflict if CONFLICT in kinds else None))
    return sorted(findings, key=lambda finding: (-finding.confidence, finding.review))


def _describe(
    review: int, kinds: tuple[str, ...], judgement: LabelJudgement, conflict: Conflict | None
) -> Finding:
    doubt = float(judgement.doubts[review]) if judgement.judged[review] else 0.0
    usual, share = (conflict.usual, conflict.share) if conflict else ("", 0.0)
    confidence = 1 - (1 - doubt) * (1 - share)
    return Finding(review, kinds, usual or judgement.suggestion(review), confidence)


def count_kinds(findings: Sequence[Finding]) -> dict[str, int]:
    """Count the findings of each kind; one review may be of several."""
    return {kind: sum(kind in finding.kinds for finding in findings) for kind in KINDS}

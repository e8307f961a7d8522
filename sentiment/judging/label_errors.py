"""Likely label errors: confident learning on the probabilities of heads that have not seen the review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import LabelledReviews
from sentiment.corpus.splitting import assign_folds
from sentiment.errors import EmptyDatasetError, needing_extra
from sentiment.labels import STARS, TERNARY, LabelScheme
from sentiment.tables.wording import count

FEWEST_ROWS = 5
"""Rows of a label from which a head knows it; own choice: fewer teach their own words."""
ADJACENT_STARS = 1.0
"""Stars that may lie between two honest readers of one text; own choice, as `stars_disagree` has it."""


@dataclass(frozen=True)
class LabelJudgement:
    """What heads that have not seen a review say of its label.

    Attributes:
        scheme: The classes that the heads know.
        judged: Reviews whose label the head knows (reviews,), bool; the rest is void for the others.
        probabilities: Of each class (reviews, classes).
        doubts: Probability of the classes that contradict the label (reviews,), 0-1.
        contradicted: The likeliest class contradicts the label (reviews,), bool.
        errors: Likely label errors (reviews,), bool.
        accuracy: Share of the judged reviews whose label is the likeliest class, 0-1.
        commonest: Share of the judged reviews with the commonest label, 0-1.
    """

    scheme: LabelScheme
    judged: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    doubts: NDArray[np.float64]
    contradicted: NDArray[np.bool_]
    errors: NDArray[np.bool_]
    accuracy: float
    commonest: float

    def suggestion(self, review: int) -> str:
        """Give the likeliest class of a review, or nothing where it does not contradict the label."""
        likeliest = int(self.probabilities[review].argmax())
        return self.scheme.labels[likeliest] if self.contradicted[review] else ""


def check_audit_packages() -> None:
    """Refuse to start without the packages that the end needs.

    Raises:
        MissingExtraError: cleanlab or scikit-learn is not installed.
    """
    with needing_extra("python -m sentiment audit", "audit"):
        import_module("cleanlab.filter")
        import_module("sklearn.linear_model")


def choose_judged_scheme(scheme: LabelScheme, labels: Sequence[str]) -> LabelScheme:
    """Give the scheme that labels are judged in, in which each of them names one class.

    It is their own, but for stars with words among them, which are judged as sentiments.
    """
    return TERNARY if scheme == STARS and not set(labels) <= set(STARS.labels) else scheme


def compatible_classes(scheme: LabelScheme, label: str) -> frozenset[int]:
    """Give the classes that do not contradict a label: its own, and for stars those of adjacent stars."""
    stars = dict(zip(STARS.labels, STARS.stars, strict=True))
    near = [name for name in stars if label in stars and abs(stars[name] - stars[label]) <= ADJACENT_STARS]
    names = near if scheme.has_sentiment and near else [label]
    return frozenset(i for name in names for i in scheme.allowed_classes(name))


def judge_labels(
    embeddings: NDArray[np.float32], reviews: LabelledReviews, scheme: LabelScheme, folds: int
) -> LabelJudgement:
    """Find the likely label errors among reviews.

    A multinomial logistic regression on the embeddings gives each review probabilities out of fold, with
    near-twins in one fold. Confident learning counts the errors (Northcutt, Jiang and Chuang 2021, "Confident
    Learning: Estimating Uncertainty in Dataset Labels"); they are the reviews of the greatest doubt, whose
    order is that of cleanlab's self-confidence where every class but a label's own contradicts it.

    Args:
        embeddings: (reviews, width).
        reviews: Every label names one class of the scheme.
        scheme: As `choose_judged_scheme` gives it.
        folds: At least 2.

    Raises:
        ConfigError: The reviews do not fill so many folds.
        EmptyDatasetError: The reviews of fewer than two labels are enough to learn from.
    """
    distinct = sorted(set(reviews.labels))
    own_class = {label: scheme.allowed_classes(label)[0] for label in distinct}
    compatible_with = {label: list(compatible_classes(scheme, label)) for label in distinct}
    own = np.array([own_class[label] for label in reviews.labels])
    compatible = np.zeros((len(reviews), len(scheme.labels)), dtype=bool)
    for row, label in enumerate(reviews.labels):
        compatible[row, compatible_with[label]] = True
    probabilities, judged = _predict_out_of_fold(
        embeddings, own, np.array(assign_folds(reviews, folds)), len(scheme.labels)
    )
    likeliest = probabilities.argmax(axis=1)
    contradicted = judged & ~compatible[np.arange(len(own)), likeliest]
    doubts = np.where(judged, (probabilities * ~compatible).sum(axis=1).clip(0, 1), np.nan)
    return LabelJudgement(
        scheme=scheme,
        judged=judged,
        probabilities=probabilities,
        doubts=doubts,
        contradicted=contradicted,
        errors=_most_doubtful(doubts, contradicted, _count_errors(own, probabilities, judged, contradicted)),
        accuracy=float((likeliest == own)[judged].mean()),
        commonest=float(np.bincount(own[judged]).max() / judged.sum()),
    )


def _predict_out_of_fold(
    embeddings: NDArray[np.float32], own: NDArray[np.int64], folds: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give class probabilities (reviews, classes), and whether the head knew the label (reviews,)."""
    from sklearn.linear_model import LogisticRegression

    probabilities = np.zeros((len(own), classes))
    judged = np.zeros(len(own), dtype=bool)
    for fold in np.unique(folds):
        held_out = folds == fold
        known = np.bincount(own[~held_out], minlength=classes) >= FEWEST_ROWS
        if known.sum() < 2:
            raise EmptyDatasetError(
                "Too few labelled reviews to judge any.",
                f"{count(known.sum(), 'label has', 'labels have')} {FEWEST_ROWS} reviews outside of a fold, "
                "and a head needs two.",
                "Give more rows, or look at --label-column.",
            )
        learned = ~held_out & known[own]
        head = LogisticRegression(max_iter=1000).fit(embeddings[learned], own[learned])
        probabilities[np.ix_(held_out, head.classes_)] = head.predict_proba(embeddings[held_out])
        judged |= held_out & known[own]
    return probabilities, judged


def _count_errors(
    own: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    judged: NDArray[np.bool_],
    contradicted: NDArray[np.bool_],
) -> int:
    """Count the reviews that confident learning puts into a class that contradicts their label."""
    from cleanlab.filter import find_label_issues

    present, labels = np.unique(own[judged], return_inverse=True)
    issues = find_label_issues(
        labels, probabilities[np.ix_(judged, present)], filter_by="confident_learning", n_jobs=1
    )
    return int((issues & contradicted[judged]).sum())


def _most_doubtful(doubts: NDArray[np.float64], among: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    order = np.argsort(np.where(among, -doubts, 0.0), kind="stable")
    chosen = np.zeros(len(doubts), dtype=bool)
    chosen[order[:count]] = True
    return chosen

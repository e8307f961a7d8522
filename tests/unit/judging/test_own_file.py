"""What a user's own labelled file says, word for word."""

from dataclasses import replace

import numpy as np
import pytest

from sentiment.corpus import LabelledReviews
from sentiment.judging.file_figures import ScoredReviews, score_reviews
from sentiment.judging.labelled_files import LabelledFile
from sentiment.judging.own_file import describe_own_file, judge_own_file, target_of
from sentiment.labels import BINARY, SENTIMENTS, STARS, TERNARY, LabelScheme
from sentiment.model import Manifest
from tests.fakes import FakeScorer

PROMISE = {"target_accuracy": 0.9, "threshold": 0.6, "coverage": 0.8577, "accuracy": 0.9032}


def manifest(scheme=TERNARY, *, threshold=0.6, promise=PROMISE):
    facts = {} if promise is None else {"review_promise": promise}
    return Manifest("tiny", scheme, 64, 0, encoder={}, files={}, review_threshold=threshold, facts=facts)


def own(right, wrong, unsure=0, *, unlabelled=0, scheme=TERNARY):
    """Give a file whose sure predictions are right or wrong as told; unsure ones are right."""
    probabilities = np.full((right + wrong + unsure, 3), 0.05, dtype=np.float32)
    probabilities[:, 2] = 0.9
    probabilities[right + wrong :] = [0.2, 0.3, 0.5]
    labels = ["positive"] * right + ["negative"] * wrong + ["positive"] * unsure
    reviews = LabelledReviews(
        ["a mug"] * len(labels), labels, [None] * len(labels), ["mugs"] * len(labels), unlabelled=unlabelled
    )
    scored = ScoredReviews(reviews, scheme, probabilities)
    return LabelledFile("mugs.csv", reviews, {}, is_own=True, labelled=len(labels)), scored


def described(file, scored, of=None):
    return describe_own_file(file.path, judge_own_file(file, scored, of or manifest())).splitlines()


def test_a_file_that_keeps_the_promise():
    assert described(*own(190, 10, unsure=50, unlabelled=1750)) == [
        "mugs.csv: 250 of 2,000 rows with words have a label.",
        "Accuracy over negative, neutral, positive: 96.0% of 250 reviews (95 % interval 92.8% to 98.1%, "
        "Clopper-Pearson).",
        "needs_review promises that 90% of the unmarked reviews are right: it holds on this file.",
        "Unmarked here: 80.0%, of which 95.0% are right (95 % sure: at least 91.7%, Clopper-Pearson). "
        "Expected of the model: 85.8%, of which 90.3%.",
    ]


def test_a_file_that_breaks_it():
    assert described(*own(160, 40))[2:] == [
        "needs_review promises that 90% of the unmarked reviews are right: it does not hold on this file.",
        "Unmarked here: 100.0%, of which 80.0% are right (95 % sure: at most 84.5%, Clopper-Pearson). "
        "Expected of the model: 85.8%, of which 90.3%.",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "unsure", "verdict"),
    [
        (93, 7, 0, "it cannot be told from 100 reviews (needs about 330)."),
        (90, 10, 0, "it cannot be told from 100 reviews (needs more than 1,000,000)."),
        (0, 0, 40, "it cannot be told, because every review is marked."),
    ],
)
def test_what_cannot_be_told_says_what_it_would_take(right, wrong, unsure, verdict):
    lines = described(*own(right, wrong, unsure))

    assert lines[2] == f"needs_review promises that 90% of the unmarked reviews are right: {verdict}"


def test_few_labels_are_no_basis():
    assert described(*own(11, 1, unlabelled=28))[:2] == [
        "mugs.csv: 12 of 40 rows with words have a label. 12 reviews say little of a model: label at least a "
        "hundred.",
        "Accuracy over negative, neutral, positive: 91.7% of 12 reviews (95 % interval 61.5% to 99.8%, "
        "Clopper-Pearson).",
    ]


def test_one_review_is_told_as_one():
    assert described(*own(1, 0))[:2] == [
        "mugs.csv: 1 of 1 row with words has a label. 1 review says little of a model: label at least a "
        "hundred.",
        "Accuracy over negative, neutral, positive: 100.0% of 1 review (95 % interval 2.5% to 100.0%, "
        "Clopper-Pearson).",
    ]


@pytest.mark.parametrize("promise", [None, {}, PROMISE | {"threshold": 0.7}])
def test_a_model_that_promises_nothing_of_its_threshold_is_held_to_nothing(promise):
    promising = manifest(promise=promise)

    assert target_of(promising) is None
    assert len(described(*own(20, 20), of=promising)) == 2


def test_a_model_that_could_promise_nothing_marks_every_review():
    nothing = PROMISE | {"threshold": 1.01, "coverage": 0.0, "accuracy": None}
    lines = described(*own(20, 20), of=manifest(threshold=1.01, promise=nothing))

    assert lines[2].endswith("it cannot be told, because every review is marked.")
    assert lines[3] == "Unmarked here: 0.0%. Expected of the model: none."


def test_stars_are_said_to_be_noisy():
    reviews = LabelledReviews(
        ["good good good"] * 4, ["5 stars", "4 stars", "1 star", "1 star"], [None] * 4, ["mugs"] * 4
    )
    file = LabelledFile("mugs.csv", reviews, {}, is_own=True, labelled=4)
    scored = score_reviews(FakeScorer(), reviews)

    figures = judge_own_file(file, scored, manifest(STARS))
    assert figures["contradicting"] == 0.5
    assert describe_own_file("mugs.csv", figures).splitlines()[-1] == (
        "The labels are stars, and customers give wrong ones: 50.0% contradict a sure prediction by 2 stars "
        "or more. Take the accuracy as a lower estimate."
    )
    unsure = judge_own_file(file, scored, manifest(STARS, threshold=0.999))
    assert unsure["contradicting"] == 0.0
    by_hand = replace(reviews, labels=["positive", "positive", "negative", "1 star"])
    assert judge_own_file(file, replace(scored, reviews=by_hand), manifest(STARS))["contradicting"] is None


@pytest.mark.parametrize(
    ("scheme", "names"),
    [
        (STARS, list(SENTIMENTS)),
        (BINARY, ["negative", "positive"]),
        (LabelScheme("custom", ("fabric", "returns")), ["fabric", "returns"]),
    ],
)
def test_the_names_are_those_that_can_be_right(scheme, names):
    label = scheme.labels[-1]
    reviews = LabelledReviews(["good"] * 2, [label] * 2, [None] * 2, ["mugs"] * 2)
    scored = score_reviews(FakeScorer(scheme.labels), reviews)
    figures = judge_own_file(LabelledFile("a.csv", reviews, {}, True, 2), scored, manifest(scheme))

    assert figures["names"] == names
    assert figures["accuracy"] == 1.0

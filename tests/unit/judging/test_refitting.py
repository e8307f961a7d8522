"""A threshold that is fitted on the user's reviews: what is said, saved and refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from sentiment.config import EvaluateConfig
from sentiment.corpus import LabelledReviews
from sentiment.errors import ConfigError, DataError, OutputError
from sentiment.judging.file_figures import ScoredReviews
from sentiment.judging.refitting import describe_refit, refit, resolve_target, save_refit
from sentiment.labels import TERNARY
from sentiment.model import Manifest
from sentiment.model.saved_threshold import load_threshold


def scored(*runs):
    """Give reviews in runs of (confidence, right, wrong)."""
    rows, labels = [], []
    for confidence, right, wrong in runs:
        rest = (1 - confidence) / 2
        rows += [[rest, rest, confidence]] * (right + wrong)
        labels += ["positive"] * right + ["negative"] * wrong
    reviews = LabelledReviews(["a mug"] * len(labels), labels, [None] * len(labels), ["mugs"] * len(labels))
    return ScoredReviews(reviews, TERNARY, np.array(rows, dtype=np.float32))


def directory(promise=None):
    facts = {"review_promise": promise} if promise else {}
    made = Manifest("tiny", TERNARY, 64, 0, encoder={}, files={}, review_threshold=0.5, facts=facts)
    return SimpleNamespace(name="tiny", manifest=made, weights_sha256="0" * 64)


def config(**settings):
    return EvaluateConfig(data=("mugs.csv",), **settings)


OWN = 0.7
GOOD = scored((0.9, 196, 4), (0.5, 30, 20))
BAD = scored((0.9, 40, 20), (0.5, 20, 20))


class TestRefit:
    def test_it_answers_as_much_as_the_promise_allows(self):
        figures = refit([GOOD], 0.95, OWN)

        assert figures["threshold"] == pytest.approx(0.9)
        assert (figures["reviews"], figures["answered"], figures["coverage"]) == (250, 200, 0.8)
        assert describe_refit(figures) == (
            "Fitted on these 250 reviews: with the threshold 0.900, 80.0% are unmarked, of which 98.0% are "
            "right (95 % sure: at least 95.5%; asked for 95%)."
        )

    def test_files_are_taken_together(self):
        together = refit([scored((0.9, 100, 1)), scored((0.9, 96, 3), (0.5, 30, 20))], 0.95, OWN)

        assert together == refit([GOOD], 0.95, OWN)

    def test_where_none_keeps_the_promise_it_says_what_the_models_own_threshold_keeps(self):
        assert describe_refit(refit([BAD], 0.95, OWN)) == (
            "No threshold promises 95% on these 100 reviews. The model's own threshold keeps 55.4%. "
            "95% takes at least 208 labelled reviews."
        )

    def test_one_review_is_told_as_one(self):
        said = describe_refit(refit([scored((0.9, 0, 1))], 0.95, OWN))
        assert said.startswith("No threshold promises 95% on this one review. ")

    def test_where_that_answers_nothing_it_says_what_could_be_promised(self):
        figures = refit([BAD], 0.95, 0.95)

        assert figures["answered"] == 0
        assert describe_refit(figures) == (
            "No threshold promises 95% on these 100 reviews. About 55% can be promised "
            "(--target-accuracy 0.55). 95% takes at least 208 labelled reviews."
        )

    def test_with_enough_labels_more_of_them_are_not_asked_for(self):
        figures = refit([scored((0.9, 200, 100))], 0.9, OWN)

        assert describe_refit(figures) == (
            "No threshold promises 90% on these 300 reviews. The model's own threshold keeps 61.9%."
        )

    def test_nothing_right_promises_nothing(self):
        assert describe_refit(refit([scored((0.9, 0, 200))], 0.9, OWN)) == (
            "No threshold promises 90% on these 200 reviews. Nothing can be promised: too few predictions "
            "are right, however sure they are."
        )


class TestSave:
    def test_what_is_saved_can_be_loaded(self, tmp_path):
        path = str(tmp_path / "mugs.toml")

        save_refit(refit([GOOD], 0.95, OWN), directory(), ["mugs.csv"], path)

        saved = load_threshold(path)
        assert saved.threshold == pytest.approx(0.9)
        assert (saved.model, saved.weights_sha256) == ("tiny", "0" * 64)
        assert (saved.target_accuracy, saved.reviews, saved.coverage) == (0.95, 250, 0.8)
        assert saved.fitted_on == ("mugs.csv",)
        assert saved.accuracy == pytest.approx(0.98)
        assert 0.95 <= saved.lower_bound < 0.96

    def test_nothing_is_written_where_nothing_is_kept(self, tmp_path):
        with pytest.raises(DataError) as caught:
            save_refit(refit([BAD], 0.95, OWN), directory(), ["mugs.csv"], str(tmp_path / "mugs.toml"))

        assert caught.value.exit_code == 3
        assert str(caught.value) == (
            f"{tmp_path / 'mugs.toml'}: not written. No threshold promises 95% on these 100 reviews. The "
            "model's own threshold keeps 55.4%. 95% takes at least 208 labelled reviews."
        )
        assert not [*tmp_path.iterdir()]


class TestTarget:
    def test_it_is_as_asked_else_that_of_the_model(self):
        promising = directory({"target_accuracy": 0.9, "threshold": 0.5})

        assert resolve_target(config(target_accuracy=0.97), promising) == 0.97
        assert resolve_target(config(), promising) == 0.9
        assert resolve_target(config(), directory()) is None

    def test_to_save_one_needs_a_target(self, tmp_path):
        with pytest.raises(ConfigError) as caught:
            resolve_target(config(save_threshold=str(tmp_path / "a.toml")), directory())

        assert str(caught.value) == (
            "--save-threshold needs an accuracy to promise. tiny promises none of its own. "
            "Name it with --target-accuracy 0.9."
        )

    def test_a_place_that_cannot_be_written_is_refused_at_once(self, tmp_path):
        nowhere = str(tmp_path / "none" / "a.toml")
        with pytest.raises(OutputError):
            resolve_target(config(save_threshold=nowhere, target_accuracy=0.9), directory())

    def test_trying_leaves_no_file(self, tmp_path):
        resolve_target(config(save_threshold=str(tmp_path / "a.toml"), target_accuracy=0.9), directory())

        assert not [*tmp_path.iterdir()]

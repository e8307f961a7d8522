"""Which threshold is in force, and what is said of it."""

from dataclasses import asdict, replace

import pytest

from sentiment import load_scorer
from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, IncompatibleModelError
from sentiment.measuring import Promise, SourceFigures, fit_promise
from sentiment.measuring.calibration import NEVER_ANSWER
from sentiment.model import open_model
from sentiment.model.manifest import save_manifest
from sentiment.model.saved_threshold import SavedThreshold, save_threshold
from sentiment.scoring.distributed.worker import hash_models
from sentiment.scoring.loading import open_models
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.scoring.thresholds import describe_promise, resolve_threshold
from tests.fakes import FakeScorer, draw_held_out
from tests.tiny import LINES, build_tiny_model

KEPT = Promise(
    target_accuracy=0.925,
    threshold=0.8125,
    coverage=0.712,
    accuracy=0.94,
    lower_bound=0.926,
    answered=13_000,
    reviews=18_400,
    unseen=True,
    sources={
        "tweets": SourceFigures(900, 0.5, 0.81),
        "towels": SourceFigures(900, 0.9, 0.95),
        "cups": SourceFigures(900, 0.0, None),
    },
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return open_model(str(build_tiny_model(folder, held_out=draw_held_out())))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return open_model(str(build_tiny_model(tmp_path_factory.mktemp("models") / "plain")))


@pytest.fixture
def saved(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    threshold = SavedThreshold(
        "tiny", model.weights_sha256, 0.625, 0.95, 400, 0.75, 0.97, 0.951, 0.95, ("orders.csv",), "2026-11-27"
    )
    save_threshold(threshold, "mine.toml")
    return threshold


class TestWords:
    def test_a_promise_on_sources_that_were_left_out(self):
        assert describe_promise(KEPT) == (
            "at least 92.5% of what needs no person is right (95% sure): confidence 0.812 or more, 71.2% of "
            "reviews expected there; fitted on 18,400 reviews of 3 sources left out of training; kept on 2 "
            "of 3 sources taken one by one"
        )

    def test_a_promise_on_validation_reviews(self):
        assert describe_promise(replace(KEPT, unseen=False, sources={})) == (
            "at least 92.5% of what needs no person is right (95% sure): confidence 0.812 or more, 71.2% of "
            "reviews expected there; fitted on 18,400 validation reviews"
        )

    def test_one_review_of_one_source_is_told_as_one(self):
        one = replace(KEPT, reviews=1, sources={"mugs": SourceFigures(1, 1.0, 1.0)})
        assert describe_promise(one).endswith("fitted on 1 review of 1 source left out of training")

    def test_a_promise_that_no_threshold_keeps(self):
        none = replace(
            KEPT, threshold=NEVER_ANSWER, coverage=0.0, accuracy=None, lower_bound=None, answered=0
        )
        assert describe_promise(none) == (
            "none: on 18,400 reviews of 3 sources left out of training no threshold makes 92.5% right (95% "
            "sure), so that every review needs a person"
        )


class TestOfTheModel:
    def test_its_own_threshold_and_promise(self, plain, tmp_path):
        directory = open_model(str(build_tiny_model(tmp_path / "tiny", review_threshold=0.8125)))
        manifest = replace(directory.manifest, facts={"review_promise": asdict(KEPT)})
        save_manifest(manifest, directory.path)
        found = resolve_threshold(open_model(str(directory.path)))
        assert found.value == 0.8125
        assert found.promise == describe_promise(KEPT)

    def test_facts_as_older_versions_wrote_them(self, plain):
        promise = {
            "target_accuracy": 0.9, "fitted_on": "validation", "threshold": 0.5, "coverage": 0.858,
            "accuracy": 0.903, "lower_bound": 0.9, "answered": 23821,
        }  # fmt: skip
        older = replace(plain, manifest=replace(plain.manifest, facts={"review_promise": promise}))
        assert resolve_threshold(older).promise == (
            "at least 90% of what needs no person is right (95% sure): confidence 0.500 or more, 85.8% of "
            "reviews expected there; fitted on validation reviews"
        )

    @pytest.mark.parametrize("facts", [{}, {"review_promise": "yes"}, {"review_promise": asdict(KEPT)}])
    def test_a_threshold_that_rests_on_nothing_that_is_known(self, plain, facts):
        odd = replace(plain, manifest=replace(plain.manifest, facts=facts))
        found = resolve_threshold(odd)
        assert found.value == 0.5
        assert found.promise == "none is known: the model does not say what its threshold was fitted on"


class TestTarget:
    def test_it_is_fitted_on_what_the_model_keeps(self, model):
        found = resolve_threshold(model, target_accuracy=0.95)
        promise = fit_promise(model.load_held_out(), 0.95)
        assert 0.5 < found.value == promise.threshold < 1
        assert found.promise == describe_promise(promise)
        assert "reviews of 2 sources left out of training" in found.promise

    def test_a_higher_target_asks_for_more_confidence(self, model):
        values = [resolve_threshold(model, target).value for target in (0.8, 0.9, 0.95)]
        assert values == sorted(values)

    def test_without_held_out_scores_it_is_one_clear_line(self, plain):
        with pytest.raises(IncompatibleModelError) as caught:
            resolve_threshold(plain, target_accuracy=0.95)
        assert str(caught.value) == (
            f"{plain.path}: a target accuracy is fitted on held-out scores, and this model keeps none. It "
            "has no held_out.safetensors. Train it again with this version, or add those of a study: "
            "python -m sentiment export MODEL DIR --held-out FILE."
        )

    def test_where_nothing_keeps_it_everything_goes_to_a_person(self, tmp_path):
        hopeless = draw_held_out(errors=99.0)
        folder = str(build_tiny_model(tmp_path / "tiny", held_out=hopeless))
        scorer = load_scorer(folder, precision="fp32", target_accuracy=0.95)
        assert all(prediction.needs_review for prediction in scorer.predict(LINES))
        assert scorer.promise.startswith("none: on ")
        assert scorer.promise.endswith("so that every review needs a person")


class TestSaved:
    def test_it_takes_the_place_of_the_model_s_own(self, model, saved):
        found = resolve_threshold(model, saved="mine.toml")
        assert found.value == 0.625
        assert found.promise == (
            "at least 95% of what needs no person is right (95% sure): confidence 0.625 or more, 75.0% of "
            "reviews expected there; fitted on 400 reviews of orders.csv on 2026-11-27"
        )

    def test_one_that_answers_nothing_says_so(self, model, saved):
        save_threshold(replace(saved, threshold=NEVER_ANSWER, coverage=0.0, accuracy=None), "mine.toml")
        assert resolve_threshold(model, saved="mine.toml").promise == (
            "none: on 400 reviews of orders.csv on 2026-11-27 no threshold makes 95% right (95% sure), so "
            "that every review needs a person"
        )

    def test_that_of_another_model_is_refused(self, plain, model, saved):
        save_threshold(replace(saved, weights_sha256="0" * 64), "mine.toml")
        with pytest.raises(ConfigError, match=r"^mine\.toml: fitted with another model\. "):
            resolve_threshold(model, saved="mine.toml")

    def test_a_target_beside_it_is_refused(self, model, saved):
        with pytest.raises(ConfigError) as caught:
            resolve_threshold(model, 0.95, "mine.toml")
        assert str(caught.value) == (
            "--threshold and --target-accuracy exclude each other. A saved threshold has a target of its "
            "own. Leave one of them out."
        )


class TestModels:
    def test_each_model_keeps_a_promise_of_its_own(self, model, saved):
        both = open_models(str(model.path), [f"de={model.path}"], threshold="mine.toml")
        assert both.thresholds["default"].value == 0.625
        assert both.thresholds["de"].value == 0.5
        assert list(both.promises) == ["promise", "promise, de"]
        fitted = open_models(str(model.path), [f"de={model.path}"], target_accuracy=0.95)
        assert fitted.thresholds["de"] == fitted.thresholds["default"]

    def test_workers_with_another_threshold_are_found_out(self, model):
        config = PredictConfig(inputs=("a",), model=str(model.path))
        own, fitted = (
            hash_models(open_models(config.model, (), target_accuracy)) for target_accuracy in (None, 0.95)
        )
        assert own != fitted


def test_an_earlier_prediction_is_decided_anew():
    strict, lax = (ReviewScorer(FakeScorer(), threshold) for threshold in (0.99, 0.1))
    [found] = strict.predict(["good towel"])
    [empty] = strict.predict([""])
    assert found.needs_review
    assert not lax.decide(found).needs_review
    assert strict.decide(lax.decide(found)) == found
    assert lax.decide(empty) == empty

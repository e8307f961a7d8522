"""What a training run keeps of the reviews that it has not learned from, and the promise that rests on it."""

import numpy as np
import pytest

from sentiment.labels import SENTIMENTS
from sentiment.measuring import fit_promise
from sentiment.model import open_model
from sentiment.scoring.loading import load_scorer
from sentiment.scoring.thresholds import describe_promise, resolve_threshold
from sentiment.training import finishing
from tests.tiny_encoder import small_reviews, write_csv


def trained(run, **changes):
    return open_model(str(run(**changes).output / "model"))


def test_the_scores_of_validation_rows_lie_beside_the_weights(run):
    model = trained(run)
    scores = model.load_held_out()
    counted = model.manifest.facts["rows"]["validation"]
    assert "held_out.safetensors" in model.manifest.files
    assert (scores.names, scores.sources, scores.unseen) == (SENTIMENTS, tuple(counted), False)
    assert len(scores) == sum(counted.values())
    assert scores.group.tolist() == scores.source.tolist()
    figures = model.manifest.facts["figures"]["validation"]
    assert scores.right.mean() == pytest.approx(figures["classes"]["accuracy"])


def test_the_model_s_own_threshold_is_fitted_on_them(run):
    model = trained(run)
    promise = fit_promise(model.load_held_out(), 0.9)
    assert model.manifest.review_threshold == promise.threshold
    assert resolve_threshold(model).promise == describe_promise(promise)
    assert resolve_threshold(model) == resolve_threshold(model, target_accuracy=0.9)
    assert "validation reviews" in describe_promise(promise)


def test_they_are_what_the_finished_model_says(run, reviews):
    model = trained(run)
    scorer = load_scorer(str(model.path), precision="fp32", detect_language=False)
    texts = sorted({row["review"] for row in small_reviews()})
    ours = [[p.probabilities[name] for name in SENTIMENTS] for p in scorer.predict(texts)]
    distances = np.abs(model.load_held_out().probabilities[:, None] - np.array(ours)[None]).max(axis=2)
    assert distances.min(axis=1).max() < 1e-3


def test_a_large_split_keeps_a_draw(run, monkeypatch):
    monkeypatch.setattr(finishing, "HELD_OUT_ROWS", 20)
    assert len(trained(run).load_held_out()) == 20


def test_classes_of_ones_own_keep_their_names(run, tmp_path):
    rows = [
        {"text": row["review"], "label": "praise" if int(row["stars"]) > 3 else "blame"}
        for row in small_reviews()
    ]
    path = write_csv(tmp_path / "own.csv", rows)
    scores = trained(run, data=(str(path),), label_scheme="custom").load_held_out()
    assert (scores.names, scores.sources) == (("blame", "praise"), ("own",))

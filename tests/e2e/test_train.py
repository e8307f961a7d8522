"""train.py as a user runs it, and what can be done with the run directory that it leaves."""

import csv
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sentiment.labels import STARS
from tests.patience import PATIENCE
from tests.tiny_encoder import build_tiny_encoder, small_reviews, write_csv

ROOT = Path(__file__).parents[2]


def run_program(*arguments):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run directory, and what was said while it was made."""
    folder = tmp_path_factory.mktemp("shop")
    rows = [{"Title": "", "Review": row["review"], "Rating": f"{row['stars']}/5"} for row in small_reviews()]
    reviews = write_csv(folder / "reviews.csv", [*rows, {"Title": "", "Review": "", "Rating": "5/5"}])
    encoder = build_tiny_encoder(folder / "encoder")
    done = run_program(
        *("train.py", "--data", reviews, "--output-dir", folder / "run", "--encoder", encoder),
        *("--epochs", "2", "--batch-size", "8", "--learning-rate", "2e-3", "--max-length", "24"),
        *("--checkpoint-every", "30", "--mixed-precision", "no", "--device", "cpu"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return folder / "run", done.stderr


def test_the_run_directory(trained):
    run, _ = trained
    assert sorted(path.name for path in run.iterdir()) == [
        "charts",
        "checkpoints",
        "config.toml",
        "events.jsonl",
        "metrics.json",
        "model",
    ]
    assert sorted(path.name for path in (run / "model").iterdir()) == [
        "README.md",
        "config.json",
        "held_out.safetensors",
        "model.safetensors",
        "sentiment.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert len(list((run / "checkpoints").iterdir())) == 2
    charts = sorted(path.name for path in (run / "charts").iterdir())
    assert charts == ["confusion.png", "learning_rate.png", "loss.png", "reliability.png"]


def test_every_resolved_setting_is_saved(trained):
    run, _ = trained
    settings = tomllib.loads((run / "config.toml").read_text(encoding="utf-8"))
    assert (settings["epochs"], settings["batch_size"], settings["warmup_ratio"]) == (2.0, 8, 0.06)


def test_the_figures(trained):
    run, _ = trained
    figures = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    assert figures.keys() == {"validation", "test"}
    assert {"reviews", "loss", "accuracy", "classes", "polarity", "stars"} <= figures["test"].keys()


def test_the_manifest(trained):
    run, _ = trained
    manifest = json.loads((run / "model" / "sentiment.json").read_text(encoding="utf-8"))
    assert (manifest["format_version"], manifest["name"], manifest["max_length"]) == (1, "run", 24)
    assert manifest["labels"] == list(STARS.labels)
    assert len(manifest["encoder"]["sha256"]) == 64
    assert {"figures", "rows", "versions", "command", "settings", "best_step"} <= manifest["facts"].keys()


def test_the_card(trained):
    run, _ = trained
    card = (run / "model" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlibrary_name: transformers\n")
    assert "\n# run\n" in card
    assert "train.py --data" in card


def test_what_was_said(trained):
    _, told = trained
    assert "rating: Rating (header) · labels: Rating (written as out of 5)" in told
    assert "reviews: left out 1 row without words." in told
    assert "Label scheme: stars (the labels are ratings)." in told
    assert "all updates are done." in told
    assert "lovely" not in told, "review text is never logged"
    assert "Warning" not in told


def test_predict_scores_with_it(trained, tmp_path):
    run, _ = trained
    rows = [{"Review": "a lovely soft towel", "Title": ""}, {"Review": "", "Title": ""}]
    source = write_csv(tmp_path / "new.csv", rows)
    done = run_program("predict.py", source, "--model", run, "--precision", "fp32", "--device", "cpu")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "new.scored.csv").open(encoding="utf-8", newline="") as file:
        scored = list(csv.DictReader(file))
    assert [row["review_status"] for row in scored] == ["ok", "empty"]
    assert scored[0]["predicted_sentiment"] in ("negative", "neutral", "positive")


def test_pipeline_loads_it(trained):
    from transformers import pipeline

    run, _ = trained
    classify = pipeline("text-classification", model=str(run / "model"), device="cpu")
    [answer] = classify(["a lovely soft towel"])
    assert answer["label"] in STARS.labels

"""A multilingual encoder by its hub id: downloaded, trained, and put beside the English model."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fake_hub import serving_hub
from tests.patience import PATIENCE
from tests.tiny_encoder import write_csv
from tests.tiny_multilingual import POSITIONS, build_multilingual_encoder, multilingual_reviews

ROOT = Path(__file__).parents[2]
ENCODER = "some-org/tiny-multilingual"
GERMAN = ("Das Bett meiner Mutter ist wunderschön und kam am Dienstag.", "Die Lampe ist leider furchtbar.")
ENGLISH = ("The bed of my mother is beautiful and it came on Tuesday.", "The lamp is terrible.")
FRENCH = ("La chaise de mon fils est magnifique, comme sur la photo.",)
GUIDE = "no label; docs/how-to/other-languages.md says what reads them\n"


def run_program(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_OFFLINE": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on German and Spanish reviews, its encoder named by id; and what the hub was asked for."""
    folder = tmp_path_factory.mktemp("languages")
    encoder = build_multilingual_encoder(folder / "hub")
    rows = [
        row | {"split": "train" if i % 7 else "validation"}
        for i, row in enumerate(multilingual_reviews("de", "es"))
    ]
    reviews = write_csv(folder / "reviews.csv", rows)
    with serving_hub(ENCODER, encoder) as hub:
        run_program(
            *("train.py", "--data", reviews, "--output-dir", folder / "run", "--encoder", ENCODER),
            *("--epochs", "6", "--batch-size", "8", "--learning-rate", "5e-3", "--max-length", POSITIONS),
            *("--mixed-precision", "no", "--device", "cpu", "--dropout", "0", "--no-charts", "--quiet"),
            HF_HUB_OFFLINE="0",
            HF_ENDPOINT=hub.endpoint,
            HF_HOME=str(folder / "caches"),
            NO_PROXY="127.0.0.1",
        )
    return folder / "run", hub


@pytest.fixture
def score(tmp_path):
    """Score texts with predict.py; gives the rows, and what was said."""

    def score(texts, *arguments):
        source = write_csv(tmp_path / "new.csv", [{"review": text, "other": ""} for text in texts])
        told = run_program("predict.py", source, "--device", "cpu", *arguments)
        with (tmp_path / "new.scored.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file)), told

    return score


def test_each_file_of_the_encoder_is_downloaded_once(trained):
    _, hub = trained
    assert sorted(hub.downloads) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_the_model_knows_its_encoder_and_its_languages(trained):
    run, _ = trained
    manifest = json.loads((run / "model" / "sentiment.json").read_text(encoding="utf-8"))
    assert manifest["languages"] == ["de", "es"]
    assert (manifest["encoder"]["name"], len(manifest["encoder"]["sha256"])) == (ENCODER, 64)


def test_it_labels_the_languages_that_it_was_trained_on_and_no_other(trained, score):
    run, _ = trained
    rows, told = score([*GERMAN, *ENGLISH, *FRENCH], "--model", run)
    assert [row["review_status"] for row in rows] == ["ok"] * 2 + ["language"] * 3
    assert [row["predicted_sentiment"] for row in rows] == ["positive", "negative", "", "", ""]
    assert f"language        3 in a language that the model does not read (en 2, fr 1): {GUIDE}" in told
    assert "(no graph of this model runs here)" in told


def test_the_english_model_labels_none_of_them_and_says_so(score):
    rows, told = score([*GERMAN, *FRENCH])
    assert [row["review_status"] for row in rows] == ["language"] * 3
    assert [row["predicted_sentiment"] for row in rows] == [""] * 3
    assert [row["needs_review"] for row in rows] == ["true"] * 3
    assert f"language        3 in a language that the model does not read (de 2, fr 1): {GUIDE}" in told


def test_both_share_a_mixed_file(trained, score):
    run, _ = trained
    rows, told = score([*GERMAN, *ENGLISH, *FRENCH], "--model-for", f"de={run}")
    assert [row["predicted_sentiment"] for row in rows] == ["positive", "negative"] * 2 + [""]
    assert rows[-1]["review_status"] == "language"
    assert "model           reviews-en, de: run\n" in told

"""`python -m sentiment evaluate` as a user runs it."""

import csv
import json
import shlex
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE
from tests.tiny import build_tiny_model

ROOT = Path(__file__).parents[2]
REVIEWS = "review,rating\nLovely soft towel,5\nThe seam tore,1\nThe fit is good,4\nIt smells,2\n"


def test_the_table_on_stdout_the_figures_in_a_file_and_all_else_on_stderr(tmp_path):
    model, reviews, output = build_tiny_model(tmp_path / "tiny"), tmp_path / "a.csv", tmp_path / "a.json"
    reviews.write_text(REVIEWS, encoding="utf-8")
    arguments = [
        "evaluate",
        str(reviews),
        "--precision",
        "fp32",
        "--model",
        str(model),
        "--output",
        str(output),
    ]

    done = subprocess.run(
        [sys.executable, "-m", "sentiment", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()[:2]] == [
        ["file", "scorer", "reviews"],
        ["a", "tiny", "4"],
    ]
    assert f"{reviews}: names no splits; every row is measured.\n" in done.stderr
    assert f"{reviews}: 4 reviews ...\n" in done.stderr
    figures = json.loads(output.read_text(encoding="utf-8"))
    assert figures["command"] == shlex.join(["python", "-m", "sentiment", *arguments])
    assert figures["files"]["a"]["scorers"]["tiny"]["reviews"] == 4


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sentiment", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def test_a_threshold_of_the_users_own_labels_goes_on_to_the_next_file(tmp_path):
    model, labelled, saved = (
        build_tiny_model(tmp_path / "tiny"),
        tmp_path / "labelled.csv",
        tmp_path / "t.toml",
    )
    fresh, scored, predictions = tmp_path / "fresh.csv", tmp_path / "fresh.scored.csv", tmp_path / "p.csv"
    compute = ["--precision", "fp32", "--model", model, "--quiet"]
    fresh.write_text("review\n" + "".join(f"Soft towel number {i}\n" for i in range(60)), encoding="utf-8")
    assert run("predict", fresh, *compute).returncode == 0
    with scored.open(encoding="utf-8", newline="") as file:
        first = list(csv.DictReader(file))
    rows = "".join(f"{row['review']},{row['predicted_sentiment']}\n" for row in first)
    labelled.write_text(f"review,label\n{rows}", encoding="utf-8")  # every prediction is right

    asked = ["--target-accuracy", "0.8", "--save-threshold", saved, "--predictions", predictions]
    done = run("evaluate", labelled, *asked, *compute)

    assert (done.returncode, done.stderr) == (0, "")
    told = [
        line for line in done.stdout.splitlines() if line.startswith((str(labelled), "Accuracy", "Fitted"))
    ]
    assert told[:2] == [
        f"{labelled}: 60 of 60 rows with words have a label.",
        "Accuracy over negative, neutral, positive: 100.0% of 60 reviews (95 % interval 94.0% to 100.0%, "
        "Clopper-Pearson).",
    ]
    assert told[2].endswith(
        "100.0% are unmarked, of which 100.0% are right (95 % sure: at least 95.1%; asked for 80%)."
    )
    assert len(predictions.read_text(encoding="utf-8").splitlines()) == 61
    with_saved = run("predict", fresh, "--threshold", saved, *compute)
    assert with_saved.returncode == 0, with_saved.stderr
    with scored.open(encoding="utf-8", newline="") as file:
        assert {row["needs_review"] for row in csv.DictReader(file)} == {"false"}

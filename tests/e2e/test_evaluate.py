"""`python -m sentiment evaluate` as a user runs it."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

from tests.tiny import build_tiny_model

ROOT = Path(__file__).parents[2]
PATIENCE = 120
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

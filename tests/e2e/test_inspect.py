"""`python -m sentiment inspect` as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
SAMPLE = "data/sample_reviews.csv"


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "sentiment", "inspect", *arguments],
        cwd=ROOT,
        capture_output=True,
        timeout=PATIENCE,
        env=os.environ | environment,
    )


def test_the_sample():
    done = run(SAMPLE, PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stderr) == (0, b"")
    page = done.stdout.decode("utf-8")
    assert page.splitlines()[:2] == [
        f"file            {SAMPLE}",
        "                csv, encoding utf-8, delimiter comma",
    ]
    assert "text            body  (by its name)" in page
    assert "columns that hold it: reviewer_email (email), ip_address (ip)" in page


def test_the_sample_as_json():
    done = run(SAMPLE, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert (found["format"], found["encoding"], found["delimiter"]) == ("csv", "utf-8", ",")
    assert found["roles"] == {
        "text": "body", "title": "title", "rating": "rating", "date": "review_date",
        "product": "product_handle",
        "state": "curated",
    }  # fmt: skip
    assert sum(found["ratings"]["stars"].values()) == found["rows"]


def test_a_terminal_that_knows_few_letters():
    done = run(SAMPLE, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_unknown_text_column_is_one_line_on_stderr():
    done = run(SAMPLE, "--text-column", "revue", "--json")
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.decode("utf-8").startswith(f"{SAMPLE}: no column named 'revue'. Found: title, body,")

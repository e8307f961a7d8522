"""The default way of predict.py needs neither torch nor transformers, whatever is installed."""

import csv
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample_reviews.csv"
BLOCKED = """
import sys
for name in ("torch", "transformers", "accelerate", "datasets", "scipy", "sklearn", "pandas"):
    sys.modules[name] = None
from sentiment import cli
sys.exit(cli.run("predict", sys.argv[1:], "predict.py"))
"""


def test_the_sample_is_scored_where_torch_cannot_be_imported(tmp_path):
    output = tmp_path / "scored.csv"
    command = [sys.executable, "-c", BLOCKED, str(SAMPLE), "-o", str(output), "--device", "cpu"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    with output.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 265
    assert {row["predicted_sentiment"] for row in rows} == {"negative", "neutral", "positive", ""}

"""A review of 100,000 words through predict: read whole, in memory that does not grow with it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment.scoring.windows import plan_windows
from tests.patience import PATIENCE
from tests.tiny import LINES, MAX_LENGTH, build_tiny_model, build_tiny_tokenizer

ROOT = Path(__file__).parents[2]
WORDS = 100_000
MOST_GROWTH = 128
"""MiB. Attention over the whole review would take some 100 GiB; its text and tokens take a few MiB."""

SCORE_BOTH = """
import json, sys
from sentiment.cli import run

def peak():
    if sys.platform == "darwin":
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    with open("/proc/self/status") as status:  # getrusage would begin at the size of the parent process
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 2**10

peaks = []
for name in ("short", "long"):
    assert run("predict", [f"{name}.csv", "-o", f"{name}.jsonl", *sys.argv[1:]], "python predict.py") == 0
    peaks.append(peak())
print(json.dumps(peaks))
"""


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="no way to read peak memory is known")
def test_a_review_of_100_000_words_is_read_whole_in_bounded_memory(tmp_path):
    words = " ".join(LINES).split()
    long = " ".join((words * (WORDS // len(words) + 1))[:WORDS])
    write_reviews(tmp_path / "short.csv", LINES * 200)
    write_reviews(tmp_path / "long.csv", [*LINES, long])
    model = build_tiny_model(tmp_path / "tiny")

    compute = ["--backend", "onnxruntime", "--device", "cpu", "--precision", "fp32"]
    child = subprocess.run(
        [sys.executable, "-c", SCORE_BOTH, "--receipt", "--quiet", "--model", model, *compute],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert child.returncode == 0, child.stderr
    after_short, after_long = json.loads(child.stdout)
    assert after_long - after_short < MOST_GROWTH
    row = json.loads((tmp_path / "long.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    tokens = len(build_tiny_tokenizer().encode(long, add_special_tokens=False).ids)
    assert (row["review_status"], row["review_tokens"]) == ("ok", tokens)
    assert row["review_windows"] == len(plan_windows(tokens, MAX_LENGTH - 2))


def write_reviews(path, texts):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["review"], *([text] for text in texts)])

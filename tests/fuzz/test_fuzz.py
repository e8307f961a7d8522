"""A bounded run of the fuzzing target, from seeds that open its doors."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
RUNS = 4_000
SEEDS = {
    "csv": b'\x00id,review,stars\n1,"soft, warm",5\n2,"open,4\n',
    "semicolons": b"\x00sep=;\nid;review\n1;gut\n",
    "utf-16": b"\x00" + "a\tb\n1\t2\n".encode("utf-16"),
    "ratings": "5\n4,5\n8/10\n80%\n★★★☆☆\nfive\n".encode(),
    "dates": b"2026-03-02\n03/02/2025\n1740000000\nMar 2, 2025\n",
}


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not built for it")
def test_no_input_crashes_hangs_or_loses_a_row(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, seed in SEEDS.items():
        kind = {"ratings": b"\x80", "dates": b"\xc0"}.get(name, b"")
        (corpus / name).write_bytes(kind + seed)
    command = [sys.executable, "-m", "tests.fuzz.fuzz_tables", str(corpus), f"-runs={RUNS}", "-seed=1"]
    limits = [f"-timeout={PATIENCE}", "-max_len=2048", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run([*command, *limits], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr

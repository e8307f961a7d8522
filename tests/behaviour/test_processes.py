"""Two processes train as one does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment.errors import CheckpointError
from sentiment.training.events import EvaluationDone, StepDone
from sentiment.training.train import train

ROOT = Path(__file__).parents[2]


def events_of(run, kind):
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def test_two_processes_train_as_one(run, settings, tmp_path):
    """The validation split is one batch, so that one process has none of it."""
    alone = run("alone", batch_size=8, epochs=0.5, evaluate_every=7)
    config = settings("together", batch_size=4)
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "train.py"),
        *("--data", *config.data, "--encoder", config.encoder, "--output-dir", config.output_dir),
        *("--batch-size", "4", "--epochs", "0.5", "--evaluate-every", "7", "--max-length", "24"),
        *("--learning-rate", "2e-3", "--dropout", "0", "--mixed-precision", "no", "--device", "cpu"),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        _, told = process.communicate(timeout=300)
    finally:
        process.terminate()  # torchrun ends its processes, should they wait for each other for ever
    assert process.returncode == 0, told

    together = Path(config.output_dir)
    steps, evaluations = events_of(together, "StepDone"), events_of(together, "EvaluationDone")
    assert [step["loss"] for step in steps] == pytest.approx(
        [event.loss for event in alone.of(StepDone)], rel=1e-4
    )
    assert [step["tokens"] for step in steps] == [event.tokens for event in alone.of(StepDone)]
    assert [event["step"] for event in evaluations] == [event.step for event in alone.of(EvaluationDone)]
    for name in ("loss", "accuracy", "macro_f1"):
        assert [event["figures"][name] for event in evaluations] == pytest.approx(
            [event.figures[name] for event in alone.of(EvaluationDone)], rel=1e-4
        )
    metrics = json.loads((together / "metrics.json").read_text(encoding="utf-8"))
    expected = json.loads((tmp_path / "alone" / "metrics.json").read_text(encoding="utf-8"))
    for split, figures in expected.items():
        assert metrics[split]["loss"] == pytest.approx(figures["loss"], rel=1e-3)
        assert metrics[split]["reviews"] == figures["reviews"]
        assert metrics[split]["classes"]["confusion"] == figures["classes"]["confusion"]
    assert told.count("Training: ") == 1, "one process talks"

    with pytest.raises(CheckpointError, match=r"It had 2, this one has 1\. Start it on 2"):
        train(settings("together", batch_size=4, epochs=0.5, evaluate_every=7, resume=True))

"""Several processes do what one does, fail as one, and recover together."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet
import pytest
from accelerate import Accelerator

from sentiment.errors import CheckpointError
from sentiment.training.events import EvaluationDone, StepDone
from sentiment.training.train import train
from tests.behaviour.process_worker import SIZES, measure_sizes, stream
from tests.patience import PATIENCE
from tests.tiny_encoder import small_reviews, train_settings

ROOT = Path(__file__).parents[2]
SAME = {"epochs": 0.5, "evaluate_every": 7, "checkpoint_every": 7, "average_weights": 0.5}


def start(processes, *command):
    """Start torchrun; the pipe is for its stderr."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node"]
    return subprocess.Popen(
        [*launcher, str(processes), *command],
        cwd=ROOT,
        # The second variable: docs/scaling.md, recovery.
        env=os.environ | {"OMP_NUM_THREADS": "1", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def finish(process):
    """Wait for torchrun; gives what it told."""
    try:
        _, told = process.communicate(timeout=PATIENCE)
    finally:
        process.terminate()  # torchrun ends its processes, should they wait for each other for ever
    assert process.returncode == 0, told
    return told


def train_command(config):
    return [
        *("train.py", "--data", *config.data, "--encoder", config.encoder, "--output-dir", config.output_dir),
        *("--batch-size", "4", "--epochs", str(config.epochs), "--evaluate-every", "7"),
        *("--checkpoint-every", "7", "--max-length", "24", "--learning-rate", "2e-3", "--dropout", "0"),
        *("--mixed-precision", "no", "--device", "cpu", "--cache-dir", "none"),
        *("--average-weights", str(config.average_weights)),
    ]


@pytest.fixture(scope="module")
def together(encoder, reviews, tmp_path_factory):
    """A run of two processes, its settings and what it told."""
    output = tmp_path_factory.mktemp("processes") / "together"
    config = train_settings(
        output_dir=str(output), encoder=str(encoder), data=(str(reviews),), **SAME | {"batch_size": 4}
    )
    return config, finish(start(2, *train_command(config)))


@pytest.fixture(scope="module", params=[2, 3])
def worked(request, encoder, reviews, tmp_path_factory):
    """What each process of process_worker.py reports."""
    output = tmp_path_factory.mktemp(f"of-{request.param}")
    write_shards(output / "shards")
    command = ("-m", "tests.behaviour.process_worker", str(encoder), str(reviews), str(output))
    finish(start(request.param, *command))
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(output.glob("*.json"))]
    assert len(reports) == request.param
    return reports


def assert_same_end(run, other):
    for file in (Path("model", "model.safetensors"), Path("metrics.json")):
        assert (run / file).read_bytes() == (other / file).read_bytes()


def write_shards(folder):
    """Write five Parquet shards of small reviews."""
    folder.mkdir()
    rows = [{"review": row["review"], "stars": row["stars"]} for row in small_reviews()]
    for shard in range(5):
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows[shard::5]), folder / f"{shard}.parquet")


def events_of(run, kind):
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def test_two_processes_train_as_one(run, together, tmp_path):
    """The validation split is one batch, so that one process has none of it."""
    alone = run("alone", **SAME | {"batch_size": 8})
    config, told = together
    output = Path(config.output_dir)
    steps, evaluations = events_of(output, "StepDone"), events_of(output, "EvaluationDone")
    assert [step["loss"] for step in steps] == pytest.approx(
        [event.loss for event in alone.of(StepDone)], rel=1e-4
    )
    assert [step["tokens"] for step in steps] == [event.tokens for event in alone.of(StepDone)]
    assert [event["step"] for event in evaluations] == [event.step for event in alone.of(EvaluationDone)]
    for name in ("loss", "accuracy", "macro_f1"):
        assert [event["figures"][name] for event in evaluations] == pytest.approx(
            [event.figures[name] for event in alone.of(EvaluationDone)], rel=1e-4
        )
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    expected = json.loads((tmp_path / "alone" / "metrics.json").read_text(encoding="utf-8"))
    for split, figures in expected.items():
        assert metrics[split]["loss"] == pytest.approx(figures["loss"], rel=1e-3)
        assert metrics[split]["reviews"] == figures["reviews"]
        assert metrics[split]["classes"]["confusion"] == figures["classes"]["confusion"]
    assert told.count("Training: ") == 1, "one process talks"


def test_one_process_does_not_resume_the_run_of_two(together):
    config, _ = together
    with pytest.raises(CheckpointError, match=r"It had 2, this one has 1\. Start it on 2"):
        train(config.model_copy(update={"resume": True}))


@pytest.mark.parametrize("sizes", ["sizes", "sizes under FSDP"])
def test_metrics_do_not_depend_on_the_number_of_processes(worked, encoder, monkeypatch, sizes):
    alone = measure_sizes(encoder, Accelerator(cpu=True), monkeypatch.setattr)
    for report in worked:
        for size in map(str, SIZES):
            loss, accuracy, confusion, logits = report[sizes][size]
            assert loss == pytest.approx(alone[size][0], rel=1e-5), size
            assert (accuracy, confusion) == (alone[size][1], alone[size][2]), size
            assert logits == [pytest.approx(row, abs=1e-5) for row in alone[size][3]], size


@pytest.mark.parametrize("wrapper", ["DDP", "FSDP"])
def test_state_is_whole_however_the_model_is_spread(worked, wrapper):
    for report in worked:
        assert all(report["state"][wrapper].values()), report["state"][wrapper]


def test_shards_give_the_same_examples_on_any_number_of_processes(worked, encoder, tmp_path):
    write_shards(tmp_path / "shards")
    alone = stream(encoder, tmp_path / "shards", tmp_path / "cache", Accelerator(cpu=True))
    for report in worked:
        assert report["streamed"][:3] == alone[:3]
        assert report["streamed"][3][1:] == alone[3][1:], "all notes but the one that names a file"


def test_work_is_shared_out_in_order_and_fails_everywhere(worked):
    for report in worked:
        assert report["shared out"] == [0, 1, 4, 9, 16]
        assert report["failed"] == "item 3 is damaged."


def test_a_loss_that_is_not_finite_stops_every_process_at_one_step(worked):
    codes, messages = zip(*(report["diverged"] for report in worked), strict=True)
    assert set(codes) == {6}
    [message] = set(messages)
    assert "is nan at step 2 (learning rate" in message
    assert "Lower --learning-rate" in message


def test_sharded_weights_end_as_whole_ones(together, tmp_path):
    config = together[0].model_copy(update={"output_dir": str(tmp_path / "sharded")})
    finish(start(2, "-m", "tests.behaviour.fsdp_worker", *train_command(config)[1:]))
    assert_same_end(Path(config.output_dir), Path(together[0].output_dir))


def test_a_process_is_killed_and_the_launcher_recovers(together, tmp_path):
    unbroken = Path(together[0].output_dir)
    config = together[0].model_copy(update={"output_dir": str(tmp_path / "killed")})
    output = Path(config.output_dir)
    process = start(2, "--max_restarts", "1", *train_command(config))
    events = output / "events.jsonl"
    while process.poll() is None and not (events.is_file() and '"step": 8,' in events.read_text("utf-8")):
        time.sleep(0.005)
    for victim in psutil.Process(process.pid).children()[-1:] if process.poll() is None else ():
        victim.kill()
    told = finish(process)

    [first, second] = [event["step"] for event in events_of(output, "RunStarted")]
    assert (first, second) in {(0, 7), (0, 14)}
    assert "Resuming: the launcher has started it again." in told
    assert_same_end(output, unbroken)

"""Rows 22 and 23 of docs/reliability.md: a resumed run ends where the unbroken one does, bit for bit."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sentiment.cli import run as run_verb
from sentiment.errors import CheckpointError, ConfigError
from sentiment.training import checkpoints
from sentiment.training.events import CheckpointSaved, EvaluationDone, Note, RunStarted, StepDone
from sentiment.training.train import train
from tests.tiny_encoder import small_reviews, train_settings, write_csv

ROOT = Path(__file__).parents[2]
LONG = {
    "epochs": 1.5,
    "dropout": 0.1,
    "attention_dropout": 0.1,
    "evaluate_every": 10,
    "checkpoint_every": 10,
    "early_stopping_patience": 0,
}

TIMING = ("time", "seconds", "data_seconds")


@pytest.fixture(scope="session")
def unbroken(encoder, reviews, tmp_path_factory):
    """The run that nothing stopped."""
    output = tmp_path_factory.mktemp("runs") / "run"
    train(train_settings(output_dir=str(output), encoder=str(encoder), data=(str(reviews),), **LONG))
    return output


def untimed_events(run):
    """Give the log's events without times; of a resumed run, those that count."""
    kept = []
    for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "RunStarted":
            kept = [
                before
                for before in kept
                if before["step"] <= event["step"] and before["event"] != "RunStopped"
            ]
        elif event["event"] != "Note":
            kept.append({key: value for key, value in event.items() if key not in TIMING})
    return kept


def assert_same_end(run, unbroken):
    assert (run / "model" / "model.safetensors").read_bytes() == (
        unbroken / "model" / "model.safetensors"
    ).read_bytes()
    [last] = {max(path.name for path in (folder / "checkpoints").iterdir()) for folder in (run, unbroken)}
    for name in ("model", "optimiser", "random"):
        file = Path("checkpoints", last, f"{name}.safetensors")
        assert (run / file).read_bytes() == (unbroken / file).read_bytes()
    assert (run / "metrics.json").read_bytes() == (unbroken / "metrics.json").read_bytes()
    assert untimed_events(run) == untimed_events(unbroken)


def after_step(step):
    return lambda event: isinstance(event, StepDone) and event.step == step


def after(kind, step):
    return lambda event: isinstance(event, kind) and event.step == step


@pytest.fixture
def output(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def crash(run):
    """Start the long run and stop it dead."""

    def start_and_crash(crash_at):
        with pytest.raises(KeyboardInterrupt):
            run(crash_at=crash_at, **LONG)

    return start_and_crash


@pytest.mark.parametrize(
    "crash_at",
    [
        after(StepDone, 25),
        after(EvaluationDone, 30),
        after(CheckpointSaved, 30),
        after(StepDone, 43),
    ],
    ids=["between", "evaluated, not saved", "just saved", "in the second epoch"],
)
def test_a_crash(run, crash, output, unbroken, crash_at):
    crash(crash_at)
    resumed = run(resume=True, **LONG)
    [started] = resumed.of(RunStarted)
    assert started.step in (20, 30, 40)
    assert_same_end(output, unbroken)


def test_a_crash_in_the_middle_of_a_save(run, crash, output, unbroken, monkeypatch):
    with monkeypatch.context() as patch:

        def die(path):
            if "step-000030" in str(path):
                raise KeyboardInterrupt

        patch.setattr(checkpoints, "_flush", die)
        crash(None)
    assert (output / "checkpoints" / ".step-000030.partial").is_dir()
    [started] = run(resume=True, **LONG).of(RunStarted)
    assert started.step == 20
    assert_same_end(output, unbroken)


def test_two_crashes(run, crash, output, unbroken):
    crash(after(StepDone, 15))
    with pytest.raises(KeyboardInterrupt):
        run(crash_at=after(StepDone, 38), resume=True, **LONG)
    run(resume=True, **LONG)
    assert_same_end(output, unbroken)


def test_a_crash_while_the_model_is_written(run, crash, output, unbroken, monkeypatch):
    with monkeypatch.context() as patch:

        def die(*arguments):
            raise KeyboardInterrupt

        patch.setattr("sentiment.model.directory.save_manifest", die)
        crash(None)
    assert (output / "model" / "model.safetensors").is_file()
    assert run(resume=True, **LONG).of(StepDone) == []
    assert_same_end(output, unbroken)


def test_averaged_weights(run, output):
    averaged = LONG | {"average_weights": 0.6}
    unbroken = run("unbroken", **averaged).output
    for step in (23, 44):  # a checkpoint before the mean begins, and one with it
        with pytest.raises(KeyboardInterrupt):
            run(crash_at=after(StepDone, step), resume=output.exists(), **averaged)
    run(resume=True, **averaged)
    assert_same_end(output, unbroken)


def test_in_bf16(run, monkeypatch):
    from accelerate.state import AcceleratorState

    bf16 = LONG | {"mixed_precision": "bf16", "epochs": 0.7}
    AcceleratorState._reset_state()
    unbroken = run("unbroken", **bf16)
    with pytest.raises(KeyboardInterrupt):
        run("broken", crash_at=after(StepDone, 15), **bf16)
    resumed = run("broken", resume=True, **bf16)
    AcceleratorState._reset_state()
    model = Path("model", "model.safetensors")
    assert resumed.of(RunStarted)[0].step == 10
    assert len(unbroken.of(StepDone)) > 20
    assert (resumed.output / model).read_bytes() == (unbroken.output / model).read_bytes()


def test_a_kill(settings, output, unbroken):
    config = settings(**LONG)
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in LONG.items()]
    flags += ["--encoder", config.encoder, "--output-dir", config.output_dir, "--max-length", "24"]
    flags += ["--batch-size", "8", "--learning-rate", "2e-3", "--mixed-precision", "no", "--device", "cpu"]
    command = [sys.executable, "train.py", "--data", *config.data, *flags, "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT)
    events = output / "events.jsonl"
    while process.poll() is None and not (events.is_file() and '"step": 33' in events.read_text("utf-8")):
        time.sleep(0.005)
    process.kill()
    process.wait()
    train(settings(resume=True, **LONG))
    assert_same_end(output, unbroken)


def test_a_run_that_stopped_early_goes_no_further(run, output):
    early = {
        "epochs": 20,
        "learning_rate": 0.05,
        "lr_scheduler_type": "constant",
        "evaluate_every": 5,
        "checkpoint_every": 5,
        "early_stopping_patience": 2,
    }
    last = run(**early).of(StepDone)[-1].step
    first = (output / "model" / "model.safetensors").read_bytes()
    shutil.rmtree(output / "model")
    resumed = run(resume=True, **early)
    assert resumed.of(RunStarted)[0].step == last
    assert resumed.of(StepDone) == []
    assert (output / "model" / "model.safetensors").read_bytes() == first


def flip_a_byte(checkpoint):
    content = bytearray((checkpoint / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (checkpoint / "model.safetensors").write_bytes(content)


def test_the_newest_checkpoint_is_corrupt(run, crash, output, unbroken):
    crash(after(StepDone, 33))
    flip_a_byte(output / "checkpoints" / "step-000030")
    resumed = run(resume=True, **LONG)
    assert resumed.of(RunStarted)[0].step == 20
    warning = (
        f"{output / 'checkpoints' / 'step-000030'}: damaged (model.safetensors changed); "
        "falling back to the one before."
    )
    assert warning in [event.text for event in resumed.of(Note)]
    assert_same_end(output, unbroken)


def test_every_checkpoint_is_corrupt(run, crash, output):
    crash(after(StepDone, 33))
    for checkpoint in (output / "checkpoints").iterdir():
        flip_a_byte(checkpoint)
    with pytest.raises(
        CheckpointError, match=re.escape("no checkpoint to resume from. 2 found, all damaged.")
    ):
        run(resume=True, **LONG)


def test_a_crash_before_the_first_checkpoint(run, crash, output):
    crash(after(StepDone, 5))
    with pytest.raises(CheckpointError, match=r"no checkpoint to resume from\. None was found\."):
        run(resume=True, **LONG)


def test_exit_codes(unbroken, settings, output, capsys):
    shutil.copytree(unbroken, output)
    config = settings()
    flags = ["--config", str(output / "config.toml"), "--output-dir", str(output)]
    assert run_verb("train", flags, "train.py") == 2
    assert f"{output}: the run directory is not empty." in capsys.readouterr().err
    assert run_verb("train", [*flags, "--resume", "--seed", "5"], "train.py") == 2
    assert f"{output}: --resume with other settings. seed was 0, now 5." in capsys.readouterr().err
    for checkpoint in (output / "checkpoints").iterdir():
        flip_a_byte(checkpoint)
    assert run_verb("train", [*flags, "--resume"], "train.py") == 5
    assert capsys.readouterr().err.count("\n") == 1
    assert config.output_dir == str(output)


def test_another_encoder_under_the_same_name(run, encoder, reviews, output, tmp_path):
    mine = shutil.copytree(encoder, tmp_path / "mine")
    with pytest.raises(KeyboardInterrupt):
        run(crash_at=after(StepDone, 25), **LONG | {"encoder": str(mine)})
    config = json.loads((mine / "config.json").read_text(encoding="utf-8"))
    (mine / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 1}), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"The checkpoint of step 20 is of another model\."):
        run(resume=True, **LONG | {"encoder": str(mine)})


def test_other_data_under_the_same_name(run, reviews, output, tmp_path):
    mine = shutil.copy(reviews, tmp_path / "mine.csv")
    with pytest.raises(KeyboardInterrupt):
        run(crash_at=after(StepDone, 15), **LONG | {"data": (str(mine),)})
    with mine.open("a", encoding="utf-8") as file:
        file.write("one more towel,3\n")
    message = f"{output}: it cannot go on with other data. Changed since the run began: mine.csv."
    with pytest.raises(ConfigError, match=re.escape(message)):
        run(resume=True, **LONG | {"data": (str(mine),)})


def test_another_data_set_under_the_same_name(run, output, tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    rows = [{"review": row["review"], "stars": row["stars"]} for row in small_reviews()]
    write_csv(folder / "train.csv", rows)
    changes = LONG | {"data": (), "dataset": str(folder)}
    with pytest.raises(KeyboardInterrupt):
        run(crash_at=after(StepDone, 15), **changes)
    assert run(resume=True, crash_at=None, **changes).of(RunStarted)[0].step == 10
    write_csv(folder / "train.csv", [row | {"stars": "3"} for row in rows[:3]] + rows[3:])
    with pytest.raises(ConfigError) as raised:
        run(resume=True, **changes)
    assert str(raised.value).startswith(
        f"{output}: it cannot go on with other data. Changed since the run began: {folder}."
    )


def test_a_launcher_that_starts_it_again(run, crash, output, unbroken, monkeypatch):
    crash(after(StepDone, 5))
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    with pytest.raises(KeyboardInterrupt):
        run(crash_at=after(StepDone, 25), **LONG)
    resumed = run(**LONG)
    assert resumed.of(RunStarted)[0].step == 20
    assert "Resuming: the launcher has started it again." in [event.text for event in resumed.of(Note)]
    assert_same_end(output, unbroken)

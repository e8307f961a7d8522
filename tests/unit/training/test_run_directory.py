import json
import re

import pytest

from sentiment.config import TrainConfig, load_settings
from sentiment.errors import ConfigError, OutputError
from sentiment.training.run_directory import (
    check_same_data,
    prepare_run_directory,
    read_run_facts,
    resolve_resume,
)
from tests.tiny_encoder import train_settings


@pytest.fixture
def run(tmp_path):
    return tmp_path / "run"


def settings(run, **changes):
    return train_settings(output_dir=str(run), data=("reviews.csv",), **changes)


def test_a_new_one_gets_the_settings(run):
    config = settings(run / "deep", seed=3)
    prepare_run_directory(run / "deep", config)
    assert load_settings(TrainConfig, {}, str(run / "deep" / "config.toml")) == config


def test_an_empty_one_may_be_there(run):
    run.mkdir()
    prepare_run_directory(run, settings(run))
    assert [path.name for path in run.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_one_that_is_not_empty(run, kind):
    if kind == "folder":
        run.mkdir()
        (run / "notes.txt").touch()
    else:
        run.touch()
    message = (
        f"{run}: the run directory is not empty. Choose another --output-dir, or continue it with --resume."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        prepare_run_directory(run, settings(run))


def test_one_that_cannot_be_written(run):
    run.touch()
    message = f"{run / 'inside'}: cannot be written. (Not a directory) Choose another --output-dir."
    with pytest.raises(OutputError, match=re.escape(message)):
        prepare_run_directory(run / "inside", settings(run))


def test_the_same_settings_may_be_resumed(run):
    prepare_run_directory(run, settings(run))
    prepare_run_directory(run, settings(run, resume=True, quiet=False, keep_checkpoints=5, cache_dir="c"))


def test_other_settings_may_not(run):
    prepare_run_directory(run, settings(run))
    message = (
        f"{run}: --resume with other settings. batch_size was 8, now 16; learning_rate was 0.002, now 0.5. "
        "Give the settings of the run."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        prepare_run_directory(run, settings(run, resume=True, batch_size=16, learning_rate=0.5))


def test_nothing_to_resume(run):
    message = f"{run}: nothing to resume. config.toml is missing. Start it without --resume."
    with pytest.raises(ConfigError, match=re.escape(message)):
        prepare_run_directory(run, settings(run, resume=True))


@pytest.fixture
def restart(monkeypatch):
    """Let it look as if `torchrun --max_restarts` had started the process again."""
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")


def write_checkpoint(run):
    (run / "checkpoints" / "step-000010").mkdir(parents=True)
    (run / "checkpoints" / "step-000010" / "done.json").touch()


def test_a_run_resumes_when_it_is_asked_to(run, monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "0")
    assert resolve_resume(run, settings(run)) == (False, "a new run")
    assert resolve_resume(run, settings(run, resume=True)) == (True, "as asked")


def test_a_launcher_restarts_a_run(run, restart):
    prepare_run_directory(run, settings(run))
    reason = "the launcher has started it again, before the first checkpoint"
    assert resolve_resume(run, settings(run)) == (False, reason)
    prepare_run_directory(run, settings(run))
    write_checkpoint(run)
    assert resolve_resume(run, settings(run)) == (True, "the launcher has started it again")
    prepare_run_directory(run, settings(run))


def test_a_launcher_does_not_take_somebody_elses_directory(run, restart):
    run.mkdir()
    (run / "notes.txt").touch()
    with pytest.raises(ConfigError, match="the run directory is not empty"):
        prepare_run_directory(run, settings(run))


def test_a_launcher_does_not_change_settings(run, restart):
    prepare_run_directory(run, settings(run))
    with pytest.raises(ConfigError, match=r"--resume with other settings\. seed was 0, now 1"):
        prepare_run_directory(run, settings(run, seed=1))


def test_the_facts_of_the_last_start(run):
    run.mkdir()
    assert read_run_facts(run) == {}
    starts = [{"event": "RunStarted", "step": 0, "facts": {"processes": n}} for n in (1, 2)]
    lines = [json.dumps(event) for event in (*starts, {"event": "StepDone", "step": 1})]
    (run / "events.jsonl").write_text("\n".join([*lines, '{"event": "RunSt']), encoding="utf-8")
    assert read_run_facts(run) == {"processes": 2}


def test_other_data_may_not_be_resumed(run):
    before = {"a.csv": "1", "b.csv": "2", "x/c.csv": "3"}
    check_same_data(run, before, before)
    check_same_data(run, {}, before)
    message = (
        f"{run}: it cannot go on with other data. Changed since the run began: b.csv, x/c.csv. "
        "Give the data of the run, or start again in a new --output-dir."
    )
    with pytest.raises(ConfigError, match=re.escape(message)):
        check_same_data(run, before, {"a.csv": "1", "b.csv": "0", "x/c.csv": "0"})

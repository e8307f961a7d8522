import re

import pytest

from sentiment.config import TrainConfig, load_settings
from sentiment.errors import ConfigError, OutputError
from sentiment.training.run_directory import prepare_run_directory
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
    prepare_run_directory(run, settings(run, resume=True, quiet=False, keep_checkpoints=5))


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

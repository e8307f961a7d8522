import json

import pytest

from sentiment.config import RepeatConfig, TrainConfig, load_settings, save_settings
from sentiment.errors import ConfigError
from sentiment.studies.runs import (
    find_standing,
    prepare_run,
    prepare_study,
    read_metrics,
    settle_precision,
)


def train_config(run, **changes):
    return TrainConfig.model_validate({"data": ("a.csv",), "output_dir": str(run)} | changes)


def repeat_config(study, **changes):
    return RepeatConfig.model_validate({"data": ("a.csv",), "output_dir": str(study)} | changes)


def make_checkpoint(run):
    checkpoint = run / "checkpoints" / "step-000005"
    checkpoint.mkdir(parents=True)
    (checkpoint / "done.json").write_text("{}", encoding="utf-8")


def test_standings(tmp_path):
    assert find_standing(tmp_path) == "new"
    make_checkpoint(tmp_path)
    assert find_standing(tmp_path) == "begun"
    (tmp_path / "metrics.json").write_text('{"test": {"los', encoding="utf-8")
    assert find_standing(tmp_path) == "begun"
    (tmp_path / "metrics.json").write_text('{"test": {"loss": 0.5}}', encoding="utf-8")
    assert find_standing(tmp_path) == "done"
    assert read_metrics(tmp_path) == {"test": {"loss": 0.5}}


def test_a_run_without_a_checkpoint_is_cleared_away(tmp_path):
    run = tmp_path / "seed-0"
    run.mkdir()
    (run / "events.jsonl").write_text("", encoding="utf-8")

    prepare_run(train_config(run), {})

    assert not run.exists()


def test_a_run_with_a_checkpoint_keeps_its_settings(tmp_path):
    run = tmp_path / "seed-0"
    make_checkpoint(run)
    save_settings(train_config(run), run / "config.toml")

    prepare_run(train_config(run), {})
    with pytest.raises(ConfigError) as raised:
        prepare_run(train_config(run, epochs=5), {})

    assert str(raised.value) == (
        f"{run}: --resume with other settings. epochs was 3.0, now 5.0. Give the settings of the run."
    )


def test_a_study_may_grow_and_change_nothing_else(tmp_path):
    study = tmp_path / "study"
    prepare_study(repeat_config(study, seeds=(0, 1)), grows="seeds")

    prepare_study(repeat_config(study, seeds=(0, 1, 2), resume=True), grows="seeds")

    assert load_settings(RepeatConfig, {}, str(study / "config.toml")) == repeat_config(
        study, seeds=(0, 1, 2)
    )
    with pytest.raises(ConfigError) as raised:
        prepare_study(repeat_config(study, seeds=(0, 1), folds=3, resume=True), grows="seeds")
    assert str(raised.value) == (
        f"{study}: --resume with other settings. folds was 0, now 3. Give the settings of the run."
    )


def test_a_directory_in_use_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(ConfigError) as raised:
        prepare_study(repeat_config(tmp_path, seeds=(0, 1)), grows="seeds")

    assert str(raised.value) == (
        f"{tmp_path}: the run directory is not empty. "
        "Choose another --output-dir, or continue it with --resume."
    )


def test_nothing_to_resume(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing to resume\. config\.toml is missing\."):
        prepare_study(repeat_config(tmp_path, seeds=(0, 1), resume=True), grows="seeds")


def test_every_run_has_the_number_format_of_the_first(tmp_path):
    """Whatever a second trial product would say."""
    done = tmp_path / "seed-1"
    done.mkdir()
    (done / "metrics.json").write_text("{}", encoding="utf-8")
    for taken in ("bf16", "no"):
        started = {"event": "RunStarted", "facts": {"mixed_precision": taken}}
        (done / "events.jsonl").write_text(json.dumps(started) + "\n", encoding="utf-8")

        settled = settle_precision(train_config(tmp_path, device="cpu"), [tmp_path / "seed-0", done])

        assert settled == (taken, "as before it was resumed")


def test_the_number_format_that_was_asked_for(tmp_path):
    config = train_config(tmp_path, device="cpu", mixed_precision="no")

    assert settle_precision(config, [tmp_path / "seed-0"]) == ("no", "as asked")

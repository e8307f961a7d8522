import math
import re

import pytest
from accelerate import Accelerator

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError, MissingExtraError
from sentiment.training.events import EvaluationDone, Note, RunStarted, RunStopped, StepDone
from sentiment.training.trackers import build_tracker, hyper_parameters, tracker_arguments


def settings(**changes):
    return TrainConfig(**{"data": ("reviews.csv",), "output_dir": "run"} | changes)


def step_done(step, **changes):
    usual = {"epoch": step / 2, "loss": 1 / step, "learning_rate": 1e-4, "grad_norm": 2.0}
    return StepDone(step=step, **usual | {"tokens": 512, "seconds": 0.25, "data_seconds": 0.0} | changes)


def send(run, *events):
    """Send events as a run would: a new Accelerator for every continuation."""
    config = settings(trackers=("tensorboard",))
    accelerator = Accelerator(cpu=True, **tracker_arguments(config, run))
    tracker = build_tracker(config, accelerator)
    for event in events:
        tracker.on_event(event)
    accelerator.end_training()


def read_scalars(run):
    """Give each scalar that TensorBoard shows as step to value."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "trackers" / "review-sentiment")).Reload()
    return {
        tag: {event.step: pytest.approx(event.value) for event in events.Scalars(tag)}
        for tag in events.Tags()["scalars"]
    }


def test_tensorboard_holds_the_figures(tmp_path):
    send(
        tmp_path,
        Note("2 rows are left out."),
        RunStarted(0, 2, {}),
        step_done(1),
        step_done(2),
        EvaluationDone(2, {"loss": 0.5, "accuracy": 0.75}, best=True, seconds=1.0),
        RunStopped(2, "all updates are done"),
    )
    assert read_scalars(tmp_path) == {
        "train/loss": {1: 1.0, 2: 0.5},
        "train/epoch": {1: 0.5, 2: 1.0},
        "train/learning_rate": {1: 1e-4, 2: 1e-4},
        "train/grad_norm": {1: 2.0, 2: 2.0},
        "train/tokens_per_second": {1: 2048.0, 2: 2048.0},
        "validation/loss": {2: 0.5},
        "validation/accuracy": {2: 0.75},
    }


def test_what_is_not_finite_is_not_sent(tmp_path):
    send(tmp_path, RunStarted(0, 1, {}), step_done(1, grad_norm=math.inf, seconds=0.0))
    assert read_scalars(tmp_path).keys() == {"train/loss", "train/epoch", "train/learning_rate"}


def test_a_resumed_run_replaces_the_later_steps(tmp_path):
    send(tmp_path, RunStarted(0, 4, {}), *[step_done(step, loss=9.0) for step in (1, 2, 3)])
    send(tmp_path, RunStarted(2, 4, {}), *[step_done(step, loss=5.0) for step in (3, 4)])
    assert read_scalars(tmp_path)["train/loss"] == {1: 9.0, 2: 9.0, 3: 5.0, 4: 5.0}


def test_hyper_parameters_are_the_settings_without_folders(tmp_path):
    data = tmp_path / "reviews.csv"
    data.touch()
    sent = hyper_parameters(
        settings(
            data=(str(data),),
            output_dir=str(tmp_path / "run"),
            encoder="org/encoder",
            seed=7,
            class_weights=("a=2", "b=3"),
        )
    )
    assert (sent["data"], sent["output_dir"]) == ("reviews.csv", "run")
    assert (sent["seed"], sent["epochs"], sent["resume"]) == (7, 3.0, False)
    assert (sent["class_weights"], sent["encoder"]) == ("a=2, b=3", "org/encoder")
    assert "dataset" not in sent


def test_the_settings_are_written_beside_the_events(tmp_path):
    send(tmp_path, RunStarted(0, 1, {}))
    [written] = (tmp_path / "trackers").rglob("hparams.yml")
    assert "learning_rate: 0.0001\n" in written.read_text(encoding="utf-8")


def test_without_trackers_nothing_is_sent(tmp_path):
    assert tracker_arguments(settings(), tmp_path) == {}
    assert build_tracker(settings(), Accelerator(cpu=True)) is None


def test_an_unknown_tracker_is_an_error(tmp_path):
    message = (
        "--trackers tensorbord: Accelerate knows no such tracker. Known: aim, tensorboard, wandb, trackio, "
        "comet_ml, mlflow, clearml, dvclive, swanlab."
    )
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        tracker_arguments(settings(trackers=("tensorboard", "tensorbord")), tmp_path)


@pytest.mark.parametrize(
    ("name", "installing"), [("wandb", "wandb"), ("tensorboard", "-r requirements/trackers.txt")]
)
def test_a_tracker_that_is_not_installed_is_an_error(tmp_path, monkeypatch, name, installing):
    monkeypatch.setattr("accelerate.tracking._available_trackers", [])
    message = (
        f"--trackers {name} needs a package that is not installed. Missing: {name}. "
        f"Install it with: pip install {installing}."
    )
    with pytest.raises(MissingExtraError, match=f"^{re.escape(message)}$"):
        tracker_arguments(settings(trackers=(name,)), tmp_path)

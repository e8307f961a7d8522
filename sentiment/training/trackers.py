"""Experiment trackers: what training tells, sent on through Accelerate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from sentiment.config import TrainConfig
from sentiment.errors import ConfigError, MissingExtraError
from sentiment.training.events import Callback, EvaluationDone, Event, RunStarted, StepDone

if TYPE_CHECKING:
    from accelerate import Accelerator

PROJECT = "review-sentiment"
"""The project that trackers file runs under; TensorBoard's folder in RUN_DIR/trackers."""

TRACKERS_NAME = "trackers"

REQUIREMENTS = {"tensorboard": "-r requirements/trackers.txt"}
"""What pip installs for a tracker, where it is not the package of its name."""


class Tracker:
    """Sends losses, rates and validation figures to the trackers that an Accelerator logs with.

    The trackers start with `RunStarted`; a run that is resumed hides what TensorBoard shows of later steps.
    `accelerator.end_training()` closes them.

    Args:
        config: Sent as hyper-parameters; of paths, only the last part.
        accelerator: Built with `tracker_arguments`.
    """

    def __init__(self, config: TrainConfig, accelerator: Accelerator) -> None:
        self._config = config
        self._accelerator = accelerator

    def on_event(self, event: Event) -> None:
        """Send one event; those without figures are left out."""
        match event:
            case RunStarted(step):
                purge = {"tensorboard": {"purge_step": step + 1}} if step else {}
                self._accelerator.init_trackers(PROJECT, hyper_parameters(self._config), purge)
            case StepDone():
                self._send("train", _step_figures(event), event.step)
            case EvaluationDone(step, figures):
                self._send("validation", figures, step)
            case _:
                pass

    def _send(self, group: str, figures: Mapping[str, Any], step: int) -> None:
        # Not every tracker takes nan (a norm that nobody measured) or inf (an update that fp16 skips).
        finite = {
            f"{group}/{name}": value
            for name, value in figures.items()
            if isinstance(value, int | float) and math.isfinite(value)
        }
        self._accelerator.log(finite, step=step)


def _step_figures(event: StepDone) -> dict[str, float]:
    figures = {name: getattr(event, name) for name in ("loss", "learning_rate", "grad_norm", "epoch")}
    return figures | {"tokens_per_second": event.tokens / event.seconds if event.seconds else math.nan}


def hyper_parameters(config: TrainConfig) -> dict[str, int | float | str | bool]:
    """Give the settings as flat values for a tracker.

    Lists become one string, and what is not set is left out. A path is cut to its last part: folders can hold
    the name of a user or a machine.
    """
    return {name: _flatten(value) for name, value in config.model_dump(exclude_none=True).items()}


def _flatten(value: Any) -> int | float | str | bool:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(str(_flatten(item)) for item in value)
    text = str(value)
    is_path = PurePath(text).is_absolute() or Path(text).expanduser().exists()
    return PurePath(text).name if is_path else text


def tracker_arguments(config: TrainConfig, run: Path) -> dict[str, Any]:
    """Give what an Accelerator is built with, beside its other arguments, to log with the named trackers.

    Those that write files do so in RUN_DIR/trackers.

    Raises:
        ConfigError: Accelerate knows no tracker of a name.
        MissingExtraError: The package of one is not installed (Accelerate would leave it out).
    """
    if not config.trackers:
        return {}
    from accelerate.tracking import get_available_trackers
    from accelerate.utils import LoggerType, ProjectConfiguration

    known = [str(kind) for kind in LoggerType if kind != LoggerType.ALL]
    installed = {str(kind) for kind in get_available_trackers()}
    for name in config.trackers:
        if name not in known:
            raise ConfigError(
                f"--trackers {name}: Accelerate knows no such tracker.", f"Known: {', '.join(known)}."
            )
        if name not in installed:
            raise MissingExtraError(
                f"--trackers {name} needs a package that is not installed.",
                f"Missing: {name}.",
                f"Install it with: pip install {REQUIREMENTS.get(name, name)}.",
            )
    folders = ProjectConfiguration(project_dir=str(run), logging_dir=str(run / TRACKERS_NAME))
    return {"log_with": list(dict.fromkeys(config.trackers)), "project_config": folders}


def build_tracker(config: TrainConfig, accelerator: Accelerator) -> Callback | None:
    """Give the callback that sends events to the trackers, for the main process; None without any.

    Args:
        config: The settings.
        accelerator: Built with `tracker_arguments`.
    """
    return Tracker(config, accelerator) if config.trackers else None

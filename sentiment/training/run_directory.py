"""The run directory: what lies where in it, and which one a run may take."""

from pathlib import Path

from sentiment.config import TrainConfig, load_settings, save_settings
from sentiment.errors import ConfigError, OutputError

CONFIG_NAME = "config.toml"
EVENTS_NAME = "events.jsonl"
METRICS_NAME = "metrics.json"
CHECKPOINTS_NAME = "checkpoints"
MODEL_NAME = "model"

NOT_PART_OF_A_RUN = frozenset(("resume", "quiet", "output_dir", "keep_checkpoints"))
"""Settings that may differ between a run and its continuation."""


def prepare_run_directory(run: Path, config: TrainConfig) -> None:
    """Make a new run directory with its config.toml, or check the one that is resumed.

    Raises:
        ConfigError: It is not empty; or there is nothing to resume, or it ran with other settings.
        OutputError: It cannot be written.
    """
    if config.resume:
        _check_resumable(run, config)
        return
    try:
        if run.exists() and (not run.is_dir() or any(run.iterdir())):
            raise ConfigError(
                f"{run}: the run directory is not empty.",
                remedy="Choose another --output-dir, or continue it with --resume.",
            )
        run.mkdir(parents=True, exist_ok=True)
        save_settings(config, run / CONFIG_NAME)
    except OSError as error:
        raise OutputError(
            f"{run}: cannot be written.", f"({error.strerror})", "Choose another --output-dir."
        ) from error


def _check_resumable(run: Path, config: TrainConfig) -> None:
    saved = run / CONFIG_NAME
    if not saved.is_file():
        raise ConfigError(
            f"{run}: nothing to resume.", f"{CONFIG_NAME} is missing.", "Start it without --resume."
        )
    before, now = load_settings(TrainConfig, {}, str(saved)).model_dump(), config.model_dump()
    changed = [name for name in now if now[name] != before[name] and name not in NOT_PART_OF_A_RUN]
    if changed:
        shown = "; ".join(f"{name} was {before[name]!r}, now {now[name]!r}" for name in changed)
        raise ConfigError(
            f"{run}: --resume with other settings.", f"{shown}.", "Give the settings of the run."
        )

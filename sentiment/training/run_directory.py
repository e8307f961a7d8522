"""The run directory: what lies where in it, and which one a run may take."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sentiment.config import TrainConfig, load_settings, save_settings
from sentiment.errors import ConfigError, OutputError
from sentiment.training.checkpoints import list_checkpoints
from sentiment.training.events import RunStarted, read_events

CONFIG_NAME = "config.toml"
EVENTS_NAME = "events.jsonl"
METRICS_NAME = "metrics.json"
CHECKPOINTS_NAME = "checkpoints"
MODEL_NAME = "model"

NOT_PART_OF_A_RUN = frozenset(
    ("resume", "quiet", "output_dir", "keep_checkpoints", "cache_dir", "charts", "trackers")
)
"""Settings that may differ between a run and its continuation."""


def prepare_run_directory(run: Path, config: TrainConfig) -> None:
    """Make a new run directory with its config.toml, or check the one that is resumed.

    A run that its launcher has started again finds the directory that it made itself, and goes on with it.

    Raises:
        ConfigError: It is not empty; or there is nothing to resume, or it ran with other settings.
        OutputError: It cannot be written.
    """
    made_before = is_restarted_by_launcher() and (run / CONFIG_NAME).is_file()
    if config.resume or made_before:
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
    before, now = load_settings(type(config), {}, str(saved)).model_dump(), config.model_dump()
    changed = [name for name in now if now[name] != before[name] and name not in NOT_PART_OF_A_RUN]
    if changed:
        shown = "; ".join(f"{name} was {before[name]!r}, now {now[name]!r}" for name in changed)
        raise ConfigError(
            f"{run}: --resume with other settings.", f"{shown}.", "Give the settings of the run."
        )


def is_restarted_by_launcher() -> bool:
    """Say whether `torchrun --max_restarts` has started this process again after a failure."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


def resolve_resume(run: Path, config: TrainConfig) -> tuple[bool, str]:
    """Say whether training continues from a checkpoint, and why; every process gets the same answer."""
    if config.resume:
        return True, "as asked"
    if not is_restarted_by_launcher():
        return False, "a new run"
    if list_checkpoints(run / CHECKPOINTS_NAME):
        return True, "the launcher has started it again"
    return False, "the launcher has started it again, before the first checkpoint"


def read_run_facts(run: Path) -> dict[str, Any]:
    """Give the facts that the run wrote down when it last started; empty where there are none."""
    events = run / EVENTS_NAME
    told = read_events(events) if events.is_file() else []
    starts = [event for event in told if event["event"] == RunStarted.__name__]
    facts: dict[str, Any] = starts[-1]["facts"] if starts else {}
    return facts


def check_same_data(run: Path, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuse to go on with a run, or to take its figures beside others, on other data.

    Args:
        run: The run directory.
        before: File or data set to sha256, as the run wrote it down (`data_sha256` among its facts).
        now: The same, of what is there now.

    Raises:
        ConfigError: A file has changed.
    """
    changed = [name for name, sha256 in now.items() if before.get(name, sha256) != sha256]
    if changed:
        raise ConfigError(
            f"{run}: it cannot go on with other data.",
            f"Changed since the run began: {', '.join(changed)}.",
            "Give the data of the run, or start again in a new --output-dir.",
        )

"""The directory of a study and the runs in it: what is done, what was broken off, what is still to do."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from sentiment.config import TrainConfig, load_settings, save_settings
from sentiment.model import resolve_device
from sentiment.training.checkpoints import list_checkpoints
from sentiment.training.precision import resolve_mixed_precision
from sentiment.training.run_directory import (
    CHECKPOINTS_NAME,
    CONFIG_NAME,
    METRICS_NAME,
    check_same_data,
    prepare_run_directory,
    read_run_facts,
)

Figures = dict[str, Any]
"""Figures by name, some of them grouped, as JSON holds them."""

Standing = Literal["done", "begun", "new"]
"""Of a run: measured; with a checkpoint to go on from; or without one."""


def prepare_study(config: TrainConfig, grows: str) -> None:
    """Make the study's directory with its config.toml, or check the one that goes on.

    Args:
        config: Settings of the study.
        grows: The setting that may differ when it goes on (`seeds`).

    Raises:
        ConfigError: The directory is not empty; or there is nothing to resume, or it ran with other settings.
        OutputError: It cannot be written.
    """
    study = Path(config.output_dir)
    saved = study / CONFIG_NAME
    if not (config.resume and saved.is_file()):
        prepare_run_directory(study, config)
        return
    before = load_settings(type(config), {}, str(saved))
    prepare_run_directory(study, config.model_copy(update={grows: getattr(before, grows)}))
    save_settings(config.model_copy(update={"resume": False}), saved)


def settle_precision(config: TrainConfig, runs: Iterable[Path]) -> tuple[str, str]:
    """Give the `mixed_precision` of every run of a study, and the reason.

    `auto` times a product, and a second trial may differ: runs in two number formats cannot be compared, and
    Accelerate takes one in a process.

    Args:
        config: Settings of the study.
        runs: Directories of its runs; what one of them has begun with stays.

    Raises:
        ConfigError: fp16 on a CPU.
    """
    begun = (read_run_facts(run).get("mixed_precision") for run in runs if find_standing(run) != "new")
    device, _ = resolve_device(config.device)
    return resolve_mixed_precision(config, device, next(begun, None))


def prepare_run(config: TrainConfig, hashes: Mapping[str, str]) -> None:
    """Check settings and data of a run that is done or begun, and clear away one without a checkpoint.

    Args:
        config: Settings of the run.
        hashes: What `hash_data` gives for the study.

    Raises:
        ConfigError: The run was made with other settings, or from other files.
    """
    run = Path(config.output_dir)
    if find_standing(run) == "new":
        shutil.rmtree(run, ignore_errors=True)
    else:
        prepare_run_directory(run, config.model_copy(update={"resume": True}))
        check_data_of_run(run, hashes)


def check_data_of_run(run: Path, hashes: Mapping[str, str]) -> None:
    """See that the files are those that a run was made from: figures of others cannot be compared.

    Raises:
        ConfigError: A file has changed.
    """
    check_same_data(run, read_run_facts(run).get("data_sha256", {}), hashes)


def find_standing(run: Path) -> Standing:
    """Say how far a run has come."""
    if read_metrics(run) is not None:
        return "done"
    return "begun" if list_checkpoints(run / CHECKPOINTS_NAME) else "new"


def read_metrics(run: Path) -> Figures | None:
    """Give the figures of a finished run by split, or None where there are none yet."""
    try:
        figures: Figures = json.loads((run / METRICS_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a crash may have cut the file short; --resume writes it again
        return None
    return figures

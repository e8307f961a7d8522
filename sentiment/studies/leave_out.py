"""The leave-out verb: the same training without each group of sources, measured on what it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from accelerate import PartialState

from sentiment.config import LeaveOutConfig, TrainConfig, load_settings
from sentiment.config.named_files import read_named_files
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.file_names import name_files
from sentiment.corpus.splitting import drop_near_duplicates
from sentiment.errors import ConfigError, EmptyDatasetError
from sentiment.model import resolve_device
from sentiment.model.held_out import HELD_OUT_NAME, save_held_out
from sentiment.studies.left_out_figures import (
    LeftOutFile,
    describe_leave_out,
    gather_scores,
    measure_left_out,
    render_leave_out,
)
from sentiment.studies.output import write_json
from sentiment.studies.runs import Standing, find_standing, prepare_run, prepare_study, settle_precision
from sentiment.tables.telling import say
from sentiment.training.data import (
    TrainingData,
    first_by_content,
    labelled_columns,
    load_training_data,
)
from sentiment.training.provenance import hash_data
from sentiment.training.train import train

STUDY_NAME: Final = "study.json"


@dataclass(frozen=True)
class Group:
    """Sources that are left out together.

    Attributes:
        name: What the group is called.
        files: Name to path of its files.
        config: Settings of the training without them; train.py takes them as they are.
    """

    name: str
    files: Mapping[str, str]
    config: TrainConfig


def leave_out(config: LeaveOutConfig) -> None:
    """Train without each group and measure on its files: leave-one-source-out, as domain adaptation calls it.

    Writes study.json (figures of each left-out file, and their means) and held_out.safetensors (scores of
    reviews whose whole source was unknown to the model that gave them), prints the table. A study that is
    resumed goes on where it was broken off.

    Raises:
        SentimentError: As documented in `sentiment.errors`; what is done so far is kept.
    """
    groups = plan_groups(config)
    study = Path(config.output_dir)
    device, _ = resolve_device(config.device)
    processes = PartialState(cpu=device.type == "cpu")
    if processes.num_processes > 1:
        raise ConfigError("leave-out runs in one process.", remedy="Start it without a launcher.")
    precision, reason = settle_precision(config, [Path(group.config.output_dir) for group in groups])
    groups = plan_groups(config.model_copy(update={"mixed_precision": precision}))
    prepare_study(config, grows="quiet")
    say(config, f"Precision of every run: {precision} ({reason}).")
    measured, hashes = [], hash_data(config)
    for place, group in enumerate(groups):
        prepare_run(group.config, hashes)
        standing = find_standing(Path(group.config.output_dir))
        how = {"done": ": trained before", "begun": ": goes on", "new": ""}[standing]
        say(config, f"== without {group.name} ({place + 1} of {len(groups)}){how}")
        measured.append(_carry_out(config, group, standing))
    processes.destroy_process_group()
    figures = describe_leave_out(
        config, {group.name: files for group, files in zip(groups, measured, strict=True)}
    )
    write_json(study / STUDY_NAME, figures)
    origin = (
        f"python -m sentiment leave-out, without each of {', '.join(group.name for group in groups)} in turn"
    )
    save_held_out(gather_scores(measured, origin), study / HELD_OUT_NAME)
    if not config.quiet:
        print(render_leave_out(figures))


def plan_groups(config: LeaveOutConfig) -> list[Group]:
    """List the groups with the settings of their runs.

    Raises:
        ConfigError: There are fewer than two groups; or one stands twice, names a file that is not there, or
            leaves none to train on.
    """
    if config.dataset or config.stream:
        raise ConfigError("leave-out needs files in memory.", remedy="Give --data, and no --stream.")
    if len(config.leave_out) < 2:
        raise ConfigError(
            "leave-out needs two groups or more.",
            f"Found: {', '.join(config.leave_out) or 'none'}.",
            "Give --leave-out GROUP=FILE,FILE for each.",
        )
    paths = {name: path for path, name in name_files(config.data).items()}
    groups: list[Group] = []
    for name, files in read_named_files("--leave-out", "group", config.leave_out, paths):
        left = [path for own, path in paths.items() if own not in files]
        if not left:
            raise ConfigError(
                f"--leave-out {name}: leaves no file to train on.", remedy="Give smaller groups."
            )
        groups.append(
            Group(name, {file: paths[file] for file in files}, _run_config(config, name, left, paths))
        )
    return groups


def _run_config(
    config: LeaveOutConfig, group: str, data: Sequence[str], paths: Mapping[str, str]
) -> TrainConfig:
    """Give the settings of a run, in which files may have shorter names: those that clashed may be gone.

    Args:
        config: Settings of the study.
        group: What is left out.
        data: Paths of the other files.
        paths: Name in the study to path of each file.
    """
    names = name_files(data)
    own = set(LeaveOutConfig.model_fields) - set(TrainConfig.model_fields)
    values: dict[str, Any] = config.model_dump(exclude=own)
    for setting in ("rows_of_file", "repeat_of_file"):
        pairs = [each.rsplit("=", 1) for each in values[setting]]
        known = [(names.get(paths[name]) if name in paths else name, number) for name, number in pairs]
        values[setting] = [f"{name}={number}" for name, number in known if name]
    directory = str(Path(config.output_dir) / f"without-{group}")
    values |= {"data": tuple(data), "output_dir": directory, "resume": False}
    return load_settings(TrainConfig, values)


def _carry_out(config: LeaveOutConfig, group: Group, standing: Standing) -> list[LeftOutFile]:
    run = Path(group.config.output_dir)
    known = [LeftOutFile.load(run, file) for file in group.files] if standing == "done" else []
    if known and all(known):
        return [file for file in known if file is not None]
    reviews = [_load_left_out(path, config) for path in group.files.values()]
    if standing != "done":
        data = _load_others(group, [held_out for _, held_out in reviews])
        train(group.config.model_copy(update={"resume": standing == "begun"}), data=data)
    say(config, f"{group.name}: {len(group.files)} left-out files are measured ...")
    return measure_left_out(run, dict(zip(group.files, reviews, strict=True)), config)


def _load_left_out(path: str, config: LeaveOutConfig) -> tuple[LabelledReviews, LabelledReviews]:
    """Give the reviews of a left-out file that are measured, and those whose scores are kept.

    Those are its validation rows, as they come, and not the training rows, which a run may draw by label.
    """
    reviews = load_files([path], labelled_columns(config))

    def rows_of(*splits: str | None) -> LabelledReviews:
        return reviews.select(i for i, split in enumerate(reviews.splits) if split in splits)

    test = rows_of("test")
    others = (
        rows_of("validation")
        if any(split == "validation" for split in reviews.splits)
        else rows_of("train", None)
    )
    if not len(test) + len(others):
        raise EmptyDatasetError(
            f"{path}: no labelled row to measure on.", remedy="Leave the file out of --data."
        )
    return first_by_content(test, config.measured_rows), first_by_content(others, config.held_out_rows)


def _load_others(group: Group, held_out: Sequence[LabelledReviews]) -> TrainingData:
    """Load what is trained on, without near-twins of the rows whose scores are kept, and without test rows.

    Of the validation rows, which calibrate, as many are taken as the evaluations during training take.
    """
    data = load_training_data(group.config)
    train_rows = drop_near_duplicates(data.splits["train"], held_out)
    validation = data.splits["validation"]
    validation = first_by_content(validation, group.config.evaluation_rows or len(validation))
    splits = {"train": train_rows, "validation": validation}
    return replace(data, splits=splits, notes=[*data.notes, *train_rows.notes])

"""The repeat verb: one training with several seeds or on several folds, and what the runs say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from sentiment.config import RepeatConfig, TrainConfig, load_settings
from sentiment.errors import ConfigError, SentimentError
from sentiment.model import resolve_device
from sentiment.studies.folds import FoldedData
from sentiment.studies.output import lay_out, write_json
from sentiment.studies.runs import (
    Figures,
    Standing,
    find_standing,
    prepare_run,
    prepare_study,
    read_metrics,
    settle_precision,
)
from sentiment.studies.summary import LEVEL, average_runs, list_figures, summarise_runs
from sentiment.tables.telling import say
from sentiment.training.data import TrainingData
from sentiment.training.provenance import describe_environment, hash_data
from sentiment.training.train import train

STUDY_NAME: Final = "study.json"

COLUMNS: Final = {
    "loss": "loss",
    "accuracy": "accuracy",
    "classes.macro_f1": "macro-F1",
    "classes.calibration_error": "ECE",
    "polarity.accuracy": "pos/neg",
    "stars.exact": "stars =",
    "stars.within_one": "stars +-1",
}
"""Name of a figure to the head of its column."""

SEEDS_SHARE_ROWS: Final = (
    "The runs differ by their seed alone: the interval is that of training again, not of other reviews."
)
FOLDS_SHARE_ROWS: Final = (
    "Folds train on shared rows, so that the interval is an approximation (Bengio & Grandvalet 2004)."
)


@dataclass(frozen=True)
class Run:
    """One training of the study.

    Attributes:
        name: Its directory below that of the study.
        fold: The fold that it holds out, from 1; 0 where there are none.
        config: Its settings.
    """

    name: str
    fold: int
    config: TrainConfig


def repeat(config: RepeatConfig) -> None:
    """Train with each seed, or on each fold, or both; write study.json and print what the runs say together.

    Of a study that is resumed, the runs that are done are kept, one that was broken off goes on, the others
    are started. Every process takes part in every run; the main one writes and prints.

    Raises:
        SentimentError: As documented in `sentiment.errors`. A run that fails ends the study; what is done so
            far is kept.
    """
    runs = plan_runs(config)
    device, _ = resolve_device(config.device)
    processes = PartialState(cpu=device.type == "cpu")
    settled = settle_precision(config, [Path(run.config.output_dir) for run in runs])
    [(precision, reason)] = broadcast_object_list([settled])
    runs = plan_runs(config.model_copy(update={"mixed_precision": precision}))
    if processes.is_main_process:
        prepare_study(config, grows="seeds")
        hashes = hash_data(config)
        for run in runs:
            prepare_run(run.config, hashes)
    # All processes look at the disk at the same moment: before anything runs.
    processes.wait_for_everyone()
    standings = [find_standing(Path(run.config.output_dir)) for run in runs]
    processes.wait_for_everyone()
    told = config if processes.is_main_process else config.model_copy(update={"quiet": True})
    say(told, f"Precision of every run: {precision} ({reason}).")
    _carry_out(told, runs, standings)
    if processes.is_main_process:
        study = describe_study(config, runs)
        write_json(Path(config.output_dir) / STUDY_NAME, study)
        if not config.quiet:
            print(render_study(study))
    processes.destroy_process_group()


def plan_runs(config: RepeatConfig) -> list[Run]:
    """List the runs of a study, seed by seed.

    Raises:
        ConfigError: There is one run only, one fold, or a seed twice or out of range.
    """
    seeds = config.seeds or (config.seed,)
    if len(set(seeds)) < len(seeds):
        twice = next(seed for seed in seeds if seeds.count(seed) > 1)
        raise ConfigError(f"--seeds names {twice} twice.", remedy="Give each seed once.")
    if config.folds == 1:
        raise ConfigError("--folds 1: nothing would be left to train on.", remedy="Give 2 or more.")
    if config.folds and config.stream:
        raise ConfigError("--folds and --stream do not go together.", remedy="Leave one of them out.")
    if len(seeds) == 1 and not config.folds:
        raise ConfigError(
            "One run is no study.", f"It has one seed ({seeds[0]}) and no folds.", "Give --seeds or --folds."
        )
    runs = []
    for seed in seeds:
        for fold in range(1, config.folds + 1) if config.folds else (0,):
            parts = [f"seed-{seed}"] if config.seeds else []
            name = "/".join([*parts, f"fold-{fold}"] if fold else parts)
            runs.append(Run(name, fold, _run_config(config, seed, name)))
    return runs


def _run_config(config: RepeatConfig, seed: int, name: str) -> TrainConfig:
    values = config.model_dump(exclude={"seeds", "folds"})
    values |= {"seed": seed, "output_dir": str(Path(config.output_dir) / name), "resume": False}
    return load_settings(TrainConfig, values)


def _carry_out(config: RepeatConfig, runs: Sequence[Run], standings: Sequence[Standing]) -> None:
    @lru_cache(maxsize=1)  # the folds of a seed share it
    def fold(seed: int) -> FoldedData:
        return FoldedData.load(config.model_copy(update={"seed": seed}), config.folds)

    def load(run: Run) -> TrainingData | None:
        return fold(run.config.seed).hold_out(run.fold) if run.fold else None

    for place, (run, standing) in enumerate(zip(runs, standings, strict=True)):
        how = {"done": ": done before", "begun": ": goes on", "new": ""}[standing]
        say(config, f"== {run.name} ({place + 1} of {len(runs)}){how}")
        if standing == "done":
            continue
        try:
            resume = {"resume": standing == "begun"}
            train(run.config.model_copy(update=resume), data=load(run))
        except SentimentError:
            say(config, f"{run.name} has failed. --resume continues the study at this run.")
            raise


def describe_study(config: RepeatConfig, runs: Sequence[Run]) -> Figures:
    """Give what study.json holds: settings, the figures of each run by split, and what they say together.

    With folds, the figures of a fold are first averaged over the seeds: seeds bring no new rows, so that
    taking every run for one more draw would make the interval too narrow.
    """
    measured = [read_metrics(Path(run.config.output_dir)) or {} for run in runs]
    plain = [{split: list_figures(figures) for split, figures in splits.items()} for splits in measured]
    draws = "folds" if config.folds else "seeds"
    names = [f"fold-{run.fold}" if config.folds else run.name for run in runs]
    return {
        "settings": config.model_dump(mode="json"),
        "runs": [
            {"run": run.name, "seed": run.config.seed, "fold": run.fold or None, "figures": figures}
            for run, figures in zip(runs, plain, strict=True)
        ],
        "over": draws,
        "interval": f"{100 * LEVEL:.0f} % interval of the mean over {len(set(names))} {draws} (Student's t)",
        "note": FOLDS_SHARE_ROWS if config.folds else SEEDS_SHARE_ROWS,
        "figures": {
            split: summarise_runs(_average_by_name(names, plain, split))
            for split in ("validation", "test")
            if all(split in figures for figures in plain)
        },
        **describe_environment(),
    }


def _average_by_name(
    names: Sequence[str], runs: Sequence[Mapping[str, Mapping[str, float]]], split: str
) -> dict[str, dict[str, float]]:
    together: dict[str, list[Mapping[str, float]]] = {}
    for name, figures in zip(names, runs, strict=True):
        together.setdefault(name, []).append(figures[split])
    return {name: average_runs(several) for name, several in together.items()}


def render_study(study: Mapping[str, Any]) -> str:
    """Lay out the figures of a study: a line for each run, then mean, deviation and interval.

    It shows the test rows, or the validation rows where no test row was measured.
    """
    split = "test" if "test" in study["figures"] else "validation"
    summary = study["figures"][split]
    shown = [name for name in COLUMNS if name in summary]
    rows = [[split, *(COLUMNS[name] for name in shown)]]
    for run in study["runs"]:
        figures = run["figures"][split]
        rows.append([run["run"], *(_cell(figures.get(name)) for name in shown)])
    for head, key in (("mean", "mean"), ("standard deviation", "standard_deviation")):
        rows.append([head, *(_cell(summary[name][key]) for name in shown)])
    for place, head in enumerate(("interval from", "interval to")):
        intervals = [summary[name]["interval"] for name in shown]
        rows.append([head, *(_cell(interval and interval[place]) for interval in intervals)])
    return f"{lay_out(rows)}\n\n{study['interval']}.\n{study['note']}"


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"

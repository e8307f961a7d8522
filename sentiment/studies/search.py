"""The search verb: trials with drawn settings, one after the other, and the settings of the best."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sentiment.config import SearchConfig, TrainConfig, save_settings
from sentiment.errors import ConfigError, OutOfMemoryError, TrainingError, needing_extra
from sentiment.studies.output import lay_out, write_json
from sentiment.studies.runs import (
    check_data_of_run,
    find_standing,
    prepare_run,
    prepare_study,
    read_metrics,
    settle_precision,
)
from sentiment.studies.search_space import SearchSpace
from sentiment.studies.trials import End, TrialRecord, ask, find_best, is_lower_better
from sentiment.tables.telling import say
from sentiment.training.data import TrainingData, load_training_data
from sentiment.training.events import EvaluationDone, Event, RunStarted
from sentiment.training.loop import headline
from sentiment.training.provenance import describe_environment, hash_data
from sentiment.training.run_directory import CHECKPOINTS_NAME, EVENTS_NAME, MODEL_NAME
from sentiment.training.train import train

if TYPE_CHECKING:
    import optuna

RECORD_NAME: Final = "search.json"
BEST_NAME: Final = "best.toml"


def search(config: SearchConfig) -> None:
    """Try settings drawn by Optuna; write search.json and best.toml and print the trials, the best first.

    Trials are judged by validation rows; test rows are not measured. A search whose directory is there
    continues: a trial that was broken off goes on, `trials` may grow. Of beaten trials only settings,
    events and figures stay on the disk.

    Raises:
        SentimentError: As documented in `sentiment.errors`; a TrainingError where no trial finished.
    """
    _check_searchable(config)
    space = SearchSpace.parse(config)
    with needing_extra("search", "search"):
        import optuna  # noqa: F401
    output = Path(config.output_dir)
    record = output / RECORD_NAME
    precision, reason = settle_precision(config, sorted(output.glob("trial-*")))
    space = space.share(mixed_precision=precision)
    prepare_study(config.model_copy(update={"resume": config.resume or record.is_file()}), grows="trials")
    say(config, f"Precision of every trial: {precision} ({reason}).")
    trials = read_trials(record)
    hashes = hash_data(config)
    for trial in trials:
        check_data_of_run(output / trial.trial, hashes)
    if not trials:  # so that a search that is broken off in its first trial is known as one
        _write_record(record, config, trials)
    while len(trials) < config.trials:
        trial = _try_next(config, space, trials, hashes)
        trials.append(trial)
        best = find_best(trials, config.best_metric)
        _write_record(record, config, trials)
        _clear_away(output, trials, best)
        say(
            config,
            f"{trial.trial}: {_describe_end(trial, config)}{', the best so far' if trial == best else ''}.",
        )
    best = find_best(trials, config.best_metric)
    if best is None:
        raise _none_finished(trials)
    save_settings(space.settings(best.drawn, output_dir=str(output / "best")), output / BEST_NAME)
    if not config.quiet:
        print(render_search(config, space, trials))


def _check_searchable(config: SearchConfig) -> None:
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    if processes > 1:
        raise ConfigError(
            "A search runs in one process.",
            f"The launcher has started {processes}.",
            "Start it without torchrun.",
        )
    if config.stream:
        raise ConfigError(
            "A search does not go with --stream.", remedy="Search on a sample: --rows-per-file."
        )


def read_trials(record: Path) -> list[TrialRecord]:
    """Give the trials of a search that are over; none where it has no record yet.

    Raises:
        ConfigError: The record has been edited into something else.
    """
    if not record.is_file():
        return []
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return [TrialRecord.from_json(trial) for trial in content["trials"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{record}: not the record of a search.", remedy="Search in a new --output-dir."
        ) from error


def _write_record(record: Path, config: SearchConfig, trials: Sequence[TrialRecord]) -> None:
    best = find_best(trials, config.best_metric)
    content = {
        "settings": config.model_dump(mode="json"),
        "figure": f"validation {config.best_metric}",
        "direction": "minimize" if is_lower_better(config.best_metric) else "maximize",
        "best": best and best.trial,
        "trials": [trial.as_json() for trial in trials],
        **describe_environment(),
    }
    write_json(record, content)


def _try_next(
    config: SearchConfig, space: SearchSpace, trials: Sequence[TrialRecord], hashes: Mapping[str, str]
) -> TrialRecord:
    trial = ask(space, trials, config.best_metric, config.seed)
    name = f"trial-{len(trials):03d}"
    run = Path(config.output_dir) / name
    settings = space.settings(trial.params, output_dir=str(run), charts=False, bootstrap_resamples=0)
    prepare_run(settings, hashes)
    standing = find_standing(run)
    drawn = ", ".join(f"{setting} {_show(value)}" for setting, value in trial.params.items())
    say(config, f"== {name} ({len(trials) + 1} of {config.trials}): {drawn}")
    reports = _Reports(trial, settings)
    end: End = "finished"
    if standing != "done":
        try:
            train(settings.model_copy(update={"resume": standing == "begun"}), [reports], _load(settings))
        except _HopelessError:
            end = "pruned"
        except (TrainingError, OutOfMemoryError) as error:
            say(config, str(error))
            end = "diverged" if isinstance(error, TrainingError) else "out of memory"
    metrics = read_metrics(run) if end == "finished" else None
    value = headline(metrics["validation"])[config.best_metric] if metrics else None
    return TrialRecord(name, end, value, dict(trial.params), reports.read())


def _load(settings: TrainConfig) -> TrainingData:
    data = load_training_data(settings)
    return replace(data, splits={name: rows for name, rows in data.splits.items() if name != "test"})


class _HopelessError(Exception):
    """Ends the training of a trial that is worse than the median of those before it."""


@dataclass(frozen=True)
class _Reports:
    """The callback that tells Optuna of each validation figure, and stops a trial that it calls hopeless.

    Figures are compared between trials that have seen equally many reviews, whatever their batch size.
    """

    trial: optuna.trial.Trial
    settings: TrainConfig

    def on_event(self, event: Event) -> None:
        """Take one event."""
        match event:
            case RunStarted(step=done):
                for seen, value in self.read().items():
                    if seen <= self._seen(done):
                        self.trial.report(value, seen)
            case EvaluationDone(step=step, figures=figures):
                self.trial.report(figures[self.settings.best_metric], self._seen(step))
                if self.trial.should_prune():
                    raise _HopelessError
            case _:
                pass

    def read(self) -> dict[int, float]:
        """Give what the run's own log says; of a run that was resumed, the later line counts."""
        log = Path(self.settings.output_dir, EVENTS_NAME)
        events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        return {
            self._seen(event["step"]): event["figures"][self.settings.best_metric]
            for event in events
            if event["event"] == EvaluationDone.__name__
        }

    def _seen(self, step: int) -> int:
        return step * self.settings.batch_size * self.settings.gradient_accumulation_steps


def _clear_away(output: Path, trials: Sequence[TrialRecord], best: TrialRecord | None) -> None:
    for trial in trials:
        shutil.rmtree(output / trial.trial / CHECKPOINTS_NAME, ignore_errors=True)
        if trial != best:
            shutil.rmtree(output / trial.trial / MODEL_NAME, ignore_errors=True)


def _none_finished(trials: Sequence[TrialRecord]) -> TrainingError:
    ends = ", ".join(f"{times} {end}" for end, times in Counter(trial.end for trial in trials).items())
    return TrainingError(
        "No trial has finished.",
        f"{len(trials)} were tried: {ends}.",
        "Lower the ranges of --search, or train with --mixed-precision no.",
    )


def _describe_end(trial: TrialRecord, config: SearchConfig) -> str:
    return trial.end if trial.value is None else f"validation {config.best_metric} {trial.value:.4f}"


def _show(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def render_search(config: SearchConfig, space: SearchSpace, trials: Sequence[TrialRecord]) -> str:
    """Lay out the trials, the best first, and the command that trains the best again."""
    settings = [*space.ranges, *space.choices]
    sign = 1 if is_lower_better(config.best_metric) else -1
    ordered = sorted(trials, key=lambda trial: (trial.value is None, sign * (trial.value or 0.0)))
    rows = [["trial", *settings, f"validation {config.best_metric}"]]
    for trial in ordered:
        result = trial.end if trial.value is None else f"{trial.value:.4f}"
        rows.append([trial.trial, *(_show(trial.drawn[name]) for name in settings), result])
    command = shlex.join(["python", "train.py", "--config", str(Path(config.output_dir) / BEST_NAME)])
    how = "Test rows were not measured. To train with the best settings and measure them:"
    return f"{lay_out(rows)}\n\n{how}\n  {command}"

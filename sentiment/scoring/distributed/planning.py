"""What is decided once, before any worker begins, so that all parts agree."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sentiment.config import ComputeSettings, PredictConfig
from sentiment.errors import ConfigError
from sentiment.labels import LabelScheme
from sentiment.scoring.distributed.output_folder import OutputFolder
from sentiment.scoring.distributed.parts import ParquetRows, full_location, read_as_one
from sentiment.scoring.distributed.worker import Survey
from sentiment.scoring.job import STANDARD_STREAM, Job, resolve_columns, take_scales
from sentiment.scoring.resuming import identify_backend
from sentiment.tables import ScalesFinder, output_format_of, printable


def check_settings(config: PredictConfig) -> None:
    """Refuse what does not go together with several workers.

    Raises:
        ConfigError: There is such a setting.
    """
    for name in ("since", "resume"):
        if getattr(config, name):
            raise ConfigError(
                f"--{name}: not with --engine ray.",
                "Workers score parts in any order, and none knows of an earlier run.",
                "Leave it out, or take --engine local.",
            )
    if STANDARD_STREAM in config.inputs:
        raise ConfigError(
            "standard input: not with --engine ray.",
            "Workers on other machines read the inputs.",
            "Give Parquet files, patterns or addresses.",
        )


def resolve_folder(output: str | None) -> OutputFolder:
    """Give the folder that parts go to.

    Raises:
        ConfigError: None is named, or something that is no folder.
        OutputError: It is not empty, or a file.
    """
    if output is None or output == STANDARD_STREAM or output_format_of(output):
        found = "None is named." if output is None else f"Found: {printable(output)}."
        raise ConfigError("--engine ray writes a folder of Parquet files.", found, "Name it with -o FOLDER/.")
    folder = OutputFolder(output, full_location(output))
    folder.check_new()
    return folder


def resolve_job(config: PredictConfig, files: Sequence[ParquetRows], scheme: LabelScheme) -> Job:
    """Find the columns of all inputs, saying what was found; the scales of their ratings come later.

    Raises:
        MissingColumnError: A column is absent, undecidable, or has the name of one that is added.
    """
    reader = read_as_one(files)
    roles, names = resolve_columns(config, reader, scheme)
    sources = tuple(file.name for file in files)
    return Job(config, sources, reader, roles, None, names, str(config.output), reader.format)


def settle(job: Job, surveys: Sequence[Survey]) -> Job:
    """Give a job the scales of its ratings, saying it, and the backend that all workers take.

    Args:
        job: Its columns are known.
        surveys: Of the parts that were looked at, in order; the first one knows of a backend.
    """
    config = fix_backend(job.config, surveys[0].runs_on)
    if job.roles.rating is None:
        return replace(job, config=config)
    whole = ScalesFinder(job.reader.columns, job.roles.rating)
    for survey in surveys:
        whole.merge(survey.ratings)
    return replace(job, config=config, scales=take_scales(config, whole, job.roles))


def fix_backend(config: PredictConfig, runs_on: Mapping[str, str]) -> PredictConfig:
    """Take what `auto` came to on one worker for all: number formats differ in the last digits.

    Args:
        config: As asked.
        runs_on: `device`, `precision` and so on, each its value and then the reason for it.
    """
    found = identify_backend(runs_on)
    is_open = [name for name in ComputeSettings.model_fields if getattr(config, name) in ("auto", None)]
    return config.model_copy(update={name: found[name] for name in is_open})

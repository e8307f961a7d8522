"""Whether a scoring run continues an interrupted one, and what makes the two the same."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sentiment import __version__
from sentiment.config import ComputeSettings
from sentiment.errors import CheckpointError, ConfigError
from sentiment.model.hardware import count_threads
from sentiment.model.trust import file_sha256
from sentiment.scoring.earlier import CarryOver
from sentiment.scoring.job import STANDARD_STREAM, Job
from sentiment.scoring.journal import Interrupted, Journal, find_interrupted, journal_path
from sentiment.scoring.loading import Models
from sentiment.scoring.results import WINDOW_CHARACTERS, WINDOW_ROWS, Predictor
from sentiment.tables import printable
from sentiment.tables.wording import count

_SETTINGS: Final = ("detect_language", "include_withheld", "receipt", "redact", "explainer")
"""Settings that predictions can depend on; how they are written is free to change."""

_SETTING_OF: Final = {"batch": "batch_tokens"}
"""Settings that ask for what `runs_on` says of a scorer, where it has another name."""


@dataclass(frozen=True)
class Continuation:
    """What a run is, and what an interrupted one of the same left.

    Attributes:
        path: Where the journal lies.
        identity: All that predictions can depend on, but for the backend.
        kept: What can be taken over; None where there is nothing.
    """

    path: Path
    identity: Mapping[str, Any]
    kept: Interrupted | None


def plan_continuation(job: Job, models: Models) -> Continuation | None:
    """See whether an interrupted run of the same is there; reads the inputs once, to be sure of them.

    Returns:
        None where no journal is kept: one window of rows, or a stream instead of a file.

    Raises:
        ConfigError: --resume with a stream.
        CheckpointError: --resume, and the interrupted run was another one.
        OutputError: The journal's name is taken, or another run writes the same output.
    """
    if not _are_files(job):
        if job.config.resume:
            raise ConfigError(
                "--resume: standard input and output, pipes and devices cannot be resumed.",
                remedy="Give files instead.",
            )
        return None
    if job.reader.receipt.rows <= WINDOW_ROWS:
        return None
    path = journal_path(job.output)
    identity = identify_run(job, models)
    kept = find_interrupted(path)
    if kept is not None:
        changed = [key for key in identity if kept.identity.get(key) != identity[key]]
        kept = _unless_changed(job, path, kept, changed)
    return Continuation(path, identity, kept)


def _are_files(job: Job) -> bool:
    """Whether inputs can be read twice and something can lie beside the output."""
    if STANDARD_STREAM in (*job.sources, job.output):
        return False
    output = Path(job.output)
    return all(Path(source).is_file() for source in job.sources) and (output.is_file() or not output.exists())


def _unless_changed(job: Job, path: Path, kept: Interrupted, changed: Sequence[str]) -> Interrupted | None:
    if not changed:
        return kept
    if not job.config.resume:
        return None
    raise CheckpointError(
        f"{printable(job.output)}: the interrupted run was another one.",
        f"Changed: {', '.join(changed)}.",
        f"Give the same again, or delete {printable(str(path))} to begin anew.",
    )


def compute_of(job: Job, continuation: Continuation | None) -> ComputeSettings:
    """Give what to compute on: what was left open is not chosen again where a run is continued."""
    config = job.config
    asked = {name: getattr(config, name) for name in ComputeSettings.model_fields}
    if continuation is not None and continuation.kept is not None:
        recorded = continuation.kept.identity["backend"]
        asked |= {name: recorded[name] for name in _left_open(job)}
    return ComputeSettings(**asked)


def explain_choices(
    job: Job, continuation: Continuation | None, runs_on: Mapping[str, str]
) -> Mapping[str, str]:
    """Give what a scorer runs on, and of what `compute_of` took over that nobody asked for it."""
    if continuation is None or continuation.kept is None:
        return runs_on
    taken_over = _left_open(job)
    return {
        name: f"{found.partition(' (')[0]} (as in the interrupted run)"
        if _SETTING_OF.get(name, name) in taken_over
        else found
        for name, found in runs_on.items()
    }


def _left_open(job: Job) -> list[str]:
    return [name for name in ComputeSettings.model_fields if getattr(job.config, name) in ("auto", None)]


def identify_run(job: Job, models: Models) -> dict[str, Any]:
    """Say what a run is, as JSON can hold it: all that its predictions can depend on, but for the backend."""
    earlier = [Path(job.config.since)] if job.config.since else []
    return {
        "inputs": [file_sha256(Path(source)) for source in job.sources],
        "columns": [job.roles.describe(), job.config.sheet, job.config.header],
        "model": {name: directory.manifest.files for name, directory in models.directories.items()},
        "threshold": {name: threshold.value for name, threshold in models.thresholds.items()},
        "since": [file_sha256(path) for path in earlier if path.is_file()],
        "settings": {name: getattr(job.config, name) for name in _SETTINGS},
        "window": [WINDOW_ROWS, WINDOW_CHARACTERS],
    }


def identify_backend(runs_on: Mapping[str, str]) -> dict[str, Any]:
    """Say what the model runs on, as far as its results can depend on it."""
    backend, version = runs_on["backend"].split()[:2]
    return {
        "backend": backend,
        "version": version,
        "device": runs_on["device"].split()[0],
        "precision": runs_on["precision"].split()[0],
        "batch_tokens": int(runs_on["batch"].split()[0].replace(",", "")),
        "threads": count_threads(),
        "sentiment": __version__,
    }


@contextmanager
def keeping(
    job: Job, continuation: Continuation | None, runs_on: Mapping[str, str], carry_over: CarryOver
) -> Iterator[Predictor]:
    """Keep a journal while the block runs; a clean end removes it, anything else leaves it and says so.

    Raises:
        OutputError: Another run writes the same output.
        CheckpointError: --resume, and the interrupted run computed on something else.
    """
    if continuation is None:
        yield carry_over
        return
    path, kept, backend = continuation.path, continuation.kept, identify_backend(runs_on)
    if kept is not None:
        changed = [] if kept.identity["backend"] == backend else ["backend"]
        kept = _unless_changed(job, path, kept, changed)
    if kept is not None or job.config.resume:
        job.say(f"resumed at row {kept.rows + 1:,}" if kept else "nothing to resume: begun at the first row")
    identity = {**continuation.identity, "backend": backend}
    with Journal(path, identity, carry_over, kept, carry_over.pass_over) as journal:
        try:
            yield journal
        except BaseException:
            if journal.rows:
                rows = count(journal.rows, "scored row is", "scored rows are")
                job.say(f"{rows} kept: run the same command again to go on from there")
            else:
                journal.discard()
            raise
        journal.discard()

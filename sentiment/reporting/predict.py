"""The predict verb with a report at its end, where one is asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentiment.config import PredictConfig, ReportConfig
from sentiment.errors import ConfigError
from sentiment.scoring import predict as scoring
from sentiment.tables import output_format_of, printable

if TYPE_CHECKING:
    from sentiment.reporting.provenance import Provenance

_NOT_READ: Final = ("sqlite", "duckdb")


def predict(config: PredictConfig) -> None:
    """Score review files, and write the reports that `--report` names of what was written.

    Raises:
        SentimentError: As `scoring.predict.predict`; or a report cannot be made, which is told before
            anything is scored wherever it can be.
    """
    if not config.report:
        scoring.predict(config)
        return
    from sentiment.reporting.output import resolve_targets
    from sentiment.reporting.report import report_on

    _check_output_is_read(config)
    targets = resolve_targets(config.report, config.inputs, "--report")
    run = scoring.predict_here(config)
    report_on(_describe_columns(run), (run.job.output,), _describe_run(run), targets)


def _check_output_is_read(config: PredictConfig) -> None:
    """Refuse what is written to a place from which it cannot be read again.

    Raises:
        ConfigError: It is standard output, a database, or parts on several machines.
    """
    if config.engine == "ray":
        raise ConfigError(
            "--report goes with --engine local.",
            remedy="Score first, then: python -m sentiment report 'OUT/*.parquet' -o report.html.",
        )
    if "-" in (config.output or config.inputs[0], config.output):
        raise ConfigError(
            "--report reads what was written, and standard output cannot be read again.",
            remedy="Name a file with -o FILE.",
        )
    if config.output and output_format_of(config.output) in _NOT_READ:
        raise ConfigError(
            "--report reads what was written, and databases are not read.",
            f"Found: -o {printable(config.output)}.",
            f"Name another file with -o FILE, {Path(config.output).stem}.csv say.",
        )


def _describe_columns(run: scoring.Scored) -> ReportConfig:
    """Have the scored file read by the columns that it was scored by."""
    config, roles = run.job.config, run.job.roles
    return ReportConfig(
        inputs=(run.job.output,),
        text_column=roles.text,
        title_column=roles.title or "none",
        rating_column=roles.rating or "none",
        date_column=roles.date or "none",
        product_column=roles.product or "none",
        id_column=roles.id or "none",
        language_column=roles.language or "none",
        state_column=roles.state or "none",
        column_prefix=config.column_prefix,
        quiet=config.quiet,
    )


def _describe_run(run: scoring.Scored) -> "Provenance":
    from sentiment.config.commands import spell_command
    from sentiment.reporting.provenance import Provenance
    from sentiment.reporting.wording import describe_scales

    job, models = run.job, run.models
    receipt = job.reader.receipt
    source = {
        "source": job.reader.name,
        "format": job.reader.format,
        "encoding": receipt.encoding or "",
        "delimiter": repr(receipt.delimiter) if receipt.delimiter else "",
        "rows": f"{receipt.rows:,}",
        "columns": job.roles.describe(),
        "rating scale": describe_scales(job.scales) if job.scales else "",
        "noted": "\n".join(run.summary.notes) or "nothing had to be repaired",
        "results": job.output,
    }
    promises = models.promises.values()
    return Provenance(
        command=spell_command(("python", "predict.py"), job.config, ("inputs",)),
        inputs=job.sources,
        source=tuple((name, value) for name, value in source.items() if value),
        models=tuple(zip(models.directories.values(), promises, strict=True)),
        runs_on=run.summary.runs_on,
        is_witnessed=True,
        estimator=run.summary.estimator,
    )

"""The report verb: a scored file in, a page that a team can mail out."""

from collections.abc import Sequence
from pathlib import Path

from sentiment.config import ReportConfig
from sentiment.config.commands import spell_command
from sentiment.errors import ConfigError
from sentiment.model import open_model
from sentiment.reporting.build import build_report, find_all
from sentiment.reporting.output import Target, resolve_targets, write_report
from sentiment.reporting.provenance import Provenance
from sentiment.reporting.scored_file import open_scored
from sentiment.scoring.predict import fit_share_estimator
from sentiment.scoring.thresholds import resolve_threshold
from sentiment.tables import (
    ReadOptions,
    column_choices,
    expand_sources,
    open_readers,
    printable,
    save_mapping,
)
from sentiment.tables.telling import say


def report(config: ReportConfig) -> None:
    """Write a report of scored files.

    Raises:
        SentimentError: Then no file is half-written, and one that was there before is untouched.
    """
    sources = expand_sources(config.inputs)
    targets = resolve_targets(config.output or (_default_output(sources),), sources, "-o")
    models = [open_model(config.model)] if config.model else []
    provenance = Provenance(
        spell_command(("python", "-m", "sentiment", "report"), config, ("inputs",)),
        models=tuple((model, resolve_threshold(model).promise) for model in models),
        estimator=fit_share_estimator(models[0]) if models else None,
    )
    report_on(config, sources, provenance, targets)


def report_on(
    config: ReportConfig, sources: Sequence[str], provenance: Provenance, targets: Sequence[Target]
) -> None:
    """Write a report of scored files of which it is known how they came about.

    Args:
        config: How the files are read and what is asked for.
        sources: The scored files.
        provenance: What is known of them.
        targets: Where to write.

    Raises:
        DataError: A file was not scored, or a result cannot be read.
        OutputError: A report cannot be written.
    """
    options = ReadOptions(sheet=config.sheet, has_header=config.header == "auto")
    with open_readers(sources, options) as reader:
        file = open_scored(reader, column_choices(config), config.column_prefix)
        if config.save_mapping:
            save_mapping(config.save_mapping, file.roles)
        findings = find_all(
            file,
            provenance,
            group_columns=config.group_column,
            unit=None if config.period == "auto" else config.period,
            quiet=config.quiet,
        )
        written = build_report(findings)
    write_report(written, targets)
    told = [("left out", each) for each in written.left_out] + [("report", each.path) for each in targets]
    say(config, *(f"{name:<15} {value}" for name, value in told))


def _default_output(sources: Sequence[str]) -> str:
    """Name the report of one file: `a.scored.report.html` beside `a.scored.csv`."""
    if len(sources) > 1 or sources[0] == "-":
        found = "standard input" if sources[0] == "-" else ", ".join(map(printable, sources))
        raise ConfigError("the report needs a name.", f"Found: {found}.", "Name it with -o FILE.")
    path = Path(sources[0])
    return str(path.with_name(f"{path.stem}.report.html"))

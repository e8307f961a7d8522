"""A scoring job: what is read, what is asked of it, and where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, MissingColumnError, OutputError
from sentiment.labels import LabelScheme
from sentiment.scoring.result_columns import ResultNames, check_free_columns, name_results
from sentiment.tables import (
    OUTPUT_FORMATS,
    RatingScales,
    Reader,
    Roles,
    ScalesFinder,
    column_choices,
    default_output,
    find_scales,
    output_format_of,
    printable,
    resolve_roles,
    save_mapping,
    writable_format,
)
from sentiment.tables.reading.joined import parts_without
from sentiment.tables.telling import say
from sentiment.tables.writing.outputs import check_is_no_input

STANDARD_STREAM = "-"


@dataclass(frozen=True)
class Job:
    """One scoring job.

    Attributes:
        config: As asked.
        sources: The input files, patterns resolved.
        reader: The inputs as one.
        roles: Which column plays which role.
        scales: How the ratings of each input read as stars; None without a rating column.
        names: How the result columns are called.
        output: A path, or `-` for standard output.
        file_format: Format of the output.
    """

    config: PredictConfig
    sources: tuple[str, ...]
    reader: Reader
    roles: Roles
    scales: RatingScales | None
    names: ResultNames
    output: str
    file_format: str

    def say(self, text: str) -> None:
        """Tell the user, unless it shall be quiet."""
        say(self.config, *text.split("\n"))


def resolve_job(config: PredictConfig, sources: tuple[str, ...], reader: Reader, scheme: LabelScheme) -> Job:
    """Find columns, rating scale and output, saying what was found; reads the inputs once or twice.

    Raises:
        MissingColumnError: A column is absent, undecidable, or has the name of one that is added.
        ConfigError: There are several inputs and no output is named.
        OutputError: The output is an input, or its suffix stands for no format that is written.
    """
    output = resolve_output(sources, config.output, reader.format)
    file_format = resolve_format(config.output, reader.format)
    roles, names = resolve_columns(config, reader, scheme)
    scales = _find_scales(config, reader, roles)
    return Job(config, sources, reader, roles, scales, names, output, file_format)


def resolve_columns(config: PredictConfig, reader: Reader, scheme: LabelScheme) -> tuple[Roles, ResultNames]:
    """Find the columns that play a role, saying which, and name those that are added.

    Raises:
        MissingColumnError: A column is absent, undecidable, or has the name of one that is added.
    """
    roles = resolve_roles(reader, column_choices(config))
    say(config, *roles.describe().split("\n"))
    _check_all_have_text(reader, roles)
    names = name_results(
        scheme,
        rated=roles.rating is not None,
        language=config.detect_language,
        receipt=config.receipt,
        explained=config.explainer is not None,
        prefix=config.column_prefix,
    )
    if not config.replace_columns:
        check_free_columns(reader.name, reader.columns, names.all)
    if config.save_mapping:
        save_mapping(config.save_mapping, roles)
    return roles, names


def resolve_output(sources: Sequence[str], output: str | None, source_format: str) -> str:
    """Name the output: as asked; else standard output for standard input, or a file beside the input.

    Raises:
        ConfigError: There are several inputs and no name was given.
        OutputError: The output is one of the inputs, under this or another name.
    """
    if output is None:
        if len(sources) > 1:
            raise ConfigError(
                f"{len(sources)} inputs need one output.",
                f"Found: {', '.join(sources)}.",
                "Name it with -o FILE.",
            )
        [source] = sources
        return STANDARD_STREAM if source == STANDARD_STREAM else str(default_output(source, source_format))
    check_is_no_input(output, sources, "-o")
    return output


def resolve_format(output: str | None, source_format: str) -> str:
    """Give the format of the output: what its suffix stands for; the input's where no suffix was asked for.

    Raises:
        OutputError: The suffix stands for no format that is written.
    """
    suffix = Path(output).suffix if output else ""
    if not suffix or output is None:
        return writable_format(source_format)
    file_format = output_format_of(output)
    if file_format is None:
        raise OutputError(
            f"{output}: no format that is written has the suffix {suffix}.",
            f"Known: {', '.join(OUTPUT_FORMATS)}.",
            "Name another file with -o FILE.",
        )
    return file_format


def _check_all_have_text(reader: Reader, roles: Roles) -> None:
    """Refuse a file without the text column of the others: all its reviews would count as empty."""
    for part in parts_without(reader, roles.text):
        raise MissingColumnError(
            f"{printable(part.name)}: no column named '{printable(' + '.join(roles.text))}'.",
            "It holds the review text of the other files.",
            "Score files with different columns in runs of their own.",
        )


def _find_scales(config: PredictConfig, reader: Reader, roles: Roles) -> RatingScales | None:
    if roles.rating is None:
        return None
    return take_scales(config, find_scales(reader, roles), roles)


def take_scales(config: PredictConfig, finder: ScalesFinder, roles: Roles) -> RatingScales:
    """Give the scales that a finder came to, saying each, and what to do about a wrong column."""
    scales = finder.scales()
    usual, *others = scales.all
    if usual.scale is None and roles.reasons["rating"].startswith("named"):
        reason = f"{roles.rating}: {usual.reason}; name another with --rating-column"
        usual = replace(usual, reason=reason)
    for found in (usual, *others):
        say(config, found.describe())
    return scales

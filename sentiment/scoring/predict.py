"""The predict verb: review files in, the same rows with results behind them out."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from sentiment.config import PredictConfig
from sentiment.errors import ConfigError, OutputError
from sentiment.labels import SENTIMENTS
from sentiment.model import open_model
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.result_columns import ResultColumn, build_result_columns, check_free_columns
from sentiment.scoring.results import Result, iter_results
from sentiment.scoring.summary import Summary
from sentiment.tables import (
    ColumnChoices,
    RatingScale,
    Reader,
    Roles,
    ScaleFinder,
    default_output,
    format_of,
    iter_reviews,
    open_readers,
    open_writer,
    printable,
    resolve_roles,
)

STANDARD_STREAM = "-"
TEXT_FORMATS = ("csv", "tsv")


def predict(config: PredictConfig) -> None:
    """Score review files into one output; rows stream, twice where a rating's scale has to be found.

    Raises:
        SentimentError: Then no output is written, and one that was there before is untouched.
    """
    output = resolve_output(config.inputs, config.output)
    directory = open_model(config.model)
    scheme = directory.manifest.scheme
    with open_readers(config.inputs) as reader:
        file_format = resolve_format(config.output, reader.format)
        roles = resolve_roles(reader, _column_choices(config))
        _say(config, roles.describe())
        scale = _find_scale(config, reader, roles)
        columns = build_result_columns(scheme, rated=roles.rating is not None, prefix=config.column_prefix)
        if not config.replace_columns:
            check_free_columns(reader.name, reader.columns, columns)
        scorer = build_scorer(directory, config.device, config.precision, config.batch_tokens)
        summary = Summary(
            model=directory.name,
            labels=SENTIMENTS if scheme.has_sentiment else scheme.labels,
            runs_on=scorer.runs_on,
            output="standard output" if output == STANDARD_STREAM else output,
            rated=roles.rating is not None,
        )
        results = iter_results(iter_reviews(reader, roles), scorer, scale)
        start = time.perf_counter()
        replaced = write_results(
            _follow(config, results, reader, summary), reader, columns, output, file_format
        )
        summary.seconds = time.perf_counter() - start
        summary.notes += reader.receipt.notes
        if replaced:
            summary.notes.append(f"Lone surrogates were written as U+FFFD ({replaced:,}).")
    _say(config, summary.as_text())


def resolve_output(inputs: Sequence[str], output: str | None) -> str:
    """Name the output: as asked; else standard output for standard input, or a file beside the input.

    Raises:
        ConfigError: There are several inputs and no name was given.
        OutputError: The output is one of the inputs, under this or another name.
    """
    if output is None:
        if len(inputs) > 1:
            raise ConfigError(
                f"{len(inputs)} inputs need one output.",
                f"Found: {', '.join(inputs)}.",
                "Name it with -o FILE.",
            )
        return STANDARD_STREAM if inputs[0] == STANDARD_STREAM else str(default_output(inputs[0]))
    for source in inputs:
        if STANDARD_STREAM not in (source, output) and _are_same_file(source, output):
            raise OutputError(
                f"{output}: this is an input.",
                "Results would take its place.",
                "Name another file with -o FILE.",
            )
    return output


def _are_same_file(source: str, output: str) -> bool:
    try:
        return Path(output).samefile(source)
    except OSError:  # one of them is not there
        return False


def resolve_format(output: str | None, source_format: str) -> str:
    """Give the format of the output: what its suffix stands for; the input's where no suffix was asked for.

    Raises:
        OutputError: The suffix stands for no format that is written.
    """
    suffix = Path(output).suffix if output else ""
    if not suffix:
        return source_format
    file_format = format_of(f"output{suffix}")
    if file_format is None:
        raise OutputError(
            f"{output}: no format that is written has the suffix {suffix}.",
            "Known: .csv, .tsv, .jsonl, .parquet.",
            "Name another file with -o FILE.",
        )
    return file_format


def _column_choices(config: PredictConfig) -> ColumnChoices:
    return ColumnChoices(
        text=config.text_column,
        title=config.title_column,
        rating=config.rating_column,
        date=config.date_column,
        product=config.product_column,
        id=config.id_column,
    )


def _find_scale(config: PredictConfig, reader: Reader, roles: Roles) -> RatingScale | None:
    if roles.rating is None:
        return None
    finder = ScaleFinder()
    for review in iter_reviews(reader, roles):
        finder.add(review.rating)
    scale = finder.scale()
    stars = f"{scale.lowest:g} to {scale.highest:g}" if scale else "none, so stars_disagree stays empty"
    _say(config, f"rating scale: {stars} ({finder.reason})")
    return scale


def _follow(
    config: PredictConfig, results: Iterable[list[Result]], reader: Reader, summary: Summary
) -> Iterator[list[Result]]:
    """Hand results on, counting them and moving the progress bar."""
    hidden = config.quiet or not sys.stderr.isatty()
    with tqdm(total=reader.receipt.rows, unit=" reviews", disable=hidden, leave=False) as bar:
        for window in results:
            yield window
            summary.add(window)
            bar.update(len(window))


def write_results(
    results: Iterable[Sequence[Result]],
    reader: Reader,
    columns: Sequence[ResultColumn],
    output: str,
    file_format: str,
) -> int:
    """Write the source's columns as they are, but for those that a result column replaces, then the results.

    Args:
        results: Windows of results, in row order.
        reader: The source of the rows.
        columns: The columns to add.
        output: A path, or `-` for standard output.
        file_format: `csv`, `tsv`, `jsonl` or `parquet`.

    Returns:
        How many lone surrogates, which no file can hold, were written as U+FFFD.

    Raises:
        OutputError: It cannot be written; an old file of that name is untouched.
    """
    types = {column.name: column.type for column in columns}
    kept = [place for place, name in enumerate(reader.columns) if name not in types]
    cells = [column.text if file_format in TEXT_FORMATS else column.typed for column in columns]
    header = [*(reader.columns[place] for place in kept), *types]
    with open_writer(output, header, file_format=file_format, source=reader, new_types=types) as writer:
        for window in results:
            writer.write(
                [*(result.review.cells[place] for place in kept), *(cell(result) for cell in cells)]
                for result in window
            )
    return writer.replaced_characters


def _say(config: PredictConfig, text: str) -> None:
    if not config.quiet:
        print(*(printable(line) for line in text.split("\n")), sep="\n", file=sys.stderr)

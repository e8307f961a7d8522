"""The predict verb: review files in, the same rows with results behind them out."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from tqdm import tqdm

from sentiment.config import PredictConfig
from sentiment.labels import SENTIMENTS
from sentiment.measuring import ShareEstimator
from sentiment.model import ModelDirectory
from sentiment.scoring.earlier import carrying_over
from sentiment.scoring.job import STANDARD_STREAM, Job, resolve_job
from sentiment.scoring.loading import Models, open_models
from sentiment.scoring.result_columns import build_result_columns
from sentiment.scoring.results import ModelPredictor, Result, iter_results
from sentiment.scoring.resuming import compute_of, explain_choices, keeping, plan_continuation
from sentiment.scoring.summary import Summary
from sentiment.tables import ReadOptions, expand_sources, iter_reviews, open_readers, open_writer
from sentiment.tables.writing.redaction import RedactingWriter

TEXT_FORMATS = ("csv", "tsv")
NO_SHARES: Final = "True shares are not estimated: the reviews went to several models (--model-for)."
SAMPLE_ROWS: Final = 200
"""Rows that a trial of backends may see: more text than it takes, whatever the reviews are like."""


class Scored(NamedTuple):
    """A scoring run that is over; of its reader only what it says of itself is left."""

    job: Job
    models: Models
    summary: Summary


def predict(config: PredictConfig) -> None:
    """Score review files into one output; rows stream, twice where a rating's scale has to be found.

    Raises:
        SentimentError: Then no output is written, and one that was there before is untouched.
    """
    if config.engine == "ray":
        from sentiment.scoring.distributed import predict_with_ray

        predict_with_ray(config)
    else:
        predict_here(config)


def predict_here(config: PredictConfig) -> Scored:
    """Score review files in this process, and give what is known of the run.

    Raises:
        SentimentError: As `predict`.
    """
    sources = expand_sources(config.inputs)
    models = open_models(config.model, config.model_for, config.target_accuracy, config.threshold)
    options = ReadOptions(sheet=config.sheet, has_header=config.header == "auto")
    with open_readers(sources, options) as reader:
        job = resolve_job(config, sources, reader, models.scheme)
        summary = score(job, models)
    job.say(summary.as_text())
    return Scored(job, models, summary)


def score(job: Job, models: Models) -> Summary:
    """Load the models, judge every row, and write the output."""
    config, continuation = job.config, plan_continuation(job, models)
    scorer = models.build_scorer(
        compute_of(job, continuation),
        detect_language=config.detect_language,
        sample=lambda: [review.text for review in islice(iter_reviews(job.reader, job.roles), SAMPLE_ROWS)],
        explain_by=config.explainer,
    )
    summary = begin_summary(job, models, explain_choices(job, continuation, scorer.runs_on))
    start = time.perf_counter()
    judge = ModelPredictor(scorer, include_withheld=config.include_withheld)
    with (
        carrying_over(job, judge, scorer.decide) as carried,
        keeping(job, continuation, scorer.runs_on, carried) as predictor,
    ):
        results = iter_results(iter_reviews(job.reader, job.roles), predictor, job.scales)
        notes = write_results(job, _follow(job, results, summary))
    summary.seconds = time.perf_counter() - start
    summary.notes += [*job.reader.receipt.notes, *carried.notes(), *notes]
    return summary


def begin_summary(job: Job, models: Models, runs_on: Mapping[str, str]) -> Summary:
    """Begin the summary of a job; `runs_on` as a scorer has it."""
    estimator = fit_share_estimator(models.default)
    is_mixed = estimator is not None and bool(models.others)
    return Summary(
        model=models.names,
        labels=SENTIMENTS if models.scheme.has_sentiment else models.scheme.labels,
        runs_on=runs_on,
        output="standard output" if job.output == STANDARD_STREAM else job.output,
        rated=job.roles.rating is not None,
        receipt=job.config.receipt,
        estimator=None if is_mixed else estimator,
        promises=models.promises,
        notes=[NO_SHARES] if is_mixed else [],
    )


def fit_share_estimator(model: ModelDirectory) -> ShareEstimator | None:
    """Fit what estimates true shares from a model's predictions; None where it keeps no held-out scores.

    Its own scores come first: what is to be taken out is what this model is off by, not others of its recipe.

    Raises:
        IncompatibleModelError: The scores cannot be read, or are not of this model.
    """
    scores = model.load_held_out() or model.load_left_out()
    if scores is None:
        return None
    return ShareEstimator.fit(scores.probabilities, scores.truth, scores.source, scores.names)


def _follow(job: Job, results: Iterable[list[Result]], summary: Summary) -> Iterator[list[Result]]:
    """Hand results on, counting them and moving the progress bar."""
    hidden = job.config.quiet or not sys.stderr.isatty()
    with tqdm(total=job.reader.receipt.rows, unit=" reviews", disable=hidden, leave=False) as bar:
        for window in results:
            yield window
            summary.add(window)
            bar.update(len(window))


def write_results(job: Job, results: Iterable[Sequence[Result]]) -> list[str]:
    """Write the source's columns as they are, but for those that a result column replaces, then the results.

    Args:
        job: What is written where.
        results: Windows of results, in row order.

    Returns:
        What was changed on the way, a sentence each.

    Raises:
        OutputError: It cannot be written; an old file of that name is untouched.
    """
    columns = build_result_columns(job.names)
    types = {column.name: column.type for column in columns}
    kept = [place for place, name in enumerate(job.reader.columns) if name not in types]
    cells = [column.text if job.file_format in TEXT_FORMATS else column.typed for column in columns]
    header = [*(job.reader.columns[place] for place in kept), *types]
    with open_writer(
        job.output,
        header,
        file_format=job.file_format,
        source=job.reader,
        new_types=types,
        escape_formulas=job.config.escape_formulas,
    ) as opened:
        writer = RedactingWriter(opened) if job.config.redact else opened
        for window in results:
            writer.write(
                [*(result.review.cells[place] for place in kept), *(cell(result) for cell in cells)]
                for result in window
            )
    return writer.notes()

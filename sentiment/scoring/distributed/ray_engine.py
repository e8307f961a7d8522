"""The predict verb on several workers: what all parts share is settled first, then each is scored."""

import time
from functools import partial

from sentiment.config import PredictConfig
from sentiment.scoring.distributed.parts import PART_ROWS, open_inputs, plan_parts
from sentiment.scoring.distributed.planning import (
    check_settings,
    resolve_folder,
    resolve_job,
    settle,
)
from sentiment.scoring.distributed.ray_workers import connect_to_cluster, import_ray, run_on_workers
from sentiment.scoring.distributed.worker import PartScorer, Surveyor, hash_models
from sentiment.scoring.loading import open_models
from sentiment.scoring.predict import begin_summary


def predict_with_ray(config: PredictConfig) -> None:
    """Score Parquet files into a folder of Parquet files, on a Ray cluster or on the cores of this machine.

    Raises:
        SentimentError: Then the folder has no mark of completion.
    """
    check_settings(config)
    folder = resolve_folder(config.output)
    import_ray()
    models = open_models(config.model, config.model_for, config.target_accuracy, config.threshold)
    hashes = hash_models(models)
    files = open_inputs(config.inputs)
    job = resolve_job(config, files, models.scheme)
    parts = plan_parts(files, config.part_rows or PART_ROWS)
    with connect_to_cluster():
        surveyed = parts if job.roles.rating else parts[:1]
        survey = partial(Surveyor, config, files, job.roles, hashes)
        found = dict(run_on_workers(config, survey, surveyed))
        job = settle(job, [found[part] for part in surveyed])
        summary = begin_summary(job, models, found[parts[0]].runs_on)
        folder.create()
        start = time.perf_counter()
        for _, counts in run_on_workers(config, partial(PartScorer, job, files, folder, hashes), parts):
            summary.merge(counts)
        summary.seconds = time.perf_counter() - start
    folder.finish([part.file_name for part in parts])
    summary.notes += job.reader.receipt.notes
    if config.redact:
        summary.notes.append("Personal data was masked part by part; how much is not added up.")
    job.say(summary.as_text())

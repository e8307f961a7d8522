"""What a worker does with a part of the rows; no engine is known here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sentiment.config import PredictConfig
from sentiment.errors import IncompatibleModelError
from sentiment.scoring.distributed.output_folder import OutputFolder
from sentiment.scoring.distributed.parts import ParquetRows, Part, read_as_one
from sentiment.scoring.job import Job
from sentiment.scoring.loading import Models, open_models
from sentiment.scoring.predict import SAMPLE_ROWS, begin_summary, write_results
from sentiment.scoring.results import ModelPredictor, Result, iter_results
from sentiment.scoring.summary import Summary
from sentiment.tables import Reader, Roles, ScalesFinder, find_scales, iter_reviews

Hashes = Mapping[str, Mapping[str, str]]
"""Language of a model (or `default`) to the hashes of its files."""


@dataclass(frozen=True)
class Survey:
    """What has to be known of a part before any is scored.

    Attributes:
        ratings: Its ratings.
        runs_on: Backend, device and so on, each with its reason, settled by a trial with this part; of the
            first part only.
    """

    ratings: ScalesFinder
    runs_on: Mapping[str, str]


class Surveyor:
    """Look at parts.

    Args:
        config: As asked.
        files: The inputs.
        roles: Their columns.
        hashes: Of the models that the driver opened.
    """

    def __init__(
        self, config: PredictConfig, files: Sequence[ParquetRows], roles: Roles, hashes: Hashes
    ) -> None:
        self._config = config
        self._files = files
        self._roles = roles
        self._hashes = hashes

    def __call__(self, part: Part) -> Survey:
        """Pass over a part."""
        reader = read_as_one(self._files, part)
        return Survey(find_scales(reader, self._roles), {} if part.number else self._find_backend(reader))

    def _find_backend(self, reader: Reader) -> Mapping[str, str]:
        reviews = list(islice(iter_reviews(reader, self._roles), SAMPLE_ROWS))
        models = open_same_models(self._config, self._hashes)
        scorer = models.build_scorer(
            self._config, detect_language=False, sample=lambda: [review.text for review in reviews]
        )
        return scorer.runs_on


class PartScorer:
    """Score parts with models that are loaded once, and write each one.

    Args:
        job: What is asked; its reader and output are those of the whole run.
        files: The inputs.
        folder: Where the parts go.
        hashes: Of the models that the driver opened.

    Raises:
        ModelError: The models are not here, or are others.
    """

    def __init__(self, job: Job, files: Sequence[ParquetRows], folder: OutputFolder, hashes: Hashes) -> None:
        self._job = job
        self._files = files
        self._folder = folder
        self._models = open_same_models(job.config, hashes)
        self._scorer = self._models.build_scorer(
            job.config, detect_language=job.config.detect_language, explain_by=job.config.explainer
        )

    def __call__(self, part: Part) -> Summary:
        """Score a part and write it; a second time, the same rows take the place of the first."""
        job = replace(self._job, reader=read_as_one(self._files, part))
        summary = begin_summary(job, self._models, self._scorer.runs_on)
        predictor = ModelPredictor(self._scorer, include_withheld=job.config.include_withheld)
        results = iter_results(iter_reviews(job.reader, job.roles), predictor, job.scales)

        def write(path: str) -> None:
            write_results(replace(job, output=path), _counted(results, summary))

        self._folder.put(part.file_name, write)
        return summary


def _counted(results: Iterable[list[Result]], summary: Summary) -> Iterator[list[Result]]:
    for window in results:
        yield window
        summary.add(window)


def open_same_models(config: PredictConfig, hashes: Hashes) -> Models:
    """Open the models of a job on a worker's machine.

    Raises:
        ModelError: They are not here, or are others than the driver's.
    """
    models = open_models(config.model, config.model_for, config.target_accuracy, config.threshold)
    if hash_models(models) != hashes:
        raise IncompatibleModelError(
            f"{models.names}: a worker has another model or threshold of this name.",
            "Its hashes differ from those where the command was given.",
            "Put the same model in the same place on all machines.",
        )
    return models


def hash_models(models: Models) -> Hashes:
    """Give the hashes of the files of models, and their thresholds."""
    return {
        name: {**directory.manifest.files, "threshold": str(models.thresholds[name].value)}
        for name, directory in models.directories.items()
    }

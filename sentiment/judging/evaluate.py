"""The evaluate verb: what a model gets right, file by file, beside simpler scorers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from sentiment.config import EvaluateConfig, TrainConfig, load_settings
from sentiment.corpus.labelling import shown_labels
from sentiment.errors import ConfigError
from sentiment.judging.baselines import TextBlobScorer, TfidfScorer, VaderScorer
from sentiment.judging.figures_table import render_table
from sentiment.judging.file_figures import Figures, find_worst, mean_summary, measure_scorer, summarise
from sentiment.judging.labelled_files import LabelledFile, load_labelled_files
from sentiment.judging.results import describe_command, opened_results, print_table, save_results, say
from sentiment.labels import SENTIMENT_OF_STARS
from sentiment.model import ModelDirectory, open_model
from sentiment.model.card import check_card_is_writable, save_evaluation
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.scorer import Scorer
from sentiment.training.data import load_training_data


def evaluate(config: EvaluateConfig) -> None:
    """Measure a model, and the baselines, on labelled files; prints a table, writes JSON and card on demand.

    What can be refused is refused before anything is scored. Every scorer is measured on the same reviews.

    Raises:
        SentimentError: As documented in `sentiment.errors`.
    """
    directory = open_model(config.model)
    _check_baselines(config, directory)
    if config.update_card:
        check_card_is_writable(directory)
    with opened_results(config.output) as output:
        files = load_labelled_files(config, directory.manifest.scheme)
        model = build_scorer(directory, config)
        say(config, f"{directory.name} runs on {model.runs_on['device']} in {model.runs_on['precision']}.")
        scorers = {directory.name: model, **_build_baselines(config)}
        measured = _measure(files, scorers, directory, config)
        figures = {
            "command": describe_command("evaluate", config, positional=("data",)),
            "date": datetime.now(UTC).date().isoformat(),
            "runs_on": model.runs_on,
            "model": directory.name,
            "split": config.split,
            "files": measured,
            **_over_files(measured, scorers, directory.name),
        }
        if output:
            save_results(output, figures)
    if config.update_card:
        save_evaluation(directory, _card_figures(figures))
    print_table(render_table(figures), config.output)


def _check_baselines(config: EvaluateConfig, directory: ModelDirectory) -> None:
    scheme = directory.manifest.scheme
    if not config.baselines:
        if config.baseline_config is not None:
            raise ConfigError(
                "--baseline-config says what a baseline learns from, and no baselines are asked for.",
                remedy="Add --baselines, or leave out --baseline-config.",
            )
        return
    if not scheme.has_sentiment:
        raise ConfigError(
            "--baselines: the baselines know sentiments only.",
            f"{directory.name} predicts {shown_labels(scheme.labels)}.",
            "Leave out --baselines.",
        )
    if config.baseline_config is None:
        raise ConfigError(
            "--baselines needs the mixture that TF-IDF learns from.",
            remedy="Name a training config with --baseline-config configs/reviews-en.toml.",
        )
    if directory.name in BASELINES:
        raise ConfigError(
            f"--baselines: the model is called {directory.name}, as one of the baselines is.",
            f"Baselines: {', '.join(BASELINES)}.",
            "Give the model another name with: python -m sentiment export MODEL DIRECTORY --name NAME.",
        )


def _build_baselines(config: EvaluateConfig) -> dict[str, Scorer]:
    return {name: build(config) for name, build in BASELINES.items()} if config.baselines else {}


def _fit_tfidf(config: EvaluateConfig) -> TfidfScorer:
    settings = load_settings(TrainConfig, {"output_dir": "unused"}, config.baseline_config)
    mixture = load_training_data(settings).splits["train"]
    say(config, f"TF-IDF logistic regression learns from {len(mixture):,} training rows ...")
    return TfidfScorer.fit(mixture.texts, [SENTIMENT_OF_STARS.get(label, label) for label in mixture.labels])


BASELINES: Final[Mapping[str, Callable[[EvaluateConfig], Scorer]]] = {
    "VADER": lambda _: VaderScorer(),
    "TextBlob": lambda _: TextBlobScorer(),
    "TF-IDF": _fit_tfidf,
}
"""Name in the figures to how the baseline is built."""


def _measure(
    files: Mapping[str, LabelledFile],
    scorers: Mapping[str, Scorer],
    directory: ModelDirectory,
    config: EvaluateConfig,
) -> dict[str, Figures]:
    measured: dict[str, Figures] = {}
    for name, file in files.items():
        say(config, f"{file.path}: {len(file.reviews):,} reviews ...")
        by_scorer = {}
        for scorer_name, scorer in scorers.items():
            threshold = directory.manifest.review_threshold if scorer_name == directory.name else None
            by_scorer[scorer_name] = measure_scorer(
                scorer, file.reviews, threshold, config.bootstrap_resamples
            )
        measured[name] = {"path": file.path, "left_out": dict(file.left_out), "scorers": by_scorer}
    return measured


def _over_files(measured: Mapping[str, Figures], scorers: Iterable[str], model: str) -> Figures:
    lines = {
        scorer: {name: summarise(file["scorers"][scorer]) for name, file in measured.items()}
        for scorer in scorers
    }
    return {
        "mean": {scorer: mean_summary(by_file.values()) for scorer, by_file in lines.items()},
        "worst": find_worst(lines[model]),
    }


def _card_figures(figures: Figures) -> Figures:
    """Give what `save_evaluation` keeps: one line of figures a file, those of the model alone."""
    lines = {}
    for name, file in figures["files"].items():
        values = file["scorers"][figures["model"]]
        lines[name] = {"reviews": values["reviews"], "left_out": file["left_out"], **summarise(values)}
    return {**figures, "files": lines}

"""The evaluate verb: what a model gets right, file by file, beside simpler scorers."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sentiment.config import EvaluateConfig, TrainConfig, load_settings
from sentiment.corpus.labelling import shown_labels
from sentiment.errors import ConfigError
from sentiment.judging.baselines import TextBlobScorer, TfidfScorer, VaderScorer
from sentiment.judging.figures_table import render_table
from sentiment.judging.file_figures import (
    Figures,
    ScoredReviews,
    find_miscalibrated,
    find_worst,
    mean_summary,
    measure_scored,
    score_reviews,
    summarise,
)
from sentiment.judging.kept_scores import write_kept_scores
from sentiment.judging.labelled_files import LabelledFile, load_labelled_files
from sentiment.judging.own_file import describe_own_file, judge_own_file
from sentiment.judging.pooled import (
    describe_domains,
    describe_pooled,
    draw_pooled,
    measure_domains,
    measure_pooled,
    pool,
    read_domains,
)
from sentiment.judging.predictions import opened_predictions, write_predictions
from sentiment.judging.refitting import describe_refit, refit, resolve_target, save_refit
from sentiment.judging.results import (
    check_outputs,
    describe_command,
    opened_results,
    print_table,
    save_results,
    tell_replaced,
)
from sentiment.labels import SENTIMENT_OF_STARS
from sentiment.measuring.metrics import chance_calibration_error
from sentiment.model import ModelDirectory, open_model
from sentiment.model.card import check_card_is_writable, save_evaluation
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.review_scorer import ReviewScorer
from sentiment.scoring.scorer import Scorer
from sentiment.tables.telling import say
from sentiment.tables.wording import count
from sentiment.training.data import load_training_data


def evaluate(config: EvaluateConfig) -> None:
    """Measure a model, and the baselines, on labelled files; prints a table, writes JSON and card on demand.

    What can be refused is refused before anything is scored. Every scorer is measured on the same reviews.
    On a file that names no splits, a user's own, it is said in words what that means, and a threshold is
    fitted anew.

    Raises:
        SentimentError: As documented in `sentiment.errors`.
    """
    directory = open_model(config.model)
    _check_baselines(config, directory)
    if config.update_card:
        check_card_is_writable(directory)
    check_outputs(
        {
            "-o": config.output,
            "--predictions": config.predictions,
            "--held-out": config.held_out,
            "--save-threshold": config.save_threshold,
        },
        config.data,
    )
    target = resolve_target(config, directory)
    domains = read_domains(config.domain, config.data)
    manifest = directory.manifest
    with (
        opened_results(config.output) as output,
        opened_predictions(config.predictions, manifest.scheme) as writer,
    ):
        files = load_labelled_files(config, manifest.scheme, manifest.languages)
        model = build_scorer(directory, config)
        say(config, f"{directory.name} runs on {model.runs_on['device']} in {model.runs_on['precision']}.")
        scorers = {directory.name: model, **_build_baselines(config)}
        measured, scored = _measure(files, scorers, directory, config)
        pooled = pool(scored.values())
        figures = {
            **_describe_run(config, directory, model),
            "files": measured,
            "pooled": measure_pooled(pooled, config.bootstrap_resamples),
            "domains": measure_domains(
                domains, {name: scored[file.path] for name, file in files.items()}, config.bootstrap_resamples
            ),
            **_over_files(measured, scorers, directory.name),
            "refit": None,
        }
        if target and _is_refit(config, files):
            figures["refit"] = refit([*scored.values()], target, manifest.review_threshold)
        if writer:
            write_predictions(writer, scored, manifest.review_threshold)
        if output:
            save_results(output, figures)
    if config.held_out:
        write_kept_scores(scored, config.held_out, figures["command"])
    if config.update_card:
        picture = draw_pooled(pooled, directory.path, config.split)
        former = save_evaluation(directory, {**_card_figures(figures), "reliability": picture})
        what = f"figures of the {config.split} split"
        tell_replaced(config, directory.name, what, former, _describe_extent(former) if former else "")
    print_table("\n\n".join([render_table(figures), *_describe(figures)]), config.output)
    if config.save_threshold:
        save_refit(figures["refit"], directory, [*scored], config.save_threshold)
        say(config, f"Saved: {config.save_threshold}. python predict.py FILE --threshold takes it.")


def _describe_run(config: EvaluateConfig, directory: ModelDirectory, model: ReviewScorer) -> Figures:
    """Say where figures come from."""
    return {
        "command": describe_command("evaluate", config, positional=("data",)),
        "date": datetime.now(UTC).date().isoformat(),
        "runs_on": model.runs_on,
        "model": directory.name,
        "split": config.split,
    }


def _is_refit(config: EvaluateConfig, files: Mapping[str, LabelledFile]) -> bool:
    """Whether a threshold is fitted on these files: where asked to, or where all of them are a user's own."""
    return bool(config.target_accuracy or config.save_threshold) or all(
        file.is_own for file in files.values()
    )


def _describe(figures: Figures) -> list[str]:
    """Put into words what all files say together, and own files, a paragraph each, and a refit threshold."""
    together = [describe_pooled(figures["pooled"])] if len(figures["files"]) > 1 else []
    if figures["domains"]:
        together.append(describe_domains(figures["domains"]))
    own = [describe_own_file(file["path"], file["own"]) for file in figures["files"].values() if file["own"]]
    return together + own + ([describe_refit(figures["refit"])] if figures["refit"] else [])


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
) -> tuple[dict[str, Figures], dict[str, ScoredReviews]]:
    """Give the figures by name of a file, and what the model says of its reviews by path."""
    measured: dict[str, Figures] = {}
    by_model: dict[str, ScoredReviews] = {}
    for name, file in files.items():
        say(config, f"{file.path}: {count(len(file.reviews), 'review')} ...")
        by_scorer = {}
        for scorer_name, scorer in scorers.items():
            threshold = directory.manifest.review_threshold if scorer_name == directory.name else None
            scored = score_reviews(scorer, file.reviews)
            by_scorer[scorer_name] = measure_scored(scored, threshold, config.bootstrap_resamples)
            if scorer_name == directory.name:
                by_model[file.path] = scored
        of_model = by_model[file.path]
        _, name_probabilities, _ = of_model.named
        measured[name] = {
            "path": file.path,
            "left_out": dict(file.left_out),
            "own": judge_own_file(file, of_model, directory.manifest) if file.is_own else None,
            "calibration_error_by_chance": chance_calibration_error(name_probabilities),
            "scorers": by_scorer,
        }
    return measured, by_model


def _over_files(measured: Mapping[str, Figures], scorers: Iterable[str], model: str) -> Figures:
    lines = {
        scorer: {name: summarise(file["scorers"][scorer]) for name, file in measured.items()}
        for scorer in scorers
    }
    return {
        "mean": {scorer: mean_summary(by_file.values()) for scorer, by_file in lines.items()},
        "worst": find_worst(lines[model]),
        "miscalibrated": find_miscalibrated(
            lines[model], {name: file["calibration_error_by_chance"] for name, file in measured.items()}
        ),
    }


def _describe_extent(former: Mapping[str, Any]) -> str:
    reviews = sum(line["reviews"] for line in former["files"].values())
    return f" ({count(reviews, 'review')} in {count(len(former['files']), 'file')})"


def _card_figures(figures: Figures) -> Figures:
    """Give what `save_evaluation` keeps: one line of figures a file, those of the model alone."""
    lines = {}
    for name, file in figures["files"].items():
        values = file["scorers"][figures["model"]]
        lines[name] = {
            "reviews": values["reviews"],
            "left_out": file["left_out"],
            "calibration_error_by_chance": file["calibration_error_by_chance"],
            **summarise(values),
        }
    return {name: value for name, value in figures.items() if name != "refit"} | {"files": lines}

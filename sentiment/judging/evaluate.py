"""The evaluate verb: what a model gets right, one line a file, beside the baselines."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment.config import EvaluateConfig, TrainConfig, load_settings
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.loading import LabelledColumns
from sentiment.errors import ConfigError, EmptyDatasetError, LabelError, OutputError
from sentiment.judging.baselines import TextBlobScorer, TfidfScorer, VaderScorer
from sentiment.judging.figures_table import render_table
from sentiment.labels import SENTIMENTS, STARS, LabelScheme, build_scheme
from sentiment.measuring import measure_reviews
from sentiment.model import ModelDirectory, open_model
from sentiment.model.card import save_evaluation
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.scorer import Scorer
from sentiment.tables import printable
from sentiment.training.data import allowed_classes, first_by_content, given_stars, load_training_data

Figures = dict[str, Any]


def evaluate(config: EvaluateConfig) -> None:
    """Measure a model (and the baselines) on labelled files; prints a table, writes JSON where asked.

    Raises:
        SentimentError: As documented in `sentiment.errors`.
    """
    directory = open_model(config.model)
    scorers: dict[str, Scorer] = {
        directory.name: build_scorer(directory, config.device, config.precision, config.batch_tokens)
    }
    if config.baselines:
        scorers |= _build_baselines(config)
    files: dict[str, dict[str, Figures]] = {}
    for path in config.data:
        reviews = load_split(path, config)
        if not len(reviews):
            _say(config, f"{path}: no rows in split {config.split}; left out.")
            continue
        _say(config, f"{path}: {len(reviews):,} reviews ...")
        files[Path(path).stem] = {name: measure_scorer(scorer, reviews, directory) for name, scorer in scorers.items()}
    if not files:
        raise EmptyDatasetError("No labelled review in any file.", f"The split asked for is {config.split}.", "Choose with --split.")
    figures = {
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "model": directory.name,
        "split": config.split,
        "files": files,
        "mean": {name: mean_figures(by_name[name] for by_name in files.values()) for name in scorers},
    }
    print(render_table(figures))
    if config.output:
        _write_json(figures, Path(config.output))
    if config.update_card:
        save_evaluation(directory, figures)


def load_split(path: str, config: EvaluateConfig) -> LabelledReviews:
    """Load the rows of one file that belong to the split asked for; all of them where it names no splits."""
    columns = LabelledColumns(config.text_column, config.title_column, config.label_column)
    reviews = load_files([path], columns)
    if config.split != "all" and any(reviews.splits):
        reviews = reviews.select(i for i, split in enumerate(reviews.splits) if split == config.split)
    if config.rows_per_file is not None:
        reviews = first_by_content(reviews, config.rows_per_file)
    return reviews


def measure_scorer(scorer: Scorer, reviews: LabelledReviews, directory: ModelDirectory) -> Figures:
    """Measure one scorer on labelled reviews; labels that its scheme leaves out are counted, not measured.

    Raises:
        LabelError: No label of the file is known to the scheme.
    """
    scheme = build_scheme(scorer.labels)
    usable = [i for i, label in enumerate(reviews.labels) if scheme.allowed_classes(label)]
    if not usable:
        raise LabelError(
            f"None of the labels is known to the {scheme.name} scheme.",
            f"Found: {', '.join(sorted(set(reviews.labels))[:10])}. Known: {', '.join(scheme.labels)}.",
            "Look at --label-column.",
        )
    kept = reviews.select(usable)
    probabilities = scorer.score(kept.texts)
    allowed = allowed_classes(kept, scheme)
    figures = measure_reviews(probabilities, allowed, scheme, given_stars(kept))
    figures["left_out"] = len(reviews) - len(kept)
    figures["answered"] = _measure_answered(probabilities, allowed, scheme, directory.manifest.review_threshold)
    return figures


def _measure_answered(
    probabilities: NDArray[np.float32], allowed: NDArray[np.bool_], scheme: LabelScheme, threshold: float
) -> Figures:
    """Measure the predictions that need no person: their share, and how many of them are right."""
    if scheme.name == STARS.name:
        probabilities = scheme.sentiment_probabilities(probabilities)
        allowed = scheme.sentiment_probabilities(allowed.astype(np.float32)) > 0
    answered = probabilities.max(axis=1) >= threshold
    right = allowed[np.arange(len(allowed)), probabilities.argmax(axis=1)]
    return {
        "coverage": float(answered.mean()),
        "accuracy": float(right[answered].mean()) if answered.any() else None,
    }


MEAN_OF: Mapping[str, tuple[str, str]] = {
    "accuracy": ("polarity", "accuracy"),
    "balanced_accuracy": ("polarity", "balanced_accuracy"),
    "auc": ("polarity", "auc"),
    "macro_f1": ("classes", "macro_f1"),
    "calibration_error": ("classes", "calibration_error"),
    "stars_exact": ("stars", "exact"),
    "stars_within_one": ("stars", "within_one"),
    "answered": ("answered", "coverage"),
    "answered_accuracy": ("answered", "accuracy"),
}
"""Columns of the table: where each figure stands in the figures of a file."""


def mean_figures(files: Iterable[Figures]) -> dict[str, float | None]:
    """Average each figure over the files that have it, every file counting the same."""
    rows = list(files)
    means: dict[str, float | None] = {}
    for name, (group, key) in MEAN_OF.items():
        values = [row[group][key] for row in rows if group in row and row[group][key] is not None]
        means[name] = float(np.mean(values)) if values else None
    return means


def _build_baselines(config: EvaluateConfig) -> dict[str, Scorer]:
    scorers: dict[str, Scorer] = {"VADER": VaderScorer(), "TextBlob": TextBlobScorer()}
    if config.baseline_config is None:
        raise ConfigError(
            "--baselines needs the mixture that TF-IDF learns from.",
            remedy="Name a training config with --baseline-config configs/reviews-en.toml.",
        )
    overrides = {"output_dir": "unused"}
    mixture = load_training_data(load_settings(TrainConfig, overrides, config.baseline_config)).splits["train"]
    texts, sentiments = _as_sentiments(mixture)
    _say(config, f"TF-IDF logistic regression learns from {len(texts):,} training rows ...")
    return scorers | {"TF-IDF": TfidfScorer.fit(texts, sentiments)}


def _as_sentiments(reviews: LabelledReviews) -> tuple[list[str], list[str]]:
    stars = dict(zip(STARS.labels, STARS.sentiments, strict=True))
    pairs = [(text, stars.get(label, label)) for text, label in zip(reviews.texts, reviews.labels, strict=True)]
    known = [(text, label) for text, label in pairs if label in SENTIMENTS]
    return [text for text, _ in known], [label for _, label in known]


def _write_json(figures: Mapping[str, Any], path: Path) -> None:
    try:
        path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written.", f"({error.strerror})", "Choose another place with -o.") from error


def _say(config: EvaluateConfig, text: str) -> None:
    if not config.quiet:
        print(printable(text), file=sys.stderr)

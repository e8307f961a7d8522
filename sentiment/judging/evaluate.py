"""The evaluate verb: what a model gets right, file by file, beside simpler scorers."""

import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sentiment.config import EvaluateConfig, TrainConfig, flag_name, load_settings
from sentiment.corpus import LabelledReviews, load_files
from sentiment.corpus.labelling import shown_labels
from sentiment.corpus.loading import LabelledColumns
from sentiment.errors import ConfigError, EmptyDatasetError, LabelError
from sentiment.judging.baselines import TextBlobScorer, TfidfScorer, VaderScorer
from sentiment.judging.figures_table import render_table
from sentiment.judging.file_figures import Figures, find_worst, mean_summary, measure_scorer, summarise
from sentiment.labels import SENTIMENT_OF_STARS, LabelScheme
from sentiment.model import ModelDirectory, open_model
from sentiment.model.card import check_card_is_writable, save_evaluation
from sentiment.scoring.loading import build_scorer
from sentiment.scoring.scorer import Scorer
from sentiment.tables import printable
from sentiment.tables.outputs import Output, open_output
from sentiment.training.data import first_by_content, load_training_data


@dataclass(frozen=True)
class LabelledFile:
    """The reviews of one file that a model is measured on.

    Attributes:
        path: As the user gave it.
        reviews: Those whose label allows a class of the model's scheme.
        left_out: How many reviews have which other label.
    """

    path: str
    reviews: LabelledReviews
    left_out: Mapping[str, int]


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
    with _opened(config.output) as output:
        files = load_labelled_files(config, directory.manifest.scheme)
        model = build_scorer(directory, config.device, config.precision, config.batch_tokens)
        _say(config, f"{directory.name} runs on {model.runs_on['device']} in {model.runs_on['precision']}.")
        scorers = {directory.name: model} | (_build_baselines(config) if config.baselines else {})
        measured = _measure(files, scorers, directory, config)
        figures = {
            "command": describe_command(config),
            "date": datetime.now(UTC).date().isoformat(),
            "runs_on": model.runs_on,
            "model": directory.name,
            "split": config.split,
            "files": measured,
            **_over_files(measured, scorers, directory.name),
        }
        if output:
            output.file.write(_as_json(figures))
            output.commit()
    if config.update_card:
        save_evaluation(directory, _card_figures(figures))
    print(render_table(figures), file=sys.stderr if config.output == "-" else sys.stdout)


def load_labelled_files(config: EvaluateConfig, scheme: LabelScheme) -> dict[str, LabelledFile]:
    """Load the reviews to measure on, by a name for each file: its stem, or its path where stems clash.

    Rows of the split asked for are taken, every row of a file that names no splits.

    Raises:
        DataError: A file cannot be read, none of its labels is known, or no file has a row of the split.
    """
    paths = list(dict.fromkeys(config.data))
    stems = Counter(Path(path).stem for path in paths)
    files = {}
    for path in paths:
        reviews = _load_split(path, scheme, config)
        if len(reviews):
            stem = Path(path).stem
            files[stem if stems[stem] == 1 else path] = _leave_out(path, reviews, scheme, config)
    if not files:
        raise EmptyDatasetError(
            f"No labelled review in the {config.split} split of any file.",
            f"Files: {', '.join(paths)}.",
            "Choose another with --split; all takes every row.",
        )
    return files


def _load_split(path: str, scheme: LabelScheme, config: EvaluateConfig) -> LabelledReviews:
    columns = LabelledColumns(
        config.text_column, config.title_column, config.label_column, as_names=not scheme.has_sentiment
    )
    reviews = load_files([path], columns)
    spelling = {label.casefold(): label for label in scheme.labels}
    reviews.labels = [spelling.get(label.casefold(), label) for label in reviews.labels]
    for note in reviews.notes:
        _say(config, note)
    if config.split != "all":
        if any(reviews.splits):
            reviews = reviews.select(i for i, split in enumerate(reviews.splits) if split == config.split)
        else:
            _say(config, f"{path}: names no splits; every row is measured.")
    if not len(reviews):
        _say(config, f"{path}: no rows in the {config.split} split; left out.")
    if config.rows_per_file is not None:
        reviews = first_by_content(reviews, config.rows_per_file)
    return reviews


def _leave_out(
    path: str, reviews: LabelledReviews, scheme: LabelScheme, config: EvaluateConfig
) -> LabelledFile:
    known = {label for label in set(reviews.labels) if scheme.allowed_classes(label)}
    left_out = Counter(label for label in reviews.labels if label not in known)
    if not known:
        raise LabelError(
            f"{path}: none of its labels is known to the {scheme.name} scheme.",
            f"Found: {shown_labels(sorted(left_out))}. Known: {shown_labels(scheme.labels)}.",
            "Look at --label-column.",
        )
    if left_out:
        counts = shown_labels([f"{label} {rows:,}" for label, rows in left_out.most_common()])
        _say(config, f"{path}: rows with labels that the {scheme.name} scheme leaves out: {counts}.")
        reviews = reviews.select(i for i, label in enumerate(reviews.labels) if label in known)
    return LabelledFile(path, reviews, dict(left_out))


def _check_baselines(config: EvaluateConfig, directory: ModelDirectory) -> None:
    scheme = directory.manifest.scheme
    if config.baselines and not scheme.has_sentiment:
        raise ConfigError(
            "--baselines: the baselines know sentiments only.",
            f"{directory.name} predicts {shown_labels(scheme.labels)}.",
            "Leave out --baselines.",
        )
    if config.baselines and config.baseline_config is None:
        raise ConfigError(
            "--baselines needs the mixture that TF-IDF learns from.",
            remedy="Name a training config with --baseline-config configs/reviews-en.toml.",
        )


def _build_baselines(config: EvaluateConfig) -> dict[str, Scorer]:
    return {"VADER": VaderScorer(), "TextBlob": TextBlobScorer(), "TF-IDF": _fit_tfidf(config)}


def _fit_tfidf(config: EvaluateConfig) -> TfidfScorer:
    settings = load_settings(TrainConfig, {"output_dir": "unused"}, config.baseline_config)
    mixture = load_training_data(settings).splits["train"]
    _say(config, f"TF-IDF logistic regression learns from {len(mixture):,} training rows ...")
    return TfidfScorer.fit(mixture.texts, [SENTIMENT_OF_STARS.get(label, label) for label in mixture.labels])


def _measure(
    files: Mapping[str, LabelledFile],
    scorers: Mapping[str, Scorer],
    directory: ModelDirectory,
    config: EvaluateConfig,
) -> dict[str, Figures]:
    measured: dict[str, Figures] = {}
    for name, file in files.items():
        _say(config, f"{file.path}: {len(file.reviews):,} reviews ...")
        by_scorer = {}
        for scorer_name, scorer in scorers.items():
            threshold = directory.manifest.review_threshold if scorer_name == directory.name else None
            by_scorer[scorer_name] = measure_scorer(scorer, file.reviews, threshold)
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


def describe_command(config: EvaluateConfig) -> str:
    """Spell the command line that gives these settings, those that have their default left out."""
    words = ["python", "-m", "sentiment", "evaluate", *config.data]
    for name, field in EvaluateConfig.model_fields.items():
        value = getattr(config, name)
        if name == "data" or value == field.default:
            continue
        for one in value if isinstance(value, tuple) else [value]:
            words += [flag_name(name)] if one is True else [flag_name(name), str(one)]
    return shlex.join(words)


def _as_json(figures: Figures) -> bytes:
    text = json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False)
    # A lone surrogate (a file name that is not UTF-8, say) becomes the escape that JSON has for it.
    return text.encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def _opened(target: str | None) -> Iterator[Output | None]:
    output = None if target is None else open_output(target)
    try:
        yield output
    finally:
        if output:
            output.discard()


def _say(config: EvaluateConfig, text: str) -> None:
    if not config.quiet:
        print(printable(text), file=sys.stderr)

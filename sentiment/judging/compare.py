"""The compare verb: whether one of two models is better, and how far that can be trusted."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from sentiment.config import CompareConfig
from sentiment.corpus.labelling import shown_labels
from sentiment.errors import ConfigError
from sentiment.judging.comparison_table import judge_pair, render_comparison, title_models
from sentiment.judging.file_figures import Figures
from sentiment.judging.labelled_files import LabelledFile, load_labelled_files
from sentiment.judging.paired_figures import (
    PairedReviews,
    adjust_tests,
    find_common_scheme,
    measure_pair,
    pool,
    read_in_scheme,
)
from sentiment.judging.results import (
    check_outputs,
    describe_command,
    opened_results,
    print_table,
    save_results,
)
from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.model import ModelDirectory, open_model
from sentiment.scoring.loading import build_scorer
from sentiment.tables.telling import say
from sentiment.tables.wording import count
from sentiment.training.data import allowed_classes, given_stars


def compare(config: CompareConfig) -> None:
    """Measure two models on the same labelled reviews; prints a table and verdicts, writes JSON on demand.

    What can be refused is refused before anything is scored.

    Raises:
        ConfigError: The models have no labels in common.
        SentimentError: As documented in `sentiment.errors`.
    """
    directories = {"A": open_model(config.model), "B": open_model(config.other)}
    scheme = _resolve_scheme(directories, config)
    check_outputs({"-o": config.output}, config.data)
    with opened_results(config.output) as output:
        files = load_labelled_files(config, scheme)
        scores, runs_on = {}, {}
        for side, directory in directories.items():
            scores[side], runs_on[side] = _score(side, directory, files, scheme, config)
        pairs = {
            name: PairedReviews(
                scheme,
                scores["A"][name],
                scores["B"][name],
                allowed_classes(file.reviews, scheme),
                given_stars(file.reviews),
            )
            for name, file in files.items()
        }
        models = {
            side: {
                "name": directory.name,
                "path": path,
                "scheme": directory.manifest.scheme.name,
                "runs_on": runs_on[side],
            }
            for (side, directory), path in zip(directories.items(), (config.model, config.other), strict=True)
        }
        figures = {
            "command": describe_command("compare", config, positional=("model", "other", "data")),
            "date": datetime.now(UTC).date().isoformat(),
            "models": models,
            "scheme": scheme.name,
            "classes": list(SENTIMENTS if scheme.name == "stars" else scheme.labels),
            "split": config.split,
            **_measure(files, pairs, title_models(models), config),
        }
        if output:
            save_results(output, figures)
    print_table(render_comparison(figures), config.output)


def _resolve_scheme(directories: Mapping[str, ModelDirectory], config: CompareConfig) -> LabelScheme:
    schemes = {side: directory.manifest.scheme for side, directory in directories.items()}
    common = find_common_scheme(schemes["A"], schemes["B"])
    predicted = "; ".join(
        f"{side} ({directories[side].name}) predicts {shown_labels(scheme.labels)}"
        for side, scheme in schemes.items()
    )
    if common is None:
        raise ConfigError(
            "The two models have no labels in common.", f"{predicted}.", "Compare models of the same labels."
        )
    if schemes["A"].labels != schemes["B"].labels:
        say(config, f"Both are read as {shown_labels(common.labels)} ({predicted}).")
    return common


def _score(
    side: str,
    directory: ModelDirectory,
    files: Mapping[str, LabelledFile],
    scheme: LabelScheme,
    config: CompareConfig,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """Give a model's probabilities by file, read in the common scheme, and what it ran on."""
    scorer = build_scorer(directory, config)
    where = f"{scorer.runs_on['device']} in {scorer.runs_on['precision']}"
    say(config, f"{side}: {directory.name} runs on {where}.")
    scores = {}
    for name, file in files.items():
        say(config, f"{side}: {file.path}: {count(len(file.reviews), 'review')} ...")
        scores[name] = read_in_scheme(scorer.score(file.reviews.texts), directory.manifest.scheme, scheme)
    return scores, scorer.runs_on


def _measure(
    files: Mapping[str, LabelledFile],
    pairs: Mapping[str, PairedReviews],
    titles: Mapping[str, str],
    config: CompareConfig,
) -> Figures:
    say(config, f"{config.bootstrap_resamples:,} resamples ...")
    measured = {name: measure_pair(pair, config.bootstrap_resamples) for name, pair in pairs.items()}
    adjust_tests(measured.values())
    pooled = None
    if len(pairs) > 1:
        pooled = measure_pair(pool(list(pairs.values())), config.bootstrap_resamples)
        adjust_tests([pooled])
    for result in [*measured.values(), *([pooled] if pooled else [])]:
        result["verdict"] = judge_pair(result, titles)
    described = {
        name: {"path": files[name].path, "left_out": dict(files[name].left_out), **result}
        for name, result in measured.items()
    }
    return {"files": described, "pooled": pooled}

"""The end of a run: the best weights calibrated, measured, and written as a model directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from accelerate.utils import DistributedType
from numpy.typing import NDArray

from sentiment.corpus import LabelledReviews, TokenisedReviews
from sentiment.corpus.languages import find_languages
from sentiment.labels import LabelScheme
from sentiment.measuring import (
    REVIEW_TARGET_ACCURACY,
    Calibration,
    Promise,
    fit_biases,
    fit_promise,
    fit_temperature,
    judge_names,
    measure_reviews,
    measure_with_intervals,
    softmax,
)
from sentiment.model import Manifest, save_model
from sentiment.model.card import save_card
from sentiment.model.heads import find_head, fold_calibration
from sentiment.model.held_out import HELD_OUT_NAME, HeldOutScores, load_held_out, save_held_out
from sentiment.training.building import build_model, describe_encoder, merge_adapters
from sentiment.training.charts import draw_charts
from sentiment.training.compiling import restore_encoder
from sentiment.training.data import TrainingData, given_stars, positions_by_content
from sentiment.training.evaluation import evaluate_logits, read_inputs
from sentiment.training.loop import FineTuning
from sentiment.training.mixing import describe_mix, mix
from sentiment.training.run_directory import METRICS_NAME, MODEL_NAME
from sentiment.training.source_calibration import learn_source_calibration
from sentiment.training.state import load_model_tensors, model_tensors

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

HELD_OUT_ROWS: Final = 20_000
"""Most validation rows whose scores a model keeps: 220 kB, and margins of a promise under half a point."""

SOURCE_ROWS: Final = 50_000
"""Most validation rows that sources are told apart by: the head reads all of them at once."""


@dataclass(frozen=True)
class Measured:
    """What a finished model is worth.

    Attributes:
        calibration: What made its logits honest.
        by_source: Whether the head has also learned what confidence is worth in each source.
        figures: Split to `measure_reviews`, after calibration; with `intervals` where there are resamples.
        probabilities: Split to the calibrated probabilities of its reviews (reviews, labels).
    """

    calibration: Calibration
    by_source: bool
    figures: Mapping[str, Mapping[str, Any]]
    probabilities: Mapping[str, NDArray[np.float32]]


def finish(
    run: Path,
    tuning: FineTuning,
    data: TrainingData,
    tokens: Mapping[str, TokenisedReviews],
    tokenizer: PreTrainedTokenizerBase,
    facts: Mapping[str, Any],
) -> list[str]:
    """Calibrate the best weights on the whole validation split, measure them, write model and metrics.

    Every process predicts, the main one does the rest.

    Returns:
        What to tell the user, a sentence each; the main process alone has something to tell.
    """
    if tuning.best is not None:
        load_model_tensors(tuning.model, tuning.best)
    if tuning.config.mix_share:
        mix(tuning)
    logits = {
        split: evaluate_logits(tuning.model, tokens[split], tuning.pad_id, tuning.accelerator)
        for split in data.measured_splits
    }
    weights = model_tensors(tuning.model)
    if not tuning.accelerator.is_main_process:
        return []
    model = merge_adapters(_whole_model(tuning, weights))
    measured = _calibrate(tuning, model, data, tokens, logits)
    promise = _keep_held_out(run / MODEL_NAME, measured, data, tokens)
    languages = find_languages(data.splits["validation"].texts)
    manifest = _describe(run, tuning, measured, promise, languages, facts)
    save_card(save_model(run / MODEL_NAME, model, tokenizer, manifest), run / MODEL_NAME)
    text = json.dumps(measured.figures, indent=2, ensure_ascii=False)
    (run / METRICS_NAME).write_text(text + "\n", encoding="utf-8", newline="\n")
    if tuning.config.charts:
        allowed = {split: tokens[split].allowed for split in measured.probabilities}
        draw_charts(run, tuning.scheme, measured.probabilities, allowed)
    told = [f"{split}: {describe_figures(figures)}" for split, figures in measured.figures.items()]
    if tuning.config.mix_share:
        told.append(describe_mix(tuning.config))
    if data.leaks.withholds_test:
        told.append(data.leaks.refusal())
    if tuning.config.calibration == "sources":
        told.append(_describe_sources(measured, data))
    temperature = measured.calibration.temperature
    if measured.calibration.is_at_bound:
        told.append(
            f"Calibration has failed: the temperature ran to {temperature:.3g}, the end of its range. "
            "Do not trust the confidence; give more validation rows, or train longer."
        )
    how = f"temperature {temperature:.3f}; best step {tuning.progress.best_step}"
    return [*told, f"Model: {run / MODEL_NAME} ({how})."]


def _whole_model(tuning: FineTuning, weights: Mapping[str, torch.Tensor]) -> PreTrainedModel | PeftModel:
    """Give the model that was trained; where it is spread over processes, one that holds all of it."""
    if tuning.accelerator.distributed_type != DistributedType.FSDP:
        model: PreTrainedModel = tuning.accelerator.unwrap_model(tuning.model)
        return model
    whole = build_model(tuning.config, tuning.scheme, tuning.accelerator.device)
    whole.load_state_dict(weights, strict=True)
    return whole


def _calibrate(
    tuning: FineTuning,
    model: PreTrainedModel,
    data: TrainingData,
    tokens: Mapping[str, TokenisedReviews],
    logits: Mapping[str, NDArray[np.float32]],
) -> Measured:
    """Calibrate a model in place, on validation, and measure it on all splits that it has logits of."""
    how, allowed = tuning.config.calibration, tokens["validation"].allowed
    if how == "temperature":
        calibration = Calibration(fit_temperature(logits["validation"], allowed))
    else:
        calibration = fit_biases(logits["validation"], allowed)
    fold_calibration(model, calibration.temperature, calibration.biases)
    calibrated = {split: calibration.apply(values) for split, values in logits.items()}
    sources = data.splits["validation"].sources
    restore_encoder(model)
    head = find_head(model) if how == "sources" and len(set(sources)) > 1 else None
    if head is not None:
        model.eval()
        read = {split: read_inputs(model, head.hidden, tokens[split], tuning.pad_id) for split in logits}
        chosen = positions_by_content(data.splits["validation"].texts, SOURCE_ROWS)
        learn_source_calibration(
            head, read["validation"][chosen], allowed[chosen], [sources[row] for row in chosen]
        )
        with torch.no_grad():
            calibrated = {s: head(summaries.to(model.device)).cpu().numpy() for s, summaries in read.items()}
    probabilities = {split: softmax(values) for split, values in calibrated.items()}
    figures = _measure(tuning, data, tokens, probabilities)
    return Measured(calibration, head is not None, figures, probabilities)


def _measure(
    tuning: FineTuning,
    data: TrainingData,
    tokens: Mapping[str, TokenisedReviews],
    probabilities: Mapping[str, NDArray[np.float32]],
) -> dict[str, dict[str, Any]]:
    figures = {}
    for split, values in probabilities.items():
        stars = given_stars(data.splits[split])
        measure = partial(measure_reviews, values, tokens[split].allowed, data.scheme, stars)
        figures[split] = measure_with_intervals(measure, len(values), tuning.config.bootstrap_resamples)
    return figures


def _describe_sources(measured: Measured, data: TrainingData) -> str:
    sources = len(set(data.splits["validation"].sources))
    if measured.by_source:
        return f"Calibrated by source: the head tells {sources} sources apart by their texts."
    why = "validation rows are of one source" if sources == 1 else "the head has no hidden layer to learn in"
    return f"Not calibrated by source: {why}. A temperature and biases are fitted."


def _keep_held_out(
    directory: Path, measured: Measured, data: TrainingData, tokens: Mapping[str, TokenisedReviews]
) -> Promise:
    """Write the scores of validation rows beside the model to come, and fit its threshold on what is kept."""
    reviews = data.splits["validation"]
    scores = _hold_out(
        measured.probabilities["validation"], tokens["validation"].allowed, reviews, data.scheme
    )
    directory.mkdir(parents=True, exist_ok=True)
    save_held_out(scores, directory / HELD_OUT_NAME)
    return fit_promise(load_held_out(directory / HELD_OUT_NAME), REVIEW_TARGET_ACCURACY)


def _hold_out(
    probabilities: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    reviews: LabelledReviews,
    scheme: LabelScheme,
) -> HeldOutScores:
    names, named, truth = judge_names(probabilities, allowed, scheme)
    sources = tuple(dict.fromkeys(reviews.sources))
    places = {source: place for place, source in enumerate(sources)}
    source = np.array([places[own] for own in reviews.sources], dtype=np.int64)
    scores = HeldOutScores(
        named, truth, source, names, sources, unseen=False, group=source, origin="validation rows of the run"
    )
    return scores.select(np.array(positions_by_content(reviews.texts, HELD_OUT_ROWS)))


def _describe(
    run: Path,
    tuning: FineTuning,
    measured: Measured,
    promise: Promise,
    languages: tuple[str, ...],
    facts: Mapping[str, Any],
) -> Manifest:
    config = tuning.config
    return Manifest(
        name=run.resolve().name,
        scheme=tuning.scheme,
        max_length=config.window_length or config.max_length,
        pad_id=tuning.pad_id,
        encoder=describe_encoder(config),
        files={},
        temperature=measured.calibration.temperature,
        review_threshold=promise.threshold,
        languages=languages,
        facts={
            "trained": datetime.now(UTC).date().isoformat(),
            "best_step": tuning.progress.best_step,
            "review_promise": asdict(promise),
            "settings": config.model_dump(mode="json"),
            "figures": measured.figures,
            "calibration_biases": list(measured.calibration.biases),
            "calibrated_by_source": measured.by_source,
            **facts,
        },
    )


def describe_figures(figures: Mapping[str, Any]) -> str:
    """Put the figures of a split into one line, that of the accuracy with its interval."""
    parts = [f"{figures['reviews']} reviews", f"accuracy {figures['accuracy']:.4f}"]
    if "intervals" in figures:
        low, high = figures["intervals"]["accuracy"]
        parts[-1] += f" (95 % interval {low:.4f} to {high:.4f})"
    parts.append(f"macro-F1 {figures['classes']['macro_f1']:.4f}")
    parts.append(f"calibration error {figures['classes']['calibration_error']:.4f}")
    if "polarity" in figures:
        parts.append(f"positive against negative {figures['polarity']['accuracy']:.4f}")
    if "stars" in figures:
        stars = figures["stars"]
        parts.append(f"stars exact {stars['exact']:.4f}, within one {stars['within_one']:.4f}")
    return ", ".join(parts) + "."

"""Compare ways to calibrate a model, over all files and file by file.

    python -m benchmarks.calibration reviews-en ../shared/corpora/*.parquet [--split validation] [--files]
        [--group FILE,FILE ...]

Each way is fitted on one half of the reviews, drawn by content, and measured on the other half, in turn. With
groups of files (all files that no group names are one more) it is fitted without a group and measured on it,
which tells what becomes of kinds of text that it has not seen:

    as it is    the calibration that the model has
    T           a temperature more (Guo et al. 2017)
    T + b       and a bias for each class (Alexandari et al. 2020)
    head W      and a change of the output layer, which may tell kinds of text apart: weights of the least
                log loss, plus W times their squares (last-layer retraining, Kirichenko et al. 2023)
    sources     T + b, and more of both for each file, which are told apart by what their reviews say
                (`sentiment.training.source_calibration`)
    learned     the same, learned by the head: what --calibration sources does at the end of a training

With --shares it is told instead how far estimated shares (`benchmarks.shares`) are off in each file for a
model that was calibrated without it, as a customer meets it; the estimate is fitted on scores of the others.

A review is read up to --tokens. Columns are means over the files, each counting alike; `files` has an error
above 0.03, of so many, `worst` is the largest; `pooled` is the error over all reviews.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from benchmarks import shares
from sentiment.config import EvaluateConfig
from sentiment.corpus import LabelledReviews, TokenisedReviews
from sentiment.corpus.clustering import content_share
from sentiment.judging.file_figures import Summary, mean_summary, summarise
from sentiment.judging.labelled_files import load_labelled_files
from sentiment.labels import LabelScheme
from sentiment.measuring import (
    Calibration,
    fit_biases,
    fit_temperature,
    judge_names,
    measure_reviews,
    softmax,
)
from sentiment.model import ModelDirectory, open_model
from sentiment.model.heads import Head, find_head, fold_calibration
from sentiment.model.held_out import HeldOutScores
from sentiment.studies.output import lay_out
from sentiment.training.data import allowed_classes, given_stars
from sentiment.training.evaluation import read_inputs
from sentiment.training.optimiser import minimise
from sentiment.training.source_calibration import fit_source_calibration, learn_source_calibration

PENALTIES = (1e-2, 1e-3, 1e-4, 1e-5)
WANTED = 0.03
FIGURES = (
    ("pos/neg", "polarity_accuracy"),
    ("balanced", "balanced_accuracy"),
    ("accuracy", "accuracy"),
    ("stars =", "stars_exact"),
    ("+-1", "stars_within_one"),
    ("ECE", "calibration_error"),
)


@dataclass(frozen=True)
class Sample:
    """Reviews as the output layer meets them.

    Attributes:
        summaries: What the hidden layer before it reads (n, width).
        features: What goes into it (n, width).
        logits: What comes out of it (n, labels).
        allowed: The classes that each label allows (n, labels).
        stars: The given stars (n,), nan where a label names none.
        file: The name of each review's file (n,).
    """

    summaries: NDArray[np.float32]
    features: NDArray[np.float32]
    logits: NDArray[np.float32]
    allowed: NDArray[np.bool_]
    stars: NDArray[np.float64]
    file: NDArray[np.str_]

    def select(self, rows: NDArray[np.bool_]) -> "Sample":
        """Give some of them."""
        return Sample(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


Fit = Callable[[Sample], Callable[[Sample], NDArray[Any]]]
"""Fits on some reviews; gives what makes calibrated logits of others."""


def head_of(model: PreTrainedModel) -> Head:
    """Give the head of a model that has one with a hidden layer."""
    if (head := find_head(model)) is None:
        raise SystemExit("The head of this model has no hidden layer.")
    return head


def collect(directory: ModelDirectory, reviews: LabelledReviews, tokens: int) -> Sample:
    """Run a model over labelled reviews on the CPU, the encoder in bf16, the head in fp32."""
    model = directory.load_classifier(torch.device("cpu"), torch.bfloat16)
    head = head_of(directory.load_classifier(torch.device("cpu"), torch.float32))
    scheme, tokenizer = directory.manifest.scheme, directory.load_tokenizer()
    tokenizer.enable_truncation(min(tokens, directory.manifest.max_length))
    ids = [np.array(encoding.ids, dtype=np.int32) for encoding in tokenizer.encode_batch(reviews.texts)]
    offsets = np.cumsum([0, *(len(own) for own in ids)], dtype=np.int64)
    allowed = allowed_classes(reviews, scheme)
    tokenised = TokenisedReviews(np.concatenate(ids), offsets, allowed, cut=0)
    summaries = read_inputs(model, head_of(model).hidden, tokenised, directory.manifest.pad_id)
    with torch.no_grad():
        features = head.read(summaries)
        logits = head.output(features)
    sources = np.array(reviews.sources)
    read = (summaries.numpy(), features.numpy(), logits.numpy())
    return Sample(*read, allowed, given_stars(reviews), sources)


def keep(sample: Sample) -> Callable[[Sample], NDArray[Any]]:
    """Change nothing."""
    return lambda other: other.logits


def fit_t(sample: Sample) -> Callable[[Sample], NDArray[Any]]:
    """Fit a temperature."""
    found = Calibration(fit_temperature(sample.logits, sample.allowed))
    return lambda other: found.apply(other.logits)


def fit_t_b(sample: Sample) -> Callable[[Sample], NDArray[Any]]:
    """Fit a temperature and biases."""
    found = fit_biases(sample.logits, sample.allowed)
    return lambda other: found.apply(other.logits)


def fit_head(penalty: float) -> Fit:
    """Fit a temperature, biases, and a change of the output layer."""

    def fit(sample: Sample) -> Callable[[Sample], NDArray[Any]]:
        centre = sample.features.mean(axis=0)
        features, logits = torch.tensor(sample.features - centre), torch.tensor(sample.logits)
        allowed = torch.tensor(sample.allowed)
        slope = torch.zeros(1, requires_grad=True)
        biases = torch.zeros(logits.shape[1], requires_grad=True)
        weights = torch.zeros(logits.shape[1], features.shape[1], requires_grad=True)

        def loss() -> torch.Tensor:
            scores = logits * slope.exp() + biases + features @ weights.T
            given = torch.log_softmax(scores, 1).masked_fill(~allowed, -torch.inf).logsumexp(1)
            return -given.mean() + penalty * (weights**2).sum() + 1e-4 * (biases**2).sum()

        minimise([slope, biases, weights], loss)
        factor, added, change = (parameter.detach().numpy() for parameter in (slope.exp(), biases, weights))
        return lambda other: other.logits * factor + added + (other.features - centre) @ change.T

    return fit


def fit_sources(sample: Sample) -> Callable[[Sample], NDArray[Any]]:
    """Fit a temperature and biases, and more of both for each source."""
    whole = fit_biases(sample.logits, sample.allowed)
    found = fit_source_calibration(
        torch.from_numpy(sample.features),
        torch.from_numpy(whole.apply(sample.logits)),
        torch.from_numpy(sample.allowed),
        sample.file.tolist(),
    )

    def apply(other: Sample) -> NDArray[Any]:
        logits = torch.from_numpy(whole.apply(other.logits))
        calibrated: NDArray[np.float32] = found.apply(torch.from_numpy(other.features), logits).numpy()
        return calibrated

    return apply


def teach(model: PreTrainedModel) -> Fit:
    """Fit the same, and have a copy of the model's head learn it."""

    def fit(sample: Sample) -> Callable[[Sample], NDArray[Any]]:
        own = deepcopy(model)
        whole = fit_biases(sample.logits, sample.allowed)
        fold_calibration(own, whole.temperature, whole.biases)
        head, summaries = head_of(own), torch.from_numpy(sample.summaries)
        learn_source_calibration(head, summaries, sample.allowed, sample.file.tolist())

        def apply(other: Sample) -> NDArray[Any]:
            with torch.no_grad():
                logits: NDArray[np.float32] = head(torch.from_numpy(other.summaries)).numpy()
            return logits

        return apply

    return fit


def cross_fit(sample: Sample, folds: NDArray[np.int64], fit: Fit) -> NDArray[np.float32]:
    """Give probabilities (n, labels) of each fold by what was fitted on the others."""
    probabilities = np.zeros_like(sample.logits)
    for fold in np.unique(folds):
        own = folds == fold
        probabilities[own] = softmax(fit(sample.select(~own))(sample.select(own)))
    return probabilities


def fold_by_group(sample: Sample, groups: Sequence[str]) -> NDArray[np.int64]:
    """Give the number of each review's group (n,), 0 where none names its file."""
    numbers = {file: number for number, names in enumerate(groups, 1) for file in names.split(",")}
    if strangers := sorted(numbers.keys() - set(sample.file.tolist())):
        raise SystemExit(f"--group names no file: {', '.join(strangers)}")
    return np.array([numbers.get(file, 0) for file in sample.file.tolist()])


def fold_by_content(reviews: LabelledReviews) -> NDArray[np.int64]:
    """Give the half of each review (n,)."""
    return np.array([int(content_share(text, salt="calibration") < 0.5) for text in reviews.texts])


def measure(sample: Sample, probabilities: NDArray[np.float32], scheme: LabelScheme) -> dict[str, Any]:
    """Give the summary of each file, of the mean over them, and of all reviews together."""

    def summary(rows: NDArray[np.bool_]) -> Summary:
        own = sample.select(rows)
        return summarise(measure_reviews(probabilities[rows], own.allowed, scheme, own.stars))

    files = {str(name): summary(sample.file == name) for name in np.unique(sample.file)}
    pooled = summary(np.ones(len(sample.file), dtype=bool))["calibration_error"]
    return {"files": files, "mean": mean_summary(files.values()), "pooled": pooled}


def measure_shares(sample: Sample, scheme: LabelScheme, fit: Fit) -> Mapping[str, Sequence[NDArray[Any]]]:
    """Give error, coverage and width of each sample of a file, by protocol."""
    files, numbers = np.unique(sample.file, return_inverse=True)

    def keep_scores(probabilities: NDArray[np.float32]) -> HeldOutScores:
        names, named, truth = judge_names(probabilities, sample.allowed, scheme)
        return HeldOutScores(
            named, truth, numbers, names, tuple(files.tolist()), unseen=False, group=numbers, origin=""
        )

    known = keep_scores(softmax(fit(sample)(sample)).astype(np.float32))
    unseen = keep_scores(cross_fit(sample, numbers, fit))
    return shares.measure(unseen, known)["ours, tilt 2"]


def describe_shares(name: str, found: Mapping[str, Sequence[NDArray[Any]]]) -> list[str]:
    """Give the cells of a way's line."""
    means = [np.mean(found[protocol], axis=0) for protocol in shares.PROTOCOLS]
    return [
        name,
        *(
            f"{100 * error:.1f} ({covered:.0%} held, {100 * width:.0f} wide)"
            for error, covered, width in means
        ),
    ]


def describe(name: str, found: Mapping[str, Any]) -> list[str]:
    """Give the cells of a way's line."""
    errors = {file: summary["calibration_error"] for file, summary in found["files"].items()}
    worst = max(errors, key=errors.__getitem__)
    above = sum(error > WANTED for error in errors.values())
    means = [f"{found['mean'][key]:.3f}" if found["mean"][key] is not None else "" for _, key in FIGURES]
    return [name, *means, f"{found['pooled']:.4f}", f"{above}/{len(errors)}", f"{errors[worst]:.3f} {worst}"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("data", nargs="+")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--rows-per-file", type=int, help="of each file at most, drawn by content")
    parser.add_argument("--group", action="append", help="names of files, with commas; repeat it")
    parser.add_argument("--files", action="store_true", help="print the error of each file, too")
    parser.add_argument("--shares", action="store_true", help="tell how far estimated shares are off")
    given = parser.parse_args(arguments)
    directory = open_model(given.model)
    scheme = directory.manifest.scheme
    config = EvaluateConfig(
        data=given.data,
        label_column=("stars", "label"),
        split=given.split,
        rows_per_file=given.rows_per_file,
        quiet=True,
    )
    reviews = LabelledReviews()
    for file in load_labelled_files(config, scheme).values():
        reviews.extend(file.reviews)
    sample = collect(directory, reviews, given.tokens)
    if given.shares:
        lines = [
            describe_shares(name, measure_shares(sample, scheme, fit))
            for name, fit in (("T", fit_t), ("T + b", fit_t_b), ("sources", fit_sources))
        ]
        print(lay_out([["points of a share", *shares.PROTOCOLS], *lines]))
        return
    folds = fold_by_group(sample, given.group) if given.group else fold_by_content(reviews)
    model = directory.load_classifier(torch.device("cpu"), torch.float32)
    ways: dict[str, Fit] = {"as it is": keep, "T": fit_t, "T + b": fit_t_b}
    ways |= {f"head {penalty:g}": fit_head(penalty) for penalty in PENALTIES}
    ways |= {"sources": fit_sources, "learned": teach(model)}
    found = {name: measure(sample, cross_fit(sample, folds, fit), scheme) for name, fit in ways.items()}
    header = ["", *(title for title, _ in FIGURES), "pooled", "files", "worst"]
    how = "without a group, measured on it" if given.group else "on one half, measured on the other"
    print(f"{len(reviews):,} reviews of {len(found['T']['files'])} files; fitted {how}.")
    print(lay_out([header, *(describe(name, each) for name, each in found.items())]))
    if given.files:
        errors = [
            [file, *(f"{found[way]['files'][file]['calibration_error']:.3f}" for way in ways)]
            for file in found["T"]["files"]
        ]
        print(lay_out([["ECE", *ways], *errors]))


if __name__ == "__main__":
    main()

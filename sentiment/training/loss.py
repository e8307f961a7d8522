"""The training objective: what coarse, fine, rare and easy labels teach one head."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.config import TrainConfig
from sentiment.corpus.labelling import shown_labels
from sentiment.errors import ConfigError
from sentiment.labels import LabelScheme
from sentiment.training.distillation import distillation_losses

Classes = tuple[int, ...]
"""Class ids that a label allows, ascending: what makes one label another's equal."""


@dataclass(frozen=True, eq=False)
class Objective:
    """What training minimises: the weighted mean of the losses of an update's examples.

    Micro-batches give sums, and the caller divides by the weight of the whole update, so that a mean comes
    out the same however the update is shared out.

    Attributes:
        focal_gamma: See `partial_label_losses`.
        label_smoothing: See `partial_label_losses`.
        kinds: The classes that each weighted label allows (kinds, labels), bool; may be empty.
        kind_weights: The weight of each (kinds,), fp32; a label that is not among them weighs 1.
        ordinal_weight: Weight of `ordinal_losses` beside those of the labels.
        teacher_weight: Share of the loss that a teacher has, where there is one.
        teacher_temperature: See `distillation_losses`.
        teacher_when_right: The label has all of the loss where the teacher contradicts it.
        note: What was resolved, in words; empty for plain cross-entropy.
    """

    focal_gamma: float
    label_smoothing: float
    kinds: NDArray[np.bool_]
    kind_weights: NDArray[np.float32]
    ordinal_weight: float = 0.0
    teacher_weight: float = 0.5
    teacher_temperature: float = 1.0
    teacher_when_right: bool = False
    note: str = ""

    def __call__(
        self, logits: torch.Tensor, allowed: torch.Tensor, taught: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Give the sum of the examples' losses, each times its weight; on the device of the logits.

        Args:
            logits: (examples, labels), any float format; computed in fp32.
            allowed: (examples, labels), bool, at least one true in each row.
            taught: The teacher's logits (examples, labels), where there is one.
        """
        losses = partial_label_losses(logits, allowed, self.focal_gamma, self.label_smoothing)
        if self.ordinal_weight:
            losses = losses + self.ordinal_weight * ordinal_losses(logits, allowed)
        if taught is not None:
            distilled = distillation_losses(logits, taught, self.teacher_temperature)
            losses = torch.lerp(losses, distilled, self._trust(taught, allowed))
        return (losses * self._weigh(allowed)).sum()

    def weights(self, allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give the weight of each example (examples,), from the classes that its label allows."""
        return self._weigh(torch.tensor(allowed)).numpy().astype(np.float64)

    def _trust(self, taught: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        """Give the teacher's share of each example's loss (examples,)."""
        trust = torch.full(taught.shape[:1], self.teacher_weight, device=taught.device)
        if self.teacher_when_right:
            trust = trust * allowed.gather(-1, taught.argmax(dim=-1, keepdim=True)).squeeze(-1)
        return trust

    def _weigh(self, allowed: torch.Tensor) -> torch.Tensor:
        kinds = torch.as_tensor(self.kinds, device=allowed.device)
        found = (allowed[:, None, :] == kinds).all(dim=-1)
        weights = torch.as_tensor(self.kind_weights, device=allowed.device)
        return torch.where(found, weights, 0.0).sum(dim=-1) + ~found.any(dim=-1)


def partial_label_losses(
    logits: torch.Tensor, allowed: torch.Tensor, focal_gamma: float = 0.0, label_smoothing: float = 0.0
) -> torch.Tensor:
    """Give the loss of each example: minus the log of the probability that falls on the allowed classes.

    With one class allowed it is cross-entropy. With several it asks for their sum alone: `negative` in the
    star scheme rewards `1 star` and `2 stars` alike (maximum likelihood under partial labels: Jin &
    Ghahramani 2002, "Learning with Multiple Labels").

    Smoothing and focusing see the same outcomes: the allowed classes as one, and each other class. Smoothing
    (Szegedy et al. 2016) spreads its share evenly over all classes, those of the label counted together, so
    that a coarse label still does not choose among its classes. The focal factor (Lin et al. 2017) multiplies
    the term of each outcome of probability p by (1 - p) ** gamma; with both, each term of the smoothed target
    has its own, as in Keras' CategoricalFocalCrossentropy.

    Args:
        logits: (examples, labels), any float format; computed in fp32.
        allowed: (examples, labels), bool, at least one true in each row.
        focal_gamma: 0 for none.
        label_smoothing: Share of the target that is spread, 0 for none, below 1.

    Returns:
        (examples,), fp32.
    """
    log_probabilities = torch.log_softmax(logits.float(), dim=-1)
    on_allowed = log_probabilities.masked_fill(~allowed, -torch.inf).logsumexp(dim=-1)
    losses = _outcome_terms(on_allowed, focal_gamma)
    if label_smoothing:
        share = label_smoothing / allowed.shape[-1]
        others = _outcome_terms(log_probabilities, focal_gamma).masked_fill(allowed, 0.0).sum(dim=-1)
        losses = losses * (1 - share * (~allowed).sum(dim=-1)) + share * others
    return losses


def ordinal_losses(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Give the distance of each example's probabilities to the nearest ones on its allowed classes.

    The squared earth mover's distance (Hou, Yu & Samaras 2016, "Squared Earth Mover's Distance-based Loss for
    Training Deep Neural Networks"): the squared differences of the cumulated probabilities, summed over the
    steps from each class to the next. Between the classes of a coarse label there is no step to be wrong at.

    Args:
        logits: (examples, labels), in the order of the classes; any float format; computed in fp32.
        allowed: (examples, labels), bool, at least one true in each row, and those adjacent.

    Returns:
        (examples,), fp32.
    """
    cumulated = torch.softmax(logits.float(), dim=-1).cumsum(dim=-1)[:, :-1]
    up_to = allowed.cumsum(dim=-1)[:, :-1]
    too_low = cumulated.masked_fill(up_to > 0, 0.0)
    too_high = (1 - cumulated).masked_fill(up_to < allowed.sum(dim=-1, keepdim=True), 0.0)
    return (too_low**2 + too_high**2).sum(dim=-1)


def _outcome_terms(log_probabilities: torch.Tensor, gamma: float) -> torch.Tensor:
    if not gamma:
        return -log_probabilities
    # Where p rounds to 1 the slope of a root (gamma below 1) would be infinite, and nan after the product.
    rest = (-torch.expm1(log_probabilities)).clamp_min(torch.finfo(torch.float32).tiny)
    return -log_probabilities * rest**gamma


def build_objective(config: TrainConfig, scheme: LabelScheme, allowed: NDArray[np.bool_]) -> Objective:
    """Build the objective that the settings name.

    `auto` weighs a label inversely to its frequency: rows / (labels * rows of the label), scikit-learn's
    "balanced", so that every label weighs as much as any other, and the mean over the rows is 1. A coarse
    label (`negative` beside `1 star`) is a label of its own.

    `LABEL=WEIGHT` holds for every row whose label lies within LABEL: `negative=2` in the star scheme also for
    `1 star` and `2 stars`. Of several that hold, the narrowest counts; a row without one weighs 1. Only the
    ratios of weights matter, since an update is divided by its weight.

    Args:
        config: `class_weights`, `focal_gamma`, `label_smoothing`, `ordinal_weight`, `oversample`.
        scheme: What the head predicts.
        allowed: The classes that the label of each training row allows (rows, labels), bool.

    Raises:
        ConfigError: Weights that contradict each other, are not above 0, or name an unknown label; `auto`
            together with `oversample`; `ordinal_weight` for labels without an order.
    """
    _check_weights(config)
    if config.ordinal_weight and not scheme.has_sentiment:
        raise ConfigError(
            "--ordinal-weight: the labels have no order.",
            f"Found: {shown_labels(scheme.labels)}.",
            "It goes with stars and sentiments.",
        )
    if config.class_weights == ("none",):
        kinds, weights = np.zeros((0, len(scheme.labels)), dtype=bool), np.ones(0)
    else:
        kinds, counts = np.unique(allowed, axis=0, return_counts=True)
        if config.class_weights == ("auto",):
            weights = counts.sum() / (len(counts) * counts)
        else:
            weights = _given_weights(_parse_entries(config.class_weights, scheme), kinds)
    return Objective(
        focal_gamma=config.focal_gamma,
        label_smoothing=config.label_smoothing,
        kinds=kinds,
        kind_weights=weights.astype(np.float32),
        ordinal_weight=config.ordinal_weight,
        teacher_weight=config.teacher_weight,
        teacher_temperature=config.teacher_temperature,
        teacher_when_right=config.teacher_when_right,
        note=_describe(config, scheme, kinds, weights),
    )


def _check_weights(config: TrainConfig) -> None:
    entries = config.class_weights
    alone = [entry for entry in entries if "=" not in entry]
    if not entries or (alone and len(entries) > 1):
        raise ConfigError(
            "--class-weights: `none` and `auto` stand alone.",
            f"Found: {' '.join(entries) or 'nothing'}.",
            "Give one of them, or LABEL=WEIGHT entries.",
        )
    if alone == ["auto"] and config.oversample:
        raise ConfigError(
            "--class-weights auto and --oversample would both make up for rare labels.",
            remedy="Give one of them.",
        )


def _parse_entries(entries: tuple[str, ...], scheme: LabelScheme) -> dict[Classes, float]:
    """Read `LABEL=WEIGHT` entries as the classes of the label to its weight."""
    known = scheme.readable_labels
    pairs = [entry.rsplit("=", 1) for entry in entries]
    unknown = [label for label, _ in pairs if label not in known]
    if unknown:
        raise ConfigError(
            f"--class-weights: labels that the {scheme.name} scheme does not know: {shown_labels(unknown)}.",
            f"Known: {shown_labels(list(known))}.",
        )
    weights: dict[Classes, float] = {}
    for label, text in pairs:
        weight = float(text)
        if not 0 < weight < math.inf:
            raise ConfigError(
                f"--class-weights {label}={text}: a weight must be above 0.",
                remedy="Leave rows that should not count out of the data.",
            )
        if known[label] in weights:
            raise ConfigError(
                f"--class-weights gives two weights to the label {label!r}.", remedy="Give one of them."
            )
        weights[known[label]] = weight
    return weights


def _given_weights(entries: Mapping[Classes, float], kinds: NDArray[np.bool_]) -> NDArray[np.float64]:
    weights = np.ones(len(kinds))
    for i, kind in enumerate(kinds):
        holding = [classes for classes in entries if set(np.flatnonzero(kind)) <= set(classes)]
        if holding:
            weights[i] = entries[min(holding, key=len)]
    return weights


def _describe(
    config: TrainConfig, scheme: LabelScheme, kinds: NDArray[np.bool_], weights: NDArray[np.float64]
) -> str:
    parts = []
    if len(kinds):
        shown = ", ".join(
            f"{scheme.name_classes(np.flatnonzero(kind))} {weight:.3g}"
            for kind, weight in zip(kinds[::-1], weights[::-1], strict=True)
        )
        how = "inverse to frequency" if config.class_weights == ("auto",) else "as asked"
        parts.append(f"class weights {shown} ({how})")
    if config.focal_gamma:
        parts.append(f"focal gamma {config.focal_gamma:g}")
    if config.label_smoothing:
        parts.append(f"label smoothing {config.label_smoothing:g}")
    if config.ordinal_weight:
        parts.append(f"ordinal weight {config.ordinal_weight:g}")
    return f"Objective: {'; '.join(parts)}." if parts else ""

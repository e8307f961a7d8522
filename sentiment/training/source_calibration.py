"""Calibration by source: what a confidence is worth differs from one kind of text to another.

Stars of a shop, tweets and phrases of films are right at different confidences, and one temperature is a
compromise between them. Which source a review resembles can be read from what the encoder makes of it; that
gives it a temperature and biases of its own (multi-domain temperature scaling: Yu et al. 2022, "Robust
Calibration with Multi-domain Temperature Scaling", with the softmax of a mixture of experts over the sources,
Jacobs et al. 1991). The head then learns what comes out of it (distillation, Hinton et al. 2015), so that the
model stays the network that it was: nothing more to store, to export or to compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from sentiment.model.heads import Head
from sentiment.training.loss import partial_label_losses
from sentiment.training.optimiser import minimise

LIKENESS_PENALTY: Final = 3.0
"""Times the squared weights that tell sources apart, added to the sum of their losses."""

SOURCE_PENALTY: Final = 25.0
"""Times the squared departures of the sources, added to the sum of their losses, as if they came from a
normal distribution of standard deviation 0.14: a source of few rows stays near the others."""

HEAD_PENALTY: Final = 0.1
"""Times the squared way of the head's weights, added to the sum of its losses."""


@dataclass(frozen=True)
class SourceCalibration:
    """A temperature and biases for each review, by its likeness to each source.

    Attributes:
        centre: Of the features (width,).
        scale: Of the features (width,).
        likeness: Weights (width, sources) of the likeness to each source.
        offset: Biases of that (sources,).
        slopes: Log of the factor of each source's logits (sources,).
        biases: Added to each source's logits (sources, labels).
    """

    centre: torch.Tensor
    scale: torch.Tensor
    likeness: torch.Tensor
    offset: torch.Tensor
    slopes: torch.Tensor
    biases: torch.Tensor

    def shares(self, features: torch.Tensor) -> torch.Tensor:
        """Give the likeness of reviews to each source (reviews, sources); a row adds up to 1."""
        scaled = (features - self.centre) / self.scale
        return torch.softmax(scaled @ self.likeness + self.offset, dim=1)

    def apply(self, features: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        """Calibrate logits (reviews, labels) of which the output layer read the features (reviews, width)."""
        return _calibrate(self.shares(features), logits, self.slopes, self.biases)


def fit_source_calibration(
    features: torch.Tensor, logits: torch.Tensor, allowed: torch.Tensor, sources: Sequence[str]
) -> SourceCalibration:
    """Fit what tells the sources apart, then what the logits of each are worth.

    The sources are told apart by what they are, not by what the labels say; the labels decide over a
    temperature and a bias a class for each of them, near to 1 and 0: the logits are calibrated for all
    together. Both are found with L-BFGS, and the same each time.

    Args:
        features: What the output layer reads (reviews, width), fp32.
        logits: What it makes of that (reviews, labels), fp32.
        allowed: True where the label of the review allows the class (reviews, labels).
        sources: The source of each review.
    """
    names = {name: place for place, name in enumerate(sorted(set(sources)))}
    own = torch.tensor([names[source] for source in sources])
    centre, scale = features.mean(dim=0), features.std(dim=0).clamp_min(1e-6)
    scaled = (features - centre) / scale

    likeness = torch.zeros(features.shape[1], len(names), requires_grad=True)
    offset = torch.zeros(len(names), requires_grad=True)
    minimise(
        [likeness, offset],
        lambda: (
            (
                functional.cross_entropy(scaled @ likeness + offset, own, reduction="sum")
                + LIKENESS_PENALTY * likeness.square().sum()
            )
            / len(own)
        ),
    )
    shares = torch.softmax(scaled @ likeness + offset, dim=1).detach()

    slopes = torch.zeros(len(names), requires_grad=True)
    biases = torch.zeros(len(names), logits.shape[1], requires_grad=True)
    minimise(
        [slopes, biases],
        lambda: (
            (
                partial_label_losses(_calibrate(shares, logits, slopes, biases), allowed).sum()
                + SOURCE_PENALTY * (slopes.square().sum() + biases.square().sum())
            )
            / len(own)
        ),
    )
    found = (tensor.detach() for tensor in (likeness, offset, slopes, biases))
    return SourceCalibration(centre, scale, *found)


def learn_source_calibration(
    head: Head, summaries: torch.Tensor, allowed: NDArray[np.bool_], sources: Sequence[str]
) -> SourceCalibration:
    """Teach a head to give the logits that are calibrated by source.

    Args:
        head: Changed in place, on the device that it is on.
        summaries: What its hidden layer reads of the reviews to calibrate on (reviews, width), fp32, CPU.
        allowed: True where the label of the review allows the class (reviews, labels).
        sources: The source of each review.

    Returns:
        What the head has learned.
    """
    device = head.output.weight.device
    summaries = summaries.to(device)
    with torch.no_grad():
        read = head.read(summaries)
        features, logits = read.cpu(), head.output(read).cpu()
    found = fit_source_calibration(features, logits, torch.from_numpy(allowed), sources)
    targets = torch.log_softmax(found.apply(features, logits), dim=1).to(device)
    _learn(head, summaries, targets)
    return found


def _calibrate(
    shares: torch.Tensor, logits: torch.Tensor, slopes: torch.Tensor, biases: torch.Tensor
) -> torch.Tensor:
    return logits * (shares @ slopes).exp()[:, None] + shares @ biases


def _learn(head: Head, summaries: torch.Tensor, targets: torch.Tensor) -> None:
    """Bring the head's probabilities to targets (reviews, labels), which are log probabilities."""
    parameters = [*head.hidden.parameters(), *head.output.parameters()]
    before = [parameter.detach().clone() for parameter in parameters]

    def penalised_loss() -> torch.Tensor:
        given = torch.log_softmax(head(summaries), dim=1)
        moved = sum((own - old).square().sum() for own, old in zip(parameters, before, strict=True))
        missed = functional.kl_div(given, targets, reduction="sum", log_target=True)
        return (missed + HEAD_PENALTY * moved) / len(summaries)

    for parameter in parameters:
        parameter.requires_grad_(True)
    minimise(parameters, penalised_loss)

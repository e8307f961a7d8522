"""Held-out scores: what a model says of reviews that it has not learned from, kept beside its weights."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sentiment.errors import IncompatibleModelError
from sentiment.labels import SENTIMENTS, LabelScheme
from sentiment.model.trust import refusing_unfit_files

HELD_OUT_NAME: Final = "held_out.safetensors"
"""In a model directory: scores of the model itself, of rows that it has not learned from."""

LEFT_OUT_NAME: Final = "left_out.safetensors"
"""In a model directory: scores of models of its recipe, of sources that they have not learned from."""

_DESCRIPTION: Final = "held_out"


@dataclass(frozen=True)
class HeldOutScores:
    """Calibrated probabilities of labelled reviews, without their text.

    Thresholds that keep a promise, and the confusion that corrects a share, are fitted on them.

    Attributes:
        probabilities: (n, names) float32, rows sum to 1, of the names that a prediction can have.
        truth: (n,) int64, the position of the right name.
        source: (n,) int64, the position in `sources` of where the review is from.
        names: The three sentiments, or every class of a custom scheme.
        sources: A name for each data file.
        unseen: Whether each source was left out of the training of the model that judged its reviews. Else
            the reviews alone were (validation rows).
        group: (n,) int64: sources of equal group were left out together.
        origin: The command that made them.
    """

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    source: NDArray[np.int64]
    names: tuple[str, ...]
    sources: tuple[str, ...]
    unseen: bool
    group: NDArray[np.int64]
    origin: str = ""

    def __post_init__(self) -> None:
        rows, names = self.probabilities.shape
        fits = (
            names == len(self.names)
            and self.truth.shape == self.source.shape == self.group.shape == (rows,)
            and (not rows or (self.truth.min() >= 0 and self.truth.max() < names))
            and (not rows or (self.source.min() >= 0 and self.source.max() < len(self.sources)))
        )
        if not fits:
            raise ValueError("HeldOutScores: arrays, names and sources do not fit together.")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Probability of the likeliest name (n,)."""
        highest: NDArray[np.float32] = self.probabilities.max(axis=1)
        return highest

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the likeliest name is the right one (n,)."""
        is_right: NDArray[np.bool_] = self.probabilities.argmax(axis=1) == self.truth
        return is_right

    def select(self, rows: NDArray[Any]) -> Self:
        """Take some rows, by a mask or by positions (m,)."""
        return type(self)(
            self.probabilities[rows],
            self.truth[rows],
            self.source[rows],
            self.names,
            self.sources,
            self.unseen,
            self.group[rows],
            self.origin,
        )


def place_of(scores: HeldOutScores) -> str:
    """Give the file name that scores have in a model directory."""
    return LEFT_OUT_NAME if scores.unseen else HELD_OUT_NAME


def save_held_out(scores: HeldOutScores, path: Path) -> None:
    """Write scores as safetensors: probabilities in fp16, everything else as small as it goes."""
    from safetensors.numpy import save_file

    tensors: dict[str, NDArray[Any]] = {
        "probabilities": scores.probabilities.astype(np.float16),
        "truth": scores.truth.astype(np.uint8),
        "source": scores.source.astype(np.uint16),
        "group": scores.group.astype(np.uint16),
    }
    described = {
        "names": scores.names,
        "sources": scores.sources,
        "unseen": scores.unseen,
        "origin": scores.origin,
    }
    # One entry: safetensors writes several in any order, and the file's hash would change.
    save_file(tensors, path, metadata={_DESCRIPTION: json.dumps(described, ensure_ascii=False)})


def load_held_out(path: Path, remedy: str = "Copy the model again.") -> HeldOutScores:
    """Read scores that `save_held_out` wrote; probabilities are scaled to sum to 1 again.

    Args:
        path: The file: one that a model keeps, or one that a user names.
        remedy: What to do where it is no such file.

    Raises:
        IncompatibleModelError: It is no such file.
    """
    from safetensors import safe_open

    with (
        refusing_unfit_files(f"{path}: no held-out scores can be read from it.", remedy),
        safe_open(path, framework="numpy") as file,
    ):
        described = json.loads((file.metadata() or {}).get(_DESCRIPTION, "null"))
        if described is None:
            raise ValueError("It holds other tensors than scores")
        probabilities = file.get_tensor("probabilities").astype(np.float32)
        return HeldOutScores(
            probabilities / probabilities.sum(axis=1, keepdims=True),
            truth=file.get_tensor("truth").astype(np.int64),
            source=file.get_tensor("source").astype(np.int64),
            names=tuple(described["names"]),
            sources=tuple(described["sources"]),
            unseen=described["unseen"],
            group=file.get_tensor("group").astype(np.int64),
            origin=described["origin"],
        )


def check_held_out_fits(scores: HeldOutScores, scheme: LabelScheme, path: Path) -> None:
    """Refuse scores of other names than a model predicts, and those of no reviews.

    Args:
        scores: As loaded.
        scheme: What the model predicts.
        path: Where the scores are from, for the message.

    Raises:
        IncompatibleModelError: They are such.
    """
    names = SENTIMENTS if scheme.has_sentiment else scheme.labels
    if scores.names != names or not len(scores):
        raise IncompatibleModelError(
            f"{path}: these held-out scores are not of this model.",
            f"They are {len(scores):,} of {', '.join(scores.names)}; it predicts {', '.join(names)}.",
            "Give those that a study of the same labels wrote.",
        )

"""A teacher: a finished model whose probabilities train another one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from accelerate.utils import gather_object
from numpy.typing import NDArray

from sentiment.config import TrainConfig
from sentiment.corpus import tokenise
from sentiment.corpus.token_cache import KEY_DIGITS, hash_texts, resolve_cache_folder
from sentiment.errors import OutputError
from sentiment.labels import LabelScheme
from sentiment.model.tokens import find_special_tokens
from sentiment.training.building import open_of_same_labels
from sentiment.training.evaluation import evaluate_logits

if TYPE_CHECKING:
    from accelerate import Accelerator


def ask_teacher(
    config: TrainConfig, teacher: str, texts: Sequence[str], scheme: LabelScheme, accelerator: Accelerator
) -> NDArray[np.float32]:
    """Run the teacher over the training reviews, on all processes; its answers are kept in the cache.

    Returns:
        Its logits (reviews, labels), fp32.

    Raises:
        ModelError: It cannot be opened.
        ConfigError: It predicts other labels.
        OutputError: Its answers cannot be kept.
    """
    directory = open_of_same_labels("--teacher", teacher, scheme, "teacher")
    manifest = directory.manifest
    precision = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(
        accelerator.mixed_precision, torch.float32
    )

    shape = (len(texts), len(scheme.labels))

    def ask() -> NDArray[np.float32]:
        tokenizer = directory.load_tokenizer()
        nothing = np.zeros(shape, dtype=bool)
        special = find_special_tokens(tokenizer)
        reviews = tokenise(texts, nothing, tokenizer, special, manifest.max_length)
        model = directory.load_classifier(accelerator.device, precision)
        return evaluate_logits(model, reviews, manifest.pad_id, accelerator)

    cache = resolve_cache_folder(config.cache_dir)
    if cache is None:
        return ask()
    made_of = (hash_texts(texts), sorted(manifest.files.items()), str(precision), accelerator.device.type)
    key = hashlib.sha256(repr(made_of).encode()).hexdigest()[:KEY_DIGITS]
    return _keep(cache / f"teacher-{key}.npy", shape, ask, accelerator)


def _keep(
    path: Path, shape: tuple[int, int], ask: Callable[[], NDArray[np.float32]], accelerator: Accelerator
) -> NDArray[np.float32]:
    """Read logits from a file, or compute them on all processes and write it, whole or not at all."""
    kept = _load(path, shape)
    # Asking the teacher is work that all share, and each node may have a cache of its own.
    is_kept_everywhere = all(gather_object([kept is not None]))
    if kept is not None and is_kept_everywhere:
        return kept
    logits = ask()
    if accelerator.is_main_process:
        try:
            _save(path, logits)
        except OSError as error:
            raise OutputError(
                f"{path.parent}: the teacher's answers cannot be kept.",
                f"({error.strerror})",
                "Name another --cache-dir, or take --cache-dir none.",
            ) from error
    return logits


def _load(path: Path, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """Read kept logits; None where they are missing or damaged."""
    try:
        kept: NDArray[np.float32] = np.load(path)
    except (OSError, ValueError, EOFError):
        return None
    return kept if kept.shape == shape and kept.dtype == np.float32 else None


def _save(path: Path, logits: NDArray[np.float32]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        np.save(file, logits)
    temporary.replace(path)


def distillation_losses(
    logits: torch.Tensor, teacher_logits: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Give the divergence of each example's softened probabilities from the teacher's.

    The Kullback-Leibler divergence times the squared temperature, which keeps gradients comparable (Hinton,
    Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network").

    Args:
        logits: (examples, labels), any float format; computed in fp32.
        teacher_logits: (examples, labels).
        temperature: Above 1 looks at more than the likeliest label.

    Returns:
        (examples,), fp32.
    """
    ours = torch.log_softmax(logits.float() / temperature, dim=-1)
    theirs = torch.log_softmax(teacher_logits.float() / temperature, dim=-1)
    return (theirs.exp() * (theirs - ours)).sum(dim=-1) * temperature**2

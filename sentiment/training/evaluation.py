"""Measuring the model during training, on all processes, without keeping anything on the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment.corpus import TokenisedReviews
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.training.batches import collate

if TYPE_CHECKING:
    import torch
    from accelerate import Accelerator
    from torch import nn
    from transformers import PreTrainedModel

EVALUATION_TOKENS = 16_384
"""Tokens (padding counted) in one batch of an evaluation, where no gradients take memory."""


def evaluate_logits(
    model: nn.Module, reviews: TokenisedReviews, pad_id: int, accelerator: Accelerator
) -> NDArray[np.float32]:
    """Give the logits of every review, in order, on every process.

    Each process takes every n-th batch; logits go to the CPU batch by batch and travel as numpy arrays, so
    that the figures do not depend on the number of processes.

    Args:
        model: Prepared by the accelerator or not; its mode is kept.
        reviews: What to run it on.
        pad_id: Token id that fills a batch up.
        accelerator: Device and processes.

    Returns:
        (reviews, labels), fp32.
    """
    import torch
    from accelerate.utils import gather_object

    lengths = padded_lengths(reviews.lengths, limit=reviews.longest)
    batches = plan_batches(lengths, EVALUATION_TOKENS)
    # The bare module: the wrapper of several processes would wait for those that have no batch left.
    model = accelerator.unwrap_model(model)
    training = model.training
    model.eval()
    mine = []
    with torch.inference_mode():
        for start in range(0, len(batches), accelerator.num_processes):
            own = start + accelerator.process_index
            # Without a batch of its own a process joins in all the same: FSDP gathers weights from all.
            examples = batches[own if own < len(batches) else start]
            batch = collate(reviews, examples, pad_id, accelerator.device)
            logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
            if own < len(batches):
                mine.append((examples, logits.float().cpu().numpy()))
    model.train(training)
    result = np.empty((len(reviews), reviews.allowed.shape[1]), dtype=np.float32)
    for examples, logits in gather_object(mine):
        result[examples] = logits
    return result


def read_inputs(
    model: PreTrainedModel, layer: nn.Linear, reviews: TokenisedReviews, pad_id: int
) -> torch.Tensor:
    """Give what a layer of the model reads of every review, in order, on this process alone.

    Args:
        model: In evaluation mode, without the wrapper of several processes.
        layer: One that reads one row a review: the head's.
        reviews: What to run it on.
        pad_id: Token id that fills a batch up.

    Returns:
        (reviews, width), fp32, on the CPU.
    """
    import torch

    read: list[torch.Tensor] = []

    def note_input(module: Any, given: tuple[torch.Tensor, ...]) -> None:
        read.append(given[0].float().cpu())

    batches = plan_batches(padded_lengths(reviews.lengths, limit=reviews.longest), EVALUATION_TOKENS)
    hook = layer.register_forward_pre_hook(note_input)
    try:
        with torch.no_grad():
            for examples in batches:
                batch = collate(reviews, examples, pad_id, model.device)
                # Through the model's own forward, which Accelerate gives its number format.
                model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    finally:
        hook.remove()
    order = torch.from_numpy(np.argsort(np.concatenate(batches)))
    return torch.cat(read)[order]

"""Embeddings of reviews by a frozen encoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from sentiment.corpus import TokenisedReviews
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.training.batches import collate

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def embed(
    encoder: PreTrainedModel,
    reviews: TokenisedReviews,
    pad_id: int,
    batch_tokens: int,
    advance: Callable[[int], object] = lambda reviews: None,
) -> NDArray[np.float32]:
    """Embed tokenised reviews: the mean of the last hidden states over real tokens, scaled to length 1.

    So sentence-transformers pools all-MiniLM-L6-v2 (Reimers and Gurevych 2019, "Sentence-BERT"). The mean is
    taken in fp32, whatever the encoder computes in.

    Args:
        encoder: Without a head, in evaluation mode (`sentiment.model.encoder.load_encoder`).
        reviews: At least one.
        pad_id: Token id on padding.
        batch_tokens: Tokens (padding counted) in one batch.
        advance: Called after each batch with the number of reviews in it.

    Returns:
        (reviews, width), in the order of the reviews.
    """
    embeddings = np.empty((len(reviews), encoder.config.hidden_size), dtype=np.float32)
    lengths = padded_lengths(reviews.lengths, limit=reviews.longest)
    for examples in plan_batches(lengths, batch_tokens):
        batch = collate(reviews, examples, pad_id, encoder.device)
        with torch.inference_mode():
            hidden = encoder(
                input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
            ).last_hidden_state.float()
            real = batch["attention_mask"].unsqueeze(-1)
            means = (hidden * real).sum(dim=1) / real.sum(dim=1)
            embeddings[examples] = torch.nn.functional.normalize(means, dim=1).cpu().numpy()
        advance(len(examples))
    return embeddings

"""The loss: what coarse and fine labels teach one head."""

import torch


def partial_label_loss(logits: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Sum, over examples, minus the log of the probability that falls on the allowed classes.

    With one class allowed it is cross-entropy. With several it asks for their sum alone: `negative` in the
    star scheme rewards `1 star` and `2 stars` alike (maximum likelihood under partial labels: Jin &
    Ghahramani 2002, "Learning with Multiple Labels").

    Args:
        logits: (examples, labels), any float format; computed in fp32.
        allowed: (examples, labels), bool, at least one true in each row.
    """
    log_probabilities = torch.log_softmax(logits.float(), dim=-1)
    return -log_probabilities.masked_fill(~allowed, -torch.inf).logsumexp(dim=-1).sum()

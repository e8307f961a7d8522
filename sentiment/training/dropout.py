"""Dropout whose masks do not hold up a CPU."""

import torch
from torch import nn

_BITS = 16
"""Random bits behind each decision: a rate is met to within 1 / 65,536."""


class WordDropout(nn.Module):
    """Dropout (Srivastava et al. 2014) that draws 64 random bits at a time for four elements.

    torch draws one element after the other on a CPU (`bernoulli_`), which took a fifth of a training step.
    The bits come from torch's own generator, so that seeds and checkpoints cover them.

    Args:
        rate: Share of elements that become zero in training; the others are scaled up to keep the mean.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.p = rate  # the name that nn.Dropout has: attention reads it
        self._dropped = round(rate * 2**_BITS)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Drop elements of a tensor of any shape; does nothing in evaluation."""
        if not self.training or not self._dropped:
            return hidden
        words = torch.empty(-(-hidden.numel() * _BITS // 64), dtype=torch.int64).random_(-(2**63), None)
        bits = words.view(torch.int16)[: hidden.numel()].view(hidden.shape)
        kept = bits >= self._dropped - 2 ** (_BITS - 1)
        scales: torch.Tensor = kept.to(hidden.dtype).mul_(1 / (1 - self._dropped / 2**_BITS))
        return hidden * scales

    def extra_repr(self) -> str:
        """Show the rate where the model is printed."""
        return f"p={self.p}"


def speed_up_dropout(model: nn.Module) -> None:
    """Put `WordDropout` in the place of every `nn.Dropout` of a model, for training on a CPU."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) is nn.Dropout:
                setattr(module, name, WordDropout(child.p))

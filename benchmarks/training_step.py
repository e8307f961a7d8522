"""Time one training step of the default encoder, attention kernel against attention kernel.

    python -m benchmarks.training_step

Every variant does the same step (forward, loss, backward, clipping, AdamW) on the same batch, in alternation;
the table gives medians and ratios against the first row. Absolute times mean little on a shared machine.
"""

import statistics
import time
from collections.abc import Callable

import torch

from sentiment.labels import STARS
from sentiment.model.encoder import build_classifier, resolve_encoder
from sentiment.training.dropout import speed_up_dropout
from sentiment.training.loss import partial_label_losses

ROWS, LENGTH, ROUNDS = 32, 96, 7

VARIANTS = {
    "fp32, fused attention, dropout 0.1": ("sdpa", False, 0.1, False),
    "bf16 autocast, fused attention, dropout 0.1": ("sdpa", True, 0.1, False),
    "bf16 autocast, fused attention, no dropout": ("sdpa", True, 0.0, False),
    "bf16 autocast, plain attention, dropout 0.1": ("eager", True, 0.1, False),
    "bf16 autocast, plain attention, our dropout": ("eager", True, 0.1, True),
    "bf16 autocast, plain attention, no dropout": ("eager", True, 0.0, False),
}


def build_step(attention: str, bf16: bool, dropout: float, cheap_masks: bool) -> Callable[[], None]:
    """Build a function that does one training step."""
    torch.manual_seed(0)
    source = resolve_encoder("all-MiniLM-L6-v2")
    model = build_classifier(source, STARS, dropout=dropout, attention_dropout=0.0, max_length=192).train()
    model.set_attn_implementation(attention)
    if cheap_masks:
        speed_up_dropout(model)
    model.get_input_embeddings().requires_grad_(False)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-4, fused=True)
    ids = torch.randint(1000, 20000, (ROWS, LENGTH))
    mask = torch.ones_like(ids)
    allowed = torch.nn.functional.one_hot(torch.randint(0, 5, (ROWS,)), 5).bool()

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = model(input_ids=ids, attention_mask=mask).logits
        partial_label_losses(logits, allowed).mean().backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    return step


def main() -> None:
    """Print the table."""
    steps = {name: build_step(*variant) for name, variant in VARIANTS.items()}
    for step in steps.values():
        step()
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    base = next(iter(medians.values()))
    print(f"{torch.get_num_threads()} threads, {ROWS} x {LENGTH} tokens a step, median of {ROUNDS}")
    for name, median in medians.items():
        print(f"{name:45} {ROWS * LENGTH / median:8,.0f} tokens/s {base / median:6.2f}x")


if __name__ == "__main__":
    main()

"""From a model's name to a scorer that is ready."""

from sentiment.config import DEFAULT_MODEL, Device, Precision
from sentiment.model import ModelDirectory, open_model, resolve_device, resolve_precision
from sentiment.scoring.encoder_scorer import EncoderScorer
from sentiment.scoring.review_scorer import ReviewScorer

PRECISION_NAMES = {"torch.float32": "fp32", "torch.bfloat16": "bf16", "torch.float16": "fp16"}


def load_scorer(
    model: str = DEFAULT_MODEL,
    *,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_tokens: int = 8192,
) -> ReviewScorer:
    """Load a model for scoring.

    Example:
        >>> from sentiment import load_scorer
        >>> scorer = load_scorer("reviews-en")
        >>> [prediction.label for prediction in scorer.predict(["Lovely fabric.", "Fell apart."])]
        ['positive', 'negative']

    Args:
        model: A shipped model's name, or a model directory.
        device: Where it runs; `auto` takes the first of cuda, mps, cpu.
        precision: Its number format; `auto` takes a 16-bit one where a short trial shows it faster.
        batch_tokens: Tokens (padding counted) in one batch.

    Raises:
        ModelNotFoundError: No model of that name or at that path.
        IncompatibleModelError: It is damaged, edited, or written by another version.
        UntrustedModelError: It asks to run code, holds a pickle, or has the wrong hash.
        ConfigError: The device is not on this machine.
    """
    return build_scorer(open_model(model), device, precision, batch_tokens)


def build_scorer(
    directory: ModelDirectory, device: Device, precision: Precision, batch_tokens: int
) -> ReviewScorer:
    """Load the weights of a model directory that is already open; see `load_scorer`."""
    from sentiment.scoring.torch_backend import TorchForward

    torch_device, device_reason = resolve_device(device)
    dtype, precision_reason = resolve_precision(precision, torch_device)
    forward = TorchForward(directory.load_classifier(torch_device, dtype), torch_device)
    scorer = EncoderScorer(directory.load_tokenizer(), forward, directory.manifest, batch_tokens)
    return ReviewScorer(
        scorer,
        directory.manifest.review_threshold,
        runs_on={
            "device": f"{torch_device} ({device_reason})",
            "precision": f"{PRECISION_NAMES[str(dtype)]} ({precision_reason})",
        },
    )

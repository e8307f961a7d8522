"""Learning from a few labels: what the encoder learns before the loop, and settings of the loop after it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from sentiment.config import TrainConfig
from sentiment.corpus import TokenisedReviews
from sentiment.errors import ConfigError
from sentiment.model.batching import padded_lengths
from sentiment.model.encoder import resolve_encoder
from sentiment.model.heads import output_layer
from sentiment.model.tokens import SpecialTokens
from sentiment.training.evaluation import read_inputs
from sentiment.training.events import Event, Note
from sentiment.training.loss import partial_label_losses
from sentiment.training.optimiser import minimise

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FEW = 64
"""Most training reviews of a label for which `auto` takes `few-labels` (see docs/benchmarks.md)."""

DISTILLATION_UPDATES = 150
TEXTS_PER_UPDATE = 16
DISTILLATION_RATE = 2e-4
SPAN_TOKENS = (2, 10)
"""Fewest and most tokens that a spliced text takes from one place."""

HEAD_EXAMPLES = 1_024
"""Most reviews that the head is fitted to; the loop after it sees them all."""

FEWEST_UPDATES = 100
UPDATES_PER_EVALUATION = 20
SETTINGS = {"learning_rate": 3e-5, "batch_size": 16, "early_stopping_patience": 0}


def resolve_recipe(config: TrainConfig, labels: Sequence[str]) -> tuple[str, str]:
    """Give the recipe, `finetune` or `few-labels`, and the reason it was taken.

    Args:
        config: The settings.
        labels: The label of each training review, at least one.

    Raises:
        ConfigError: `few-labels` is asked for together with adapters.
    """
    if config.peft != "none":
        if config.recipe == "few-labels":
            raise ConfigError(
                f"--recipe few-labels trains all weights, --peft {config.peft} a few.",
                remedy="Leave one of them out.",
            )
        return "finetune", f"--peft {config.peft} trains no whole encoder"
    if config.recipe != "auto":
        return config.recipe, "as asked"
    most = max(Counter(labels).values())
    if most <= FEW:
        reason = f"no label has more than {most} training reviews, and it is meant for up to {FEW}"
        return "few-labels", reason
    return "finetune", f"a label has {most:,} training reviews; few-labels is for up to {FEW}"


def few_label_settings(
    config: TrainConfig, examples: int, processes: int = 1
) -> tuple[TrainConfig, list[str]]:
    """Fit the settings of the loop to an encoder that `warm_up` has taught, and to few updates.

    Only settings that stand at their default are changed. Whether they were typed does not matter: a run that
    is repeated or resumed from its own config.toml, where all of them stand, is the same run.

    Args:
        config: The settings.
        examples: Training reviews.
        processes: Processes that share an update.

    Returns:
        The settings of the loop, and a note that names what was changed, if anything was.
    """
    wanted: dict[str, Any] = dict(SETTINGS)
    batch_size = wanted["batch_size"] if _is_default(config, "batch_size") else config.batch_size
    updates_per_epoch = math.ceil(examples / (batch_size * config.gradient_accumulation_steps * processes))
    if config.epochs * updates_per_epoch < FEWEST_UPDATES:
        wanted["epochs"] = float(math.ceil(FEWEST_UPDATES / updates_per_epoch))
    if updates_per_epoch < UPDATES_PER_EVALUATION:
        wanted["evaluate_every"] = UPDATES_PER_EVALUATION
    changes = {name: value for name, value in wanted.items() if _is_default(config, name)}
    if not changes:
        return config, []
    shown = ", ".join(f"{name} {value:g}" for name, value in changes.items())
    return config.model_copy(update=changes), [f"Settings for few labels: {shown}."]


def _is_default(config: TrainConfig, name: str) -> bool:
    return bool(getattr(config, name) == type(config).model_fields[name].default)


def warm_up(
    model: PreTrainedModel,
    train: TokenisedReviews,
    config: TrainConfig,
    pad_id: int,
    special: SpecialTokens,
) -> Iterator[Event]:
    """Teach the first token what the encoder knows, then fit the head, both in place.

    A sentence encoder keeps what it knows in the mean of its last hidden states (Reimers & Gurevych 2019),
    and the head of most architectures reads the first token alone. So that token is taught the mean: the
    encoder is distilled into itself, on texts spliced from the reviews (`splice_reviews`) and without labels.
    The head is then the logistic regression on what it reads (`fit_head`), from where fine-tuning distorts
    least (Kumar et al. 2022). A finished model as encoder uses its first token already: it gets a head alone.

    The work is the same however many reviews there are. Nothing is drawn from torch's random generators, so
    that the loop goes on as it would without, and every process that runs this with the same seed gets the
    same weights. Word embeddings stay as they are.

    Args:
        model: Without the wrapper of several processes; left in the mode that it was in.
        train: Training examples.
        config: The encoder and the seed.
        pad_id: Token id that fills a batch up.
        special: What stands before and behind each of the examples.

    Yields:
        Notes that say what was done.
    """
    generator = np.random.default_rng((config.seed, FEW))
    training = model.training
    model.eval()  # without dropout
    has_words = (train.lengths > special.total).any()
    if not resolve_encoder(config.encoder).is_model and has_words:
        before, after = _distil_mean(model, list(splice_reviews(train, special, generator)))
        yield Note(
            f"Few labels: {DISTILLATION_UPDATES} updates taught the first token the mean of all tokens "
            f"(cosine similarity {before:.2f} before, {after:.2f} after)."
        )
    chosen = np.sort(generator.permutation(len(train))[:HEAD_EXAMPLES])
    features = read_inputs(model, output_layer(model), train.select(chosen.tolist()), pad_id)
    fit_head(model, features, torch.from_numpy(train.allowed[chosen]))
    model.train(training)
    yield Note(f"Few labels: the head was fitted to {len(chosen):,} reviews.")


def splice_reviews(
    train: TokenisedReviews, special: SpecialTokens, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield the texts of each distillation update: pieces of the training reviews, put together at random.

    There is no end of such texts, where the reviews themselves would soon be known by heart.

    Args:
        train: At least one review of a token beside the special ones.
        special: What stands before and behind each review, and is put around each text.
        generator: Draws pieces and lengths.

    Yields:
        Token ids (texts, length); the length is that of a review, rounded up.
    """
    sources = np.flatnonzero(train.lengths > special.total)
    lengths = padded_lengths(train.lengths, train.longest)
    before, after = special
    for _ in range(DISTILLATION_UPDATES):
        length = int(lengths[generator.choice(sources)])
        texts = np.empty((TEXTS_PER_UPDATE, length), dtype=np.int64)
        for text in texts:
            pieces: list[int] = []
            while len(pieces) < length:
                example = train.example(int(generator.choice(sources)))
                words = example[len(before) : len(example) - len(after)]
                span = int(generator.integers(SPAN_TOKENS[0], SPAN_TOKENS[1] + 1))
                start = int(generator.integers(max(1, len(words) - span + 1)))
                pieces.extend(words[start : start + span])
            text[:] = [*before, *pieces[: length - special.total], *after]
        yield texts


def _distil_mean(model: PreTrainedModel, updates: Sequence[NDArray[np.int64]]) -> tuple[float, float]:
    """Draw the first token towards the mean as it is now; give their cosine similarity before and after."""
    batches = [torch.from_numpy(texts).to(model.device) for texts in updates]
    with torch.no_grad():
        means = [_pool(model, batch)[1] for batch in batches]
    words = set(model.get_input_embeddings().parameters())
    trained = [p for p in model.parameters() if p.requires_grad and p not in words]
    optimiser = torch.optim.AdamW(trained, lr=DISTILLATION_RATE)
    similarities = []
    for step, (batch, mean) in enumerate(zip(batches, means, strict=True), start=1):
        rise, fall = step / (0.1 * len(batches)), (len(batches) + 1 - step) / (0.9 * len(batches))
        optimiser.param_groups[0]["lr"] = DISTILLATION_RATE * min(rise, fall)
        similarity = functional.cosine_similarity(_pool(model, batch)[0], mean).mean()
        (1 - similarity).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        model.zero_grad(set_to_none=True)  # word embeddings have gradients, too
        similarities.append(similarity.detach())
    return float(similarities[0]), float(similarities[-1])


def _pool(model: PreTrainedModel, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the first token's last hidden state and the mean of all tokens', each (texts, width), fp32."""
    # Through the model's own forward, which Accelerate gives its number format.
    output = model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
    hidden = output.hidden_states[-1].float()
    return hidden[:, 0], hidden.mean(dim=1)


def fit_head(model: PreTrainedModel, features: torch.Tensor, allowed: torch.Tensor) -> None:
    """Set the layer that makes the logits to the logistic regression of the labels on the features.

    The squared weights count half, on features centred and scaled to a mean square of 1 in all.

    Args:
        model: Its output layer has a bias.
        features: (examples, width), fp32.
        allowed: (examples, labels), bool.
    """
    centre = features.double().mean(dim=0)
    scale = (features - centre).square().sum(dim=-1).mean().sqrt().clamp_min(1e-6)
    scaled = (features - centre) / scale
    weight = torch.zeros(allowed.shape[1], features.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(allowed.shape[1], dtype=torch.float64, requires_grad=True)
    minimise(
        [weight, bias],
        lambda: partial_label_losses(scaled @ weight.T + bias, allowed).sum() + weight.square().sum() / 2,
    )
    layer = output_layer(model)
    with torch.no_grad():
        layer.weight.copy_(weight / scale)
        layer.bias.copy_(bias - weight @ centre / scale)

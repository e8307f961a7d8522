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
from sentiment.model.batching import padded_lengths, plan_batches
from sentiment.model.heads import output_layer
from sentiment.training.batches import collate, number_labels
from sentiment.training.evaluation import EVALUATION_TOKENS
from sentiment.training.events import Event, Note
from sentiment.training.loss import partial_label_losses

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FEW = 64
"""Most training reviews of a label for which `auto` takes `few-labels`: so far it is measured."""

CONTRASTIVE_UPDATES = 100
EXAMPLES_PER_UPDATE = 24
"""Reviews of one contrastive update, all compared with each other: 276 pairs, however many rows there are."""
CONTRASTIVE_RATE = 5e-5
TEMPERATURE = 0.1

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
        return "few-labels", f"no label has more than {most} training reviews, and up to {FEW} it does better"
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
    model: PreTrainedModel, train: TokenisedReviews, config: TrainConfig, pad_id: int
) -> Iterator[Event]:
    """Teach the encoder which reviews belong together, then fit the head, both in place.

    The encoder learns by supervised contrast (`contrastive_loss`), as in SetFit (Tunstall et al. 2022), on
    the mean of its last hidden states: there a sentence encoder keeps what it knows. The head of most
    architectures reads the first token alone, so that token is drawn towards the mean. The head is then a
    logistic regression on what it reads (`fit_head`), a start from which fine-tuning distorts less (Kumar et
    al. 2022).

    The number of updates and pairs is fixed, however many reviews there are. Nothing is drawn from torch's
    random generators, so that the loop goes on as it would without, and every process that runs this with the
    same seed gets the same weights. Embeddings stay as they are.

    Args:
        model: Without the wrapper of several processes; left in the mode that it was in.
        train: Training examples.
        config: The seed.
        pad_id: Token id that fills a batch up.

    Yields:
        Notes that say what was done.
    """
    generator = np.random.default_rng((config.seed, FEW))
    training = model.training
    model.eval()  # without dropout
    kinds = number_labels(train.allowed)
    if np.bincount(kinds).max() > 1:
        _contrast(model, train, pad_id, list(draw_updates(kinds, generator)))
        yield Note(f"Few labels: {CONTRASTIVE_UPDATES} contrastive updates over {len(train):,} reviews.")
    else:
        yield Note("Few labels: no two reviews share a label, so there is nothing to contrast.")
    chosen = np.sort(generator.permutation(len(train))[:HEAD_EXAMPLES])
    fit_head(model, read_features(model, train, chosen, pad_id), torch.from_numpy(train.allowed[chosen]))
    model.train(training)
    yield Note(f"Few labels: the head was fitted to {len(chosen):,} reviews.")


def draw_updates(kinds: NDArray[np.int64], generator: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield the examples of each contrastive update: as many of each label as there are, where they suffice.

    With more labels than fit in twos, every update takes some of them.

    Args:
        kinds: Number of each example's label (examples,).
        generator: Draws them.
    """
    rows = [np.flatnonzero(kinds == kind) for kind in np.unique(kinds)]
    for _ in range(CONTRASTIVE_UPDATES):
        labels = generator.permutation(len(rows))[: EXAMPLES_PER_UPDATE // 2]
        share = EXAMPLES_PER_UPDATE // len(labels)
        drawn = [generator.permutation(rows[label])[:share] for label in labels]
        yield np.concatenate(drawn)


def _contrast(
    model: PreTrainedModel, train: TokenisedReviews, pad_id: int, updates: Sequence[NDArray[np.int64]]
) -> None:
    embeddings = set(model.get_input_embeddings().parameters())
    trained = [p for p in model.parameters() if p.requires_grad and p not in embeddings]
    optimiser = torch.optim.AdamW(trained, lr=CONTRASTIVE_RATE)
    for step, examples in enumerate(updates, start=1):
        optimiser.param_groups[0]["lr"] = CONTRASTIVE_RATE * min(
            step / (0.1 * len(updates)), (len(updates) + 1 - step) / (0.9 * len(updates))
        )
        batch = collate(train, examples, pad_id, model.device)
        first, mean = _pool(model, batch)
        pull = 1 - functional.cosine_similarity(first, mean.detach()).mean()
        (contrastive_loss(mean, batch["allowed"]) + pull).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
    model.zero_grad(set_to_none=True)


def _pool(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the first token's last hidden state and the mean over real tokens, each (examples, width)."""
    # Through the model's own forward, which Accelerate gives its number format.
    output = model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], output_hidden_states=True
    )
    hidden = output.hidden_states[-1].float()
    real = batch["attention_mask"].unsqueeze(-1)
    return hidden[:, 0], (hidden * real).sum(dim=1) / real.sum(dim=1)


def contrastive_loss(embeddings: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    """Give the supervised contrastive loss (Khosla et al. 2020, L_out) over all pairs of a batch.

    Reviews of one label are drawn together, reviews whose labels exclude each other are pushed apart, and
    reviews of labels that overlap (`negative` and `1 star`) are left alone.

    Args:
        embeddings: (examples, width).
        allowed: The classes that each label allows (examples, labels), bool.

    Returns:
        The mean over the examples that share their label with another; 0 where none does.
    """
    others = ~torch.eye(len(allowed), dtype=torch.bool, device=allowed.device)
    same = (allowed[:, None] == allowed).all(dim=-1) & others
    apart = ~(allowed[:, None] & allowed).any(dim=-1)
    anchors = same.any(dim=-1)
    unit = functional.normalize(embeddings.float(), dim=-1)
    if not anchors.any():
        return unit.sum() * 0
    similar, same, apart = (unit @ unit.T / TEMPERATURE)[anchors], same[anchors], apart[anchors]
    log_share = similar - similar.masked_fill(~(same | apart), -torch.inf).logsumexp(dim=-1, keepdim=True)
    return -(log_share.masked_fill(~same, 0.0).sum(dim=-1) / same.sum(dim=-1)).mean()


@torch.no_grad()
def read_features(
    model: PreTrainedModel, reviews: TokenisedReviews, examples: NDArray[np.int64], pad_id: int
) -> torch.Tensor:
    """Give what the layer that makes the logits reads (examples, width), fp32, on the CPU."""
    read: list[torch.Tensor] = []

    def note_input(module: Any, arguments: tuple[torch.Tensor, ...]) -> None:
        read.append(arguments[0].float().cpu())

    batches = plan_batches(padded_lengths(reviews.lengths[examples], reviews.longest), EVALUATION_TOKENS)
    hook = output_layer(model).register_forward_pre_hook(note_input)
    for rows in batches:
        batch = collate(reviews, examples[rows], pad_id, model.device)
        model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    hook.remove()
    order = torch.from_numpy(np.argsort(np.concatenate(batches)))
    return torch.cat(read)[order]


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
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def penalised_loss() -> torch.Tensor:
        optimiser.zero_grad()
        loss = partial_label_losses(scaled @ weight.T + bias, allowed).sum() + weight.square().sum() / 2
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(penalised_loss)  # type: ignore[no-untyped-call]
    layer = output_layer(model)
    with torch.no_grad():
        layer.weight.copy_(weight / scale)
        layer.bias.copy_(bias - weight @ centre / scale)

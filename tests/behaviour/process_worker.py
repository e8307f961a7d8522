"""What each process does under torchrun in test_processes.py: several checks in one start.

torchrun --nproc_per_node 2 -m tests.behaviour.process_worker ENCODER DATA OUTPUT
"""

import io
import json
import sys
from contextlib import redirect_stderr
from pathlib import Path

import torch
from accelerate import Accelerator
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from sentiment.cli import run as run_verb
from sentiment.corpus import LabelledReviews
from sentiment.errors import DataError
from sentiment.labels import STARS
from sentiment.measuring import measure_reviews, softmax
from sentiment.model.encoder import build_classifier, load_tokenizer, resolve_encoder
from sentiment.training import evaluation
from sentiment.training.data import tokenise_reviews
from sentiment.training.evaluation import evaluate_logits
from sentiment.training.processes import share_out
from sentiment.training.state import (
    load_model_tensors,
    load_optimiser_tensors,
    model_tensors,
    optimiser_tensors,
)
from sentiment.training.streaming import load_streamed
from tests.tiny_encoder import small_reviews, train_settings

SIZES = range(1, 20)


def build_model(encoder, seed=0):
    torch.manual_seed(seed)
    return build_classifier(
        resolve_encoder(str(encoder)), STARS, dropout=0.0, attention_dropout=0.0, max_length=24
    )


def measure_sizes(encoder, accelerator, monkeypatch=setattr, wrap=None):
    """Measure a model with random weights on 1 to 19 reviews, two in a batch."""
    monkeypatch(evaluation, "EVALUATION_TOKENS", 40)
    model = wrap(build_model(encoder)) if wrap else accelerator.prepare(build_model(encoder))
    tokenizer = load_tokenizer(resolve_encoder(str(encoder)))
    rows = small_reviews()[::21]
    figures = {}
    for size in SIZES:
        labels = [STARS.labels[int(row["stars"]) - 1] for row in rows[:size]]
        texts = [row["review"] for row in rows[:size]]
        reviews = LabelledReviews(texts, labels, [None] * size, ["small"] * size)
        tokens = tokenise_reviews(reviews, STARS, tokenizer, 24)
        logits = evaluate_logits(model, tokens, tokenizer.pad_token_id, accelerator)
        measured = measure_reviews(softmax(logits), tokens.allowed, STARS)
        confusion = measured["classes"]["confusion"]
        figures[str(size)] = [measured["loss"], measured["accuracy"], confusion, logits.tolist()]
    return figures


def step(model, optimiser, times):
    """Train on a batch that is the same on every process, so that one process alone does the same."""
    ids = torch.arange(5, 19).reshape(2, 7)
    for _ in range(times):
        model(input_ids=ids).logits.square().sum().backward()
        optimiser.step()
        optimiser.zero_grad()


def shard(model):
    mesh = init_device_mesh("cpu", (torch.distributed.get_world_size(),))
    for layer in model.bert.encoder.layer:
        fully_shard(layer, mesh=mesh)
    return fully_shard(model, mesh=mesh)


def save_and_restore(encoder, wrap):
    """Train, copy the state, load it into another model, train both on; say what is the same."""

    def build(seed, wrap):
        model = wrap(build_model(encoder, seed))
        # A large epsilon, or Adam makes much of gradients that are nothing but rounding.
        return model, torch.optim.AdamW(model.parameters(), lr=1e-2, eps=1e-2)

    alone, its_optimiser = build(0, lambda model: model)
    step(alone, its_optimiser, 2)
    model, optimiser = build(0, wrap)
    step(model, optimiser, 2)
    weights = [model_tensors(model)]
    states = [optimiser_tensors(model, optimiser)]
    on_disk = [weights[0], states[0]]
    torch.distributed.broadcast_object_list(on_disk, src=0)  # as if every process had read the checkpoint
    other, other_optimiser = build(1, wrap)
    load_model_tensors(other, on_disk[0])
    load_optimiser_tensors(other, other_optimiser, on_disk[1])
    weights.append(model_tensors(other))
    states.append(optimiser_tensors(other, other_optimiser))
    step(model, optimiser, 2)
    step(other, other_optimiser, 2)
    ends = [model_tensors(model), model_tensors(other)]
    return {
        "names": list(weights[0]) == (list(alone.state_dict()) if weights[0] else []),
        "trained as alone": all(
            torch.allclose(tensor, alone.state_dict()[name], atol=1e-6) for name, tensor in weights[0].items()
        ),
        "optimiser as alone": all(
            torch.allclose(tensor, states[0][key], atol=1e-6)
            for key, tensor in (optimiser_tensors(alone, its_optimiser) if states[0] else {}).items()
        ),
        "round trip": are_equal(weights) and are_equal(states),
        "went on the same": are_equal(ends),
    }


def are_equal(pair):
    first, second = pair
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


def stream(encoder, shards, cache, accelerator):
    """Stream a folder of shards; gives what every number of processes should come to."""
    config = train_settings(
        data=tuple(str(path) for path in sorted(Path(shards).iterdir())),
        cache_dir=str(cache),
        stream=True,
        output_dir="unused",
    )
    data = load_streamed(config, load_tokenizer(resolve_encoder(str(encoder))), accelerator)
    train = data.streamed.tokens
    examples = [train.example(i).tolist() for i in range(len(train))]
    held_out = {split: reviews.texts for split, reviews in data.splits.items()}
    return [examples, train.allowed.tolist(), held_out, data.notes]


def fail_on_one(accelerator):
    """Let the process that has item 3 fail; gives what this process says."""

    def work(item):
        if item == 3:
            raise DataError("item 3 is damaged.")
        return item

    try:
        return share_out(accelerator, range(5), work)
    except DataError as error:
        return str(error)


def diverge(encoder, data, output):
    """Train with a rate that no model survives; gives exit code and message."""
    settings = {"data": data, "encoder": encoder, "output-dir": output, "learning-rate": "1e30"}
    settings |= {"max-length": "24", "batch-size": "4", "mixed-precision": "no", "device": "cpu"}
    settings |= {"cache-dir": "none"}
    flags = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    told = io.StringIO()
    with redirect_stderr(told):
        code = run_verb("train", [*flags, "--quiet"], "train.py")
    return code, told.getvalue()


def main(encoder, data, output):
    accelerator = Accelerator(cpu=True)
    result = {"sizes": measure_sizes(encoder, accelerator)}
    result["sizes under FSDP"] = measure_sizes(encoder, accelerator, wrap=shard)
    result["state"] = {
        "DDP": save_and_restore(encoder, torch.nn.parallel.DistributedDataParallel),
        "FSDP": save_and_restore(encoder, shard),
    }
    result["streamed"] = stream(encoder, Path(output) / "shards", Path(output) / "cache", accelerator)
    result["shared out"] = share_out(accelerator, range(5), lambda item: item * item)
    result["failed"] = fail_on_one(accelerator)
    result["diverged"] = diverge(encoder, data, Path(output) / "run")
    place = Path(output) / f"process-{accelerator.process_index}.json"
    place.write_text(json.dumps(result), encoding="utf-8")
    accelerator.wait_for_everyone()


if __name__ == "__main__":
    main(*sys.argv[1:])

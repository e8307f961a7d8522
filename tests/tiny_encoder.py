"""A tiny BERT encoder, small labelled reviews, and training settings that fit them: seconds a run."""

import csv
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from sentiment.config import TrainConfig
from tests.tiny import TINY_SHAPE, as_bert_tokenizer, build_wordpiece

POSITIONS = 40
THINGS = ("dress", "towel", "lamp", "cup", "bag", "shirt", "scarf", "chair")
ADJECTIVES = {
    "positive": ("lovely", "soft", "great", "perfect", "bright"),
    "neutral": ("plain", "usual", "average"),
    "negative": ("terrible", "broken", "cheap", "wrong", "awful"),
}
ENDINGS = ("as shown", "it came today", "my sister has one", "for the guest room now")
STARS = {"positive": ("5", "4"), "neutral": ("3",), "negative": ("1", "2")}


def small_reviews(sentiments: Iterable[str] = tuple(ADJECTIVES)) -> list[dict[str, str]]:
    """Make reviews of at most seven words, all different, of which the adjective gives the sentiment away."""
    reviews = []
    for sentiment in sentiments:
        stars = itertools.cycle(STARS[sentiment])
        for adjective, thing, ending in itertools.product(ADJECTIVES[sentiment], THINGS, ENDINGS):
            text = f"{adjective} {thing} {ending}"
            reviews.append({"review": text, "stars": next(stars), "sentiment": sentiment})
    return reviews


def write_csv(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """Write rows to a CSV file; gives its path."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def build_word_tokenizer() -> Tokenizer:
    """Give a WordPiece tokenizer that knows the words of the small reviews."""
    return build_wordpiece(review["review"] for review in small_reviews())


def build_tiny_encoder(directory: Path, *, seed: int = 0) -> Path:
    """Save a BERT of two layers and 32 dimensions as a Hugging Face folder, without a head."""
    import torch
    from transformers import BertConfig, BertModel

    tokenizer = as_bert_tokenizer(build_word_tokenizer())
    config = BertConfig(**TINY_SHAPE, vocab_size=len(tokenizer), max_position_embeddings=POSITIONS)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        BertModel(config).save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory


def train_settings(**changes: Any) -> TrainConfig:
    """Give settings for a run of seconds on the CPU, in fp32."""
    settings = {
        "max_length": 24,
        "batch_size": 8,
        "learning_rate": 2e-3,
        "epochs": 1,
        "dropout": 0.0,
        "mixed_precision": "no",
        "device": "cpu",
        "cache_dir": "none",
        "quiet": True,
        "charts": False,
    }
    return TrainConfig.model_validate(settings | changes)

"""Tiny classifiers of the architectures that stronger and multilingual encoders have."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentiment.labels import STARS
from sentiment.model import Manifest, save_model
from tests.tiny import MAX_LENGTH, SPECIAL_TOKENS, TINY_SHAPE, build_tiny_tokenizer
from tests.tiny_multilingual import build_multilingual_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def build_mpnet_tokenizer() -> "PreTrainedTokenizerFast":
    """Give the tiny BERT's words MPNet's special tokens in its order: the network counts on padding id 1."""
    from transformers import MPNetTokenizer

    renamed = dict(zip(SPECIAL_TOKENS, ("<s>", "<pad>", "</s>", "[UNK]", "<mask>"), strict=True))
    vocabulary = build_tiny_tokenizer().get_vocab()
    tokenizer: PreTrainedTokenizerFast = MPNetTokenizer(
        vocab={renamed.get(token, token): i for token, i in vocabulary.items()}
    )
    return tokenizer


TOKENIZERS: Final = {"mpnet": build_mpnet_tokenizer, "xlm-roberta": build_multilingual_tokenizer}
"""Model type to what builds its tokenizer: that of all-mpnet-base-v2, and that of XLM-RoBERTa and its kin."""


def build_tiny_architecture(directory: Path, model_type: str) -> Path:
    """Save a model with random weights, wide enough apart that its predictions differ from text to text."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    tokenizer = TOKENIZERS[model_type]()
    config = AutoConfig.for_model(
        model_type,
        **TINY_SHAPE,
        vocab_size=len(tokenizer),
        max_position_embeddings=MAX_LENGTH + tokenizer.pad_token_id + 1,  # counted from behind the padding id
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.3,
        id2label=dict(enumerate(STARS.labels)),
        label2id={label: i for i, label in enumerate(STARS.labels)},
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForSequenceClassification.from_config(config).eval()
    manifest = Manifest(
        name=directory.name,
        scheme=STARS,
        max_length=MAX_LENGTH,
        pad_id=tokenizer.pad_token_id,
        encoder={"name": model_type},
        files={},
    )
    save_model(directory, model, tokenizer, manifest)
    return directory

"""A BERT of two layers and 32 dimensions, built on the spot in a fraction of a second."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from sentiment.labels import STARS, LabelScheme
from sentiment.model import Manifest, save_model
from sentiment.model.held_out import HELD_OUT_NAME, HeldOutScores, save_held_out

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MAX_LENGTH = 64
LINES = (
    "The dress is lovely and fits well, I would buy it again.",
    "Terrible quality, the seam tore on the first day and nobody answers my mails.",
    "It is all right for the price, neither good nor bad.",
    "Not what I ordered! The colour is wrong and it smells of plastic.",
    "Best towel I ever had: soft, thick, quick to dry.",
)
TINY_SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def build_tiny_tokenizer() -> Tokenizer:
    """Give a WordPiece tokenizer that knows the words of a few lines."""
    return build_wordpiece(LINES)


def build_wordpiece(texts: Iterable[str]) -> Tokenizer:
    """Give a WordPiece tokenizer of the words of some texts, sorted, and of letters and digits for others.

    A trainer would give another vocabulary in each process, and the tests other weights.
    """
    normalizer, pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    pieces = (pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text)) for text in texts)
    words = sorted({word for text in pieces for word, _ in text})
    letters = [f"{mark}{letter}" for mark in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz0123456789"]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys([*SPECIAL_TOKENS, *words, *letters]))}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    tokenizer.post_processor = BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    return tokenizer


def as_bert_tokenizer(tokenizer: Tokenizer) -> "PreTrainedTokenizerFast":
    """Wrap a tokenizer as transformers saves and loads it."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]",
    )  # fmt: skip


def build_tiny_model(
    directory: Path,
    scheme: LabelScheme = STARS,
    *,
    seed: int = 0,
    review_threshold: float = 0.5,
    held_out: HeldOutScores | None = None,
) -> Path:
    """Save a model with random weights, wide enough apart that its predictions differ from text to text."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    tokenizer = as_bert_tokenizer(build_tiny_tokenizer())
    config = BertConfig(
        **TINY_SHAPE,
        vocab_size=len(tokenizer),
        max_position_embeddings=MAX_LENGTH,
        initializer_range=0.3,
        id2label=dict(enumerate(scheme.labels)),
        label2id={label: i for i, label in enumerate(scheme.labels)},
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = BertForSequenceClassification(config).eval()
    manifest = Manifest(
        name=directory.name,
        scheme=scheme,
        max_length=MAX_LENGTH,
        pad_id=tokenizer.pad_token_id,
        encoder={"name": "tiny"},
        files={},
        review_threshold=review_threshold,
    )
    if held_out is not None:
        directory.mkdir(parents=True, exist_ok=True)
        save_held_out(held_out, directory / HELD_OUT_NAME)
    save_model(directory, model, tokenizer, manifest)
    return directory

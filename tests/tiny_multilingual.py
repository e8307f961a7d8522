"""A tiny XLM-RoBERTa, and made-up reviews in four languages for it."""

import itertools
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokenizers.pre_tokenizers import Metaspace

from tests.tiny import TINY_SHAPE

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

POSITIONS: Final = 48
SPECIAL_TOKENS: Final = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# Of each language: what was bought, how it is and the stars for that, and how the review ends.
_PARTS: Final = {
    "de": (
        ("Das Kleid ist", "Die Lampe ist leider", "Der Schal meiner Mutter ist", "Ich finde, der Stuhl ist"),
        {"wunderschön": 5, "herrlich weich": 4, "ganz in Ordnung": 3, "schon kaputt": 2, "furchtbar": 1},
        ("und kam am Dienstag", "wie auf dem Bild", "für unser Zimmer", "und wir haben zwei davon"),
    ),
    "en": (
        ("The dress is", "I would say the lamp is", "The scarf of my mother is", "The chair that we got is"),
        {"beautiful": 5, "wonderfully soft": 4, "just all right": 3, "broken already": 2, "terrible": 1},
        ("and it came on Tuesday", "as in the picture", "for our room", "and we have two of them"),
    ),
    "es": (
        ("El vestido es", "Creo que la lámpara es", "La bufanda de mi madre es", "Me parece que la silla es"),
        {"precioso": 5, "muy suave": 4, "bastante normal": 3, "de mala calidad": 2, "horrible": 1},
        ("y llegó el martes", "como en la foto", "para nuestro cuarto", "y tenemos dos en casa"),
    ),
    "fr": (
        (
            "La robe est",
            "Je trouve que la lampe est",
            "L'écharpe de ma mère est",
            "La chaise de mon fils est",
        ),
        {"magnifique": 5, "très douce": 4, "plutôt moyenne": 3, "déjà cassée": 2, "affreuse": 1},
        ("et elle est arrivée mardi", "comme sur la photo", "pour notre chambre", "et nous en avons deux"),
    ),
}
_BEGINNINGS: Final = {
    "de": ("", "Nach einer Woche: ", "Ehrlich gesagt: "),
    "en": ("", "After a week: ", "To be honest: "),
    "es": ("", "Después de una semana: ", "La verdad: "),
    "fr": ("", "Après une semaine : ", "Pour être honnête : "),
}


def multilingual_reviews(*languages: str) -> list[dict[str, str]]:
    """Make 240 reviews of each language, all different, with stars; all four where none is named."""
    return [
        {"review": f"{beginning}{thing} {manner} {ending}.", "stars": str(stars)}
        for language in languages or tuple(_PARTS)
        for beginning, thing, (manner, stars), ending in itertools.product(
            _BEGINNINGS[language], _PARTS[language][0], _PARTS[language][1].items(), _PARTS[language][2]
        )
    ]


def build_multilingual_tokenizer() -> "PreTrainedTokenizerFast":
    """Give an XLM-RoBERTa tokenizer of the reviews' words, by frequency, and of letters, which are rarer.

    A trainer would give the pieces another order in each process, and the tests other weights.
    """
    from transformers import XLMRobertaTokenizer

    pre_tokenizer = Metaspace()
    texts = [row["review"] for row in multilingual_reviews()]
    words = Counter(word for text in texts for word, _ in pre_tokenizer.pre_tokenize_str(text))
    log_total = math.log(words.total())
    pieces = dict.fromkeys(SPECIAL_TOKENS, 0.0)
    pieces |= {word: math.log(words[word]) - log_total for word in sorted(words)}
    pieces |= dict.fromkeys(sorted(set("".join(words)) - words.keys()), -log_total - 1)
    tokenizer: PreTrainedTokenizerFast = XLMRobertaTokenizer(vocab=list(pieces.items()))
    return tokenizer


def build_multilingual_encoder(directory: Path) -> Path:
    """Save an XLM-RoBERTa of two layers and 32 dimensions as a Hugging Face folder, without a head."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    tokenizer = build_multilingual_tokenizer()
    config = XLMRobertaConfig(
        **TINY_SHAPE, vocab_size=len(tokenizer), max_position_embeddings=POSITIONS + 2, type_vocab_size=1
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        XLMRobertaModel(config).save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return directory

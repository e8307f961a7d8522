"""Which single-byte code page of Latin letters a text is in: by the letters and signs that it then has."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from sentiment.tables.values.languages import ENGLISH, detect_languages

_WESTERN: Final = {
    "en": "",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "de": "äöüß",
    "es": "áéíñóúü",
    "it": "àèéìíîòóùú",
    "pt": "àáâãçéêíóôõúü",
    "nl": "áéíóúàèêëïöüç",
    "ca": "àçèéíïòóúü",
    "sv": "äåöé",
    "fi": "äåö",
    "da": "æøåéèóä",
    "no": "æøåéèóòôä",
    "is": "áðéíóúýþæö",
}
_CENTRAL: Final = {
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "hu": "áéíóöőúüű",
    "ro": "ăâîşţ",
    "hr": "čćđšž",
    "sr": "čćđšž",
    "bs": "čćđšž",
    "sl": "čšž",
}
_TURKISH: Final = {"tr": "çğıöşüâîû", "az": "çğıöşüə"}
_BALTIC: Final = {"lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž", "et": "äöõüšž"}
# The first wins where nothing tells them apart.
_PAGES: Final[dict[str, Mapping[str, str]]] = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
    "iso8859-2": _CENTRAL,
    "mac-roman": _WESTERN,
}
"""Code pages, with the letters beyond ASCII that each of their languages writes."""

_LOOKED_AT: Final = 400
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LATIN: Final = re.compile("[A-Za-z]")
# Thai is in neither: it knows no blanks, and its code page is not one that Latin texts are taken for.
_OTHER_SCRIPTS: Final = re.compile(
    "(?P<dense>[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uff66-\uffdc]+)"
    "|[\u0370-\u06ff]+"
)
_DASHES: Final = "\u2013\u2014"
_JOINS_LETTERS: Final = "\u2019\u2018\u00b4\u00ad"
_OPENING: Final = "¿¡\u201c\u201e"
_ORDINALS: Final = "ªº"
_CURRENCIES: Final = "€£¥¢ƒ"
_RARE: Final = "¤¨¯\u00b8\u02c6\u02c7\u02d8\u02d9\u02db\u02dc\u02dd≠∞≤≥∂∑∏π∫Ω√≈∆◊ﬁﬂ"
"""Accents without a letter and signs that reviews lack; wrong pages have them in the place of letters."""
_NO_LETTERS: Final = _ORDINALS + _RARE + "µƒ"
_WORDS: Final = "àáâèéêíñòóôöøùúåįő"
"""Letters that are a word, or a name, of their own in some language."""

_NOTHING_DECODED: Final = 3
_MISPLACED: Final = 2
_FOREIGN: Final = 1
# What else speaks for a page, in faults. The last two together are less than one: a short text has no more
# to tell MacRoman by.
_TOLD: Final = 0.25
_GUESSED: Final = 0.5
_COMMONEST: Final = 0.25
_MOST_STRAY: Final = 0.5
_ACCENTS_IN_A_ROW: Final = 2


def has_stray_letters(text: str) -> bool:
    """Tell a text most of whose letters of other scripts are mixed with Latin ones as no language does it.

    A wrong code page reads `perché` as `perchй`, or `25 °C` as `25 캜`. Other scripts do stand in one word
    with a Latin name, but with more letters than words have accented ones in a row.
    """
    if not _LATIN.search(text):
        return False
    runs = [
        (run[0], run["dense"] is not None, word)
        for word in _LETTERS.findall(text)
        for run in _OTHER_SCRIPTS.finditer(word)
    ]
    has_words = any(is_dense and len(run) > 1 for run, is_dense, _ in runs)
    stray = 0
    for run, is_dense, word in runs:
        if run == word:
            is_stray = len(run) == 1 and not (is_dense and has_words)
        else:
            is_stray = len(run) <= (1 if is_dense else _ACCENTS_IN_A_ROW)
        stray += len(run) * is_stray
    return stray > _MOST_STRAY * sum(len(run) for run, _, _ in runs)


def choose_code_page(sample: bytes, guess: str | None) -> str:
    """Choose the code page under which a text has fewest letters and signs where no language has them.

    A line is held against the letters of each language of a page. Among pages about equal it counts which was
    guessed, that Windows' for western Europe is the commonest, and how many lines are told to be in one of
    the languages.

    Args:
        sample: Lines with bytes beyond ASCII.
        guess: The code page found by other means, None where it is ruled out; one that is not known here
            stays where none fits without a fault.
    """
    # A sample of a small file has each line many times.
    lines = list(dict.fromkeys(sample.splitlines()))
    lines = lines[:: max(1, len(lines) // _LOOKED_AT)]
    decoded = {page: [line.decode(page, errors="replace") for line in lines] for page in _PAGES}
    faults = {
        page: sum(_count_faults(line, languages) for line in decoded[page])
        for page, languages in _PAGES.items()
    }
    if guess is not None and guess not in _PAGES and min(faults.values()):
        return guess

    def weigh(page: str) -> float:
        told = _TOLD * _count_told(decoded[page], _PAGES[page])
        return told + _GUESSED * (page == guess) + _COMMONEST * (page == "cp1252") - faults[page]

    return max(_PAGES, key=weigh)


def _count_told(lines: Sequence[str], languages: Mapping[str, str]) -> int:
    """Count lines of several words told to be in one of these languages, or in English as on any page."""
    several = [line for line in lines if len(_LETTERS.findall(line)) > 1]
    return sum(language in languages or language == ENGLISH for language in detect_languages(several))


def _count_faults(line: str, languages: Mapping[str, str]) -> int:
    """Count what does not belong where it stands, for the language of which that is least."""
    letters: list[str] = []
    faults = 0
    padded = f" {line} "
    for place, character in enumerate(padded):
        if character.isascii():
            continue
        before, after = padded[place - 1], padded[place + 1]
        if character == "\ufffd" or unicodedata.category(character) == "Cc":
            faults += _NOTHING_DECODED
        elif not character.isalpha() or character in _NO_LETTERS:
            faults += _MISPLACED * _is_sign_misplaced(character, before, after)
        else:
            letter = character.lower()[0]  # of the Turkish capital with a dot it is a plain i
            letters.append(letter)
            faults += _MISPLACED * _is_letter_misplaced(character, before, after)
            is_alone = not before.isalnum() and after in ' ,;:!?"'
            faults += _FOREIGN * (is_alone and letter not in _WORDS)
    letters = [letter for letter in letters if not letter.isascii()]
    foreign = min(sum(letter not in alphabet for letter in letters) for alphabet in languages.values())
    return faults + _FOREIGN * foreign


def _is_letter_misplaced(letter: str, before: str, after: str) -> bool:
    """Tell a letter beside a digit, and a capital behind a small letter or a small one before a capital."""
    is_capital_inside = letter.isupper() and before.islower()
    is_before_capital = letter.islower() and after.isupper() and not before.isupper()
    return before.isdigit() or after.isdigit() or is_capital_inside or is_before_capital


def _is_sign_misplaced(sign: str, before: str, after: str) -> bool:
    """Tell a sign inside a word, one that no blank parts from the word on its wrong side, and a rare one."""
    is_inside = before.isalpha() and after.isalpha()
    match sign:
        case _ if sign in _RARE:
            return True
        case _ if sign in _DASHES:
            return before.isalnum() != after.isalnum() and (before.isspace() or after.isspace())
        case _ if sign in _OPENING:
            return before.isalnum() and (after.isalnum() or sign != "\u201c")
        case _ if sign in _ORDINALS:
            return not (before.isdigit() or before in "nNmM.")
        case _ if sign in _CURRENCIES:
            return before.isalpha() or after.isalpha()
        case "¹" | "²" | "³":
            return after.isalpha() or (before.isalpha() and before not in "mM")
        case "¼" | "½" | "¾":
            return after.isalpha()
        case "·":
            return not after.isalnum() or (before.isalpha() and (before not in "lL" or after not in "lL"))
        case "\u2039" | "\u203a":
            return is_inside or not (before.isalnum() or after.isalnum())
        case "\u2020" | "\u2021":
            return before.isalpha()
        case "¦" | "¬" | "¶":
            return before.isalpha() or after.isalpha()
        case "µ":
            return before.isalpha()
        case _:
            return is_inside and sign not in _JOINS_LETTERS

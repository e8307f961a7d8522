"""Which single-byte code page of Latin letters a text is in: by the letters and signs that it then has."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from sentiment.tables.values.languages import detect_languages

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
_OTHER_SCRIPTS: Final = re.compile(
    "(?P<dense>[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uff66-\uffdc]+)"
    "|[\u0370-\u10ff\u1200-\u1dbf\u1f00-\u1fff]+"
)
_JOINS_LETTERS: Final = "\u2019\u2018\u00b7\u00ad\u2013\u2014"
_DASHES: Final = "\u2013\u2014"
_OPENING: Final = "¿¡\u201c\u201e\u2039«"
_ORDINALS: Final = "ªº"
_DAGGERS: Final = "\u2020\u2021"
_AFTER_UNITS: Final = "¹²³"
_NOTHING_DECODED: Final = 2
_MOST_STRAY: Final = 0.5


def has_stray_letters(text: str) -> bool:
    """Tell a text most of whose letters of other scripts stand alone, or in one word with Latin ones.

    No language writes so: a wrong code page reads `perché` as `perchй`. Chinese, Japanese and Korean know no
    blanks and stand right beside Latin names, but not one letter at a time.
    """
    stray = other = 0
    for word in _LETTERS.findall(text):
        for run in _OTHER_SCRIPTS.finditer(word):
            count = len(run[0])
            other += count
            stray += count if count == 1 or (count < len(word) and not run["dense"]) else 0
    return stray > _MOST_STRAY * other


def choose_code_page(sample: bytes, guess: str | None) -> str:
    """Choose the code page under which a text has fewest letters and signs where no language has them.

    A line is held against the letters of each language of a page. Among equal pages it is the one of whose
    languages most lines are told to be, then the guess, then Windows' for western Europe.

    Args:
        sample: Lines with bytes beyond ASCII.
        guess: The code page found by other means, None where it is ruled out; one that is not known here
            stays where none fits without a fault.
    """
    lines = sample.splitlines()
    lines = lines[:: max(1, len(lines) // _LOOKED_AT)]
    decoded = {page: [line.decode(page, errors="replace") for line in lines] for page in _PAGES}
    faults = {
        page: sum(_count_faults(line, languages) for line in decoded[page])
        for page, languages in _PAGES.items()
    }
    fewest = min(faults.values())
    if guess is not None and guess not in _PAGES and fewest:
        return guess
    best = [page for page in _PAGES if faults[page] == fewest]
    if len(best) == 1:
        return best[0]
    return max(best, key=lambda page: (_count_told(decoded[page], _PAGES[page]), page == guess))


def _count_told(lines: Sequence[str], languages: Mapping[str, str]) -> int:
    """Count the lines that are told to be in one of these languages."""
    return sum(language in languages for language in detect_languages(lines))


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
        elif character.isalpha() and character not in _ORDINALS:
            letters.append(character.lower()[0])  # of the Turkish capital with a dot it is a plain i
            faults += _is_letter_misplaced(character, before, after)
        else:
            faults += _is_sign_misplaced(character, before, after)
    letters = [letter for letter in letters if not letter.isascii()]
    return faults + min(sum(letter not in alphabet for letter in letters) for alphabet in languages.values())


def _is_letter_misplaced(letter: str, before: str, after: str) -> bool:
    """Tell a letter beside a digit, and a capital behind a small letter or a small one before a capital."""
    is_capital_inside = letter.isupper() and before.islower()
    is_before_capital = letter.islower() and after.isupper() and not before.isupper()
    return before.isdigit() or after.isdigit() or is_capital_inside or is_before_capital


def _is_sign_misplaced(sign: str, before: str, after: str) -> bool:
    """Tell a sign inside a word, and one that no blank parts from the word on its wrong side."""
    if sign in _DASHES:
        return before.isalnum() != after.isalnum() and (before.isspace() or after.isspace())
    if sign in _OPENING:
        return before.isalnum()
    if sign in _ORDINALS:
        return before.isalpha() and before not in "nNmM"
    if sign in _AFTER_UNITS:
        return after.isalpha() or (before.isalpha() and before not in "mM")
    return sign in _DAGGERS or (before.isalpha() and after.isalpha() and sign not in _JOINS_LETTERS)

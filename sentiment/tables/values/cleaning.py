"""What the model reads of a review: its text in plain words, if it has words at all."""

import html
import re
import unicodedata
from typing import Final

from sentiment.records import ReviewStatus
from sentiment.tables.values.emoji_words import spell_emoji

_ANSI: Final = r"\x1b\[[0-?]*[ -/]*[@-~]"
# Soft hyphen, Arabic letter mark, zero-width and bidi characters, byte order mark, lone surrogates.
_INVISIBLE: Final = re.compile(
    rf"{_ANSI}|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ud800-\udfff]"
)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
# Only names that HTML has: `<3`, `a < b` and `<sarcasm>` are what people write.
_TAG_NAMES: Final = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|button|center|code|dd|del|div|dl|dt|em|font|footer|form|"
    "h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|nav|ol|option|p|pre|q|s|section|"
    "select|small|span|strike|strong|sub|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|video"
)
# Each branch stops at the next opening of its kind, which keeps a text of nothing but openings linear.
_MARKUP: Final = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|<(script|style)\b(?:(?!<\1\b).)*?</\1\s*>"
    r"|<!doctype[^<>]*>"
    rf"|</?(?:script|style|{_TAG_NAMES})\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP_ROUNDS: Final = 8
# UTF-8 read as Windows-1252, -1250 or Latin-1, as Windows-1251, as Mac Roman: the beginning of a letter and
# what seldom follows it. ftfy decides.
_MENDING_ROUNDS: Final = 8
_MOJIBAKE: Final = re.compile(
    r"[\u00c2-\u00f4\u0102\u0139\u0420\u0421\u221a\u201a](?:"
    r"(?<=[\u00c2-\u0139])[\x80-\xbf\u0152-\u0192\u02c6-\u02dd\u2013-\u203a\u20ac\u2122]"
    r"|(?<=[\u0420\u0421])[\xa0-\xbf\u0401-\u040f\u0451-\u045f\u2013-\u203a\u20ac\u2116\u2122]"
    r"|(?<=[\u221a\u201a])[\xa1-\xff\u2020-\u2206])"
)
_GOOGLE_MARK: Final = re.compile(
    r"[(\uff08](?:(?P<english>translated by google)"
    r"|(?P<foreign>übersetzt von google|traduit par google|tradu[cz]ido (?:por|pelo|pela) google"
    r"|traduzione di google|tradotto da google|vertaald door google|przetłumaczone przez google"
    r"|tłumaczenie google|google taraf\u0131ndan çevrildi|översatt av google|oversatt av google"
    r"|oversat af google|přeložil google|tradus de google|переведено google|перевод google|google ?による翻訳"
    r"|google ?번역 제공|由 ?google ?(?:提供翻译|提供翻譯|翻译|翻譯))"
    r"|(?P<original>original|originale|origineel|avis d['\u2019]origine|texte d['\u2019]origine|oryginał"
    r"|wersja oryginalna|orijinal|ursprunglig|originál|оригинал|原文|원문|原始評論))[)\uff09]:?",
    re.IGNORECASE,
)
_LINK: Final = re.compile(
    r"(?:https?:/+|ftp:/+|www\.)\S+"
    r"|[^\s@]{1,64}@[^\s@]{1,255}"
    r"|(?<![\w.-])(?:[\w-]+\.)+(?:com|net|org|info|shop|store|app|io|co|uk|de|fr|it|es|nl|tr|ru|jp)(?:/\S*)?(?![\w.-])",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"\S+")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]{2}")
_LETTERS: Final = re.compile(r"[^\W\d_]+")


def clean_text(text: str) -> str:
    """Give the text that the model reads; what is exported stays as it was.

    Wrongly decoded letters are mended, invisible and control characters go, entities are unescaped at most
    twice, tags become a blank, emoji become words or a blank, letters are composed (NFC) and runs of white
    space collapse. Of a review and its translation by Google one is kept. Text that needs none of it is told
    by cheap tests.
    """
    if not text.isascii():
        text = _mend_encoding(text)
    text = _drop_invisible(text)
    if "&" in text:
        for _ in range(2):
            unescaped = _ENTITY.sub(_unescape, text)
            if unescaped == text:
                break
            text = _drop_invisible(_mend_encoding(unescaped))
    text = _simplify(text)
    return text if text.isascii() else _mend_again(text)


def _mend_encoding(text: str) -> str:
    if not _MOJIBAKE.search(text):
        return text
    import ftfy  # seldom needed

    return ftfy.fix_encoding(text)


def _mend_again(text: str) -> str:
    """Mend what something that has gone by now kept from being mended."""
    for _ in range(_MENDING_ROUNDS):
        mended = _mend_encoding(text)
        if mended == text:
            break
        text = _simplify(_drop_invisible(mended))
    return text


def _simplify(text: str) -> str:
    if "<" in text:
        text = _strip_markup(text)
    if not text.isascii():
        text = spell_emoji(text)
    # In printable text the blank is the only white space.
    text = text.strip(" ") if text.isprintable() and "  " not in text else " ".join(text.split())
    return _keep_one_version(text) if "oogle" in text else text


def _keep_one_version(text: str) -> str:
    """Choose between a review and its translation by Google, which stand in one text in either order.

    It is the translation where that is English, which is what the shipped model reads, else the original.
    """
    marks = list(_GOOGLE_MARK.finditer(text))
    if all(mark["original"] for mark in marks):
        return text
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    parts = [("original", text[: marks[0].start()])]
    parts += [(str(mark.lastgroup), text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    best_first = sorted(parts, key=lambda part: ("english", "original", "foreign").index(part[0]))
    return next((part for _, part in best_first if part.strip(" ")), "").strip(" ")


def _drop_invisible(text: str) -> str:
    # isprintable is a fast whole-string test; it is also False for line breaks, hence only a first sieve.
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _strip_markup(text: str) -> str:
    """Put a blank in the place of each tag; a tag may stand inside another (`<b <i>>`), hence the rounds."""
    for _ in range(_MARKUP_ROUNDS):
        stripped = _MARKUP.sub(" ", text)
        if stripped == text:
            break
        text = stripped
    return text


def _unescape(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def compose_text(title: str | None, text: str) -> str:
    """Join title and body, both cleaned, into the text of one review.

    A title that the body begins with is not repeated (some exports cut it from the body). The two are joined
    with a full stop, or a blank where the title ends in punctuation.
    """
    body = clean_text(text)
    headline = clean_text(title) if title else ""
    if not headline or not body:
        return headline or body
    if _begins_with(body, headline):
        return body
    ends_in_punctuation = unicodedata.category(headline[-1]).startswith("P")
    return f"{headline} {body}" if ends_in_punctuation else f"{headline}. {body}"


def _begins_with(body: str, headline: str) -> bool:
    """Whether the headline's words open the body, whatever their case; a cut one may end inside a word."""
    words = headline.rstrip(".… ")
    opening, rest = body[: len(words)], body[len(words) :]
    if opening.casefold() != words.casefold():
        return False
    is_cut = headline.endswith(("…", "..."))
    return is_cut or not (rest[:1].isalnum() and words[-1:].isalnum())


def review_status(composed: str) -> ReviewStatus:
    """Tell whether a composed text can be scored: EMPTY, NO_WORDS or OK.

    A word is two letters in a row, or one letter of a script that is written without blanks or vowels; what
    is part of a web or mail address does not count.
    """
    if not composed or composed.isspace():
        return ReviewStatus.EMPTY
    for token in _TOKEN.finditer(composed):
        if _has_word(_without_links(token[0])):
            return ReviewStatus.OK
    return ReviewStatus.NO_WORDS


def _without_links(token: str) -> str:
    return _LINK.sub(" ", token) if "." in token or "@" in token or "://" in token else token


def _has_word(token: str) -> bool:
    if _LATIN_WORD.search(token):
        return True
    if token.isascii():
        return False
    # `[^\W\d_]` also holds number forms such as a half sign, which isalpha leaves out.
    return any(
        letters.isalpha() and (len(letters) > 1 or _is_word_by_itself(letters))
        for letters in _LETTERS.findall(token)
    )


def _is_word_by_itself(letter: str) -> bool:
    """From Hebrew on, but for letter-like symbols, one letter can be a word or stand apart from its vowel."""
    return letter >= "\u0590" and not "\u2100" <= letter <= "\u2bff"


def printable(text: str) -> str:
    """Make a name safe for a terminal: white space becomes a blank, what is not printable U+FFFD.

    Covers control characters, ANSI escapes, bidi overrides and lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd"
        for character in text
    )

"""What the model reads of a review: text without markup or invisible characters, if it has words at all."""

import html
import re
import unicodedata
from typing import Final

from sentiment.records import ReviewStatus

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

    Invisible and control characters go, entities are unescaped at most twice, tags become a blank, letters
    are composed (NFC) and runs of white space collapse. Text that needs none of it is told by cheap tests.
    """
    text = _drop_invisible(text)
    if "&" in text:
        for _ in range(2):
            unescaped = _ENTITY.sub(_unescape, text)
            if unescaped == text:
                break
            text = _drop_invisible(unescaped)
    if "<" in text:
        text = _strip_markup(text)
    # In printable text the blank is the only white space.
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return " ".join(text.split())


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

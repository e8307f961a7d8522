"""Text that reads like sentences, not like a name, a date or a link."""

import re
from typing import Final

_BLANKS: Final = 3
_WRITTEN_WITHOUT_BLANKS: Final = re.compile(r"(?:[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f][^\x00-\x7f]*){8}")

_SENTENCE_END: Final = re.compile(r"[.!\u2026\u3002\uff01][ \t\"')\u00bb\u2019\u201d]{0,4}\Z")


def is_prose(text: str) -> bool:
    """Tell at least four words, or a stretch of a language that puts no blanks between them."""
    return text.count(" ") >= _BLANKS or (
        not text.isascii() and _WRITTEN_WITHOUT_BLANKS.search(text) is not None
    )


def ends_like_a_sentence(text: str) -> bool:
    """Tell a text with a full stop or the like at its end, perhaps in quotes; questions may be headers."""
    return _SENTENCE_END.search(text) is not None

"""Text that reads like sentences, not like a name, a date or a link."""

import re
from typing import Final

_BLANKS: Final = 3
_WRITTEN_WITHOUT_BLANKS: Final = re.compile(r"(?:[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f][^\x00-\x7f]*){8}")


def is_prose(text: str) -> bool:
    """Tell at least four words, or a stretch of a language that puts no blanks between them."""
    return text.count(" ") >= _BLANKS or (
        not text.isascii() and _WRITTEN_WITHOUT_BLANKS.search(text) is not None
    )
